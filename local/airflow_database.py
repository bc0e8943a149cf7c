"""Airflow's database made ready: its tables, and the two AWS connections that engineers may then edit in the UI."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from include.settings import Settings
from local.accounts import ANALYTICAL_PLATFORM, UPLOADER, Account

if TYPE_CHECKING:
    from collections.abc import Mapping

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def connection_extra(settings: Settings) -> dict[str, str]:
    """The extra of a connection: the region, and the endpoint unless it is AWS itself."""
    endpoint = {"endpoint_url": settings.aws_endpoint_url} if settings.aws_endpoint_url else {}
    return {"region_name": settings.aws_region, **endpoint}


def moved_extra(current: Mapping[str, Any], wanted: Mapping[str, str]) -> dict[str, Any] | None:
    """`current` at the new port if its endpoint is this machine at another one; None leaves a person's edit alone."""
    before, after = str(current.get("endpoint_url", "")), wanted.get("endpoint_url", "")
    if before == after or urlsplit(before).hostname not in LOOPBACK or urlsplit(after).hostname not in LOOPBACK:
        return None
    return {**current, "endpoint_url": after}


def keep_connection(session: Any, connection_id: str, account: Account, extra: Mapping[str, str]) -> None:
    """Make a connection once; later only its port on this machine follows."""
    from airflow.models import Connection
    from sqlalchemy import select

    existing = session.scalar(select(Connection).where(Connection.conn_id == connection_id))  # noqa: AIR311
    if existing is None:
        # On AWS itself the credentials are the machine's role, until an engineer says otherwise.
        local = account if "endpoint_url" in extra else None
        session.add(
            Connection(  # noqa: AIR311
                conn_id=connection_id,
                conn_type="aws",
                description=f"AWS account {local.number} of the local AWS" if local else None,
                login=local.access_key_id if local else None,
                password=local.secret_access_key if local else None,
                extra=json.dumps(extra),
            )
        )
        return
    moved = moved_extra(existing.extra_dejson, extra)
    if moved is not None:
        existing.set_extra(json.dumps(moved))


def main() -> None:
    """Bring the database that Airflow's settings name up to date and see that the connections are there."""
    from airflow.utils.db import upgradedb
    from airflow.utils.session import create_session

    settings = Settings()
    upgradedb()
    extra = connection_extra(settings)
    with create_session() as session:
        keep_connection(session, settings.uploader_connection, UPLOADER, extra)
        keep_connection(session, settings.analytical_platform_connection, ANALYTICAL_PLATFORM, extra)


if __name__ == "__main__":
    main()
