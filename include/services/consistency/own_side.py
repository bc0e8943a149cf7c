"""Our own account: whether Glue table, partitions and Parquet are what ledger and manifests say they should be."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from include.domain import column_types as ct
from include.domain.errors import Terminal
from include.domain.reading_options import UNCHOSEN
from include.domain.table_schema import TableSchema
from include.domain.upload import FINISHED, GIVEN_UP, LIVE, State, Upload
from include.services import glue_tables
from include.services.areas import Areas
from include.services.consistency.disagreement import Code
from include.services.consistency.facts import is_parquet, some
from include.services.consistency.partitions import narrow_columns, what_differs, what_is_wrong_with_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.ports import CatalogueTable
    from include.services.consistency.disagreement import Disagreement
    from include.services.consistency.facts import TableFacts
    from include.settings import Settings


def own_disagreements(facts: TableFacts, settings: Settings) -> Iterator[Disagreement]:
    """What our Glue and curated tell otherwise than the ledger; nothing while somebody writes to the table."""
    if facts.writing:
        return
    live, table = facts.live(), facts.own.table
    yield from _database(facts)
    if not facts.own.ours:
        code = Code.TABLE_FOREIGN if live else Code.FOREIGN_TABLE
        yield facts.found(code, "The table in our Glue was not made by this deployment.")
        return
    if table is None:
        if live:
            yield facts.found(Code.TABLE_MISSING, f"{len(live)} uploads are published, and Glue has no such table.")
    elif not live and not _under_way(facts) and all(map(facts.is_settled, facts.uploads.values())):
        yield facts.found(Code.TABLE_WITHOUT_UPLOADS, "Glue has the table, and no upload of it is published.")
    elif facts.own.schema is None:
        yield facts.found(Code.EVIDENCE_LOST, "The evidence in the table's parameters cannot be read.")
    else:
        yield from _table(facts, table, facts.own.schema, location=Areas(settings).table(facts.database, facts.table))
    if table is not None and live:
        yield from _options(facts, table)
    if table is not None:
        yield from _published(facts, settings)
        yield from _registered(facts, Areas(settings))
    yield from _not_parquet(facts)
    extra = facts.in_no_partition(facts.own, Areas(settings).table(facts.database, facts.table))
    if extra:
        what = f"Curated has {len(extra)} Parquet files in no partition of an upload: {some(extra)}."
        yield facts.found(Code.FILES_UNKNOWN, what)


def _database(facts: TableFacts) -> Iterator[Disagreement]:
    if not facts.own.database_ours and facts.own.ours and (facts.live() or facts.own.table):
        yield facts.found(Code.DATABASE_FOREIGN, "The database in our Glue does not say that this deployment made it.")


def _not_parquet(facts: TableFacts) -> Iterator[Disagreement]:
    for folder, held in facts.own.folders.items():
        other = [stored.name for stored in held if not is_parquet(stored)]
        if other:
            yield facts.found(Code.NOT_PARQUET, f"{folder} holds what is not Parquet: {some(other)}.")


def _under_way(facts: TableFacts) -> bool:
    """Whether uploads are on their way into the table: what they bring may be there before the ledger counts it."""
    return any(upload.state not in FINISHED for upload in facts.uploads.values())


def _table(facts: TableFacts, table: CatalogueTable, schema: TableSchema, *, location: str) -> Iterator[Disagreement]:
    types = schema.types()
    if table.columns != tuple((name, ct.glue_type(kind)) for name, kind in types.items()):
        yield facts.found(Code.COLUMNS_DIFFER, "The table's columns are not those of the evidence in its parameters.")
    if table.location.rstrip("/") != location.rstrip("/"):
        yield facts.found(Code.COLUMNS_DIFFER, f"The table lies at {table.location} instead of {location}.")
    if table.stored_otherwise:
        yield facts.found(
            Code.COLUMNS_DIFFER, "By its entry in Glue the table is not Parquet, partitioned as ours are."
        )
    if glue_tables.WIDENING in table.parameters and not _under_way(facts):
        yield facts.found(Code.WIDENING_INTERRUPTED, "The table is marked as being widened, and nobody is at it.")
    shown = [evidence for evidence in map(facts.evidence_of, facts.live()) if evidence is not None]
    needed = reduce(TableSchema.union, shown, TableSchema())
    if schema.union(needed).evidence() != schema.evidence():
        yield facts.found(Code.EVIDENCE_TOO_NARROW, "The table's evidence lacks some of what its uploads have shown.")
    elif not _under_way(facts) and len(shown) == len(facts.live()):
        least = needed.types()
        wider = [name for name, kind in types.items() if name not in least or _sorted(least[name]) != _sorted(kind)]
        if wider:
            yield facts.found(
                Code.TYPES_WIDER_THAN_NEEDED,
                f"{len(wider)} columns are wider than the table's uploads need, or in none of them: "
                f"{', '.join(wider[:10])}.",
            )


def _options(facts: TableFacts, table: CatalogueTable) -> Iterator[Disagreement]:
    """What the next file is read with; a table from before there were options has none, and is read by default."""
    try:
        stored = glue_tables.read_options(table)
    except Terminal:
        yield facts.found(Code.TABLE_OPTIONS_LOST, "What the table says of how its files are read cannot be read.")
        return
    if stored is None and facts.options is not None and facts.options.since != UNCHOSEN:
        yield facts.found(Code.TABLE_OPTIONS_LOST, "The table does not say any more how its files are read.")
    elif stored is not None and stored != facts.options:
        yield facts.found(Code.TABLE_OPTIONS_LOST, "The table's files are read otherwise than was chosen last.")


def _published(facts: TableFacts, settings: Settings) -> Iterator[Disagreement]:
    areas, own = Areas(settings), facts.own
    for upload in facts.live():
        entry = own.partitions.get(upload.extraction_timestamp)
        if entry is None:
            yield facts.found(Code.PARTITION_MISSING, "The upload is published, and not registered.", upload=upload)
            continue
        location = areas.revision(upload.key, upload.revision or "")
        wrong = what_differs(entry, upload, revision=upload.revision, location=location, table=own.table)
        if wrong:
            yield facts.found(Code.PARTITION_DIFFERS, f"The partition differs from the ledger: {wrong}.", upload=upload)
        wrong = what_is_wrong_with_files(own, entry, rows=upload.rows)
        if wrong:
            yield facts.found(Code.FILES_DIFFER, f"The partition's files: {wrong}.", upload=upload)
        narrow = narrow_columns(own.schema, entry, facts.evidence_of(upload))
        if narrow:
            what = f"Cannot be read under the table's types: {', '.join(narrow)}."
            yield facts.found(Code.PARTITION_TOO_NARROW, what, upload=upload)


def _registered(facts: TableFacts, areas: Areas) -> Iterator[Disagreement]:
    for timestamp, entry in facts.own.partitions.items():
        said, place = entry.parameters.get(glue_tables.UPLOAD), facts.upload_at(timestamp)
        if place is not None and place.state in LIVE:
            continue  # whatever is wrong with it was said
        if timestamp in facts.displaced:
            continue
        if place is not None and glue_tables.is_of(entry, place.id, folder=areas.partition(place.key)):
            yield from _gone(facts, place)
        elif said and (place is not None or said in facts.uploads):
            of = "an upload that has another partition" if said in facts.uploads else "no upload that is known"
            yield facts.found(Code.PARTITION_NOT_PUBLISHED, f"Registered for {of}.", at=timestamp)
        else:
            yield facts.found(Code.PARTITION_UNKNOWN, "Registered, and the ledger has no such upload.", at=timestamp)


def _gone(facts: TableFacts, upload: Upload) -> Iterator[Disagreement]:
    if upload.state is State.WITHDRAWN and facts.is_settled(upload):
        yield facts.found(Code.WITHDRAWN_STILL_THERE, "Withdrawn, and still registered.", upload=upload)
    elif upload.state in GIVEN_UP:
        what = f"Registered, and the upload is {upload.state}."
        yield facts.found(Code.PARTITION_NOT_PUBLISHED, what, upload=upload)


def _sorted(kind: ct.ColumnType) -> ct.ColumnType:
    """A type whose struct fields are in the order of their names, which says nothing of how wide it is."""
    match kind:
        case ct.Array(element):
            return ct.Array(_sorted(element))
        case ct.Struct(fields):
            return ct.Struct(tuple(sorted((name, _sorted(inner)) for name, inner in fields)))
        case _:
            return kind
