"""raw_history against the ledger: whether every accepted file is whole, described and known."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from include.domain import names
from include.domain.upload import GIVEN_UP, State, Upload
from include.services.areas import MANIFEST
from include.services.consistency.disagreement import Code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.ports import ObjectStore
    from include.services.consistency.disagreement import Disagreement
    from include.services.consistency.facts import RawFolder, TableFacts

_SAME = ("sha256", "rows", "filename", "size")  # in a manifest and in the ledger
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
    differing = [name for name in _SAME if folder.manifest.get(name) != getattr(upload, name)]
    if folder.manifest.get("upload_id") != upload.id:
        differing.insert(0, "upload_id")
    if differing:
        yield facts.found(
            Code.MANIFEST_DIFFERS, f"Manifest and ledger differ in {', '.join(differing)}.", upload=upload
        )


def _folder(facts: TableFacts, timestamp: str, folder: RawFolder) -> Iterator[Disagreement]:
    upload = facts.upload_at(timestamp)
    if upload is None:
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
