"""Tables: what the ledger keeps, with the constraints and indexes its guarantees rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    and_,
    case,
    false,
    literal_column,
    or_,
)

from include.adapters.ledger.column_types import (
    AnyText,
    ColumnsJson,
    FindingsJson,
    GovernanceJson,
    Moment,
    ReadingOptionsJson,
    Word,
)
from include.domain.upload import FINISHED, LIVE, Door, State
from include.domain.withdrawal import Approval

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts up by itself only for its own INTEGER PRIMARY KEY.
_Serial = BigInteger().with_variant(Integer(), "sqlite")

uploads = Table(
    "uploads",
    metadata,
    Column("id", AnyText, primary_key=True),
    Column("database", AnyText, nullable=False),
    Column("table", AnyText, nullable=False),
    Column("extraction_timestamp", AnyText, nullable=False),
    Column("filename", AnyText, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("state", Word(State), nullable=False),
    Column("uploader", AnyText, nullable=False),
    Column("door", Word(Door), nullable=False),
    Column("governance", GovernanceJson, nullable=False),
    Column("may_create", Boolean, nullable=False),
    Column("landing_uri", AnyText, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("multipart_id", AnyText),
    Column("part_size", BigInteger, nullable=False),
    Column("part_count", Integer, nullable=False),
    Column("etag", AnyText),
    Column("claimed_at", Moment),
    Column("landed_at", Moment),
    Column("sha256", AnyText),
    Column("sent_sha256", AnyText),
    Column("rows", BigInteger),
    Column("attempt", Integer, nullable=False, server_default="1"),
    Column("reading_options", ReadingOptionsJson),
    Column("options_since", Moment),
    Column("confirmed", Boolean, nullable=False, server_default=false()),
    Column("confirmed_columns", AnyText),
    Column("columns", ColumnsJson, nullable=False),
    Column("columns_digest", AnyText),  # the ledger's own: which uploads have the same columns
    Column("findings", FindingsJson, nullable=False),
    Column("revision", AnyText),
    Column("promoted_revision", AnyText),
    Column("taken_revision", AnyText),
    Column("published_at", Moment),
    Column("promoted_at", Moment),
    UniqueConstraint("database", "table", "extraction_timestamp"),  # the reservation of a partition
)

# What an `Upload` is made of.
UPLOAD_COLUMNS = tuple(column for column in uploads.c if column.name != "columns_digest")


def _in_literals(states: Iterable[State]) -> ColumnElement[bool]:
    return uploads.c.state.in_([literal_column(f"'{state}'") for state in sorted(states)])


# A planner takes a partial index only when the query repeats its condition in literals, so queries use these.
UNFINISHED = frozenset(State) - FINISHED
IS_LIVE = _in_literals(LIVE)
IS_UNFINISHED = _in_literals(UNFINISHED)
IS_PUBLISHED = uploads.c.published_at.is_not(None)  # or was, and is withdrawn
PUBLISHED_REVISION = case((IS_LIVE, uploads.c.revision))
IS_UNMIRRORED = or_(
    PUBLISHED_REVISION.is_distinct_from(uploads.c.promoted_revision),
    # Begun and withdrawn before it was whole: what is there has to go.
    and_(PUBLISHED_REVISION.is_(None), uploads.c.taken_revision.is_not(None)),
)

Index(None, uploads.c.created_at, uploads.c.id)
Index(None, uploads.c.uploader, uploads.c.created_at, uploads.c.id)
Index(None, uploads.c.sha256, uploads.c.database, uploads.c.table)  # the same file once more
Index("ix_uploads_live", uploads.c.database, uploads.c.table, sqlite_where=IS_LIVE, postgresql_where=IS_LIVE)
# The history of a table's columns is read from this alone: rows are wide, and a table may have tens of thousands.
Index(
    "ix_uploads_published",
    uploads.c.database,
    uploads.c.table,
    uploads.c.published_at,
    uploads.c.id,
    uploads.c.state,
    uploads.c.uploader,
    uploads.c.extraction_timestamp,
    uploads.c.columns_digest,
    sqlite_where=IS_PUBLISHED,
    postgresql_where=IS_PUBLISHED,
)
Index(
    "ix_uploads_unfinished",
    uploads.c.state,
    uploads.c.created_at,
    sqlite_where=IS_UNFINISHED,
    postgresql_where=IS_UNFINISHED,
)
Index(
    "ix_uploads_unmirrored",
    uploads.c.database,
    uploads.c.table,
    uploads.c.extraction_timestamp,
    sqlite_where=IS_UNMIRRORED,
    postgresql_where=IS_UNMIRRORED,
)

upload_states = Table(
    "upload_states",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("upload_id", ForeignKey("uploads.id"), nullable=False),
    Column("state", Word(State), nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", AnyText, nullable=False),
    Column("note", AnyText, nullable=False),
)
Index(None, upload_states.c.upload_id, upload_states.c.id)

# One row for each upload that somebody asked to take back; a further request after a refused one takes its place.
withdrawals = Table(
    "withdrawals",
    metadata,
    Column("upload_id", ForeignKey("uploads.id"), primary_key=True),
    Column("requested_by", AnyText, nullable=False),
    Column("reason", AnyText, nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("run_id", AnyText, nullable=False),
    Column("approval", Word(Approval), nullable=False),
    Column("decided_by", AnyText),
    Column("decided_at", Moment),
    Column("done_at", Moment),
)
Index(None, withdrawals.c.done_at)

# What the scheduled promotion of a night reports, by the London date it is for.
promotion_nights = Table(
    "promotion_nights",
    metadata,
    Column("london_date", AnyText, primary_key=True),
    Column("run_id", AnyText, nullable=False),
    Column("covers", JSON, nullable=False),
    Column("outcomes", JSON, nullable=False),
    Column("reported_at", Moment, nullable=False),
)

# A table's own columns have changed, and promotion may find no partition of it to bring over.
changed_tables = Table(
    "changed_tables",
    metadata,
    Column("note", AnyText, primary_key=True),
    Column("database", AnyText, nullable=False),
    Column("table", AnyText, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", AnyText, primary_key=True),
    Column("holder", AnyText, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

mails = Table(
    "mails",
    metadata,
    Column("id", AnyText, primary_key=True),
    Column("recipient", AnyText, nullable=False),
    Column("sent_at", Moment, nullable=False),
)

audit_trail = Table(
    "audit_trail",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("who", AnyText, nullable=False),
    Column("what", AnyText, nullable=False),
    Column("details", JSON, nullable=False),
)
Index(None, audit_trail.c.at)

# Of the codes of an address that one browser (`entry`) asked for, only the newest counts.
sign_in_codes = Table(
    "sign_in_codes",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("email", AnyText, nullable=False),
    Column("entry", AnyText),
    Column("code_hash", AnyText, nullable=False),
    Column("sent_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("used_at", Moment),
)
Index(None, sign_in_codes.c.email, sign_in_codes.c.id)

# An ended session stays as a row, so that a request still under way cannot bring it back by saving it.
sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", AnyText, primary_key=True),
    Column("email", AnyText, nullable=False),
    Column("csrf", AnyText, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("answers", JSON, nullable=False),
    Column("admitted", Boolean, nullable=False, server_default=false()),
    Column("id_token", AnyText),
    Column("ended_at", Moment),
)
Index(None, sessions.c.email)

# How often somebody has tried something since `begun_at`; the name is a keyed hash of who and what.
tries = Table(
    "tries",
    metadata,
    Column("name", AnyText, primary_key=True),
    Column("begun_at", Moment, nullable=False),
    Column("count", Integer, nullable=False),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("email", AnyText, primary_key=True),
    Column("name", AnyText, primary_key=True),
    Column("token_hash", AnyText, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    Column("expires_at", Moment),
    UniqueConstraint("token_hash"),
)
