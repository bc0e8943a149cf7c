"""What a table is to become: its visible evidence joined with that of the uploads which wait for it, never stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from include.domain.upload import WAITING, State
from include.services import glue_tables
from include.services.areas import Areas
from include.services.ingest.stage import Staging
from include.services.ingest.staged import read_decided

if TYPE_CHECKING:
    from collections.abc import Iterable

    from include.domain.table_schema import TableSchema
    from include.domain.upload import Upload
    from include.ports import CatalogueTable
    from include.services.context import PipelineContext

INTENT = "flip.json"
TAKEN = frozenset({State.PUBLISHING, State.FAILED})  # what an upload that was taken along is until it is finished


def members(context: PipelineContext, database: str, table: str, *, unapproved: bool = False) -> tuple[Upload, ...]:
    """The uploads that the next flip takes along, the longest waiting first.

    They are those in `widening` and those that a flip has taken already and not brought to an end, failed or not; with
    `unapproved` also those that wait for an approval.
    """
    states = {*TAKEN, *(WAITING if unapproved else {State.WIDENING})}
    taken = taken_along(context, database, table)
    found = context.ledger.in_states(states, database=database, table=table)
    return tuple(upload for upload in found if upload.state not in TAKEN or upload.id in taken)


def target_of(context: PipelineContext, known: CatalogueTable, uploads: Iterable[Upload]) -> TableSchema:
    """The table's schema as it is joined with what the files of these uploads have shown."""
    target = glue_tables.read_schema(known)
    for upload in uploads:
        target = target.union(read_decided(Staging(context, upload.id)).result.schema)
    return target


def taken_along(context: PipelineContext, database: str, table: str) -> tuple[str, ...]:
    """Ids of the uploads that a flip has taken along and that are not all finished."""
    uri = _intent(context, database, table)
    if context.objects.head(uri) is None:
        return ()
    return tuple(json.loads(context.objects.read(uri))["uploads"])


def take_along(context: PipelineContext, database: str, table: str, upload_ids: Iterable[str]) -> None:
    """Write down which uploads a flip takes along, before it moves them: killed, it must find them again."""
    listed = {"uploads": list(upload_ids)}
    if listed["uploads"]:
        context.objects.write(_intent(context, database, table), json.dumps(listed).encode())
    else:
        context.objects.delete([_intent(context, database, table)])


def _intent(context: PipelineContext, database: str, table: str) -> str:
    return Areas(context.settings).widening(database, table, INTENT)
