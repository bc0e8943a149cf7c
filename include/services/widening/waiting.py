"""Which tables wait to be widened, which of them a run was offered for, and the lease of the one job that does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.domain.upload import WAITING, State
from include.services.widening.standing import last_end, read_standing

if TYPE_CHECKING:
    from include.domain.upload import Upload
    from include.services.context import PipelineContext

ACTOR = "widen_table"
OFFER_SECONDS = 300  # how often a table is offered for which a person is asked
NAME_SHOWN = 150  # characters of a table's name in a run id; Airflow takes 250 in all


@dataclass(frozen=True)
class Job:
    """A table's widening that was claimed: the holder of the offer, which is the run id, and how many uploads wait."""

    holder: str
    uploads: int


def lease_of(database: str, table: str) -> str:
    """The name of the lease that a table's job holds while it is at work."""
    return f"widen:{database}.{table}"


def offer_of(database: str, table: str) -> str:
    """The name of the lease that keeps the watch from offering a table again; whoever works on the table may."""
    return f"offer:{database}.{table}"


def is_with_its_table(context: PipelineContext, upload: Upload) -> bool:
    """Whether an upload is in the hands of its table's widening: it waits, or a flip has taken it along."""
    if upload.state is not State.PUBLISHING:
        return upload.state in WAITING
    return context.ledger.history(upload.id)[-1].actor == ACTOR


def tables_to_widen(context: PipelineContext) -> tuple[tuple[str, str], ...]:
    """(database, table) of each table for which uploads wait, no job works and none was offered; longest wait first."""
    waiting = dict.fromkeys((upload.database, upload.table) for upload in context.ledger.in_states(WAITING))
    return tuple(place for place in waiting if not _is_taken(context, *place))


def claim_table(context: PipelineContext, database: str, table: str) -> Job | None:
    """Offer a table to the job that its longest waiting upload asks for; None if none waits, or it is taken.

    The offer alone holds nobody up: a run that is red, or that asks a person, is offered again and again, and nobody
    works on the table meanwhile. The job takes its own lease when it begins.
    """
    waiting = context.ledger.in_states(WAITING, database=database, table=table)
    if not waiting or _is_taken(context, database, table):
        return None
    asked = any(upload.state is State.WAITING_FOR_APPROVAL for upload in waiting)
    # While a run asks there is mostly nothing to start. Nobody else may ask.
    asking = read_standing(context, database, table).run if asked else ""
    holder = asking or _run_id(context, waiting[0])
    seconds = OFFER_SECONDS if asked else context.settings.claim_seconds
    taken = context.ledger.acquire(offer_of(database, table), holder=holder, seconds=seconds)
    return Job(holder, len(waiting)) if taken else None


def _is_taken(context: PipelineContext, database: str, table: str) -> bool:
    """Whether a job is at work on a table, or was offered a moment ago."""
    return any(context.ledger.leased(name) for name in (lease_of(database, table), offer_of(database, table)))


def _run_id(context: PipelineContext, oldest: Upload) -> str:
    """Named after the upload and the moment since which it waits, or when the table's last run ended, if that is later.

    So one that comes back to waiting has another run, and one that a run left waiting when it ended.
    """
    since = oldest.created_at
    for change in context.ledger.history(oldest.id):
        if change.state is State.WIDENING:
            since = change.at
    moment = max(f"{since:%Y%m%dT%H%M%S%fZ}", last_end(context, oldest.database, oldest.table))
    return f"{oldest.database}.{oldest.table}"[:NAME_SHOWN] + f"__{oldest.id}__{moment}"
