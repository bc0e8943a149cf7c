"""What is ready for a table's next flip and what is still to be derived, and who is taken along by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.services.widening.at_once import each_of
from include.services.widening.budget import is_above_budget
from include.services.widening.outdated import outdated_partitions
from include.services.widening.ready import Ready, read_ready
from include.services.widening.standing import read_standing
from include.services.widening.target import TAKEN, members, target_of

if TYPE_CHECKING:
    from include.domain.table_schema import TableSchema
    from include.domain.upload import Upload
    from include.ports import CatalogueTable
    from include.services.context import PipelineContext
    from include.services.widening.outdated import Outdated


@dataclass(frozen=True)
class Outstanding:
    """What has to be derived before a table can be flipped; nothing to derive is falsy."""

    target: TableSchema
    partitions: tuple[Outdated, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is something to derive."""
        return bool(self.partitions)


@dataclass(frozen=True)
class Readiness:
    """The outdated partitions of a table: revisions that are ready, and what is still to be derived."""

    ready: tuple[Ready, ...]
    outstanding: Outstanding


def readiness(context: PipelineContext, database: str, table: str, target: TableSchema) -> Readiness:
    """Compare every registered partition with a target, by the documents that say what is ready."""
    ready: list[Ready] = []
    missing: list[Outdated] = []
    found = tuple(outdated_partitions(context, database, table, target))
    documents = each_of(lambda outdated: read_ready(context, outdated, target), found)
    for outdated, derived in zip(found, documents, strict=True):
        if derived is None:
            missing.append(outdated)
        else:
            ready.append(derived)
    return Readiness(tuple(ready), Outstanding(target, tuple(missing)))


def agreed(
    context: PipelineContext, database: str, known: CatalogueTable
) -> tuple[tuple[Upload, ...], TableSchema, Readiness]:
    """Whom to take along, what that makes of the table, and what is ready for it.

    All that wait, unless what is still to be derived for them is above the budget and no person approved it. Then only
    those that the job was planned for: who joined since waits for the next job, which asks.
    """
    joined = members(context, database, known.name)
    target = target_of(context, known, joined)
    found = readiness(context, database, known.name, target)
    if not is_above_budget(context, found.outstanding.partitions):
        return joined, target, found
    standing = read_standing(context, database, known.name)
    if standing.is_approved_for(joined):
        return joined, target, found
    planned = tuple(upload for upload in joined if upload.id in standing.planned or upload.state in TAKEN)
    if planned == joined:
        return joined, target, found
    target = target_of(context, known, planned)
    return planned, target, readiness(context, database, known.name, target)
