"""raw_history against the ledger: whether every accepted file is whole, described and known."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from include.domain import names
from include.domain.errors import UploaderError
from include.domain.reading_options import ReadingOptions
from include.domain.upload import GIVEN_UP, State, Upload
from include.services import glue_tables
from include.services.areas import MANIFEST
from include.services.consistency.disagreement import Code
from include.services.consistency.facts import some
from include.services.ingest.convert import revision_of
from include.services.widening.outdated import written_types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from include.ports import CataloguePartition, ObjectStore
    from include.services.consistency.disagreement import Disagreement
    from include.services.consistency.facts import RawFolder, TableFacts

_SAME = ("upload_id", "sha256", "rows", "filename", "size")  # in a manifest and in the ledger
_BLOCK = 8 * 1024 * 1024


def raw_disagreements(facts: TableFacts, objects: ObjectStore, *, thorough: bool) -> Iterator[Disagreement]:
    """What raw_history and the ledger tell differently; `thorough` reads every byte of the live raw files.

    The ETag is no witness of the bytes: that of a copy, of parts or of encrypted objects is no checksum of them.
    """
    for upload in facts.live():
        folder = facts.raw.get(upload.extraction_timestamp)
        raw = folder.objects.get(names.safe_filename(upload.filename)) if folder else None
        if raw is None:
            yield facts.found(Code.RAW_MISSING, "The raw file of a published upload is gone.", upload=upload)
        elif raw.size != upload.size:
            yield facts.found(
                Code.RAW_CHANGED, f"The raw file has {raw.size} bytes, by the ledger {upload.size}.", upload=upload
            )
        elif thorough and _sha256(objects, raw.uri) != upload.sha256:
            yield facts.found(Code.RAW_CHANGED, "The raw file has another SHA-256 than by the ledger.", upload=upload)
        yield from _manifest(facts, upload, folder)
    for timestamp, folder in facts.raw.items():
        yield from _folder(facts, timestamp, folder)


def _manifest(facts: TableFacts, upload: Upload, folder: RawFolder | None) -> Iterator[Disagreement]:
    if folder is None or not folder.has_manifest:
        yield facts.found(Code.MANIFEST_MISSING, "A published upload has no manifest.", upload=upload)
        return
    if folder.manifest is None or facts.evidence_of(upload) is None:
        yield facts.found(Code.MANIFEST_UNREADABLE, f"{MANIFEST} cannot be read.", upload=upload)
        return
    if folder.withdrawn:
        yield facts.found(
            Code.WITHDRAWN_MARK_ON_LIVE, "The raw file is marked as withdrawn, by the ledger it is live.", upload=upload
        )
    said = {**{name: folder.manifest.get(name) for name in _SAME}, "reading_options": _options(folder.manifest)}
    known = {
        **{name: getattr(upload, name, upload.id) for name in _SAME},
        "reading_options": upload.reading_options.to_json(),
    }
    differing = {name for name in said if said[name] != known[name]}
    proven = differing & _borne_out(facts, upload, folder)
    entry = facts.own.partitions.get(upload.extraction_timestamp)
    untold = _untold(facts, upload, entry) if entry else []
    if untold or proven:
        what = [f"{name} is otherwise in the ledger, and in what was made of the file" for name in sorted(proven)]
        what += [f"its evidence lacks the columns {some(untold)}"] if untold else []
        yield facts.found(Code.MANIFEST_DAMAGED, f"The manifest is not as it was: {'; '.join(what)}.", upload=upload)
    elif differing:
        names_differing = ", ".join(name for name in said if name in differing)
        yield facts.found(Code.MANIFEST_DIFFERS, f"Manifest and ledger differ in {names_differing}.", upload=upload)


def _options(manifest: Mapping[str, Any]) -> object:
    """The reading options in the ledger's form; as they are where they make none."""
    said = manifest.get("reading_options", {})
    try:
        return ReadingOptions.from_json(said).to_json()
    except (AttributeError, KeyError, TypeError, ValueError, UploaderError):
        return said


def _borne_out(facts: TableFacts, upload: Upload, folder: RawFolder) -> set[str]:
    """Which facts of the ledger something besides the ledger bears out."""
    raw = folder.objects.get(names.safe_filename(upload.filename))
    proven = {"filename"} if raw is not None else set()
    if raw is not None and raw.size == upload.size:
        proven.add("size")
    entry = facts.own.partitions.get(upload.extraction_timestamp)
    if entry is None or entry.parameters.get(glue_tables.UPLOAD) != upload.id:
        return proven
    proven.add("upload_id")
    if entry.parameters.get(glue_tables.ROWS) == str(upload.rows):
        proven.add("rows")
    if entry.parameters.get(glue_tables.REVISION) == _revision(facts, upload, entry):
        proven |= {"sha256", "reading_options"}  # it is a digest of both
    return proven


def _revision(facts: TableFacts, upload: Upload, entry: CataloguePartition) -> str | None:
    if facts.own.schema is None or upload.sha256 is None:
        return None
    try:
        written = written_types(entry, facts.own.schema)
    except ValueError:
        return None
    return revision_of(upload.sha256, written, options=upload.reading_options)


def _untold(facts: TableFacts, upload: Upload, entry: CataloguePartition) -> list[str]:
    """The columns of an upload's own partition of which its manifest has no evidence."""
    evidence = facts.evidence_of(upload)
    if evidence is None or entry.parameters.get(glue_tables.UPLOAD) != upload.id:
        return []
    return [name for name, _ in entry.columns if name not in evidence.types()]


def _folder(facts: TableFacts, timestamp: str, folder: RawFolder) -> Iterator[Disagreement]:
    upload = facts.upload_at(timestamp)
    if upload is None and timestamp in facts.displaced:
        known = facts.displaced[timestamp]
        what = f"The ledger has this upload as {known.database}.{known.table} {known.extraction_timestamp}."
        yield replace(facts.found(Code.UPLOAD_MISPLACED, what, at=timestamp), upload_id=known.id)
    elif upload is None:
        rest = "" if folder.has_manifest else ", and there is no manifest"
        what = f"raw_history has a file of which the ledger has no upload{rest}."
        yield facts.found(Code.UPLOAD_UNKNOWN, what, at=timestamp)
    elif upload.state in GIVEN_UP:
        yield facts.found(
            Code.RAW_NOT_PUBLISHED, f"raw_history has the file of an upload that is {upload.state}.", upload=upload
        )
    elif upload.state is State.WITHDRAWN and not folder.withdrawn and facts.is_settled(upload):
        yield facts.found(
            Code.WITHDRAWN_MARK_MISSING, "The upload is withdrawn, and its raw file is not marked so.", upload=upload
        )


def _sha256(objects: ObjectStore, uri: str) -> str:
    stored = objects.head(uri)
    if stored is None:
        return ""
    digest = hashlib.sha256()
    with objects.file(stored).open() as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
