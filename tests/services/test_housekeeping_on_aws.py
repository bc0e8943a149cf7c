"""Housekeeping against the strict AWS: true dates of multipart uploads, and more of everything than fits a page."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from include.adapters.aws_clients import client_config
from include.adapters.ledger.identity import SqlIdentityLedger
from include.adapters.ledger.uploads import SqlUploadLedger
from include.adapters.multipart_s3 import S3MultipartUploads
from include.adapters.s3_uri import bucket_and_key
from include.domain.errors import Terminal
from include.domain.upload import State
from include.services.areas import Areas
from include.services.consistency import verify
from include.services.context import HousekeepingContext
from include.services.housekeeping.removal import tidy
from include.services.housekeeping.steps import STEPS
from include.services.promotion.promote import promote_table
from tests.aws_pipeline import AP_ACCOUNT, make_aws_pipeline
from tests.strict_aws import s3_multipart
from tests.strict_aws.server import OWN_ACCOUNT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pipeline import Pipeline
    from tests.strict_aws.server import StrictAws

DAY = 24 * 3600


@pytest.fixture
def pipeline(aws: StrictAws, tmp_path: Path) -> Pipeline:
    """A pipeline whose clock is that of the strict AWS, at least at the start."""
    made = make_aws_pipeline(aws, tmp_path)
    made.clock.moment = datetime.now(UTC)
    assert isinstance(made.context.ledger, SqlUploadLedger)
    ours, theirs = (aws.client("s3", account=account, config=client_config()) for account in (OWN_ACCOUNT, AP_ACCOUNT))
    made.context = HousekeepingContext(
        **{one.name: getattr(made.context, one.name) for one in fields(made.context)},
        multipart=S3MultipartUploads(ours, signing=ours),
        ap_multipart=S3MultipartUploads(theirs, signing=theirs),
        identity=SqlIdentityLedger(made.context.ledger.engine, clock=made.clock),
    )
    return made


def context_of(pipeline: Pipeline) -> HousekeepingContext:
    assert isinstance(pipeline.context, HousekeepingContext)
    return pipeline.context


def removed(pipeline: Pipeline, step: str) -> int:
    return tidy(context_of(pipeline), STEPS[step], dry_run=False).removed


def test_a_multipart_upload_is_as_old_as_s3_says(aws: StrictAws, pipeline: Pipeline) -> None:
    context = context_of(pipeline)
    old = pipeline.announce(b"a\n1\n")
    context.ledger.amend(old, multipart_id=context.multipart.start(pipeline.upload(old).landing_uri))
    copy = context.ap_multipart.start(f"{context.settings.analytical_platform_uri}/x.parquet")
    pipeline.clock.advance(hours=6 * 24)
    aws.seconds_later = 6 * DAY
    young = pipeline.announce(b"a\n1\n")
    context.ledger.amend(young, multipart_id=context.multipart.start(pipeline.upload(young).landing_uri))
    pipeline.clock.advance(hours=2 * 24)
    assert removed(pipeline, "abandoned_uploads") == 1
    assert removed(pipeline, "abandoned_copies") == 1
    assert pipeline.upload(old).state is State.CANCELLED
    assert pipeline.upload(young).state is State.STARTED
    left = [one.multipart_id for one in context.multipart.pending(context.settings.landing_uri + "/")]
    assert left == [pipeline.upload(young).multipart_id]
    assert copy not in [one.multipart_id for one in context.ap_multipart.pending("s3://analytical-platform/")]


def test_more_multipart_uploads_than_one_answer_holds_are_all_aborted(
    aws: StrictAws, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_multipart, "LIST_MAX", 20)  # the rule of 1,000 at a size that takes no minutes
    context = context_of(pipeline)
    bucket, prefix = bucket_and_key(context.settings.staging_uri)
    client = aws.client("s3", config=client_config())
    for number in range(23):
        client.create_multipart_upload(Bucket=bucket, Key=f"{prefix}/{number:032x}/part-00000.parquet")
    pipeline.clock.advance(hours=8 * 24)
    before = aws.requests["s3", "ListMultipartUploads"]
    assert removed(pipeline, "abandoned_uploads") == 23
    assert aws.requests["s3", "ListMultipartUploads"] - before == 5  # two pages of staging, one of each other area
    assert list(context.multipart.pending(context.settings.staging_uri + "/")) == []


def test_staging_of_more_objects_than_a_page_is_deleted_by_the_thousand(aws: StrictAws, pipeline: Pipeline) -> None:
    context = context_of(pipeline)
    upload_id = pipeline.announce(b"a\n1\n")
    aws.list_page = 20
    for number in range(45):
        context.objects.write(Areas(context.settings).staging(upload_id, f"groups/{number}.json"), b"{}")
    context.ledger.move(upload_id, State.CANCELLED, actor="test")
    before = aws.requests["s3", "DeleteObjects"]
    done = tidy(context, STEPS["staging"], dry_run=False)
    assert (done.removed, done.objects) == (1, 45)
    assert aws.requests["s3", "DeleteObjects"] - before == 1


def test_superseded_revisions_go_from_both_accounts_and_all_agrees(pipeline: Pipeline) -> None:
    context = context_of(pipeline)
    first = pipeline.publish(b"a\n1\n")
    promote_table(context, database="travel", table="trips")
    before = pipeline.upload(first).revision
    pipeline.publish(b"a\nx\n")
    promote_table(context, database="travel", table="trips")
    assert before is not None
    pipeline.clock.advance(hours=8 * 24)
    assert removed(pipeline, "superseded_in_curated") == removed(pipeline, "superseded_on_platform") == 1
    key, areas = pipeline.upload(first).key, Areas(context.settings)
    assert list(context.objects.list(areas.revision(key, before))) == []
    assert list(context.ap_objects.list(areas.ap_revision(key, before))) == []
    assert verify(context, thorough=True) == ()


def test_denied_listing_is_an_error(aws: StrictAws, pipeline: Pipeline) -> None:
    for operation, step in (("ListMultipartUploads", "abandoned_uploads"), ("ListObjectsV2", "staging")):
        aws.faults.refuse(operation, "AccessDenied", status=403)
        with pytest.raises(Terminal):
            removed(pipeline, step)
