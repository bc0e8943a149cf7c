"""What promoting one table did, or why it did not, and what mends it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from include.domain.upload import State
from include.services.promotion.removal import PROMOTION, TAKEN_OFF

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from include.domain.errors import UploaderError
    from include.ports import AuditTrail
    from include.services.context import PromotionContext

REPAIRS = {
    "access_denied": "Give the role of the connection named in the error what it lacks, then clear the red task.",
    "credentials_refused": "Mend the connection's keys or role, then clear the red task.",
    "no_credentials": "Mend the connection's keys or role, then clear the red task.",
    "table_busy": "Wait for the work on this table to finish, then clear the red task; the next night does it anyway.",
    "not_ours": "Somebody else's database or table has this name on the Analytical Platform: have it renamed.",
    "partition_foreign": "Somebody else registered this partition: have it removed, then clear the red task.",
    "catalogue_differs": "Run rebuild_table for this table, then clear the red task.",
    "revision_empty": "Run rebuild_table for this partition, then clear the red task.",
    "rows_differ": "Run rebuild_table for this partition, then clear the red task.",
}
MOST_TAKEN_OFF = 1_000_000  # entries of the trail that are looked at: more than one run makes
READ_THE_LOG = "Read the log of the red task, mend the cause, and clear the task."


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One table of a promotion: the extraction_timestamps added, replaced and removed.

    `table_changed` says that the table itself, its columns or what they have shown, became another though none of its
    partitions asked for it.
    `error` is a sentence when it did not end well, and `repair` then says what to do.
    """

    database: str
    table: str
    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    table_changed: bool = False
    error: str | None = None
    repair: str | None = None

    @property
    def changed(self) -> bool:
        """Whether the platform is another one now."""
        return bool(self.added or self.replaced or self.removed or self.table_changed)

    def to_json(self) -> dict[str, Any]:
        """The JSON object that tasks hand on and the night's report keeps."""
        return {
            "database": self.database,
            "table": self.table,
            "added": list(self.added),
            "replaced": list(self.replaced),
            "removed": list(self.removed),
            "table_changed": self.table_changed,
            "error": self.error,
            "repair": self.repair,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Outcome:
        """What `to_json` wrote."""
        lists = {name: tuple(document[name]) for name in ("added", "replaced", "removed")}
        return cls(**{**document, **lists})


def with_earlier_attempts(
    context: PromotionContext, trail: AuditTrail, outcome: Outcome, *, run: str, since: datetime
) -> Outcome:
    """An outcome, and what earlier attempts of the same run brought over or took off `since` it began, and died."""
    known = {*outcome.added, *outcome.replaced}
    added, replaced = list(outcome.added), list(outcome.replaced)
    for upload in context.ledger.promoted_since(since):
        if (upload.database, upload.table) != (outcome.database, outcome.table):
            continue
        if upload.extraction_timestamp in known:
            continue
        history = context.ledger.history(upload.id)
        # Derived again before it could be noted as promoted, it came there in this run all the same.
        first = next((change.at for change in history if change.state is State.PROMOTED), since)
        (added if first >= since else replaced).append(upload.extraction_timestamp)
    removed = [*outcome.removed, *_taken_off(trail, outcome, run=run, since=since)]
    return replace(outcome, added=tuple(added), replaced=tuple(replaced), removed=tuple(dict.fromkeys(removed)))


def _taken_off(trail: AuditTrail, outcome: Outcome, *, run: str, since: datetime) -> Iterator[str]:
    of_this = {"run": run, "database": outcome.database, "table": outcome.table}
    for entry in trail.entries(who=PROMOTION, since=since, limit=MOST_TAKEN_OFF):
        if entry.what == TAKEN_OFF and of_this.items() <= entry.details.items():
            yield entry.details["extraction_timestamp"]


def failure(database: str, table: str, error: UploaderError | None) -> Outcome:
    """The outcome of a table that was not promoted; without an error the task ended before it could say why."""
    if error is None:
        said = "The task ended before it could say why."
        return Outcome(database=database, table=table, error=said, repair=READ_THE_LOG)
    repair = REPAIRS.get(error.code, READ_THE_LOG)
    return Outcome(database=database, table=table, error=f"{error.title}: {error.detail}", repair=repair)
