"""What a table is to be by what lies in raw_history: the evidence of its uploads in the order they were published."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING

from include.domain.column_types import String, glue_type, parse
from include.domain.errors import Conflict, Refused, Terminal
from include.domain.table_schema import TableSchema
from include.domain.upload import State
from include.services import glue_tables
from include.services.areas import WITHDRAWN, Areas
from include.services.half_published import half_published
from include.services.ingest.manifest import read_manifest
from include.services.table_options import of_uploads

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from include.domain.column_types import ColumnType
    from include.domain.reading_options import BoundOptions
    from include.domain.upload import Upload
    from include.ports import CataloguePartition, CatalogueTable
    from include.services.context import PipelineContext
    from include.services.ingest.manifest import Manifest


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a data engineer asks for.

    Attributes:
        database: short name.
        table: its name.
        extraction_timestamp: of the one partition that is meant; None for the whole table.
        take_types_back: whether columns that no upload has any longer go, and types become narrower again.
        everything: whether partitions are derived again though nothing seems wrong with them.
    """

    database: str
    table: str
    extraction_timestamp: str | None = None
    take_types_back: bool = False
    everything: bool = False


@dataclass(frozen=True)
class Published:
    """An upload that is in the table, and its manifest."""

    upload: Upload
    manifest: Manifest


def published_uploads(
    context: PipelineContext, request: Request, registered: Mapping[str, CataloguePartition]
) -> tuple[Published, ...]:
    """The uploads of a table, in the order they were published.

    One whose publication was killed after its partition was registered is among them: its next run counts on it.
    """
    areas = Areas(context.settings)
    half = half_published(context, request.database, request.table, partition_of=registered.get)
    live = [*context.ledger.live(request.database, request.table), *half]
    _expect_none_withdrawn(context, request, live)
    live.sort(key=lambda upload: (upload.published_at or upload.updated_at, upload.id))
    return tuple(Published(upload, read_manifest(context.objects, areas.manifest(upload))) for upload in live)


def target_of(request: Request, known: CatalogueTable | None, uploads: Sequence[Published]) -> TableSchema:
    """The schema that the uploads' evidence makes, columns in the order that the table has them in.

    Without `take_types_back` it is never narrower than the table; Refused (`evidence_lost`) if nothing tells what the
    table's evidence was and its types would change, and (`whole_table_needed`) if it is asked for one partition.
    """
    shown = reduce(TableSchema.union, (each.manifest.schema for each in uploads), TableSchema())
    if known is None:
        return _expect_whole(request, shown, None)
    stored = stored_schema(known)
    if not uploads:
        return stored or shown
    if request.take_types_back and request.extraction_timestamp is None:
        return shown.in_order_of(stored.types() if stored else _glue_types(known))
    if stored is not None:
        return _expect_whole(request, stored.union(shown), stored)
    target = shown.in_order_of(_glue_types(known))
    if dict(known.columns) != {name: glue_type(kind) for name, kind in target.types().items()}:
        raise Refused(
            f"The evidence of {request.database}.{request.table} is lost, and its uploads do not have all of its "
            "columns and types. Rebuild it with types taken back.",
            code="evidence_lost",
        )
    return _expect_whole(request, target, None)


def options_of(
    context: PipelineContext, request: Request, known: CatalogueTable | None, uploads: Sequence[Published]
) -> BoundOptions:
    """What the table is read with: what was chosen last, by uploads that are in it or, not taking back, ever."""
    stored = None if known is None or request.take_types_back else stored_options(known)
    every = context.ledger.in_states(tuple(State), database=request.database, table=request.table) if stored else ()
    return of_uploads(context, [each.upload for each in uploads], every=every, stored=stored)


def stored_schema(known: CatalogueTable) -> TableSchema | None:
    """The table's own evidence; None if it is lost."""
    try:
        return glue_tables.read_schema(known)
    except (Terminal, KeyError, ValueError):
        return None


def stored_options(known: CatalogueTable) -> BoundOptions | None:
    """What the table says it is read with; None if it says nothing, or nothing that can be read."""
    try:
        return glue_tables.read_options(known)
    except Terminal:
        return None


def without_options(known: CatalogueTable) -> CatalogueTable:
    """The table as if nobody had chosen how it is read."""
    kept = {name: value for name, value in known.parameters.items() if name != glue_tables.OPTIONS}
    return replace(known, parameters=kept)


def _expect_none_withdrawn(context: PipelineContext, request: Request, live: Sequence[Upload]) -> None:
    areas = Areas(context.settings)
    marked = {
        stored.uri
        for stored in context.objects.list(areas.raw_table(request.database, request.table))
        if stored.name == WITHDRAWN
    }
    wrong = [upload.id for upload in live if areas.withdrawn(upload) in marked]
    if wrong:
        raise Conflict(
            f"The ledger has uploads of {request.database}.{request.table} as published that were withdrawn: "
            f"{', '.join(wrong[:10])}. Run rebuild_ledger for this table first, with what was found.",
            code="withdrawn_mark_on_live",
        )


def _expect_whole(request: Request, target: TableSchema, stored: TableSchema | None) -> TableSchema:
    if request.extraction_timestamp is not None and target != stored:
        raise Refused(
            f"The table {request.database}.{request.table} itself has to be rebuilt. Leave the partition empty.",
            code="whole_table_needed",
        )
    return target


def _glue_types(known: CatalogueTable) -> dict[str, ColumnType]:
    """The types that Glue's words name; a word that is none of ours says nothing of an order."""
    types: dict[str, ColumnType] = {}
    for name, word in known.columns:
        try:
            types[name] = parse(word)
        except ValueError:
            types[name] = String()
    return types
