"""Ports: what the use cases need from the outside, in their own words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path
    from typing import BinaryIO

    from include.domain.findings import Finding
    from include.domain.partition_key import PartitionKey
    from include.domain.promotion import Mirrored
    from include.domain.reading_options import ReadingOptions
    from include.domain.upload import State, StateChange, Upload
    from include.domain.withdrawal import Approval, Withdrawal


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


# --- objects -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StoredObject:
    """One object in a store. `uri` is `s3://bucket/key`, `etag` without quotes, `size` in bytes."""

    uri: str
    size: int
    etag: str
    last_modified: datetime

    @property
    def name(self) -> str:
        """The last segment of the key."""
        return self.uri.rpartition("/")[2]

    @property
    def written_at(self) -> datetime:
        """When it was written, in whole seconds: not every answer of S3 is finer."""
        return self.last_modified.replace(microsecond=0)


@dataclass(frozen=True)
class Part:
    """One uploaded part: its number (1-based) and the ETag S3 answered, without quotes."""

    number: int
    etag: str
    checksum: str | None = None


class StoredFile(Protocol):
    """A file in a store, pinned to one ETag; a `ByteSource` of the conversion. A changed object is a Conflict."""

    @property
    def size(self) -> int:
        """Bytes."""
        ...

    def open(self) -> BinaryIO:
        """A fresh stream from the first byte."""
        ...

    def open_range(self, start: int, end: int) -> BinaryIO:
        """A stream of the bytes `start` (inclusive) to `end` (exclusive)."""
        ...


class ObjectStore(Protocol):
    """Objects by URI. A missing object is NotFound, a denied one Terminal (never shown as empty)."""

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Every object whose URI starts with `prefix`, all pages."""
        ...

    def head(self, uri: str) -> StoredObject | None:
        """The object, or None if there is none."""
        ...

    def file(self, stored: StoredObject) -> StoredFile:
        """The object's content; reading fails with Conflict once the object has another ETag."""
        ...

    def read(self, uri: str) -> bytes:
        """A small object's content."""
        ...

    def write(self, uri: str, content: bytes, *, content_type: str = "application/json") -> None:
        """Write a small object, over what was there."""
        ...

    def send(self, path: Path, uri: str) -> StoredObject:
        """Write a local file, in parts when it is large, over what was there."""
        ...

    def fetch(self, uri: str, path: Path) -> None:
        """Write an object to a local file."""
        ...

    def copy(self, source: StoredObject, uri: str) -> StoredObject:
        """Copy on the server's side, only that ETag, in parts above 5 GB; an equal copy already there is kept."""
        ...

    def checksums(self, stored: StoredObject) -> dict[str, str]:
        """What the store itself keeps of the whole content, by algorithm; empty if nothing. A changed one: Conflict."""
        ...

    def delete(self, uris: Iterable[str]) -> None:
        """Delete objects; one that is not there is deleted already."""
        ...

    def delete_unchanged(self, stored: StoredObject) -> bool:
        """Delete an object unless it has another ETag by now; whether it is gone."""
        ...


@dataclass(frozen=True)
class PendingUpload:
    """A multipart upload that was begun and neither completed nor aborted."""

    uri: str
    multipart_id: str
    started_at: datetime


class MultipartUploads(Protocol):
    """Uploads that a browser sends to the store in presigned parts."""

    def start(self, uri: str) -> str:
        """Begin; returns the store's id of the multipart upload."""
        ...

    def sign(self, uri: str, multipart_id: str, part_numbers: Sequence[int], *, seconds: int) -> dict[int, str]:
        """A URL for each part, to be PUT to within `seconds`."""
        ...

    def complete(self, uri: str, multipart_id: str, parts: Sequence[Part]) -> StoredObject:
        """Make the object. NotFound when the store no longer knows the upload; Refused for wrong parts."""
        ...

    def abort(self, uri: str, multipart_id: str) -> None:
        """Give up and free the parts; one unknown to the store is aborted already."""
        ...

    def pending(self, prefix: str) -> Iterator[PendingUpload]:
        """Every multipart upload under way whose URI starts with `prefix`, all pages."""
        ...


# --- catalogue ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class CatalogueTable:
    """A table as Glue has it. `columns` are (name, Glue type) without the partition key; names are Glue's full ones.

    `comments` are what people wrote of single columns, by name. `stored_otherwise` is set of one that was read: Glue
    says it is not Parquet, or not partitioned as ours are; whoever writes it puts that right.
    """

    database: str
    name: str
    location: str
    columns: tuple[tuple[str, str], ...]
    parameters: dict[str, str] = field(default_factory=dict)
    description: str = ""
    comments: dict[str, str] = field(default_factory=dict)
    version: str | None = None
    stored_otherwise: bool = False


@dataclass(frozen=True, kw_only=True)
class CataloguePartition:
    """A partition as Glue has it: its own files' columns, its folder, its parameters; stored as a table may be."""

    extraction_timestamp: str
    location: str
    columns: tuple[tuple[str, str], ...]
    parameters: dict[str, str] = field(default_factory=dict)
    created_at: datetime | None = field(default=None, compare=False)  # as the catalogue says; it is never written
    stored_otherwise: bool = False


class Catalogue(Protocol):
    """A Glue Data Catalog. Databases and tables made here carry the parameter `data_uploader=<env>`."""

    def database_parameters(self, database: str) -> dict[str, str] | None:
        """The database's parameters, or None if there is no such database."""
        ...

    def create_database(self, database: str, *, description: str, parameters: dict[str, str]) -> None:
        """Create; Conflict when it exists."""
        ...

    def database_names(self, prefix: str) -> Iterator[str]:
        """The names of all databases that begin with `prefix`, whoever made them."""
        ...

    def tables_of(self, database: str) -> Iterator[CatalogueTable]:
        """All tables of a database, whoever made them; none when there is no such database."""
        ...

    def table(self, database: str, table: str) -> CatalogueTable | None:
        """The table with its version, or None."""
        ...

    def create_table(self, table: CatalogueTable) -> None:
        """Create; Conflict (code `table_exists`) when it exists."""
        ...

    def update_table(self, table: CatalogueTable) -> None:
        """Replace columns, parameters and description if `table.version` is still current, else Conflict."""
        ...

    def delete_table(self, database: str, table: str) -> None:
        """Delete with all its partitions; one that is not there is deleted already."""
        ...

    def partition(self, database: str, table: str, extraction_timestamp: str) -> CataloguePartition | None:
        """One partition, or None."""
        ...

    def partitions(self, database: str, table: str) -> Iterator[CataloguePartition]:
        """All partitions, all pages."""
        ...

    def create_partition(self, database: str, table: str, partition: CataloguePartition) -> None:
        """Register; Conflict (code `partition_exists`) when one is registered under that timestamp."""
        ...

    def update_partitions(self, database: str, table: str, partitions: Sequence[CataloguePartition]) -> None:
        """Replace registered partitions, by the hundred."""
        ...

    def delete_partitions(self, database: str, table: str, timestamps: Sequence[str]) -> None:
        """Unregister; one that is not there is unregistered already."""
        ...


# --- validation --------------------------------------------------------------------------------------------------


class Validation(Protocol):
    """Runs the Great Expectations suite of a table over staged Parquet."""

    def validate(
        self, parts: Sequence[Path], *, lines: Sequence[Path], database: str, table: str, header: Sequence[str]
    ) -> tuple[Finding, ...]:
        """What the suite finds in local Parquet files `parts`; `lines` are their line-number sidecars."""
        ...


# --- mail --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One plain-text message. `id` is stable: sending the same one again replaces or repeats it, never another."""

    id: str
    to: str
    subject: str
    text: str


class Mailer(Protocol):
    """Sends mail; raises Transient when the transport did not take it."""

    def send(self, mail: Mail) -> None:
        """Hand one message to the transport."""
        ...


# --- ledger ------------------------------------------------------------------------------------------------------


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


class ReviewedOptions(Protocol):
    """How the files of single tables are read, by a reviewed file."""

    def of(self, database: str, table: str) -> ReadingOptions | None:
        """The options of a table (short database name), or None if the file says nothing of it; Terminal if broken."""
        ...


class ReviewedOwners(Protocol):
    """Tables that belong to somebody else than who made them, by a reviewed file."""

    def of(self, database: str, table: str) -> str | None:
        """The address of a table's owner (short database name), or None without an entry; Terminal if broken."""
        ...


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

    def page(self, *, uploader: str | None = None, limit: int = 50, cursor: str | None = None) -> Page:
        """Uploads, newest first, of one person or of all."""
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

    def mirror(self, *, database: str | None = None, table: str | None = None) -> tuple[Mirrored, ...]:
        """The uploads whose published and promoted revisions differ, or of which something taken must be removed."""
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


@dataclass(frozen=True, kw_only=True)
class Night:
    """The report of one scheduled promotion.

    `covers` are the London dates it stands for, the last its own; `outcomes` the JSON objects of its tables.
    """

    london_date: date
    run_id: str
    covers: tuple[date, ...]
    outcomes: tuple[dict[str, Any], ...]
    reported_at: datetime


class NightLedger(Protocol):
    """The reports of the scheduled promotions, one for each London date."""

    def night(self, london_date: date) -> Night | None:
        """The report of a London date, or None."""
        ...

    def last_before(self, london_date: date) -> date | None:
        """The latest London date before this one that was reported, or None."""
        ...

    def report(self, night: Night) -> None:
        """Keep a report, in place of an earlier one of the same London date."""
        ...


class WithdrawalLedger(Protocol):
    """Requests to withdraw published uploads, what was decided, and whether it is carried out.

    A decision and the upload's state change in one commit, against which promotion's own compare-and-set runs.
    """

    def get(self, upload_id: str) -> Withdrawal | None:
        """The latest request to withdraw this upload, or None."""
        ...

    def request(self, upload_id: str, *, by: str, reason: str, run_id: str | None = None) -> Withdrawal:
        """Withdraw at once what promotion has not begun to bring over; for the rest ask for an approval.

        A request that stands or waits is answered as it is; one after a declined one takes its place; one for what a
        lost ledger had withdrawn stands. `run_id` is of the run that carries it, if it has begun. Conflict
        (`wrong_state`) for an upload that is not published, Refused (`reason_missing`) for an approval without reason.
        """
        ...

    def decide(self, upload_id: str, *, run_id: str, by: str, approval: Approval) -> Withdrawal:
        """Record what a data engineer says to the request that this run carries; what was decided before stays."""
        ...

    def open(self) -> tuple[Withdrawal, ...]:
        """What is neither carried out nor declined, the earliest asked for first."""
        ...

    def done(self, upload_id: str) -> Withdrawal:
        """Record that it is carried out; the first time counts. Conflict unless it stands."""
        ...

    def done_since(
        self, moment: datetime, *, database: str | None = None, table: str | None = None
    ) -> tuple[Upload, ...]:
        """The uploads whose withdrawal was carried out since then, of all tables, of a database or of one table."""
        ...

    def restore(self, withdrawal: Withdrawal) -> None:
        """Enter again what was lost with the ledger; a request that is known stays as it is."""
        ...


@dataclass(frozen=True)
class SignInCode:
    """A one-time code sent by mail: only its keyed hash is kept."""

    email: str
    code_hash: str
    expires_at: datetime
    attempts: int


@dataclass(frozen=True)
class Session:
    """A signed-in browser: only the hash of its cookie is kept; `csrf` goes into its forms; `answers` is the wizard."""

    token_hash: str
    email: str
    csrf: str
    created_at: datetime
    seen_at: datetime
    answers: dict[str, Any] = field(default_factory=dict)


class IdentityLedger(Protocol):
    """Sign-in codes, sessions and API tokens; secrets are kept as hashes only."""

    def save_code(self, code: SignInCode) -> None:
        """Keep a code, in place of an earlier one for the same address."""
        ...

    def take_attempt(self, email: str) -> SignInCode | None:
        """The code of an address, its attempts counted up by one in the same commit; None if there is none."""
        ...

    def drop_code(self, email: str) -> bool:
        """Use a code up; False when somebody else just did."""
        ...

    def codes_since(self, email: str, since: datetime) -> int:
        """How many codes were sent to an address since then."""
        ...

    def save_session(self, session: Session) -> None:
        """Keep a session, new or changed."""
        ...

    def session(self, token_hash: str) -> Session | None:
        """The session, or None."""
        ...

    def drop_session(self, token_hash: str) -> None:
        """End a session."""
        ...

    def past_codes(self, *, before: datetime, drop: bool = False) -> int:
        """How many codes ran out before then, used or not; with `drop` they are deleted."""
        ...

    def past_sessions(self, *, ended: datetime, begun: datetime, seen: datetime, drop: bool = False) -> int:
        """How many sessions were ended, begun or last seen before these moments; with `drop` they are deleted."""
        ...

    def add_token(self, token_hash: str, *, email: str, name: str) -> None:
        """Keep an API token's hash; an earlier token of the same address and name is revoked."""
        ...

    def token_email(self, token_hash: str) -> str | None:
        """Whose token this is; None if unknown or revoked."""
        ...


class Users(Protocol):
    """The reviewed list of people who may sign in."""

    def knows(self, email: str) -> bool:
        """Whether this address (case-insensitive) is on the list now."""
        ...
