"""Uploads to put into a ledger under test."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from include.domain.governance import Classification, Document, Governance
from include.domain.partition_key import format_timestamp
from include.domain.upload import Door, State, Upload

if TYPE_CHECKING:
    from include.ports import UploadLedger

NOON = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)


def an_upload(number: int = 1, **changes: Any) -> Upload:
    """The upload of that number: its own id, a second later than the one before."""
    moment = NOON + timedelta(seconds=number)
    upload = Upload(
        id=f"{number:032x}",
        database="prisons",
        table="population",
        extraction_timestamp=format_timestamp(moment),
        filename="Population é.csv",
        size=5 * 1024**4,
        state=State.STARTED,
        uploader="ann@example.org",
        door=Door.PAGE,
        governance=Governance(
            document=Document.DPIA,
            reference="DPIA-7",
            classification=Classification.OFFICIAL,
            confirmed_by="ann@example.org",
            confirmed_at=moment,
        ),
        may_create=True,
        landing_uri="s3://landing/population.csv",
        created_at=moment,
        updated_at=moment,
    )
    return replace(upload, **changes)


def publish(ledger: UploadLedger, upload: Upload, *, revision: str = "r1") -> Upload:
    """Take a new upload all the way to published."""
    ledger.add(upload, actor=upload.uploader)
    for state in (State.CHECKING, State.CONVERTING, State.VALIDATING, State.PUBLISHING):
        ledger.move(upload.id, state, actor="ingest")
    return ledger.move(upload.id, State.PUBLISHED, actor="ingest", revision=revision)
