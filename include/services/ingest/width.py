"""How long the type of a column may be: Glue has a limit, which nested columns of many fields may reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.column_types import Array, Struct, glue_type
from include.domain.taking_findings import MAX_TYPE, nested_too_wide
from include.services.widening.target import members, target_of

if TYPE_CHECKING:
    from include.domain.findings import Finding
    from include.domain.table_schema import TableSchema
    from include.domain.upload import Upload
    from include.ports import CatalogueTable
    from include.services.context import PipelineContext


def find_too_wide(file: TableSchema, *, table: TableSchema) -> tuple[Finding, ...]:
    """What the catalogue could not describe of a file, alone or joined with its table; nothing if all fits."""
    for schema, in_table in ((file, False), (table.union(file), True)):
        lengths = ((name, len(glue_type(kind))) for name, kind in schema.types().items())
        too_long = [(name, length) for name, length in lengths if length > MAX_TYPE]
        if too_long:
            return (nested_too_wide(too_long, in_table=in_table),)
    return ()


def find_too_wide_with_waiting(
    context: PipelineContext, upload: Upload, file: TableSchema, *, table: CatalogueTable
) -> tuple[Finding, ...]:
    """The same with the uploads that wait for the table: together they become one target, which must fit too.

    It is asked under the table's lease, of whatever makes the table or that target grow.
    """
    if not any(isinstance(kind, Struct | Array) for kind in file.types().values()):
        return ()
    waiting = members(context, upload.database, upload.table, unapproved=True)
    others = [other for other in waiting if other.id != upload.id]
    return find_too_wide(file, table=target_of(context, table, others)) if others else ()
