"""raw_history against the ledger: whether every accepted file is whole, described and known."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from include.domain import names
from include.domain.errors import Terminal, UploaderError
from include.domain.reading_options import ReadingOptions
from include.domain.upload import GIVEN_UP, State, Upload
from include.services import glue_tables
from include.services.areas import MANIFEST, WITHDRAWN
from include.services.consistency.disagreement import Code
from include.services.consistency.facts import some
from include.services.ingest.convert import revision_of
from include.services.widening.outdated import written_types
from include.services.withdrawal.record import read_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from include.ports import CataloguePartition, ObjectStore, StoredObject
    from include.services.consistency.disagreement import Disagreement
    from include.services.consistency.facts import RawFolder, TableFacts

_PLACE = ("database", "table", "extraction_timestamp")
_SAME = ("upload_id", "sha256", "rows", "filename", "size", "uploader", *_PLACE)  # in a manifest and in the ledger
_BLOCK = 8 * 1024 * 1024


def raw_disagreements(facts: TableFacts, objects: ObjectStore, *, thorough: bool) -> Iterator[Disagreement]:
    """What raw_history and the ledger tell differently; `thorough` reads every byte of the raw files.

    The ETag is no witness of the bytes: that of a copy, of parts or of encrypted objects is no checksum of them.
    """
    for upload in facts.live():
        folder = facts.raw.get(upload.extraction_timestamp)
        if _raw_of(upload, folder) is None:
            yield facts.found(Code.RAW_MISSING, "The raw file of a published upload is gone.", upload=upload)
        elif changed := _raw_changed(upload, folder, objects, thorough=thorough):
            yield facts.found(Code.RAW_CHANGED, changed, upload=upload)
        yield from _manifest(facts, upload, folder)
    for upload in facts.uploads.values():
        if upload.state is State.WITHDRAWN:
            yield from _withdrawn(facts, upload, objects, thorough=thorough)
    for timestamp, folder in facts.raw.items():
        yield from _folder(facts, timestamp, folder)
        yield from _beside(facts, timestamp, folder)
    if facts.beside_raw:
        what = f"raw_history has what is in no partition: {some(list(facts.beside_raw))}."
        yield facts.found(Code.RAW_FILES_UNKNOWN, what)


def _raw_of(upload: Upload, folder: RawFolder | None) -> StoredObject | None:
    return folder.objects.get(names.safe_filename(upload.filename)) if folder else None


def _raw_changed(upload: Upload, folder: RawFolder | None, objects: ObjectStore, *, thorough: bool) -> str:
    """How a raw file is not as it was, in words; empty if it is, or is not there."""
    raw = _raw_of(upload, folder)
    if raw is not None and raw.size != upload.size:
        return f"The raw file has {raw.size} bytes, by the ledger {upload.size}."
    if raw is not None and thorough and _sha256(objects, raw.uri) != upload.sha256:
        return "The raw file has another SHA-256 than by the ledger."
    return ""


def _withdrawn(facts: TableFacts, upload: Upload, objects: ObjectStore, *, thorough: bool) -> Iterator[Disagreement]:
    """What stays of a withdrawn upload: its raw file, its manifest, and the record of the withdrawal."""
    folder = facts.raw.get(upload.extraction_timestamp)
    changed = _raw_changed(upload, folder, objects, thorough=thorough)
    if _raw_of(upload, folder) is None:
        changed = "The raw file of a withdrawn upload is gone."
    if changed:
        yield facts.found(Code.WITHDRAWN_RAW_LOST, changed, upload=upload)
    if folder is None or not folder.has_manifest:
        yield facts.found(Code.WITHDRAWN_MANIFEST_LOST, "The manifest of a withdrawn upload is gone.", upload=upload)
    elif folder.manifest is None or facts.evidence_of(upload) is None:
        yield facts.found(Code.WITHDRAWN_MANIFEST_LOST, f"{MANIFEST} cannot be read.", upload=upload)
    elif differing := _differing(upload, folder.manifest):
        proven = sorted(differing & _borne_out(facts, upload, folder))
        code = Code.WITHDRAWN_MANIFEST_LOST if proven else Code.MANIFEST_DIFFERS
        yield facts.found(
            code, f"Manifest and ledger differ in {', '.join(proven or sorted(differing))}.", upload=upload
        )
    if folder is None or not folder.withdrawn:
        if facts.is_settled(upload):
            what = "The upload is withdrawn, and its raw file is not marked so."
            yield facts.found(Code.WITHDRAWN_MARK_MISSING, what, upload=upload)
    elif _is_unreadable(objects, folder.objects[WITHDRAWN].uri):
        yield facts.found(Code.WITHDRAWN_MARK_UNREADABLE, f"{WITHDRAWN} cannot be read.", upload=upload)


def _is_unreadable(objects: ObjectStore, uri: str) -> bool:
    try:
        read_record(objects, uri)
    except Terminal as error:
        if error.code != "record_unreadable":
            raise
        return True
    return False


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
    differing = _differing(upload, folder.manifest)
    proven = differing & _borne_out(facts, upload, folder)
    entry = facts.own.partitions.get(upload.extraction_timestamp)
    untold = _untold(facts, upload, entry) if entry else []
    if untold or proven:
        what = [f"{name} is otherwise in the ledger, and in what was made of the file" for name in sorted(proven)]
        what += [f"its evidence lacks the columns {some(untold)}"] if untold else []
        yield facts.found(Code.MANIFEST_DAMAGED, f"The manifest is not as it was: {'; '.join(what)}.", upload=upload)
    elif differing:
        told = f"Manifest and ledger differ in {', '.join(sorted(differing))}."
        yield facts.found(Code.MANIFEST_DIFFERS, told, upload=upload)


def _differing(upload: Upload, manifest: Mapping[str, Any]) -> set[str]:
    """What a manifest says otherwise than the ledger."""
    said = {**{name: manifest.get(name) for name in _SAME}, "reading_options": _options(manifest)}
    known = {
        **{name: getattr(upload, name, upload.id) for name in _SAME},
        "reading_options": upload.reading_options.to_json(),
    }
    if "columns" in manifest:  # an early one has only those with a type
        said["columns"], known["columns"] = manifest["columns"], [list(column) for column in upload.columns]
    return {name for name in said if said[name] != known[name]}


def _options(manifest: Mapping[str, Any]) -> object:
    """The reading options in the ledger's form; as they are where they make none."""
    said = manifest.get("reading_options", {})
    try:
        return ReadingOptions.from_json(said).to_json()
    except (AttributeError, KeyError, TypeError, ValueError, UploaderError):
        return said


def _borne_out(facts: TableFacts, upload: Upload, folder: RawFolder) -> set[str]:
    """Which facts of the ledger something besides the ledger bears out."""
    raw = _raw_of(upload, folder)
    proven = {*_PLACE, *(["filename"] if raw is not None else [])}  # it lies where the ledger says
    if raw is not None and raw.size == upload.size:
        proven.add("size")
    evidence = facts.evidence_of(upload)
    if evidence is not None and [name for name, _ in upload.columns] == list(evidence.types()):
        said = folder.manifest.get("columns") if folder.manifest else None
        proven |= set() if _names_in(said) == list(evidence.types()) else {"columns"}
    entry = facts.own.partitions.get(upload.extraction_timestamp)
    if entry is None or entry.parameters.get(glue_tables.UPLOAD) != upload.id:
        return proven
    proven.add("upload_id")
    if entry.parameters.get(glue_tables.ROWS) == str(upload.rows):
        proven.add("rows")
    if entry.parameters.get(glue_tables.REVISION) == _revision(facts, upload, entry):
        proven |= {"sha256", "reading_options"}  # it is a digest of both
    return proven


def _names_in(columns: object) -> list[object]:
    """The names in a manifest's list of columns, as far as it is one."""
    pairs = columns if isinstance(columns, list) else []
    return [pair[0] for pair in pairs if isinstance(pair, list) and pair]


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


def _beside(facts: TableFacts, timestamp: str, folder: RawFolder) -> Iterator[Disagreement]:
    """What lies beside the file of an upload that the ledger knows, and is none of what is kept of it."""
    upload = facts.upload_at(timestamp)
    if upload is None:
        return
    other = sorted(folder.objects.keys() - {names.safe_filename(upload.filename), MANIFEST, WITHDRAWN})
    if other:
        what = f"raw_history has more than one file of the upload: {some(other)}."
        yield facts.found(Code.RAW_FILES_UNKNOWN, what, upload=upload)


def _sha256(objects: ObjectStore, uri: str) -> str:
    stored = objects.head(uri)
    if stored is None:
        return ""
    digest = hashlib.sha256()
    with objects.file(stored).open() as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
