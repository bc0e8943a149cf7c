"""One table's widening from its plan to its last mail: the steps of `widen_table`, and all of them in one process."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from include.domain.upload import State
from include.services.areas import Areas
from include.services.lease import held
from include.services.widening.approval import approve, ask
from include.services.widening.derive import derive
from include.services.widening.finish import finish_all
from include.services.widening.flip import flip
from include.services.widening.outdated import outdated_of
from include.services.widening.plan import plan_widening
from include.services.widening.readiness import agreed
from include.services.widening.standing import note_end, read_standing, write_standing
from include.services.widening.target import members, target_of
from include.services.widening.waiting import ACTOR, OFFER_SECONDS, lease_of, offer_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from include.services.context import PipelineContext
    from include.services.lease import Lease
    from include.services.widening.plan import WideningPlan

REPAIR_SECONDS = 600  # the step after an answer waits this long for whoever mends the table meanwhile
BATCHES = 100  # most tasks that the derivation is divided among


class Outcome(StrEnum):
    """How a widening in one process ended."""

    DONE = "done"
    OVER_BUDGET = "over_budget"  # its uploads wait for an approval


@contextmanager
def job_lease(
    context: PipelineContext, database: str, table: str, *, holder: str, wait_seconds: int = 0
) -> Iterator[Lease]:
    """Be the table's one job while a step lasts, and stay it until the next; Transient if another is for longer.

    Not while it waits for a person, which may be days: nobody writes to the table then, and it can be looked at and
    mended. Whatever was done to it meanwhile, the step after the answer asks everything anew.
    """
    name = lease_of(database, table)
    with held(context, name=name, holder=holder, wait_seconds=wait_seconds, leave=True) as lease:
        yield lease
    if _waits_for_a_person(context, database, table, run=holder):
        leave_job(context, database, table, holder=holder)


def leave_job(context: PipelineContext, database: str, table: str, *, holder: str) -> None:
    """Let others at the table while nobody goes on with the job; it stays this run's, which takes the lease again."""
    context.ledger.release(lease_of(database, table), holder=holder)


def end_job(context: PipelineContext, database: str, table: str, *, holder: str) -> None:
    """Let the watch start another job for what waits by now, under another run id."""
    note_end(context, database, table, run=holder)
    leave_job(context, database, table, holder=holder)
    context.ledger.release(offer_of(database, table), holder=holder)


def prepare(context: PipelineContext, database: str, table: str, *, holder: str) -> WideningPlan:
    """Plan; above the budget the uploads then wait for an approval, and the watch leaves the table alone for a while.

    If another run has asked already, they join its question.
    """
    plan = plan_widening(context, database, table)
    standing = read_standing(context, database, table)
    asked = any(upload.state is State.WAITING_FOR_APPROVAL for upload in plan.members)
    run = standing.run if plan.over_budget and asked and standing.run else holder
    planned = tuple(upload.id for upload in plan.members)
    write_standing(context, database, table, replace(standing, run=run, planned=planned))
    if plan.over_budget:
        ask(context, plan, run_id=run)
        if run == holder:
            # Not longer: all who waited may be cancelled, and who comes then has a question of its own.
            context.ledger.acquire(offer_of(database, table), holder=holder, seconds=OFFER_SECONDS)
    return plan


def whose_job(context: PipelineContext, database: str, table: str, *, holder: str) -> str:
    """The run that has the table's job, or asks about it; the holder itself if nobody else does."""
    return read_standing(context, database, table).run or holder


def _waits_for_a_person(context: PipelineContext, database: str, table: str, *, run: str) -> bool:
    waiting = context.ledger.in_states({State.WAITING_FOR_APPROVAL}, database=database, table=table)
    return bool(waiting) and read_standing(context, database, table).run == run


def batches(context: PipelineContext, database: str, table: str, *, approved_by: str) -> list[list[str]]:
    """The extraction timestamps of the partitions to derive, divided among tasks; what waited is approved."""
    approve(context, database, table, by=approved_by)
    known = context.catalogue.table(Areas(context.settings).database(database), table)
    if known is None:
        return []
    # Not what was planned: it may have changed since, and who joined beyond the budget is not derived for.
    _, _, found = agreed(context, database, known)
    missing = [one.upload.extraction_timestamp for one in found.outstanding.partitions]
    size = -(-len(missing) // BATCHES)
    return [missing[start : start + size] for start in range(0, len(missing), size)] if missing else []


def derive_batch(context: PipelineContext, database: str, table: str, timestamps: Sequence[str]) -> int:
    """Derive these partitions for what the waiting uploads ask for now; how many were outdated, or are ready."""
    full = Areas(context.settings).database(database)
    known = context.catalogue.table(full, table)
    if known is None:
        return 0
    target = target_of(context, known, members(context, database, table))
    registered = (context.catalogue.partition(full, table, timestamp) for timestamp in timestamps)
    outdated = outdated_of(context, database, table, (each for each in registered if each is not None), target=target)
    return len([derive(context, one, target) for one in outdated])


def flip_when_ready(context: PipelineContext, database: str, table: str, *, holder: str) -> None:
    """Flip, deriving before what joined or changed since the batches were made."""
    while outstanding := flip(context, database, table, holder=holder):
        for outdated in outstanding.partitions:
            derive(context, outdated, outstanding.target)


def run_widening(context: PipelineContext, database: str, table: str, *, holder: str = "widening") -> Outcome:
    """Everything that the DAG `widen_table` does, in this process; above the budget it ends with the question."""
    with held(context, name=lease_of(database, table), holder=holder):
        if prepare(context, database, table, holder=holder).over_budget:
            return Outcome.OVER_BUDGET
        for batch in batches(context, database, table, approved_by=ACTOR):
            derive_batch(context, database, table, batch)
        flip_when_ready(context, database, table, holder=holder)
        finish_all(context, database, table, holder=holder)
        note_end(context, database, table, run=holder)
    return Outcome.DONE
