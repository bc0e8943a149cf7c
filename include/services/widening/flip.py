"""The flip: from one moment to the next a table and all its partitions are what was derived for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.errors import Conflict, NotFound, Transient
from include.domain.table_schema import TableSchema
from include.domain.upload import State
from include.services import glue_tables
from include.services.areas import Areas
from include.services.ingest.lease import table_writer
from include.services.widening.carry_out import carry_out, drop_leftovers
from include.services.widening.readiness import Outstanding, agreed, readiness
from include.services.widening.target import members, take_along
from include.services.widening.waiting import ACTOR

if TYPE_CHECKING:
    from include.domain.upload import Upload
    from include.ports import CatalogueTable
    from include.services.context import PipelineContext
    from include.services.lease import Lease

TRIES = 20  # each other writer of the table, and each upload that is cancelled meanwhile, costs at most one
CHANGED = frozenset({"table_changed", "table_not_found", "partition_not_found"})


def flip(context: PipelineContext, database: str, table: str, *, holder: str) -> Outstanding:
    """Take the waiting uploads along and make the table as wide as they need; returns what must be derived before.

    It asks everything anew under the table's lease, so whatever came, fitted or was cancelled meanwhile counts. Killed
    anywhere and run again it ends the same; until then readers see what was, or are refused.
    """
    with table_writer(context, database, table, holder=holder) as lease:
        for _ in range(TRIES):
            known = context.catalogue.table(Areas(context.settings).database(database), table)
            if known is None:  # there is nothing to be narrower than the waiting uploads
                _take(context, database, table, members(context, database, table))
                drop_leftovers(context, database, table)
                return Outstanding(TableSchema())
            try:
                outstanding = _flip_once(context, database, table, known, lease=lease)
            except (Conflict, NotFound) as error:
                if error.code not in CHANGED:
                    raise
                continue
            if outstanding is not None:
                return outstanding
    raise Transient(f"The table {database}.{table} kept changing.", code="table_busy")


def complete(context: PipelineContext, database: str, known: CatalogueTable, *, lease: Lease) -> Outstanding:
    """End a flip that was cut short: the table is wide already, its partitions follow."""
    return flip_to(context, database, known, glue_tables.read_schema(known), lease=lease)


def flip_to(
    context: PipelineContext, database: str, known: CatalogueTable, target: TableSchema, *, lease: Lease
) -> Outstanding:
    """Make a table and its partitions what a target says, wider or not; returns what must be derived before.

    Args:
        context: the pipeline's.
        database: short name.
        known: the table as it was read when the target was decided; Conflict `table_changed` if it changed since.
        target: the schema to bring it to.
        lease: of the table's writer.
    """
    found = readiness(context, database, known.name, target)
    if not found.outstanding:
        carry_out(context, database, known, target, found.ready, lease=lease)
    return found.outstanding


def _flip_once(
    context: PipelineContext, database: str, table: str, known: CatalogueTable, *, lease: Lease
) -> Outstanding | None:
    """One turn, from the table as it was read; None to look again."""
    if glue_tables.WIDENING in known.parameters:
        # To its end as it was begun, without what joined since: that may take hours to derive.
        return complete(context, database, known, lease=lease) or None
    joined, target, found = agreed(context, database, known)
    if found.outstanding:
        return found.outstanding
    if not joined:
        drop_leftovers(context, database, table)
        return found.outstanding
    lease.hold()
    if not _take(context, database, table, joined):
        return None
    carry_out(context, database, known, target, found.ready, lease=lease)
    drop_leftovers(context, database, table)
    return found.outstanding


def _take(context: PipelineContext, database: str, table: str, joined: tuple[Upload, ...]) -> bool:
    """Take the members along, so that they can be cancelled no longer; False if one was cancelled before."""
    take_along(context, database, table, [upload.id for upload in joined])
    taken = [_begin(context, upload) for upload in joined]
    return all(taken)


def _begin(context: PipelineContext, upload: Upload) -> bool:
    if upload.state is State.PUBLISHING:
        return True
    try:
        context.ledger.move(upload.id, State.PUBLISHING, actor=ACTOR)
    except Conflict:  # cancelled
        return False
    return True
