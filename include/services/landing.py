"""Watching landing: which files have arrived, whose uploads they are, and which wait for an ingestion."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from include.domain.errors import Conflict, Refused, Transient
from include.domain.governance import Governance
from include.domain.partition_key import PartitionKey, folder_names, parse_key
from include.domain.upload import ARRIVING, FINISHED, Door, State, Upload
from include.services.areas import SIDECAR
from include.services.ingest.aftermath import leave_table
from include.services.ingest.clear import clear_staging, is_sidecar_of, is_very_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.ports import StoredObject
    from include.services.context import PipelineContext

LATEST = timedelta(hours=1)  # after a cancellation: S3 may take long to put a file together from its parts
HAND = "landing"  # the uploader of a file that was dropped into landing by hand


@dataclass(frozen=True)
class Arrival:
    """A file in landing that waits for its ingestion."""

    upload_id: str
    uri: str
    etag: str
    size: int
    last_modified: str


def arrivals(context: PipelineContext) -> tuple[Arrival, ...]:
    """Every file in landing whose upload is not yet being ingested and has no fresh claim.

    What cancelled and finished uploads left there is not offered: `sweep` takes it away.
    """
    found = []
    for stored in context.objects.list(context.settings.landing_uri + "/"):
        if _is_companion(stored):
            continue
        upload = _upload_of(context, stored)
        if upload is None or (upload.state in ARRIVING and not _freshly_claimed(context, upload)):
            found.append(
                Arrival(
                    upload.id if upload else hand_drop_id(stored),
                    stored.uri,
                    stored.etag,
                    stored.size,
                    stored.last_modified.isoformat(),
                )
            )
    return tuple(found)


def claim(context: PipelineContext, arrival: Arrival) -> Upload | None:
    """Take one arrival for ingestion, entering a hand-dropped file into the ledger; None if it is there no longer.

    The ETag that is claimed here is the one every later read carries.
    """
    stored = context.objects.head(arrival.uri)
    if stored is None or stored.etag != arrival.etag:
        return None
    upload = context.ledger.get(arrival.upload_id) or _record_hand_drop(context, arrival.upload_id, stored)
    if upload.state not in ARRIVING:
        return None
    if not context.ledger.claim(upload.id, lease_seconds=context.settings.claim_seconds):
        return None
    return context.ledger.amend(upload.id, etag=stored.etag, size=stored.size, landed_at=stored.written_at)


def sweep(context: PipelineContext) -> int:
    """Delete what finished uploads left in landing, and in staging before; returns how many files of landing.

    A file goes only when it is the very one (same ETag, written at the same moment) that was published, refused or
    cancelled: the same bytes put there again afterwards are another upload, whichever door the first one came by.
    """
    swept = 0
    for stored, upload in left_behind(context):
        if upload.state is State.CANCELLED and not _has_left_table(context, upload):
            continue
        clear_staging(context, upload.id)
        swept += context.objects.delete_unchanged(stored)
    _sweep_sidecars(context)
    return swept


def _has_left_table(context: PipelineContext, upload: Upload) -> bool:
    """See to it that one that was cancelled while it waited for its table is not in it; False while another writes it.

    An attempt that was killed before the upload came to wait may have registered it.
    """
    try:
        leave_table(context, upload, wait_seconds=0)
    except Transient as error:
        if error.code != "table_busy":
            raise
        return False  # until the next turn
    return True


def left_behind(context: PipelineContext) -> Iterator[tuple[StoredObject, Upload]]:
    """The files in landing whose upload is finished, each with its upload."""
    for stored in context.objects.list(context.settings.landing_uri + "/"):
        upload = None if _is_companion(stored) else _upload_of(context, stored)
        if upload is not None and upload.state in FINISHED:
            yield stored, upload


def _sweep_sidecars(context: PipelineContext) -> None:
    """Delete what lay beside files that are gone; alone in its folder, what is newer waits for its file."""
    landed = list(context.objects.list(context.settings.landing_uri + "/"))
    with_file = {stored.uri.rpartition("/")[0] for stored in landed if not _is_companion(stored)}
    for stored in landed:
        if stored.name == SIDECAR and stored.uri.rpartition("/")[0] not in with_file:
            upload = _upload_beside(context, stored)
            if upload is not None and upload.state in FINISHED and is_sidecar_of(upload, stored):
                context.objects.delete_unchanged(stored)


def _upload_beside(context: PipelineContext, sidecar: StoredObject) -> Upload | None:
    """The upload whose file lay in this folder."""
    try:
        key, _ = parse_key(sidecar.uri.removeprefix(context.settings.landing_uri + "/"))
    except Refused:
        return None
    upload = context.ledger.find(key.database, key.table, key.extraction_timestamp)
    same_folder = upload is not None and upload.landing_uri.rpartition("/")[0] == sidecar.uri.rpartition("/")[0]
    return upload if same_folder else None


def hand_drop_id(stored: StoredObject) -> str:
    """The id of an upload that nobody announced: the same file is the same upload, however often it is listed."""
    facts = f"{stored.uri}\n{stored.etag}\n{stored.last_modified.isoformat()}"
    return hashlib.sha256(facts.encode()).hexdigest()[:32]


def _is_companion(stored: StoredObject) -> bool:
    return stored.name == SIDECAR or stored.uri.endswith("/")


def _upload_of(context: PipelineContext, stored: StoredObject) -> Upload | None:
    """The upload a landing object belongs to, or None for a file nobody announced and nobody has claimed yet."""
    own = context.ledger.get(hand_drop_id(stored))
    if own is not None:
        return own
    try:
        key, _ = parse_key(stored.uri.removeprefix(context.settings.landing_uri + "/"))
    except Refused:
        return None
    reserved = context.ledger.find(key.database, key.table, key.extraction_timestamp)
    if reserved is None or reserved.landing_uri != stored.uri:
        return None
    return reserved if _is_file_of(reserved, stored) else None


def _is_file_of(upload: Upload, stored: StoredObject) -> bool:
    """Whether what lies under an upload's key is its file: what is put there once it is finished is another one."""
    if upload.state not in FINISHED:
        # Nobody has read it yet, then this is its file, whatever was here before; or it is under way, then what was
        # written over its file waits until it has ended, and is another upload afterwards.
        return True
    if upload.etag is not None:
        return is_very_file(upload, stored)
    return upload.state is State.CANCELLED and _may_have_come_late(upload, stored)


def _may_have_come_late(upload: Upload, stored: StoredObject) -> bool:
    """Whether this may be the file of an upload that was cancelled while its last request was under way."""
    if upload.multipart_id is not None and "-" not in stored.etag:  # not put together from parts
        return False
    return stored.last_modified <= upload.updated_at + LATEST


def _freshly_claimed(context: PipelineContext, upload: Upload) -> bool:
    if upload.claimed_at is None:
        return False
    return (context.clock.now() - upload.claimed_at).total_seconds() < context.settings.claim_seconds


def _record_hand_drop(context: PipelineContext, upload_id: str, stored: StoredObject) -> Upload:
    """Enter a hand-dropped file into the ledger. Whether it may be published is for the check to say."""
    now = context.clock.now()
    path = stored.uri.removeprefix(context.settings.landing_uri + "/")
    try:
        key, filename = parse_key(path)
    except Refused:
        # It has no partition to reserve; its own id stands in, so that it can be refused like any other upload.
        key, filename = PartitionKey(*folder_names(path), upload_id), stored.name
    upload = Upload(
        id=upload_id,
        database=key.database,
        table=key.table,
        extraction_timestamp=key.extraction_timestamp,
        filename=filename,
        size=stored.size,
        state=State.LANDED,
        uploader=HAND,
        door=Door.LANDING,
        governance=Governance(document=None, reference="", classification=None, confirmed_by=HAND, confirmed_at=now),
        may_create=context.settings.hand_drops_may_create,
        landing_uri=stored.uri,
        created_at=now,
        updated_at=now,
    )
    try:
        context.ledger.add(upload, actor=HAND)
    except Conflict:
        existing = context.ledger.get(upload_id)
        if existing is not None:
            return existing
        # Another upload has this partition: this one is refused under a reservation of its own.
        upload = replace(upload, extraction_timestamp=upload_id)
        context.ledger.add(upload, actor=HAND)
    return upload
