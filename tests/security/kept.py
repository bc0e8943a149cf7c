"""Everything that the service keeps, to compare before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from include.adapters.ledger.engine import make_engine
from include.adapters.ledger.tables import metadata

if TYPE_CHECKING:
    from tests.fakes.front import Front

LOOKED_AT = {"findings downloaded", "rows shown"}
"""What the audit trail says of somebody who only looked."""


def everything(front: Front) -> dict[str, Any]:
    """What is kept: every row of the ledger but of who only looked, the objects, the catalogue and the mail."""
    engine = make_engine(front.context.settings.ledger_url.get_secret_value())
    with engine.connect() as connection:
        kept: dict[str, Any] = {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in metadata.sorted_tables
        }
    engine.dispose()
    kept["audit_trail"] = [row for row in kept["audit_trail"] if row["what"] not in LOOKED_AT]
    stores = front.objects, front.multipart, front.catalogue, front.mailer
    return {**kept, **{type(store).__name__: repr(vars(store)) for store in stores}}
