"""An upload: one submission of one file, its states, and which state may follow which."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from include.domain.errors import Refused, TooLarge
from include.domain.partition_key import PartitionKey
from include.domain.reading_options import DEFAULT_OPTIONS, UNCHOSEN, BoundOptions, ReadingOptions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from include.domain.findings import Finding
    from include.domain.governance import Governance

MAX_PARTS = 10_000  # S3's limit on the parts of one upload
MAX_PART_SIZE = 5 * 1024**3  # bytes: S3's limit on one part


class State(StrEnum):
    """Where an upload is."""

    STARTED = "started"
    UPLOADING = "uploading"
    LANDED = "landed"
    CHECKING = "checking"
    CONVERTING = "converting"
    VALIDATING = "validating"
    WIDENING = "widening"  # waits until earlier partitions are as wide as it needs
    WAITING_FOR_APPROVAL = "waiting_for_approval"  # of a widening that is over the budget
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    PROMOTED = "promoted"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"


WAITING = frozenset({State.WIDENING, State.WAITING_FOR_APPROVAL})  # for the table, in no stage's hands
_WORKING = (
    State.CHECKING,
    State.CONVERTING,
    State.VALIDATING,
    State.WIDENING,
    State.WAITING_FOR_APPROVAL,
    State.PUBLISHING,
)

# A killed task is run again, and a cleared run starts from its first task: so each working state may be entered from
# itself and from every other working state, and from `failed`. A run may fail before its first stage could say so.
# What waits for its table is in no run's hands, so no run's failure is its own. What is finished is never re-entered.
TRANSITIONS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.STARTED: frozenset({State.UPLOADING, State.LANDED, State.CHECKING, State.CANCELLED, State.FAILED}),
        State.UPLOADING: frozenset({State.LANDED, State.CHECKING, State.CANCELLED, State.FAILED}),
        State.LANDED: frozenset({State.CHECKING, State.FAILED}),
        **{state: frozenset({*_WORKING, State.PUBLISHED, State.REFUSED, State.FAILED}) for state in _WORKING},
        **{state: frozenset({*_WORKING, State.PUBLISHED, State.REFUSED, State.CANCELLED}) for state in WAITING},
        State.FAILED: frozenset({*_WORKING, State.REFUSED}),
        State.PUBLISHED: frozenset({State.PROMOTED, State.WITHDRAWN}),
        State.PROMOTED: frozenset({State.WITHDRAWN}),
        State.CANCELLED: frozenset(),
        State.REFUSED: frozenset({State.CHECKING}),  # attempt n, after a rule changed
        State.WITHDRAWN: frozenset(),
    }
)

LIVE = frozenset({State.PUBLISHED, State.PROMOTED})
FINISHED = frozenset({State.PUBLISHED, State.PROMOTED, State.CANCELLED, State.REFUSED, State.WITHDRAWN})
GIVEN_UP = frozenset({State.CANCELLED, State.REFUSED})  # nothing of it was ever published
GONE = GIVEN_UP | {State.WITHDRAWN}  # it has no partition
ARRIVING = frozenset({State.STARTED, State.UPLOADING, State.LANDED})
SENDING = frozenset({State.STARTED, State.UPLOADING})
CANCELLABLE = SENDING | WAITING


def sources_of(state: State) -> frozenset[State]:
    """The states from which an upload may move to this one."""
    return frozenset(source for source, targets in TRANSITIONS.items() if state in targets)


class Door(StrEnum):
    """By which way a file came."""

    PAGE = "page"
    API = "api"
    LANDING = "landing"


@dataclass(frozen=True, kw_only=True)
class Upload:
    """One submission, as the ledger knows it.

    Attributes:
        id: 32 hex digits.
        database: short name.
        extraction_timestamp: T form; unique within the table.
        filename: the file's own name; `landing_uri` ends in its safe form.
        size: bytes announced; -1 while not known.
        uploader: the e-mail address, or `landing` for a file dropped by hand.
        may_create: whether the uploader asked to create what does not exist.
        confirmed: whether the uploader said that the file belongs in this table although its columns are unlike.
        confirmed_columns: fingerprints of the columns of which they said so, with spaces between; None for whatever
            columns the file has, as a hand-dropped file's sidecar says.
        sha256: of the file's bytes, hex, as the check computed it; `sent_sha256` as its sender did, if they did.
        etag: of the landing object that was claimed; every later read carries it.
        landed_at: when that object was written, by the store's clock in whole seconds; None before it was claimed.
        reading_options: what it is read with, for good.
        options_since: when these were chosen for the table; None before a file dropped by hand is checked.
        attempt: counts the ingestions of the file: 1, and one more each time it was refused and is ingested again.
        columns: name and type (API words) of each column of the file, once converted.
        revision: 16 hex digits of the derivation that is published, or None.
        promoted_revision: the derivation that is on the Analytical Platform, or None.
        taken_revision: the derivation that promotion last began to bring there; None before it first did, and again
            once everything of the upload was removed from there.
    """

    id: str
    database: str
    table: str
    extraction_timestamp: str
    filename: str
    size: int
    state: State
    uploader: str
    door: Door
    governance: Governance
    may_create: bool
    landing_uri: str
    created_at: datetime
    updated_at: datetime
    multipart_id: str | None = None
    part_size: int = 0
    part_count: int = 0
    etag: str | None = None
    claimed_at: datetime | None = None
    landed_at: datetime | None = None
    sha256: str | None = None
    sent_sha256: str | None = None
    rows: int | None = None
    attempt: int = 1
    reading_options: ReadingOptions = DEFAULT_OPTIONS
    options_since: datetime | None = None
    confirmed: bool = False
    confirmed_columns: str | None = None
    columns: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    revision: str | None = None
    promoted_revision: str | None = None
    taken_revision: str | None = None
    published_at: datetime | None = None
    promoted_at: datetime | None = None

    @property
    def key(self) -> PartitionKey:
        """The partition this upload becomes."""
        return PartitionKey(self.database, self.table, self.extraction_timestamp)

    @property
    def run_id(self) -> str:
        """The Airflow run id of its ingestion: its id, with `__n` for a later attempt."""
        return self.id if self.attempt == 1 else f"{self.id}__{self.attempt}"

    @property
    def sha256_agrees(self) -> bool | None:
        """Whether what arrived is what its sender read; None while one of the two is not known."""
        if self.sha256 is None or self.sent_sha256 is None:
            return None
        return self.sha256 == self.sent_sha256

    @property
    def plan(self) -> PartPlan:
        """How its file is cut into parts."""
        return PartPlan(self.part_size, self.part_count)

    @property
    def bound_options(self) -> BoundOptions:
        """What it is read with, and when that was chosen for its table."""
        return BoundOptions(self.reading_options, self.options_since or UNCHOSEN)


@dataclass(frozen=True)
class StateChange:
    """One line of an upload's history."""

    state: State
    at: datetime
    actor: str
    note: str = ""


@dataclass(frozen=True)
class PartPlan:
    """How a file is cut into parts: `count` parts of `size` bytes, the last one shorter."""

    size: int
    count: int

    def bytes_of(self, number: int, *, of: int) -> int:
        """How many bytes part `number`, from 1 on, has of a file of `of` bytes."""
        return self.size if number < self.count else of - (self.count - 1) * self.size


def plan_parts(size: int, *, smallest: int) -> PartPlan:
    """Cut `size` bytes into at most 10,000 parts of at least `smallest` bytes; 0 bytes is one empty part.

    TooLarge (code `file_too_large`) for more than S3 can put together from its largest parts.
    """
    if size < 0:
        raise Refused(
            "The size of the file must be given in bytes, 0 or more.",
            code="bad_size",
            title="File size is not permitted",
            field="size",
        )
    if size > MAX_PART_SIZE * MAX_PARTS:
        raise TooLarge(
            f"The selected file must be {MAX_PART_SIZE * MAX_PARTS:,} bytes or smaller, which is what S3 can hold; "
            f"this has {size:,}.",
            code="file_too_large",
            title="File is too large",
            field="file",
        )
    part = smallest
    while part * MAX_PARTS < size:
        part = min(part * 2, MAX_PART_SIZE)
    return PartPlan(size=part, count=max(1, -(-size // part)))
