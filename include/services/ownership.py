"""Whose a database or table is: only what this deployment made is written to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.errors import Refused

if TYPE_CHECKING:
    from include.ports import Catalogue

OWNER = "data_uploader"  # the Glue parameter that holds the environment which made a database or a table


def refuse_foreign(catalogue: Catalogue, database: str, table: str | None = None, *, env: str) -> None:
    """Raise Refused (code `not_ours`) if the catalogue has this database or table and this deployment did not make it.

    `database` is the full Glue name; without `table` only the database is asked for. What does not exist yet is
    nobody's.
    """
    parameters = catalogue.database_parameters(database)
    if parameters is None:
        return
    if parameters.get(OWNER) != env:
        raise _not_ours(f"database {database}", field="database")
    existing = catalogue.table(database, table) if table is not None else None
    if existing is not None and existing.parameters.get(OWNER) != env:
        raise _not_ours(f"table {database}.{table}", field="table")


def _not_ours(what: str, *, field: str) -> Refused:
    return Refused(
        f"The {what} was not made by the Data Uploader, so nothing can be added to it here. Choose another name.",
        code="not_ours",
        title="Not made by the Data Uploader",
        field=field,
    )
