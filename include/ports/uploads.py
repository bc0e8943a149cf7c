"""The ledger of uploads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from include.domain.seeking import EVERYTHING, Sought

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from include.domain.partition_key import PartitionKey
    from include.domain.promotion import ChangedTable, Mirrored
    from include.domain.upload import State, StateChange, Upload


@dataclass(frozen=True)
class Page:
    """A page of uploads, newest first, and the cursor of the next page (None on the last)."""

    uploads: tuple[Upload, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class PublishedTable:
    """A table with at least one published upload, and what it has; `creator` is whose upload made it."""

    database: str
    table: str
    creator: str
    partitions: int
    last_published_at: datetime
    first_published_at: datetime


class UploadLedger(Protocol):
    """Uploads, their history, and the leases and reservations around them."""

    def add(self, upload: Upload, *, actor: str) -> None:
        """Record a new upload and its first state; Conflict `partition_taken` if its partition is reserved."""
        ...

    def get(self, upload_id: str) -> Upload | None:
        """The upload, or None."""
        ...

    def find(self, database: str, table: str, extraction_timestamp: str) -> Upload | None:
        """The upload that reserved this partition, or None."""
        ...

    def history(self, upload_id: str) -> tuple[StateChange, ...]:
        """Every state the upload went through, oldest first."""
        ...

    def move(
        self, upload_id: str, to: State, *, actor: str, note: str = "", free: bool = False, **changes: Any
    ) -> Upload:
        """Compare-and-set on the state by the domain's transitions, with other fields in the same commit.

        With `free` the upload gives up its partition for another, and its own id stands in for the timestamp.

        Conflict (code `wrong_state`) when the upload is not in a state from which `to` may follow.
        """
        ...

    def amend(self, upload_id: str, **changes: Any) -> Upload:
        """Set fields without a change of state."""
        ...

    def set_revisions(self, revisions: Mapping[str, str]) -> None:
        """Set the derivation that is registered for each of these uploads, all in one commit."""
        ...

    def put_back(self, upload_id: str, key: PartitionKey) -> bool:
        """Give an upload the partition that its file was accepted for; False if another has reserved it."""
        ...

    def claim(self, upload_id: str, *, lease_seconds: int) -> bool:
        """Take the lease on a landed object; False while another claim on it is younger than `lease_seconds`."""
        ...

    def page(
        self,
        *,
        uploader: str | None = None,
        sought: Sought = EVERYTHING,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page:
        """Uploads that are like this, newest first, of one person or of all."""
        ...

    def databases(self) -> tuple[str, ...]:
        """Short names of all databases with a published upload, sorted."""
        ...

    def tables(self, database: str) -> tuple[PublishedTable, ...]:
        """The tables of a database that have a published upload, sorted by name."""
        ...

    def table_names(self, *, database: str | None = None) -> tuple[tuple[str, str], ...]:
        """Short database name and table of every upload that was neither refused nor cancelled, sorted."""
        ...

    def live(self, database: str, table: str) -> tuple[Upload, ...]:
        """All published uploads of a table, oldest partition first."""
        ...

    def last_published(self, database: str, table: str, *, limit: int) -> tuple[Upload, ...]:
        """The uploads of a table that were published last and still are, newest first."""
        ...

    def has_used(self, database: str, table: str, *, uploader: str) -> bool:
        """Whether somebody has an upload in a table that was not refused, cancelled or withdrawn."""
        ...

    def with_bytes(self, database: str, table: str, *, sha256: str, besides: str) -> Upload | None:
        """Another upload of a table, not the one with the id `besides`, whose file has this SHA-256, in hex.

        One that is published rather than one on its way, and the earliest; none that was refused, cancelled or
        withdrawn.
        """
        ...

    def mirror(self, *, database: str | None = None, table: str | None = None) -> tuple[Mirrored, ...]:
        """The uploads whose published and promoted revisions differ, or of which something taken must be removed."""
        ...

    def note_changed_table(self, database: str, table: str) -> None:
        """Note that a table's own columns may have changed without any of its partitions: promotion looks at it."""
        ...

    def changed_tables(self, *, database: str | None = None, table: str | None = None) -> tuple[ChangedTable, ...]:
        """What was noted of changed tables and not yet brought over, by database and table."""
        ...

    def forget_changed_tables(self, notes: Collection[ChangedTable]) -> None:
        """Forget these notes; what was noted since stays."""
        ...

    def in_states(
        self, states: Collection[State], *, database: str | None = None, table: str | None = None
    ) -> tuple[Upload, ...]:
        """The uploads in any of these states, of all tables or of one, the earliest created first."""
        ...

    def take(self, upload_id: str, *, published: str) -> bool:
        """Note that promotion begins to bring over this revision, if it still is what is published; else False."""
        ...

    def set_promoted(self, upload_id: str, *, was: str | None, now: str | None, published: str | None) -> bool:
        """Compare-and-set the promoted revision, if `published` is still what is published; False if either moved.

        None for `now` says that nothing of the upload is on the Analytical Platform: it is no longer taken either.
        """
        ...

    def promoted_since(self, moment: datetime) -> tuple[Upload, ...]:
        """The uploads on the Analytical Platform that came there, or were replaced there, since then; oldest first."""
        ...

    def acquire(self, name: str, *, holder: str, seconds: int) -> bool:
        """Take or renew a named lease; False while another holder's is alive."""
        ...

    def leased(self, name: str) -> bool:
        """Whether somebody holds this lease now."""
        ...

    def release(self, name: str, *, holder: str) -> None:
        """Give a lease back; one held by another is left alone."""
        ...

    def past_leases(self, *, before: datetime, drop: bool = False) -> int:
        """How many leases ran out before then; with `drop` they are forgotten."""
        ...

    def mailed(self, mail_id: str) -> bool:
        """Whether this message was handed over."""
        ...

    def record_mail(self, mail_id: str, *, to: str) -> None:
        """Remember that this message was handed over."""
        ...

    def audit(self, *, who: str, what: str, **details: Any) -> None:
        """Add to the audit trail."""
        ...
