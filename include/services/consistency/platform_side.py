"""The Analytical Platform: whether it has what was promoted, as it was promoted, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from include.domain.upload import GIVEN_UP, GONE, LIVE, State, Upload
from include.services import glue_tables
from include.services.areas import Areas
from include.services.consistency.disagreement import Code, of_nobody, of_unpublished
from include.services.consistency.facts import is_parquet, some
from include.services.consistency.partitions import narrow_columns, what_differs, what_is_wrong_with_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.ports import CataloguePartition, CatalogueTable
    from include.services.consistency.disagreement import Disagreement
    from include.services.consistency.facts import TableFacts
    from include.settings import Settings


def platform_disagreements(facts: TableFacts, settings: Settings) -> Iterator[Disagreement]:
    """What the platform tells otherwise than the ledger; what waits for a promotion is none, nor is one under way."""
    if facts.promoting:
        return
    theirs = facts.platform
    yield from _database(facts)
    promoted = [upload for upload in facts.uploads.values() if upload.promoted_revision is not None]
    if not theirs.ours:
        code = Code.PLATFORM_TABLE_FOREIGN if facts.live() else Code.FOREIGN_TABLE
        yield facts.found(code, "The table on the Analytical Platform was not made by this deployment.")
        return
    if theirs.table is None and promoted:
        yield facts.found(Code.PLATFORM_TABLE_MISSING, f"{len(promoted)} uploads are promoted, and it has no table.")
        return
    if theirs.table is not None:
        yield from _table(facts, theirs.table, location=Areas(settings).ap_table(facts.database, facts.table))
    for upload in promoted:
        if upload.state is not State.WITHDRAWN:
            yield from _partition(facts, upload, settings)
            yield from _half_told(facts, upload)
    for timestamp, entry in theirs.partitions.items():
        yield from _entry(facts, timestamp, entry, Areas(settings))
    yield from _left(facts, settings)
    yield from _not_parquet(facts)
    extra = facts.in_no_partition(theirs, Areas(settings).ap_table(facts.database, facts.table))
    if extra:
        what = f"The platform has {len(extra)} Parquet files in no partition of an upload: {some(extra)}."
        yield facts.found(Code.PLATFORM_FILES_UNKNOWN, what)


def _database(facts: TableFacts) -> Iterator[Disagreement]:
    theirs = facts.platform
    if not theirs.database_ours and theirs.ours and (facts.live() or theirs.table):
        what = "The database on the Analytical Platform does not say that this deployment made it."
        yield facts.found(Code.PLATFORM_DATABASE_FOREIGN, what)


def _not_parquet(facts: TableFacts) -> Iterator[Disagreement]:
    for folder, held in facts.platform.folders.items():
        other = [stored.name for stored in held if not is_parquet(stored)]
        if other:
            yield facts.found(Code.PLATFORM_NOT_PARQUET, f"{folder} holds what is not Parquet: {some(other)}.")


def is_mirrored(upload: Upload) -> bool:
    """Whether nothing of an upload waits for a promotion."""
    return upload.revision == upload.promoted_revision and (upload.revision is not None or not upload.taken_revision)


def _table(facts: TableFacts, table: CatalogueTable, *, location: str) -> Iterator[Disagreement]:
    theirs, ours = facts.platform, facts.own
    uploads = facts.uploads.values()
    there = any(upload.promoted_revision or upload.taken_revision for upload in uploads)
    if not there and all(map(facts.is_settled, uploads)):
        wrong = facts.found(Code.PLATFORM_TABLE_UNKNOWN, "It has the table, and no upload of it is promoted.")
        # Promotion takes no table that nobody uploaded to: the ledger may have lost what was.
        yield wrong if facts.uploads else replace(wrong, repair=of_nobody(facts.database, facts.table))
    if theirs.schema is None:
        yield facts.found(Code.PLATFORM_COLUMNS_DIFFER, "The evidence in its table's parameters cannot be read.")
    if table.location.rstrip("/") != location.rstrip("/"):
        yield facts.found(Code.PLATFORM_COLUMNS_DIFFER, f"Its table lies at {table.location} instead of {location}.")
    if table.stored_otherwise:
        what = "By its entry in Glue its table is not Parquet, partitioned as ours are."
        yield facts.found(Code.PLATFORM_COLUMNS_DIFFER, what)
    waiting = facts.table_waits or not all(map(is_mirrored, facts.uploads.values()))
    if not waiting and not facts.writing and ours.table and table.columns != ours.table.columns:
        yield facts.found(Code.PLATFORM_COLUMNS_DIFFER, "Its table has other columns than ours.")


def _partition(facts: TableFacts, upload: Upload, settings: Settings) -> Iterator[Disagreement]:
    theirs, areas = facts.platform, Areas(settings)
    revision = upload.promoted_revision or ""
    entry = theirs.partitions.get(upload.extraction_timestamp)
    # A promotion that was killed after registering has taken this revision: the next one finishes it.
    if not is_mirrored(upload) and entry and entry.parameters.get(glue_tables.REVISION) == upload.taken_revision:
        revision = upload.taken_revision or ""
    if entry is None:
        yield facts.found(Code.PLATFORM_PARTITION_MISSING, "Promoted, and not registered there.", upload=upload)
        return
    wrong = what_differs(
        entry, upload, revision=revision, location=areas.ap_revision(upload.key, revision), table=theirs.table
    )
    narrow = narrow_columns(theirs.schema, entry, facts.evidence_of(upload))
    if narrow:
        wrong = "; ".join(filter(None, [wrong, f"cannot be read under the table's types: {', '.join(narrow)}"]))
    if wrong:
        yield facts.found(
            Code.PLATFORM_PARTITION_DIFFERS, f"The partition differs from the ledger: {wrong}.", upload=upload
        )
    wrong = _unlike_source(facts, entry, source=areas.revision(upload.key, revision)) or what_is_wrong_with_files(
        theirs, entry, rows=upload.rows
    )
    if wrong:
        yield facts.found(Code.PLATFORM_FILES_DIFFER, f"The partition's files: {wrong}.", upload=upload)


def _half_told(facts: TableFacts, upload: Upload) -> Iterator[Disagreement]:
    """A row that no promotion can have left: it notes first what it takes, and the state with its end."""
    entry = facts.platform.partitions.get(upload.extraction_timestamp)
    if entry is None or entry.parameters.get(glue_tables.UPLOAD) != upload.id:
        return  # said already
    if upload.taken_revision is None:
        what = "Promoted, and by the ledger no promotion has begun with it."
        yield facts.found(Code.PLATFORM_PROMOTION_UNKNOWN, what, upload=upload)
    elif upload.state is State.PUBLISHED and is_mirrored(upload):
        what = "Promoted as it is published, and by its state in the ledger it is not."
        yield facts.found(Code.PLATFORM_PROMOTION_UNKNOWN, what, upload=upload)


def _unlike_source(facts: TableFacts, entry: CataloguePartition, *, source: str) -> str:
    """How the files differ from the ones they were copied from; those may be gone once they were superseded."""
    was = {name: stored.size for name, stored in facts.own.parquet_at(source).items()}
    now = {name: stored.size for name, stored in facts.platform.parquet_at(entry.location).items()}
    if not was or was == now:
        return ""
    differing = sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))
    return f"{len(differing)} are not as in curated: {', '.join(differing[:3])}"


def _entry(facts: TableFacts, timestamp: str, entry: CataloguePartition, areas: Areas) -> Iterator[Disagreement]:
    said, place = entry.parameters.get(glue_tables.UPLOAD), facts.upload_at(timestamp)
    if place is not None and place.state in LIVE and place.promoted_revision is not None:
        return  # whatever is wrong with it was said
    if timestamp in facts.displaced:
        return
    if place is not None and glue_tables.is_of(entry, place.id, folder=areas.ap_partition(place.key)):
        yield from _unpromoted(facts, place)
    elif said and (place is not None or said in facts.uploads):
        of = "an upload that has another partition" if said in facts.uploads else "no upload that is known"
        yield facts.found(Code.PLATFORM_PARTITION_NOT_PUBLISHED, f"Registered there for {of}.", at=timestamp)
    else:
        yield facts.found(
            Code.PLATFORM_PARTITION_UNKNOWN, "Registered there, and the ledger has no such upload.", at=timestamp
        )


def _unpromoted(facts: TableFacts, upload: Upload) -> Iterator[Disagreement]:
    """An upload's own partition, while by the ledger it is not promoted."""
    if upload.state is State.WITHDRAWN:
        if facts.is_settled(upload):
            yield facts.found(Code.WITHDRAWN_STILL_THERE, "Withdrawn, and still on the platform.", upload=upload)
    elif upload.state in GIVEN_UP:
        what = f"Registered there, and the upload is {upload.state}."
        yield facts.found(Code.PLATFORM_PARTITION_NOT_PUBLISHED, what, upload=upload)
    elif upload.taken_revision is None:
        what = "Registered there, and by the ledger never promoted."
        wrong = facts.found(Code.PLATFORM_PROMOTION_UNKNOWN, what, upload=upload)
        yield wrong if upload.state in LIVE else replace(wrong, repair=of_unpublished(upload.run_id))


def _left(facts: TableFacts, settings: Settings) -> Iterator[Disagreement]:
    """What was withdrawn or never accepted has no files there, registered or not."""
    areas = Areas(settings)
    for upload in facts.uploads.values():
        told = (
            upload.promoted_revision
            or upload.taken_revision
            or upload.extraction_timestamp in facts.platform.partitions
        )
        if upload.state not in GONE or told or not facts.is_settled(upload):
            continue
        left = facts.platform.parquet_at(areas.ap_partition(upload.key))
        if left:
            what = f"The upload is {upload.state}, and files of it are on the platform: {some(list(left))}."
            yield facts.found(Code.PLATFORM_FILES_LEFT, what, upload=upload)
