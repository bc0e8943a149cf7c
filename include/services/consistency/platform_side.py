"""The Analytical Platform: whether it has what was promoted, as it was promoted, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.upload import State, Upload
from include.services import glue_tables
from include.services.areas import Areas
from include.services.consistency.disagreement import Code
from include.services.consistency.facts import is_parquet, some
from include.services.consistency.partitions import narrow_columns, what_differs, what_is_wrong_with_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.ports import CataloguePartition
    from include.services.consistency.disagreement import Disagreement
    from include.services.consistency.facts import TableFacts
    from include.settings import Settings


def platform_disagreements(facts: TableFacts, settings: Settings) -> Iterator[Disagreement]:
    """What the platform tells otherwise than the ledger; what waits for a promotion is none, nor is one under way."""
    if facts.promoting:
        return
    theirs = facts.platform
    promoted = [upload for upload in facts.uploads.values() if upload.promoted_revision is not None]
    if not theirs.ours:
        code = Code.PLATFORM_TABLE_FOREIGN if facts.live() else Code.FOREIGN_TABLE
        yield facts.found(code, "The table on the Analytical Platform was not made by this deployment.")
        return
    if theirs.table is None and promoted:
        yield facts.found(Code.PLATFORM_TABLE_MISSING, f"{len(promoted)} uploads are promoted, and it has no table.")
        return
    if theirs.table is not None:
        yield from _table(facts)
    for upload in promoted:
        if upload.state is not State.WITHDRAWN:
            yield from _partition(facts, upload, settings)
    for timestamp, entry in theirs.partitions.items():
        yield from _entry(facts, timestamp, entry)
    for folder, held in theirs.folders.items():
        other = [stored.name for stored in held if not is_parquet(stored)]
        if other:
            yield facts.found(Code.PLATFORM_NOT_PARQUET, f"{folder} holds what is not Parquet: {some(other)}.")


def is_mirrored(upload: Upload) -> bool:
    """Whether nothing of an upload waits for a promotion."""
    return upload.revision == upload.promoted_revision and (upload.revision is not None or not upload.taken_revision)


def _table(facts: TableFacts) -> Iterator[Disagreement]:
    theirs, ours = facts.platform, facts.own
    uploads = facts.uploads.values()
    there = any(upload.promoted_revision or upload.taken_revision for upload in uploads)
    if not there and all(map(facts.is_settled, uploads)):
        yield facts.found(Code.PLATFORM_TABLE_UNKNOWN, "It has the table, and no upload of it is promoted.")
    if theirs.schema is None:
        yield facts.found(Code.PLATFORM_COLUMNS_DIFFER, "The evidence in its table's parameters cannot be read.")
    waiting = not all(map(is_mirrored, facts.uploads.values()))
    if not waiting and not facts.writing and theirs.table and ours.table and theirs.table.columns != ours.table.columns:
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


def _unlike_source(facts: TableFacts, entry: CataloguePartition, *, source: str) -> str:
    """How the files differ from the ones they were copied from; those may be gone once they were superseded."""
    was = {stored.name: stored.size for stored in facts.own.folders.get(source, ()) if is_parquet(stored)}
    now = {stored.name: stored.size for stored in facts.platform.folders.get(entry.location, ()) if is_parquet(stored)}
    if not was or was == now:
        return ""
    differing = sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))
    return f"{len(differing)} are not as in curated: {', '.join(differing[:3])}"


def _entry(facts: TableFacts, timestamp: str, entry: CataloguePartition) -> Iterator[Disagreement]:
    holder = facts.uploads.get(entry.parameters.get(glue_tables.UPLOAD, "")) or facts.upload_at(timestamp)
    if holder is None:
        yield facts.found(
            Code.PLATFORM_PARTITION_UNKNOWN, "Registered there, and the ledger has no such upload.", at=timestamp
        )
    elif holder.state is State.WITHDRAWN:
        if facts.is_settled(holder):
            yield facts.found(Code.WITHDRAWN_STILL_THERE, "Withdrawn, and still on the platform.", upload=holder)
    elif holder.promoted_revision is None and holder.taken_revision is None:
        yield facts.found(
            Code.PLATFORM_PARTITION_UNKNOWN, "Registered there, and by the ledger never promoted.", upload=holder
        )
