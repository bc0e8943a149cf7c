"""Abandoned sendings: multipart uploads that nobody completes, and the uploads that they were to become."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from include.domain.errors import Conflict, Refused
from include.domain.partition_key import parse_key
from include.domain.upload import SENDING, State, Upload
from include.services.housekeeping.removal import ACTOR, Removal, record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from include.ports import PendingUpload
    from include.services.context import HousekeepingContext


@dataclass(frozen=True)
class AbandonedSendings:
    """Multipart uploads in our areas, of browsers and of killed tasks alike."""

    name: str = "abandoned multipart uploads"

    def plan(self, context: HousekeepingContext, now: datetime) -> Iterator[Removal]:
        """Those begun before `keep_multipart_days`; and uploads begun before then that S3 holds nothing of."""
        settings = context.settings
        cutoff = now - timedelta(days=settings.keep_multipart_days)
        seen = set()
        for area in (settings.landing_uri, settings.raw_history_uri, settings.staging_uri, settings.curated_uri):
            for pending in context.multipart.pending(area + "/"):
                if pending.started_at > cutoff:
                    continue
                upload = _upload_of(context, pending) if area == settings.landing_uri else None
                if upload is not None:
                    seen.add(upload.id)
                yield _removal(pending, upload)
        for upload in context.ledger.in_states(SENDING):
            if upload.updated_at <= cutoff and upload.id not in seen:
                yield Removal(
                    what=f"upload {upload.id} into {upload.database}.{upload.table}",
                    why=f"no file has come since {upload.updated_at:%Y-%m-%d}",
                    upload_id=upload.id,
                )

    def remove(self, context: HousekeepingContext, removal: Removal) -> bool:
        """Cancel the upload first: if it completes at this moment, it or the cancellation wins, and the other obeys."""
        if removal.upload_id is not None and not self._cancel(context, removal, removal.upload_id):
            return False
        if removal.multipart_id is not None:
            if removal.upload_id is None:
                record(context, self.name, removal)
            context.multipart.abort(removal.uris[0], removal.multipart_id)
        return True

    def _cancel(self, context: HousekeepingContext, removal: Removal, upload_id: str) -> bool:
        upload = context.ledger.get(upload_id)
        if upload is None:
            return False
        if upload.state in SENDING:
            if context.objects.head(upload.landing_uri) is not None:
                return False  # it is whole, whoever said so or did not: the watch takes it
            record(context, self.name, removal)
            try:
                upload = context.ledger.move(upload_id, State.CANCELLED, actor=ACTOR, note=removal.why)
            except Conflict:
                return False
        return upload.state is State.CANCELLED


@dataclass(frozen=True)
class AbandonedCopies:
    """Multipart copies on the Analytical Platform that a killed promotion left."""

    name: str = "abandoned copies on the Analytical Platform"

    def plan(self, context: HousekeepingContext, now: datetime) -> Iterator[Removal]:
        """Those begun before `keep_multipart_days`."""
        cutoff = now - timedelta(days=context.settings.keep_multipart_days)
        for pending in context.ap_multipart.pending(context.settings.analytical_platform_uri + "/"):
            if pending.started_at <= cutoff:
                yield _removal(pending, None)

    def remove(self, context: HousekeepingContext, removal: Removal) -> bool:
        """Abort it."""
        record(context, self.name, removal)
        context.ap_multipart.abort(removal.uris[0], removal.multipart_id or "")
        return True


def _removal(pending: PendingUpload, upload: Upload | None) -> Removal:
    return Removal(
        what=f"multipart upload to {pending.uri}",
        why=f"begun on {pending.started_at:%Y-%m-%d} and never completed",
        uris=(pending.uri,),
        upload_id=upload.id if upload else None,
        multipart_id=pending.multipart_id,
    )


def _upload_of(context: HousekeepingContext, pending: PendingUpload) -> Upload | None:
    """The upload that is still being sent by this multipart upload, or was cancelled; None for a left-over."""
    try:
        key, _ = parse_key(pending.uri.removeprefix(context.settings.landing_uri + "/"))
    except Refused:
        return None
    upload = context.ledger.find(key.database, key.table, key.extraction_timestamp)
    if upload is None or upload.multipart_id != pending.multipart_id:
        return None
    return upload if upload.state in SENDING else None
