"""Disagreements: what can differ between the places that tell of an upload, and the repair for each."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

REBUILD_TABLE = "rebuild_table"
REBUILD_LEDGER = "rebuild_ledger"
WITHDRAW = "withdraw_upload"
PROMOTE = "promote_to_analytical_platform"
WIDEN = "widen_table"
WATCH = "watch_landing"
INGEST = "ingest_upload"
TAKE_WHAT_WAS_FOUND = "take what was found"  # the answer of that form


class Code(StrEnum):
    """What disagrees. A note is worth knowing and no fault."""

    # raw_history and the ledger
    RAW_MISSING = "raw_missing"
    RAW_CHANGED = "raw_changed"
    MANIFEST_MISSING = "manifest_missing"
    MANIFEST_UNREADABLE = "manifest_unreadable"
    MANIFEST_DAMAGED = "manifest_damaged"
    MANIFEST_DIFFERS = "manifest_differs"
    UPLOAD_MISPLACED = "upload_misplaced"
    UPLOAD_UNKNOWN = "upload_unknown"
    WITHDRAWN_MARK_MISSING = "withdrawn_mark_missing"
    WITHDRAWN_MARK_ON_LIVE = "withdrawn_mark_on_live"
    WITHDRAWN_MARK_UNREADABLE = "withdrawn_mark_unreadable"
    WITHDRAWN_RAW_LOST = "withdrawn_raw_lost"
    WITHDRAWN_MANIFEST_LOST = "withdrawn_manifest_lost"
    WITHDRAWN_STILL_THERE = "withdrawn_still_there"
    RAW_FILES_UNKNOWN = "raw_files_unknown"
    # our Glue and curated
    TABLE_MISSING = "table_missing"
    TABLE_FOREIGN = "table_foreign"
    DATABASE_FOREIGN = "database_foreign"
    TABLE_WITHOUT_UPLOADS = "table_without_uploads"
    EVIDENCE_LOST = "evidence_lost"
    EVIDENCE_TOO_NARROW = "evidence_too_narrow"
    COLUMNS_DIFFER = "columns_differ"
    TABLE_OPTIONS_LOST = "table_options_lost"
    WIDENING_INTERRUPTED = "widening_interrupted"
    PARTITION_MISSING = "partition_missing"
    PARTITION_UNKNOWN = "partition_unknown"
    PARTITION_NOT_PUBLISHED = "partition_not_published"
    PARTITION_DIFFERS = "partition_differs"
    PARTITION_TOO_NARROW = "partition_too_narrow"
    FILES_DIFFER = "files_differ"
    NOT_PARQUET = "not_parquet"
    FILES_UNKNOWN = "files_unknown"
    # the Analytical Platform
    PLATFORM_TABLE_MISSING = "platform_table_missing"
    PLATFORM_TABLE_FOREIGN = "platform_table_foreign"
    PLATFORM_DATABASE_FOREIGN = "platform_database_foreign"
    PLATFORM_TABLE_UNKNOWN = "platform_table_unknown"
    PLATFORM_COLUMNS_DIFFER = "platform_columns_differ"
    PLATFORM_PARTITION_MISSING = "platform_partition_missing"
    PLATFORM_PARTITION_UNKNOWN = "platform_partition_unknown"
    PLATFORM_PARTITION_NOT_PUBLISHED = "platform_partition_not_published"
    PLATFORM_PROMOTION_UNKNOWN = "platform_promotion_unknown"
    PLATFORM_PARTITION_DIFFERS = "platform_partition_differs"
    PLATFORM_FILES_DIFFER = "platform_files_differ"
    PLATFORM_FILES_LEFT = "platform_files_left"
    PLATFORM_NOT_PARQUET = "platform_not_parquet"
    PLATFORM_FILES_UNKNOWN = "platform_files_unknown"
    # under way
    LANDING_LEFT = "landing_left"
    LANDED_UNCLAIMED = "landed_unclaimed"
    INGESTION_STUCK = "ingestion_stuck"
    WIDENING_STUCK = "widening_stuck"
    # notes
    RAW_NOT_PUBLISHED = "raw_not_published"
    TYPES_WIDER_THAN_NEEDED = "types_wider_than_needed"
    FOREIGN_TABLE = "foreign_table"
    INGESTION_FAILED = "ingestion_failed"


NOTES = frozenset({Code.RAW_NOT_PUBLISHED, Code.TYPES_WIDER_THAN_NEEDED, Code.FOREIGN_TABLE, Code.INGESTION_FAILED})


@dataclass(frozen=True, kw_only=True)
class Repair:
    """What to do: the DAG to run with these values in its form, or None; `first` is for a person to do before."""

    dag: str | None = None
    form: Mapping[str, Any] = field(default_factory=dict)
    first: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of the report."""
        return {"dag": self.dag, "form": dict(self.form), "first": self.first}


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """One thing that two places tell differently. `database` is the short name; `what` a sentence for an engineer."""

    code: Code
    database: str
    table: str
    what: str
    repair: Repair
    extraction_timestamp: str | None = None
    upload_id: str | None = None

    @property
    def about(self) -> tuple[Code, str, str, str | None, str | None, str]:
        """What it is about: two with the same are the same disagreement."""
        return self.code, self.database, self.table, self.extraction_timestamp, self.upload_id, self.what

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of the report."""
        return {
            "code": self.code.value,
            "database": self.database,
            "table": self.table,
            "extraction_timestamp": self.extraction_timestamp,
            "upload_id": self.upload_id,
            "what": self.what,
            "repair": self.repair.as_dict(),
        }


def disagreement(
    code: Code, database: str, table: str, what: str, *, timestamp: str | None = None, upload_id: str | None = None
) -> Disagreement:
    """A disagreement with the repair of its code."""
    return Disagreement(
        code=code,
        database=database,
        table=table,
        what=what,
        repair=REPAIRS[code](database, table, upload_id),
        extraction_timestamp=timestamp,
        upload_id=upload_id,
    )


def _table(dag: str, first: str = "") -> Callable[[str, str, str | None], Repair]:
    return lambda database, table, _: Repair(dag=dag, form={"database": database, "table": table}, first=first)


def _rebuild(first: str, **more: bool) -> Callable[[str, str, str | None], Repair]:
    return lambda database, table, _: Repair(
        dag=REBUILD_TABLE, form={"database": database, "table": table, "dry_run": False, **more}, first=first
    )


def _upload(dag: str, first: str = "") -> Callable[[str, str, str | None], Repair]:
    return lambda _database, _table, upload_id: Repair(dag=dag, form={"upload_id": upload_id}, first=first)


def _ledger(*, differing: str | None = None) -> Callable[[str, str, str | None], Repair]:
    more = {} if differing is None else {"differing": differing}
    return lambda database, table, _: Repair(
        dag=REBUILD_LEDGER, form={"database": database, "table": table, "dry_run": False, **more}, first=_LOOK
    )


def _again() -> Callable[[str, str, str | None], Repair]:
    return lambda database, table, _: Repair(dag=PROMOTE, form={"database": database, "table": table, "again": True})


def _watch(first: str) -> Callable[[str, str, str | None], Repair]:
    return lambda _database, _table, _upload_id: Repair(dag=WATCH, first=first)


def _by_hand(first: str) -> Callable[[str, str, str | None], Repair]:
    return lambda _database, _table, _upload_id: Repair(first=first)


def _run(first: str) -> Callable[[str, str, str | None], Repair]:
    return lambda _database, _table, upload_id: Repair(dag=INGEST, form={"run_id": upload_id}, first=first)


_RESTORE = (
    "Restore the object from the bucket's versions. If that cannot be done, withdraw the upload, and give a reason"
)
_KEPT = "Restore the object from the bucket's versions: raw_history keeps what was withdrawn"
_CLEAR = "Clear the failed task of this run of ingest_upload"
_PUBLISH = (
    "The upload has to be published first: if a task of this run of ingest_upload has failed, clear it. The next "
    "promotion brings the partition over again"
)
_TYPES = (
    "Nothing has to be done where an upload was withdrawn. Rebuilding the table takes its types back; if that ends "
    "with derivation_differs, a manifest has lost evidence: restore it, as that error says"
)
_LOOK = "Run it dry first. What it cannot explain was made by hand, and is for whoever made it to take away"
_DRY = "Run it dry first: it shows what it would change"
_CARRY_OUT = "If the run that carries the withdrawal is red, clear that instead. This carries it out again"
_DELETE = "Delete these objects: every engine reads all that lies there"
_STRANGE = (
    "Find out whose they are, and move them elsewhere: no upload has brought them, and whoever reads the whole folder "
    "reads them too"
)
_OWN = (
    "Give the database its parameter data_uploader again, with the name of the environment. Until then nothing is "
    "written into it"
)
_ASK = "Ask whoever made it to take it away. This service does not touch it"


def of_nobody(database: str, table: str) -> Repair:
    """For what is of no upload that the ledger knows."""
    return _ledger()(database, table, None)


def of_unpublished(run_id: str) -> Repair:
    """For what is on the platform of an upload that by the ledger is not published: a promotion follows of itself."""
    return Repair(dag=INGEST, form={"run_id": run_id}, first=_PUBLISH)


REPAIRS: Mapping[Code, Callable[[str, str, str | None], Repair]] = MappingProxyType(
    {
        Code.RAW_MISSING: _upload(WITHDRAW, _RESTORE),
        Code.RAW_CHANGED: _upload(WITHDRAW, _RESTORE),
        Code.MANIFEST_MISSING: _upload(WITHDRAW, _RESTORE),
        Code.MANIFEST_UNREADABLE: _upload(WITHDRAW, _RESTORE),
        Code.MANIFEST_DAMAGED: _upload(WITHDRAW, _RESTORE),
        Code.UPLOAD_MISPLACED: _ledger(differing=TAKE_WHAT_WAS_FOUND),
        Code.MANIFEST_DIFFERS: _ledger(differing=TAKE_WHAT_WAS_FOUND),
        Code.UPLOAD_UNKNOWN: _ledger(),
        Code.RAW_NOT_PUBLISHED: _by_hand("Nothing has to be done: no rebuild takes it for published"),
        Code.WITHDRAWN_MARK_MISSING: _upload(WITHDRAW, _CARRY_OUT),
        Code.WITHDRAWN_MARK_UNREADABLE: _upload(WITHDRAW, _CARRY_OUT),
        Code.WITHDRAWN_RAW_LOST: _by_hand(_KEPT),
        Code.WITHDRAWN_MANIFEST_LOST: _by_hand(_KEPT),
        Code.WITHDRAWN_MARK_ON_LIVE: _ledger(differing=TAKE_WHAT_WAS_FOUND),
        Code.WITHDRAWN_STILL_THERE: _upload(WITHDRAW, _CARRY_OUT),
        Code.RAW_FILES_UNKNOWN: _by_hand(_STRANGE),
        Code.TABLE_MISSING: _rebuild(_DRY),
        Code.TABLE_FOREIGN: _by_hand(_ASK),
        Code.DATABASE_FOREIGN: _by_hand(_OWN),
        Code.TABLE_WITHOUT_UPLOADS: _rebuild(_DRY),
        Code.EVIDENCE_LOST: _rebuild(_DRY),
        Code.EVIDENCE_TOO_NARROW: _rebuild(_DRY),
        Code.COLUMNS_DIFFER: _rebuild(_DRY),
        Code.TABLE_OPTIONS_LOST: _rebuild(_DRY),
        Code.WIDENING_INTERRUPTED: _table(WIDEN),
        Code.PARTITION_MISSING: _rebuild(_DRY),
        Code.PARTITION_UNKNOWN: _ledger(),
        Code.PARTITION_NOT_PUBLISHED: _rebuild(_DRY),
        Code.PARTITION_DIFFERS: _rebuild(_DRY),
        Code.PARTITION_TOO_NARROW: _rebuild(_DRY),
        Code.FILES_DIFFER: _rebuild(_DRY),
        Code.NOT_PARQUET: _by_hand(_DELETE),
        Code.FILES_UNKNOWN: _by_hand(_STRANGE),
        Code.PLATFORM_TABLE_MISSING: _again(),
        Code.PLATFORM_TABLE_FOREIGN: _by_hand(_ASK),
        Code.PLATFORM_DATABASE_FOREIGN: _by_hand(_OWN),
        Code.PLATFORM_TABLE_UNKNOWN: _again(),
        Code.PLATFORM_COLUMNS_DIFFER: _again(),
        Code.PLATFORM_PARTITION_MISSING: _again(),
        Code.PLATFORM_PARTITION_UNKNOWN: _ledger(),
        Code.PLATFORM_PARTITION_NOT_PUBLISHED: _again(),
        Code.PLATFORM_PROMOTION_UNKNOWN: _ledger(differing=TAKE_WHAT_WAS_FOUND),
        Code.PLATFORM_PARTITION_DIFFERS: _again(),
        Code.PLATFORM_FILES_DIFFER: _again(),
        Code.PLATFORM_FILES_LEFT: _again(),
        Code.PLATFORM_NOT_PARQUET: _by_hand(_DELETE),
        Code.PLATFORM_FILES_UNKNOWN: _by_hand(_STRANGE),
        Code.LANDING_LEFT: _watch("Unpause the DAG: it takes the file away by itself"),
        Code.LANDED_UNCLAIMED: _watch("Unpause the DAG: it starts the ingestion by itself"),
        Code.INGESTION_STUCK: _run(_CLEAR),
        Code.WIDENING_STUCK: _table(WIDEN, "If a run of it is red, clear that instead"),
        Code.TYPES_WIDER_THAN_NEEDED: _rebuild(_TYPES, take_types_back=True),
        Code.FOREIGN_TABLE: _by_hand(_ASK),
        Code.INGESTION_FAILED: _run(_CLEAR),
    }
)
