"""A file whose sender read other bytes than the ones that arrived."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from include.domain.upload import State

if TYPE_CHECKING:
    from tests.services.conftest import Pipeline

CONTENT = b"year\n2013\n"
ARRIVED = hashlib.sha256(CONTENT).hexdigest()


def ingested(pipeline: Pipeline, *, sent: str | None) -> str:
    """The id of an upload whose sender said this SHA-256, after its run."""
    upload_id = pipeline.land(CONTENT)
    pipeline.context.ledger.amend(upload_id, sent_sha256=sent)
    pipeline.watch()
    pipeline.ingest(upload_id)
    return upload_id


def test_what_arrived_otherwise_than_it_was_sent_is_refused_and_does_not_reach_the_table(pipeline: Pipeline) -> None:
    other = hashlib.sha256(CONTENT[::-1]).hexdigest()
    upload = pipeline.upload(ingested(pipeline, sent=other))

    assert upload.state is State.REFUSED
    assert [finding.code for finding in upload.findings] == ["changed_while_sent"]
    assert (upload.sent_sha256, upload.sha256, upload.sha256_agrees) == (other, ARRIVED, False)
    assert list(pipeline.objects.list(pipeline.context.settings.curated_uri)) == []
    assert list(pipeline.objects.list(pipeline.context.settings.landing_uri)) == []


def test_what_arrived_as_it_was_sent_is_published(pipeline: Pipeline) -> None:
    upload = pipeline.upload(ingested(pipeline, sent=ARRIVED))

    assert upload.state is State.PUBLISHED
    assert upload.sha256_agrees is True


def test_what_nobody_computed_a_sha256_of_is_published(pipeline: Pipeline) -> None:
    upload = pipeline.upload(ingested(pipeline, sent=None))

    assert upload.state is State.PUBLISHED
    assert upload.sha256_agrees is None
