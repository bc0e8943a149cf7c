"""The table on the Analytical Platform: what ours is, but for where it lies and what others wrote on it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from include.domain.errors import Conflict, Transient
from include.services import glue_tables
from include.services.areas import Areas
from include.services.ownership import OWNER, refuse_foreign

if TYPE_CHECKING:
    from include.ports import CatalogueTable
    from include.services.context import PromotionContext

TRIES = 20  # each other writer of the table costs at most one


def settled_table(context: PromotionContext, *, database: str, table: str) -> CatalogueTable | None:
    """Our table, or None; Transient while a widening is flipping it. `database` is the short name."""
    ours = context.catalogue.table(Areas(context.settings).database(database), table)
    if ours is not None and glue_tables.WIDENING in ours.parameters:
        raise Transient(f"{ours.database}.{table} is being widened.", code="table_busy")
    return ours


def mirror_table(context: PromotionContext, ours: CatalogueTable, *, location: str) -> bool:
    """Make the platform's table what ours is; a change by somebody else meanwhile is read and kept.

    Whether it was another.
    """
    env = context.settings.env.value
    for _ in range(TRIES):
        refuse_foreign(context.ap_catalogue, ours.database, env=env)
        theirs = context.ap_catalogue.table(ours.database, ours.name)
        if theirs is not None and theirs.parameters.get(OWNER) != env:
            refuse_foreign(context.ap_catalogue, ours.database, ours.name, env=env)
        try:
            if theirs is None:
                _create(context, replace(ours, location=location, version=None, stored_otherwise=False))
            elif (wanted := _merged(ours, theirs, location=location)) != theirs:
                context.ap_catalogue.update_table(wanted)
            else:
                return False
        except Conflict as conflict:
            if conflict.code not in {"table_changed", "table_exists", "database_exists"}:
                raise
            continue
        return True
    raise Transient(f"{ours.database}.{ours.name} kept changing on the Analytical Platform.", code="table_busy")


def _create(context: PromotionContext, table: CatalogueTable) -> None:
    if context.ap_catalogue.database_parameters(table.database) is None:
        context.ap_catalogue.create_database(
            table.database,
            description="Promoted by the Data Uploader.",
            parameters={OWNER: context.settings.env.value},
        )
    context.ap_catalogue.create_table(table)


def _merged(ours: CatalogueTable, theirs: CatalogueTable, *, location: str) -> CatalogueTable:
    """Our columns and parameters; of theirs the description, the comments, and the parameters that are not ours."""
    kept = {name: value for name, value in theirs.parameters.items() if not name.startswith(OWNER)}
    columns = dict(ours.columns)
    comments = {name: text for name, text in {**ours.comments, **theirs.comments}.items() if name in columns}
    return replace(
        ours,
        location=location,
        parameters={**ours.parameters, **kept},
        description=theirs.description or ours.description,
        comments=comments,
        version=theirs.version,
        stored_otherwise=False,
    )
