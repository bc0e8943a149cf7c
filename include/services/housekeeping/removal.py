"""Removals: what one step of housekeeping would take away, and how it is carried out, counted and put on record."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from include.domain.errors import Transient
from include.services.lease import held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from include.services.context import HousekeepingContext
    from include.services.lease import Lease

ACTOR = "housekeeping"
MOST_LISTED = 100  # removals that a report names; all are counted and logged


@dataclass(frozen=True, kw_only=True)
class Removal:
    """One thing to take away.

    Attributes:
        what: it is, in words for the report.
        why: it may go.
        uris: of the objects to delete.
        size: bytes of them.
        upload_id: it belongs to, if it belongs to one.
        multipart_id: of the multipart upload to abort at the first of `uris`.
        count: rows of the ledger, for what is no object.
    """

    what: str
    why: str
    uris: tuple[str, ...] = ()
    size: int = 0
    upload_id: str | None = None
    multipart_id: str | None = None
    count: int = 1


class Step(Protocol):
    """One kind of removal."""

    @property
    def name(self) -> str:
        """What it is called in the report and in the audit trail."""
        ...

    def plan(self, context: HousekeepingContext, now: datetime) -> Iterator[Removal]:
        """What may go now, found while it is read, never all at once."""
        ...

    def remove(self, context: HousekeepingContext, removal: Removal) -> bool:
        """Look once more, and take it away; False if it is needed after all, or somebody is at work on it.

        Transient (`table_busy`) says the latter too.
        """
        ...


@dataclass
class Tidied:
    """What a step did, or would do in a dry run."""

    step: str
    dry_run: bool
    removed: int = 0
    objects: int = 0
    size: int = 0
    left: int = 0
    listed: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The JSON object that the task returns."""
        return asdict(self)

    def count(self, removal: Removal) -> None:
        """Add one that went, or would go."""
        self.removed += removal.count
        self.objects += 0 if removal.multipart_id else len(removal.uris)
        self.size += removal.size
        if len(self.listed) < MOST_LISTED:
            self.listed.append(f"{removal.what}: {removal.why}")


def tidy(
    context: HousekeepingContext, step: Step, *, dry_run: bool, tell: Callable[[Removal], None] = lambda _: None
) -> Tidied:
    """Carry out what the step plans, one removal after another; `tell` is called after each.

    In a dry run the same plan is read and nothing is done. A removal is in the audit trail before it begins.
    """
    done = Tidied(step.name, dry_run)
    for removal in step.plan(context, context.clock.now()):
        if dry_run or _remove(context, step, removal):
            done.count(removal)
            tell(removal)
        else:
            done.left += 1
    return done


@contextmanager
def alone(context: HousekeepingContext, *names: str) -> Iterator[tuple[Lease, ...]]:
    """Have leases, each to be held once more right before something is deleted; Transient if another has one."""
    with ExitStack() as leases:
        holder = f"{ACTOR} {uuid4().hex}"
        yield tuple(leases.enter_context(held(context, name=name, holder=holder)) for name in names)


def _remove(context: HousekeepingContext, step: Step, removal: Removal) -> bool:
    try:
        return step.remove(context, removal)
    except Transient as busy:  # somebody is at work on it, or was while this process was stopped
        if busy.code != "table_busy":
            raise
        return False


def record(context: HousekeepingContext, step: str, removal: Removal) -> None:
    """Put on record that a removal begins."""
    context.ledger.audit(
        who=ACTOR,
        what=f"removed: {step}",
        removed=removal.what,
        why=removal.why,
        upload_id=removal.upload_id,
        objects=len(removal.uris),
        bytes=removal.size,
        rows=removal.count if not removal.uris else 0,
    )
