"""Which files the landing watch starts, and what it does with those nobody announced."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from include.domain.upload import Door, State
from include.services.ingest.publish import publish
from include.services.landing import sweep

if TYPE_CHECKING:
    from tests.services.conftest import Pipeline

FOLDER = "database_name=travel/table_name=trips/extraction_timestamp=20260201T000000Z"


def drop(pipeline: Pipeline, key: str, content: bytes = b"a\n2\n") -> str:
    uri = f"{pipeline.context.settings.landing_uri}/{key}"
    pipeline.objects.write(uri, content)
    return uri


def ingest_drop(pipeline: Pipeline, key: str, content: bytes = b"a\n2\n") -> tuple[str, State, list[str]]:
    drop(pipeline, key, content)
    (upload_id,) = pipeline.watch()
    state = pipeline.ingest(upload_id)
    return upload_id, state, [finding.code for finding in pipeline.upload(upload_id).findings]


def test_a_claimed_file_is_offered_again_only_after_its_lease(pipeline: Pipeline) -> None:
    upload_id = pipeline.land(b"a\n1\n")
    assert pipeline.watch() == [upload_id]
    assert pipeline.watch() == []
    pipeline.clock.advance(seconds=pipeline.context.settings.claim_seconds)
    assert pipeline.watch() == [upload_id]


def test_a_file_under_ingestion_is_not_offered(pipeline: Pipeline) -> None:
    upload_id = pipeline.land(b"a\n1\n")
    pipeline.watch()
    pipeline.context.ledger.move(upload_id, State.CHECKING, actor="test")
    pipeline.clock.advance(hours=2)
    assert pipeline.watch() == []


def test_what_a_cancelled_upload_left_in_landing_is_deleted_and_never_ingested(pipeline: Pipeline) -> None:
    upload_id = pipeline.announce(b"a\n1\n")
    uri = pipeline.upload(upload_id).landing_uri
    pipeline.context.ledger.move(upload_id, State.CANCELLED, actor="analyst@example.org")
    # The end of the multipart upload came after the cancel.
    pipeline.objects.write(uri, b"a\n1\n")
    assert pipeline.watch() == []
    assert sweep(pipeline.context) == 1
    assert pipeline.objects.head(uri) is None


def test_what_an_upload_left_that_was_cancelled_while_it_waited_for_its_table_is_cleared_up(
    pipeline: Pipeline,
) -> None:
    pipeline.publish(b"a\n1\n")
    upload_id = pipeline.land(b"a\nx\n")
    pipeline.watch()
    assert pipeline.ingest(upload_id) is State.WIDENING
    pipeline.context.ledger.move(upload_id, State.CANCELLED, actor="analyst@example.org")
    assert sweep(pipeline.context) == 1
    assert list(pipeline.objects.list(pipeline.context.settings.landing_uri)) == []
    staged = pipeline.objects.list(f"{pipeline.context.settings.staging_uri}/{upload_id}/")
    assert {stored.name.rpartition(".")[2] for stored in staged} == {"json"}


def test_a_file_dropped_by_hand_into_an_existing_table_is_published_and_the_team_hears_of_it(
    pipeline: Pipeline,
) -> None:
    pipeline.publish(b"a\n1\n")
    upload_id, state, _ = ingest_drop(pipeline, f"{FOLDER}/More Trips.CSV")
    upload = pipeline.upload(upload_id)
    assert state is State.PUBLISHED
    assert (upload.door, upload.uploader) == (Door.LANDING, "landing")
    assert upload.governance.document is None
    assert pipeline.mailer.sent[f"{upload_id}-published"].to == pipeline.context.settings.team_email
    assert len(pipeline.context.ledger.live("travel", "trips")) == 2


def test_the_sidecar_of_a_dropped_file_is_its_governance(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    side = {"document": "dpia", "reference": "DPIA-7", "classification": "official", "confirmed_by": "a@example.org"}
    drop(pipeline, f"{FOLDER}/_governance.json", json.dumps(side).encode())
    upload_id, state, _ = ingest_drop(pipeline, f"{FOLDER}/x.csv")
    assert state is State.PUBLISHED
    governance = pipeline.upload(upload_id).governance
    assert (governance.reference, governance.confirmed_by) == ("DPIA-7", "a@example.org")
    assert list(pipeline.objects.list(pipeline.context.settings.landing_uri)) == []


@pytest.mark.parametrize("by", ["the watch", "a retry"])
def test_the_sidecar_of_a_file_that_is_gone_goes_and_one_that_waits_for_its_file_stays(
    pipeline: Pipeline, by: str
) -> None:
    pipeline.publish(b"a\n1\n")
    side = json.dumps({"document": "dpia", "reference": "DPIA-7", "classification": "official"}).encode()
    sidecar = drop(pipeline, f"{FOLDER}/_governance.json", side)
    pipeline.clock.advance(seconds=2)
    upload_id, state, _ = ingest_drop(pipeline, f"{FOLDER}/x.csv")
    assert state is State.PUBLISHED
    assert pipeline.objects.head(sidecar) is None

    def clear() -> None:
        if by == "the watch":
            assert sweep(pipeline.context) == 0
        else:
            publish(pipeline.context, upload_id)

    later = pipeline.objects.moment + timedelta(minutes=5)
    pipeline.objects.write(sidecar, side)  # as a run leaves it that was killed before it deleted this too
    clear()
    assert pipeline.objects.head(sidecar) is None
    pipeline.objects.moment = later
    pipeline.objects.write(sidecar, side)
    clear()
    assert pipeline.objects.head(sidecar) is not None
    waiting = drop(pipeline, f"{FOLDER.replace('trips', 'stops')}/_governance.json", side)
    clear()
    assert pipeline.objects.head(waiting) is not None


@pytest.mark.parametrize("sidecar", [b"[]", b"nonsense", b"{}", b'{"document": "none", "classification": "official"}'])
def test_a_sidecar_that_does_not_hold_is_refused(pipeline: Pipeline, sidecar: bytes) -> None:
    pipeline.publish(b"a\n1\n")
    drop(pipeline, f"{FOLDER}/_governance.json", sidecar)
    _, state, codes = ingest_drop(pipeline, f"{FOLDER}/x.csv")
    assert state is State.REFUSED
    assert codes in (["bad_governance_sidecar"], ["governance_needed"])


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("x.csv", "bad_key"),
        ("database_name=travel/table_name=trips/x.csv", "bad_key"),
        ("database_name=travel/table_name=trips/extraction_timestamp=today/x.csv", "bad_extraction_timestamp"),
        (f"{FOLDER.replace('travel', 'Travel')}/x.csv", "database_name_characters"),
        (f"{FOLDER.replace('trips', 'Trips')}/x.csv", "table_name_characters"),
        (f"{FOLDER.replace('trips', 'never_made')}/x.csv", "table_not_found"),
        (f"{FOLDER}/x.xls", "unsupported_format"),
    ],
)
def test_a_dropped_file_that_breaks_a_rule_is_refused_by_mail_and_never_skipped(
    pipeline: Pipeline, key: str, code: str
) -> None:
    pipeline.publish(b"a\n1\n")
    upload_id, state, codes = ingest_drop(pipeline, key)
    assert (state, codes) == (State.REFUSED, [code])
    text = pipeline.mailer.sent[f"{upload_id}-refused"].text
    assert code in text
    assert pipeline.upload(upload_id).findings[0].message in text
    assert list(pipeline.objects.list(pipeline.context.settings.landing_uri)) == []


def test_a_second_file_for_the_same_partition_is_refused_and_the_first_stays(pipeline: Pipeline) -> None:
    first = pipeline.publish(b"a\n1\n")
    timestamp = pipeline.upload(first).extraction_timestamp
    key = f"database_name=travel/table_name=trips/extraction_timestamp={timestamp}/f.csv"
    _, state, codes = ingest_drop(pipeline, key, b"a\n3\n")
    assert (state, codes) == (State.REFUSED, ["partition_taken"])
    assert [upload.id for upload in pipeline.context.ledger.live("travel", "trips")] == [first]


def test_a_dropped_file_copied_over_itself_while_it_is_ingested_stays_one_upload(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    uri = drop(pipeline, f"{FOLDER}/x.csv")
    (upload_id,) = pipeline.watch()
    pipeline.context.ledger.move(upload_id, State.CHECKING, actor="test")
    pipeline.objects.moment += timedelta(minutes=1)
    assert pipeline.watch() == []
    assert pipeline.ingest(upload_id) is State.PUBLISHED
    assert pipeline.objects.head(uri) is None


def test_a_dropped_file_that_comes_again_after_its_refusal_is_answered_and_not_swept_away(pipeline: Pipeline) -> None:
    _, state, _ = ingest_drop(pipeline, f"{FOLDER}/x.csv")
    assert state is State.REFUSED
    pipeline.publish(b"a\n1\n")
    pipeline.objects.moment += timedelta(minutes=1)
    again = drop(pipeline, f"{FOLDER}/x.csv")
    assert sweep(pipeline.context) == 0
    assert pipeline.objects.head(again) is not None
    (upload_id,) = pipeline.watch()
    assert pipeline.ingest(upload_id) is State.REFUSED
    assert [finding.code for finding in pipeline.upload(upload_id).findings] == ["partition_taken"]


@pytest.mark.parametrize("end", ["withdrawn", "refused", "cancelled while it waited for its table", "published"])
def test_the_same_bytes_put_at_the_key_of_a_finished_upload_are_another_upload(pipeline: Pipeline, end: str) -> None:
    pipeline.publish(b"a\n1\n")
    content = {"refused": b"a,a\n1,1\n", "cancelled while it waited for its table": b"a\nx\n"}.get(end, b"a\n2\n")
    upload_id = pipeline.land(content)
    pipeline.watch()
    pipeline.ingest(upload_id)
    if end == "withdrawn":
        pipeline.context.withdrawals.request(upload_id, by="analyst@example.org", reason="")
    if end.startswith("cancelled"):
        pipeline.context.ledger.move(upload_id, State.CANCELLED, actor="analyst@example.org")
        assert sweep(pipeline.context) == 1
    ended = pipeline.upload(upload_id)
    assert ended.state.value == end.partition(" ")[0]
    pipeline.objects.moment += timedelta(minutes=1)
    pipeline.objects.write(ended.landing_uri, content)
    publish(pipeline.context, upload_id)  # cleared: what it clears up is its own
    assert sweep(pipeline.context) == 0
    (another,) = pipeline.watch()
    assert another != upload_id
    assert pipeline.ingest(another) is State.REFUSED
    assert f"{another}-refused" in pipeline.mailer.sent
    assert pipeline.upload(upload_id) == ended


def test_what_is_dropped_long_after_a_cancellation_is_another_upload(pipeline: Pipeline) -> None:
    upload_id = pipeline.announce(b"a\n1\n")
    pipeline.context.ledger.move(upload_id, State.CANCELLED, actor="analyst@example.org")
    pipeline.objects.moment = pipeline.clock.now() + timedelta(hours=1, seconds=1)
    pipeline.objects.write(pipeline.upload(upload_id).landing_uri, b"a\n1\n")
    assert sweep(pipeline.context) == 0
    assert len(pipeline.watch()) == 1


def test_what_was_not_put_together_from_parts_is_not_the_file_of_a_cancelled_multipart_upload(
    pipeline: Pipeline,
) -> None:
    upload_id = pipeline.announce(b"a\n1\n")
    pipeline.context.ledger.amend(upload_id, multipart_id="m-1")
    pipeline.context.ledger.move(upload_id, State.CANCELLED, actor="analyst@example.org")
    pipeline.objects.write(pipeline.upload(upload_id).landing_uri, b"a\n1\n")
    assert sweep(pipeline.context) == 0
    assert len(pipeline.watch()) == 1


def test_a_file_that_a_killed_task_left_of_a_published_upload_is_swept(pipeline: Pipeline) -> None:
    content = b"a\n1\n"
    upload_id = pipeline.publish(content)
    pipeline.objects.write(pipeline.upload(upload_id).landing_uri, content)  # the very one: written at the same moment
    assert pipeline.watch() == []
    assert sweep(pipeline.context) == 1
