"""One registered partition in either account: whether its entry and its files are what they should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.services import glue_tables
from include.services.widening.outdated import written_types

if TYPE_CHECKING:
    from include.domain.table_schema import TableSchema
    from include.domain.upload import Upload
    from include.ports import CataloguePartition, CatalogueTable
    from include.services.consistency.facts import Side

UNREADABLE = "types that are none of ours"


def what_differs(
    entry: CataloguePartition, upload: Upload, *, revision: str | None, location: str, table: CatalogueTable | None
) -> str:
    """What of an entry is not as the ledger has it, in words; empty if all is."""
    wrong = []
    said = entry.parameters.get(glue_tables.UPLOAD)
    if said != upload.id:
        wrong.append(f"it is registered for upload {said}")
    if entry.parameters.get(glue_tables.REVISION) != revision:
        wrong.append(f"its revision is {entry.parameters.get(glue_tables.REVISION)}, by the ledger {revision}")
    if entry.location != location:
        wrong.append(f"it lies at {entry.location} instead of {location}")
    if entry.parameters.get(glue_tables.ROWS) != str(upload.rows):
        wrong.append(f"it has {entry.parameters.get(glue_tables.ROWS)} rows, by the ledger {upload.rows}")
    if entry.stored_otherwise:
        wrong.append("by its entry it is not Parquet")
    known = {name for name, _ in table.columns} if table else set()
    extra = [name for name, _ in entry.columns if name not in known]
    if extra:
        wrong.append(f"the table lacks its columns {', '.join(extra)}")
    return "; ".join(wrong)


def what_is_wrong_with_files(side: Side, entry: CataloguePartition, *, rows: int | None) -> str:
    """What of a partition's files is not as its entry and the ledger have it, in words; empty if all is."""
    files = side.parquet_at(entry.location)
    if not files:
        return f"there is none at {entry.location}"
    wrong, counted = [], 0
    for name, stored in files.items():
        footer = side.footers[stored.uri]
        counted += footer.rows
        if footer.error:
            wrong.append(f"{name} cannot be read ({footer.error})")
        elif "/" in name:
            wrong.append(f"{name} lies deeper than the partition's files do")
        elif footer.columns != entry.columns:
            wrong.append(f"{name} has other columns than the partition")
    if counted != rows and not any(side.footers[stored.uri].error for stored in files.values()):
        wrong.append(f"they have {counted} rows, by the ledger {rows}")
    return "; ".join(wrong)


def narrow_columns(
    schema: TableSchema | None, entry: CataloguePartition, evidence: TableSchema | None
) -> tuple[str, ...]:
    """The columns whose files cannot be read, or read as something else, under a table's types."""
    if schema is None:
        return ()
    try:
        return schema.columns_to_rewrite(written_types(entry, schema), partition=evidence)
    except ValueError:
        return (UNREADABLE,)
