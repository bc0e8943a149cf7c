"""`.run/local.json`: where the running local service is and how tests and tools sign in to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.settings import Settings
from local import health
from local.accounts import ANALYTICAL_PLATFORM, UPLOADER, Account
from local.components import python
from local.environment import AIRFLOW_USER, REGION
from local.private_files import read_private, write_private
from local.supervisor import Component

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.places import Places
    from local.secret_keys import SecretKeys
    from local.supervisor import Supervisor

DEMO_EMAIL = "analyst@example.org"
TOKEN_NAME = "local"  # noqa: S105  what the token is called


def describe(places: Places, secret_keys: SecretKeys, service: Mapping[str, str], token: str) -> dict[str, Any]:
    """The content of the file."""
    default = Settings.model_fields["analytical_platform_uri"].default
    uri = service.get("DATA_UPLOADER_ANALYTICAL_PLATFORM_URI", default)
    return {
        "uploader_url": places.uploader_url,
        "api_token": token,
        "airflow_url": places.airflow_url,
        "airflow_user": AIRFLOW_USER,
        "airflow_password": secret_keys.airflow_password,
        "aws_endpoint_url": places.aws_url,
        "aws_region": REGION,
        **_keys(UPLOADER),
        "mail_dir": str(places.mail),
        "settings": settings_of(service),
        "analytical_platform": {**_keys(ANALYTICAL_PLATFORM), "uri": uri},
    }


def settings_of(service: Mapping[str, str]) -> dict[str, str]:
    """The service's settings, without what only its own processes need to know."""
    return {
        name: value
        for name, value in service.items()
        if name.startswith("DATA_UPLOADER_") and not name.endswith(("_KEY", "_PASSWORD"))
    }


def _keys(account: Account) -> dict[str, str]:
    return {"aws_access_key_id": account.access_key_id, "aws_secret_access_key": account.secret_access_key}


def issue_token(supervisor: Supervisor, places: Places, service: Mapping[str, str]) -> str:
    """The API token of an earlier start if the front still takes it, else a new one."""
    kept = places.run / "api_token.json"
    token: str | None = read_private(kept).get("api_token")
    if token and health.status_of(f"{places.uploader_url}api/v1/databases", token) == health.OK:
        return token
    command = python("include.cli", "token", "--email", DEMO_EMAIL, "--name", TOKEN_NAME)
    step = Component("api-token", command, service, ends=True)
    supervisor.start(step)
    supervisor.finish(step)
    log = supervisor.log_of(step)
    issued = log.read_text(encoding="utf-8").split()[-1]
    log.unlink()  # a secret
    write_private(kept, {"api_token": issued})
    return issued
