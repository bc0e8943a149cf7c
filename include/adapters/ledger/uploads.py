"""Uploads in SQL: every change of one is a compare-and-set on its row, so who loses a race is told so."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, bindparam, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from include.adapters.ledger import changed_tables, listings, pages
from include.adapters.ledger.engine import reading, writing
from include.adapters.ledger.leases import acquire, leased, past, release
from include.adapters.ledger.publications import digest_of
from include.adapters.ledger.tables import (
    IS_LIVE,
    IS_UNFINISHED,
    PUBLISHED_REVISION,
    UNFINISHED,
    UPLOAD_COLUMNS,
    audit_trail,
    mails,
    upload_states,
    uploads,
)
from include.domain.errors import Conflict, NotFound
from include.domain.seeking import EVERYTHING, Sought
from include.domain.upload import State, StateChange, Upload, sources_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from include.domain.partition_key import PartitionKey
    from include.domain.promotion import ChangedTable, Mirrored
    from include.ports import Clock, Page, PublishedTable

_FIXED = {"id", "database", "table", "extraction_timestamp", "state", "created_at", "updated_at"}
CHANGEABLE = frozenset(field.name for field in fields(Upload)) - _FIXED


@dataclass(frozen=True)
class SqlUploadLedger:
    """`UploadLedger` over SQLite or PostgreSQL."""

    engine: Engine
    clock: Clock

    def add(self, upload: Upload, *, actor: str) -> None:
        """Record a new upload and its first state; Conflict `partition_taken` if its partition is reserved."""
        row = _with_digest({field.name: getattr(upload, field.name) for field in fields(Upload)})
        try:
            with writing(self.engine) as connection:
                connection.execute(insert(uploads).values(row))
                _remember(connection, upload.id, upload.state, at=upload.created_at, actor=actor, note="")
        except IntegrityError:
            # Which constraint spoke is worded differently by every driver: ask what is there instead.
            if self.find(upload.database, upload.table, upload.extraction_timestamp):
                raise Conflict(
                    f"There is already an upload into {upload.database}.{upload.table} with the extraction_timestamp "
                    f"{upload.extraction_timestamp}. Try again for another one.",
                    code="partition_taken",
                    title="The partition is taken",
                    field="extraction_timestamp",
                ) from None
            if self.get(upload.id):
                raise Conflict(
                    f"There is already an upload {upload.id}.", code="upload_exists", title="The upload exists already"
                ) from None
            raise

    def get(self, upload_id: str) -> Upload | None:
        """The upload, or None."""
        with reading(self.engine) as connection:
            return _one(connection, uploads.c.id == upload_id)

    def find(self, database: str, table: str, extraction_timestamp: str) -> Upload | None:
        """The upload that reserved this partition, or None."""
        with reading(self.engine) as connection:
            return _one(
                connection,
                uploads.c.database == database,
                uploads.c.table == table,
                uploads.c.extraction_timestamp == extraction_timestamp,
            )

    def history(self, upload_id: str) -> tuple[StateChange, ...]:
        """Every state the upload went through, oldest first."""
        states = upload_states.c
        query = (
            select(states.state, states.at, states.actor, states.note)
            .where(states.upload_id == upload_id)
            .order_by(states.id)
        )
        with reading(self.engine) as connection:
            return tuple(StateChange(*row) for row in connection.execute(query))

    def move(
        self, upload_id: str, to: State, *, actor: str, note: str = "", free: bool = False, **changes: Any
    ) -> Upload:
        """Compare-and-set on the state by the domain's transitions, with other fields in the same commit.

        `published_at` is set with the state `published` unless it is given. With `free` the upload gives up its
        partition for another, and its own id stands in for the extraction_timestamp. Entering again the state it is in
        (a task that ran twice) adds no line to the history. Conflict (code `wrong_state`) when the upload is not in a
        state from which `to` may follow.
        """
        now = self.clock.now()
        if to is State.PUBLISHED:
            changes.setdefault("published_at", now)
        own_key = {"extraction_timestamp": upload_id} if free else {}
        change = (
            update(uploads)
            .where(uploads.c.id == upload_id, uploads.c.state.in_(sorted(sources_of(to))))
            .values(**_checked(changes), **own_key, state=to, updated_at=now)
        )
        with writing(self.engine) as connection:
            if connection.execute(change).rowcount == 0:
                raise _wrong_state(_present(connection, upload_id), to)
            _remember(connection, upload_id, to, at=now, actor=actor, note=note)
            return _present(connection, upload_id)

    def amend(self, upload_id: str, **changes: Any) -> Upload:
        """Set fields without a change of state."""
        change = (
            update(uploads).where(uploads.c.id == upload_id).values(**_checked(changes), updated_at=self.clock.now())
        )
        with writing(self.engine) as connection:
            connection.execute(change)
            return _present(connection, upload_id)

    def set_revisions(self, revisions: Mapping[str, str]) -> None:
        """Set the derivation that is registered for each of these uploads, all in one commit."""
        if not revisions:
            return
        change = update(uploads).where(uploads.c.id == bindparam("of")).values(revision=bindparam("now"))
        rows = [{"of": upload_id, "now": revision} for upload_id, revision in sorted(revisions.items())]
        with writing(self.engine) as connection:
            connection.execute(change.values(updated_at=self.clock.now()), rows)

    def put_back(self, upload_id: str, key: PartitionKey) -> bool:
        """Give an upload the partition that its file was accepted for; False if another has reserved it."""
        place = {
            "database": key.database, "table": key.table, "extraction_timestamp": key.extraction_timestamp
        }  # fmt: skip
        change = update(uploads).where(uploads.c.id == upload_id).values(**place, updated_at=self.clock.now())
        try:
            with writing(self.engine) as connection:
                connection.execute(change)
        except IntegrityError:
            return False
        return True

    def claim(self, upload_id: str, *, lease_seconds: int) -> bool:
        """Take the lease on a landed object; False while another claim on it is younger than `lease_seconds`."""
        now = self.clock.now()
        free = or_(uploads.c.claimed_at.is_(None), uploads.c.claimed_at <= now - timedelta(seconds=lease_seconds))
        with writing(self.engine) as connection:
            change = update(uploads).where(uploads.c.id == upload_id, free).values(claimed_at=now)
            if connection.execute(change).rowcount:
                return True
            _present(connection, upload_id)
            return False

    def page(
        self,
        *,
        uploader: str | None = None,
        sought: Sought = EVERYTHING,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page:
        """Uploads that are like this, newest first, of one person or of all."""
        with reading(self.engine) as connection:
            return pages.page(connection, uploader=uploader, sought=sought, limit=limit, cursor=cursor)

    def databases(self) -> tuple[str, ...]:
        """Short names of all databases with a published upload, sorted."""
        with reading(self.engine) as connection:
            return listings.databases(connection)

    def tables(self, database: str) -> tuple[PublishedTable, ...]:
        """The tables of a database that have a published upload, sorted by name.

        A table's creator is who uploaded the earliest published of what it has now.
        """
        with reading(self.engine) as connection:
            return listings.tables(connection, database)

    def table_names(self, *, database: str | None = None) -> tuple[tuple[str, str], ...]:
        """Database and table of every upload that was neither refused nor cancelled, sorted."""
        with reading(self.engine) as connection:
            return listings.table_names(connection, database=database)

    def live(self, database: str, table: str) -> tuple[Upload, ...]:
        """All published uploads of a table, oldest partition first."""
        query = (
            select(*UPLOAD_COLUMNS)
            .where(IS_LIVE, uploads.c.database == database, uploads.c.table == table)
            .order_by(uploads.c.extraction_timestamp)
        )
        with reading(self.engine) as connection:
            return tuple(Upload(**row) for row in connection.execute(query).mappings())

    def last_published(self, database: str, table: str, *, limit: int) -> tuple[Upload, ...]:
        """The uploads of a table that were published last and still are, newest first."""
        with reading(self.engine) as connection:
            return listings.last_published(connection, database, table, limit=limit)

    def has_used(self, database: str, table: str, *, uploader: str) -> bool:
        """Whether somebody has an upload in a table that was not refused, cancelled or withdrawn."""
        with reading(self.engine) as connection:
            return listings.has_used(connection, database, table, uploader=uploader)

    def with_bytes(self, database: str, table: str, *, sha256: str, besides: str) -> Upload | None:
        """Another upload of a table with this SHA-256, in hex: the earliest that is published, or is on its way."""
        with reading(self.engine) as connection:
            return listings.with_bytes(connection, database, table, sha256=sha256, besides=besides)

    def mirror(self, *, database: str | None = None, table: str | None = None) -> tuple[Mirrored, ...]:
        """The uploads whose published and promoted revisions differ; what is withdrawn has none published."""
        with reading(self.engine) as connection:
            return listings.unmirrored(connection, database=database, table=table)

    def note_changed_table(self, database: str, table: str) -> None:
        """Note that a table's own columns may have changed without any of its partitions."""
        with writing(self.engine) as connection:
            changed_tables.note(connection, database, table)

    def changed_tables(self, *, database: str | None = None, table: str | None = None) -> tuple[ChangedTable, ...]:
        """What was noted of changed tables and not yet brought over, by database and table."""
        with reading(self.engine) as connection:
            return changed_tables.noted(connection, database=database, table=table)

    def forget_changed_tables(self, notes: Collection[ChangedTable]) -> None:
        """Forget these notes; what was noted since stays."""
        with writing(self.engine) as connection:
            changed_tables.forget(connection, notes)

    def in_states(
        self, states: Collection[State], *, database: str | None = None, table: str | None = None
    ) -> tuple[Upload, ...]:
        """The uploads in any of these states, of all tables or of one, the earliest created first."""
        query = (
            select(*UPLOAD_COLUMNS)
            .where(uploads.c.state.in_(sorted(states)))
            .order_by(uploads.c.created_at, uploads.c.id)
        )
        if UNFINISHED.issuperset(states):
            query = query.where(IS_UNFINISHED)
        if database is not None:
            query = query.where(uploads.c.database == database)
        if table is not None:
            query = query.where(uploads.c.table == table)
        with reading(self.engine) as connection:
            return tuple(Upload(**row) for row in connection.execute(query).mappings())

    def take(self, upload_id: str, *, published: str) -> bool:
        """Note that promotion begins to bring over this revision, if it still is what is published; else False."""
        change = (
            update(uploads)
            .where(uploads.c.id == upload_id, PUBLISHED_REVISION.is_not_distinct_from(published))
            .values(taken_revision=published)
        )
        with writing(self.engine) as connection:
            if connection.execute(change).rowcount:
                return True
            _present(connection, upload_id)
            return False

    def set_promoted(self, upload_id: str, *, was: str | None, now: str | None, published: str | None) -> bool:
        """Compare-and-set the promoted revision, if `published` is still what is published; False if either moved.

        When the two sides become equal, a published upload becomes promoted in the same commit.
        """
        moment = self.clock.now()
        change = (
            update(uploads)
            .where(
                uploads.c.id == upload_id,
                uploads.c.promoted_revision.is_not_distinct_from(was),
                PUBLISHED_REVISION.is_not_distinct_from(published),
            )
            .values(promoted_revision=now, promoted_at=None if now is None else moment, updated_at=moment)
        )
        if now is None:  # nothing of it is there any more
            change = change.values(taken_revision=None)
        promote = (
            update(uploads)
            .where(uploads.c.id == upload_id, uploads.c.state.in_(sorted(sources_of(State.PROMOTED))))
            .values(state=State.PROMOTED)
        )
        with writing(self.engine) as connection:
            if connection.execute(change).rowcount == 0:
                _present(connection, upload_id)
                return False
            if now is not None and now == published and connection.execute(promote).rowcount:
                _remember(connection, upload_id, State.PROMOTED, at=moment, actor="promotion", note="")
            return True

    def promoted_since(self, moment: datetime) -> tuple[Upload, ...]:
        """The uploads on the Analytical Platform that came there, or were replaced there, since then; oldest first."""
        query = select(*UPLOAD_COLUMNS).where(IS_LIVE, uploads.c.promoted_at >= moment).order_by(uploads.c.promoted_at)
        with reading(self.engine) as connection:
            return tuple(Upload(**row) for row in connection.execute(query).mappings())

    def acquire(self, name: str, *, holder: str, seconds: int) -> bool:
        """Take or renew a named lease; False while another holder's is alive."""
        return acquire(self.engine, name, holder=holder, now=self.clock.now(), seconds=seconds)

    def leased(self, name: str) -> bool:
        """Whether somebody holds this lease now."""
        return leased(self.engine, name, now=self.clock.now())

    def release(self, name: str, *, holder: str) -> None:
        """Give a lease back; one held by another is left alone."""
        release(self.engine, name, holder=holder)

    def past_leases(self, *, before: datetime, drop: bool = False) -> int:
        """How many leases ran out before then; with `drop` they are forgotten."""
        return past(self.engine, before=before, drop=drop)

    def mailed(self, mail_id: str) -> bool:
        """Whether this message was handed over."""
        with reading(self.engine) as connection:
            return connection.execute(select(mails.c.id).where(mails.c.id == mail_id)).first() is not None

    def record_mail(self, mail_id: str, *, to: str) -> None:
        """Remember that this message was handed over; the first record of it stays."""
        try:
            with writing(self.engine) as connection:
                connection.execute(insert(mails).values(id=mail_id, recipient=to, sent_at=self.clock.now()))
        except IntegrityError:
            if not self.mailed(mail_id):
                raise

    def audit(self, *, who: str, what: str, **details: Any) -> None:
        """Add to the audit trail."""
        with writing(self.engine) as connection:
            connection.execute(insert(audit_trail).values(at=self.clock.now(), who=who, what=what, details=details))


def _checked(changes: dict[str, Any]) -> dict[str, Any]:
    if unknown := changes.keys() - CHANGEABLE:
        raise TypeError(f"an upload's {', '.join(sorted(unknown))} cannot be set")
    return _with_digest(changes)


def _with_digest(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "columns_digest": digest_of(values["columns"])} if "columns" in values else values


def _one(connection: Connection, *conditions: ColumnElement[bool]) -> Upload | None:
    row = connection.execute(select(*UPLOAD_COLUMNS).where(*conditions)).mappings().first()
    return None if row is None else Upload(**row)


def _present(connection: Connection, upload_id: str) -> Upload:
    upload = _one(connection, uploads.c.id == upload_id)
    if upload is None:
        raise NotFound("There is no such upload.", code="no_such_upload", title="Upload not found")
    return upload


def _wrong_state(upload: Upload, to: State) -> Conflict:
    return Conflict(
        f"The upload is {upload.state.value}; it cannot become {to.value}.",
        code="wrong_state",
        title="The upload is in another state",
    )


def _remember(connection: Connection, upload_id: str, state: State, *, at: datetime, actor: str, note: str) -> None:
    """Add a line to the history unless its last one is of the same state."""
    states = upload_states.c
    last = select(states.state).where(states.upload_id == upload_id).order_by(states.id.desc()).limit(1)
    if connection.execute(last).scalar() is not state:
        row = {"upload_id": upload_id, "state": state, "at": at, "actor": actor, "note": note}
        connection.execute(insert(upload_states).values(row))
