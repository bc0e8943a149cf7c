"""A widening above the budget: its uploads wait until a person approves or declines it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from include.domain.errors import Conflict
from include.domain.upload import FINISHED, State
from include.domain.widening_findings import widening_declined
from include.services import notices
from include.services.ingest.refuse import refuse
from include.services.ingest.stage import conclude
from include.services.widening.standing import read_standing, write_standing
from include.services.widening.waiting import ACTOR

if TYPE_CHECKING:
    from include.domain.upload import Upload
    from include.services.context import PipelineContext
    from include.services.widening.plan import WideningPlan


def ask(context: PipelineContext, plan: WideningPlan, *, run_id: str) -> None:
    """Let the uploads of a plan wait for an approval in this run, and tell their uploaders and the team."""
    for upload in plan.members:
        if upload.state is State.WIDENING:
            _move(context, upload, State.WAITING_FOR_APPROVAL, note="the widening is above the budget")
        notices.notify(context, upload.id, run_id=run_id)


def approve(context: PipelineContext, database: str, table: str, *, by: str) -> tuple[str, ...]:
    """Let what waits for an approval go on; ids of these uploads. One that was cancelled meanwhile stays so.

    The budget is no limit any longer while one of them is not published, unless it was not a person who approved them
    but the job, which found itself within the budget by now.
    """
    waiting = _waiting(context, database, table)
    if by != ACTOR:  # a person: noted before anything moves, for after that nobody can tell who was asked about
        standing = read_standing(context, database, table)
        ids = (*standing.approved, *(upload.id for upload in waiting if upload.id not in standing.approved))
        write_standing(context, database, table, replace(standing, approved=ids))
    approved = tuple(upload.id for upload in waiting if _move(context, upload, State.WIDENING, note="approved"))
    if approved:
        context.ledger.audit(who=by, what="widening approved", database=database, table=table, uploads=list(approved))
    return approved


def decline(context: PipelineContext, database: str, table: str, *, by: str) -> tuple[str, ...]:
    """Refuse what waits for an approval and tell the uploaders; ids of these uploads. Others may join afterwards."""
    declined = []
    for upload in _waiting(context, database, table):
        try:
            conclude(context, upload, [widening_declined()], stage=State.PUBLISHING)
            refuse(context, upload.id)
        except Conflict:
            now = context.ledger.get(upload.id)
            if now is None or now.state not in FINISHED:
                raise
            continue  # cancelled meanwhile
        notices.notify(context, upload.id)
        declined.append(upload.id)
    if declined:
        context.ledger.audit(who=by, what="widening declined", database=database, table=table, uploads=declined)
    return tuple(declined)


def _waiting(context: PipelineContext, database: str, table: str) -> tuple[Upload, ...]:
    return context.ledger.in_states({State.WAITING_FOR_APPROVAL}, database=database, table=table)


def _move(context: PipelineContext, upload: Upload, state: State, *, note: str) -> bool:
    try:
        context.ledger.move(upload.id, state, actor=ACTOR, note=note)
    except Conflict:  # cancelled
        return False
    return True
