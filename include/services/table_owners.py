"""Who owns a table: whoever a reviewed file names, else its creator."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.ports import PublishedTable
    from include.services.context import FrontContext, PipelineContext


def owner_of(context: FrontContext | PipelineContext, database: str, table: str) -> str | None:
    """Who owns a table (short database name); None where nothing is published, so that nobody does yet."""
    tables = context.ledger.tables(database)
    return next((owner_of_published(context, known) for known in tables if known.table == table), None)


def owner_of_published(context: FrontContext | PipelineContext, table: PublishedTable) -> str:
    """Who owns a table that the ledger knows."""
    return context.reviewed_owners.of(table.database, table.table) or table.creator
