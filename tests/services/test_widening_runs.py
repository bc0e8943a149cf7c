"""Which run has a table's job: no run is asked for twice, no question either, and the budget holds for who joins."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from include.domain.errors import Terminal, Transient
from include.domain.upload import State
from include.services.consistency import verify
from include.services.ingest.publish import publish
from include.services.ingest.stage import Verdict
from include.services.repair import rebuild_table
from include.services.repair.table_target import Request
from include.services.widening.approval import approve, decline
from include.services.widening.finish import finish_all
from include.services.widening.job import (
    batches,
    derive_batch,
    end_job,
    flip_when_ready,
    job_lease,
    leave_job,
    prepare,
    run_widening,
    whose_job,
)
from include.services.widening.waiting import ACTOR, OFFER_SECONDS, claim_table, lease_of, tables_to_widen
from tests.services.conftest import STAGES

if TYPE_CHECKING:
    from tests.services.conftest import Pipeline

DATABASE = "data_eng_uploader_dev_travel"
WHERE = ("travel", "trips")


def waits(pipeline: Pipeline, content: bytes) -> str:
    upload_id = pipeline.land(content)
    pipeline.watch()
    assert pipeline.ingest(upload_id) in {State.WIDENING, State.WAITING_FOR_APPROVAL}
    return upload_id


def state(pipeline: Pipeline, upload_id: str) -> State:
    return pipeline.upload(upload_id).state


def budget(pipeline: Pipeline, partitions: int) -> None:
    settings = pipeline.context.settings.model_copy(update={"widen_max_partitions": partitions})
    pipeline.context = replace(pipeline.context, settings=settings)


def claimed(pipeline: Pipeline) -> str:
    """The run that the watch starts."""
    job = claim_table(pipeline.context, *WHERE)
    assert job is not None
    return job.holder


def planned(pipeline: Pipeline, run: str) -> bool:
    """A run's task `plan`; whether it is above the budget."""
    with job_lease(pipeline.context, *WHERE, holder=run):
        return prepare(pipeline.context, *WHERE, holder=run).over_budget


def carried_out(pipeline: Pipeline, run: str, *, approved_by: str = ACTOR) -> dict[str, str]:
    """What follows `plan` in a run."""
    with job_lease(pipeline.context, *WHERE, holder=run):
        for batch in batches(pipeline.context, *WHERE, approved_by=approved_by):
            derive_batch(pipeline.context, *WHERE, batch)
        flip_when_ready(pipeline.context, *WHERE, holder=run)
        states = finish_all(pipeline.context, *WHERE, holder=run)
    end_job(pipeline.context, *WHERE, holder=run)
    return states


def test_an_upload_whose_run_ended_while_another_was_past_its_flip_has_another_run(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    with job_lease(pipeline.context, *WHERE, holder="by hand"):
        flip_when_ready(pipeline.context, *WHERE, holder="by hand")
    pipeline.clock.advance(seconds=301)  # longer in Airflow's queue than the lease lasts
    second = waits(pipeline, b"a\nx\n")
    run = claimed(pipeline)
    pipeline.clock.advance(seconds=pipeline.context.settings.claim_seconds + 1)
    with job_lease(pipeline.context, *WHERE, holder="by hand"):
        with pytest.raises(Transient), job_lease(pipeline.context, *WHERE, holder=run):
            pytest.fail("two jobs at once")
        end_job(pipeline.context, *WHERE, holder=run)  # its task `plan` is skipped
        assert tables_to_widen(pipeline.context) == ()
        finish_all(pipeline.context, *WHERE, holder="by hand")
    end_job(pipeline.context, *WHERE, holder="by hand")
    assert state(pipeline, second) is State.WIDENING
    another = claimed(pipeline)
    assert another != run
    assert not planned(pipeline, another)
    assert carried_out(pipeline, another) == {second: "published"}


def test_one_that_waits_since_before_its_run_ended_has_another_run_even_within_the_same_second(
    pipeline: Pipeline,
) -> None:
    pipeline.publish(b"a\n1\n")
    waits(pipeline, b"a\nx\n")
    runs = set()
    for _ in range(3):
        pipeline.clock.advance(seconds=0.001)
        run = claimed(pipeline)
        end_job(pipeline.context, *WHERE, holder=run)
        runs.add(run)
    assert len(runs) == 3


def test_who_joins_beyond_the_budget_after_the_plan_waits_for_a_run_that_asks(pipeline: Pipeline) -> None:
    budget(pipeline, 1)
    for content in (b"a,b\n1,1\n", b"b\n2\n", b"b\n3\n"):
        pipeline.publish(content)
    small = waits(pipeline, b"a\nx\n")
    run = claimed(pipeline)
    assert not planned(pipeline, run)
    large = waits(pipeline, b"b\ny\n")
    assert carried_out(pipeline, run) == {small: "published"}
    assert state(pipeline, large) is State.WIDENING
    another = claimed(pipeline)
    assert planned(pipeline, another)
    assert state(pipeline, large) is State.WAITING_FOR_APPROVAL
    assert carried_out(pipeline, another, approved_by="engineer") == {large: "published"}


def test_who_joins_within_the_budget_after_the_plan_is_taken_along(pipeline: Pipeline) -> None:
    budget(pipeline, 1)
    pipeline.publish(b"a,b\n1,1\n")
    first = waits(pipeline, b"a\nx\n")
    run = claimed(pipeline)
    assert not planned(pipeline, run)
    second = waits(pipeline, b"b\ny\n")
    assert carried_out(pipeline, run) == {first: "published", second: "published"}


def test_who_joins_after_a_person_approved_is_done_too(pipeline: Pipeline) -> None:
    budget(pipeline, 0)
    pipeline.publish(b"a,b\n1,1\n")
    first = waits(pipeline, b"a\nx\n")
    run = claimed(pipeline)
    assert planned(pipeline, run)
    assert approve(pipeline.context, *WHERE, by="engineer") == (first,)
    second = waits(pipeline, b"b\ny\n")
    assert not planned(pipeline, run)  # cleared
    assert carried_out(pipeline, run) == {first: "published", second: "published"}


def test_an_approval_does_not_outlast_the_uploads_it_was_given_for(pipeline: Pipeline) -> None:
    budget(pipeline, 0)
    pipeline.publish(b"a,b\n1,1\n")
    first = waits(pipeline, b"a\nx\n")
    run = claimed(pipeline)
    assert planned(pipeline, run)
    approve(pipeline.context, *WHERE, by="engineer")
    pipeline.context.ledger.move(first, State.CANCELLED, actor="analyst@example.org")
    second = waits(pipeline, b"b\ny\n")
    assert carried_out(pipeline, run) == {}
    assert state(pipeline, second) is State.WIDENING
    assert planned(pipeline, claimed(pipeline))


def asked(pipeline: Pipeline) -> tuple[str, str, str]:
    """An upload that was begun first and arrives last, one that a run asks about, and the run."""
    budget(pipeline, 0)
    pipeline.publish(b"a\n1\n")
    early = pipeline.land(b"a\nz\n")
    pipeline.watch()
    first = waits(pipeline, b"a\nx\n")
    run = claimed(pipeline)
    assert planned(pipeline, run)
    for stage in STAGES[:-1]:
        stage(pipeline.context, early)
    publish(pipeline.context, early)
    assert state(pipeline, early) is State.WAITING_FOR_APPROVAL
    pipeline.clock.advance(seconds=OFFER_SECONDS + 1)
    return early, first, run


def test_one_question_is_asked_for_a_table_whoever_joins(pipeline: Pipeline) -> None:
    early, first, run = asked(pipeline)
    assert claimed(pipeline) == run
    assert carried_out(pipeline, run, approved_by="engineer") == {early: "published", first: "published"}


def test_the_question_stays_when_the_upload_it_was_asked_for_is_cancelled(pipeline: Pipeline) -> None:
    early, first, run = asked(pipeline)
    pipeline.context.ledger.move(first, State.CANCELLED, actor="analyst@example.org")
    assert claimed(pipeline) == run
    assert decline(pipeline.context, *WHERE, by="engineer") == (early,)


def test_a_run_by_hand_joins_the_question_that_was_asked_already(pipeline: Pipeline) -> None:
    _, _, run = asked(pipeline)
    assert planned(pipeline, "by hand")
    assert whose_job(pipeline.context, *WHERE, holder="by hand") == run
    end_job(pipeline.context, *WHERE, holder="by hand")
    assert claimed(pipeline) == run


def test_a_question_that_nobody_waits_for_gives_way_to_the_next(pipeline: Pipeline) -> None:
    early, first, run = asked(pipeline)
    for upload_id in (early, first):
        pipeline.context.ledger.move(upload_id, State.CANCELLED, actor="analyst@example.org")
    third = waits(pipeline, b"a\ny\n")
    assert state(pipeline, third) is State.WIDENING
    another = claimed(pipeline)
    assert another != run
    assert planned(pipeline, another)
    assert whose_job(pipeline.context, *WHERE, holder=run) == another  # what is answered to the first is skipped


def test_while_a_person_is_asked_the_watch_starts_nothing_and_nobody_is_locked_out(pipeline: Pipeline) -> None:
    budget(pipeline, 0)
    pipeline.publish(b"a\n1\n")
    first = waits(pipeline, b"a\nx\n")
    run = claimed(pipeline)
    assert planned(pipeline, run)
    for _ in range(3):
        assert tables_to_widen(pipeline.context) == ()
        assert not pipeline.context.ledger.leased(lease_of(*WHERE))
        pipeline.clock.advance(seconds=OFFER_SECONDS)
        assert claimed(pipeline) == run
    with job_lease(pipeline.context, *WHERE, holder=run):
        assert batches(pipeline.context, *WHERE, approved_by="engineer")
    assert pipeline.context.ledger.leased(lease_of(*WHERE))  # it is at work again
    assert carried_out(pipeline, run) == {first: "published"}
    assert not pipeline.context.ledger.leased(lease_of(*WHERE))


def test_a_run_that_is_red_locks_nobody_out_however_often_it_is_offered(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    waits(pipeline, b"a\nx\n")
    run = claimed(pipeline)
    foreign(pipeline)
    with pytest.raises(Terminal), job_lease(pipeline.context, *WHERE, holder=run):
        flip_when_ready(pipeline.context, *WHERE, holder=run)
    assert pipeline.context.ledger.leased(lease_of(*WHERE))  # for its next attempt
    leave_job(pipeline.context, *WHERE, holder=run)  # there is none left
    for _ in range(3):
        pipeline.clock.advance(seconds=pipeline.context.settings.claim_seconds)
        assert claimed(pipeline) == run
        assert not pipeline.context.ledger.leased(lease_of(*WHERE))


def test_what_was_mended_between_question_and_answer_is_widened_all_the_same(pipeline: Pipeline) -> None:
    budget(pipeline, 0)
    published = [pipeline.publish(content) for content in (b"a\n1\n", b"a\n2\n")]
    first = waits(pipeline, b"a\nx\n")
    run = claimed(pipeline)
    assert planned(pipeline, run)
    with job_lease(pipeline.context, *WHERE, holder=run):
        (batch,) = batches(pipeline.context, *WHERE, approved_by="engineer")[:1]
        derive_batch(pipeline.context, *WHERE, batch)
    leave_job(pipeline.context, *WHERE, holder=run)
    lost = pipeline.upload(published[1]).extraction_timestamp
    pipeline.catalogue.delete_partitions(DATABASE, "trips", [lost])
    asked_for = Request(database="travel", table="trips")
    rebuild_table.prepare(pipeline.context, asked_for, run="by hand")
    rebuild_table.flip(pipeline.context, asked_for, run="by hand", by="engineer", asked_by="engineer")
    assert carried_out(pipeline, run) == {first: "published"}
    assert verify(pipeline.context, grace=timedelta()) == ()
    assert {dict(entry.columns)["a"] for entry in pipeline.catalogue.partitions(DATABASE, "trips")} == {"string"}


def foreign(pipeline: Pipeline) -> str:
    """A partition that somebody registered in the table by other means; its timestamp."""
    (ours,) = pipeline.catalogue.partitions(DATABASE, "trips")
    theirs = replace(ours, extraction_timestamp="20200101T000000Z", location="s3://theirs/trips/", parameters={})
    pipeline.catalogue.create_partition(DATABASE, "trips", theirs)
    return theirs.extraction_timestamp


def test_a_partition_that_somebody_else_registered_is_named_with_what_to_do_about_it(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    second = waits(pipeline, b"a\nx\n")
    timestamp = foreign(pipeline)
    with pytest.raises(
        Terminal, match=rf"{timestamp} of travel\.trips \(s3://theirs/trips/\).*DROP PARTITION"
    ) as error:
        run_widening(pipeline.context, *WHERE)
    assert error.value.code == "partition_foreign"
    assert state(pipeline, second) is State.WIDENING
    pipeline.catalogue.delete_partitions(DATABASE, "trips", [timestamp])
    run_widening(pipeline.context, *WHERE)
    assert state(pipeline, second) is State.PUBLISHED


def test_a_partition_of_somebody_else_that_fits_is_left_alone(pipeline: Pipeline) -> None:
    pipeline.publish(b"a,b\n1,x\n")
    timestamp = foreign(pipeline)
    theirs = pipeline.catalogue.partition(DATABASE, "trips", timestamp)
    assert theirs is not None
    theirs = replace(theirs, columns=(("b", "string"),))
    pipeline.catalogue.update_partitions(DATABASE, "trips", [theirs])
    second = pipeline.publish(b"a\nx\n")
    assert state(pipeline, second) is State.PUBLISHED
    assert pipeline.catalogue.partition(DATABASE, "trips", timestamp) == theirs


def test_a_cleared_publish_leaves_an_upload_with_the_question_that_is_put(pipeline: Pipeline) -> None:
    budget(pipeline, 0)
    pipeline.publish(b"a\n1\n")
    upload_id = waits(pipeline, b"a\nx\n")
    assert planned(pipeline, claimed(pipeline))
    assert publish(pipeline.context, upload_id) is Verdict.WAITING
    assert state(pipeline, upload_id) is State.WAITING_FOR_APPROVAL
    assert decline(pipeline.context, *WHERE, by="engineer") == (upload_id,)


def test_who_comes_after_all_that_a_question_was_about_are_cancelled_has_a_question_of_its_own(
    pipeline: Pipeline,
) -> None:
    budget(pipeline, 0)
    pipeline.publish(b"a\n1\n")
    first = waits(pipeline, b"a\nx\n")
    stale = claimed(pipeline)
    assert planned(pipeline, stale)
    pipeline.context.ledger.move(first, State.CANCELLED, actor="analyst@example.org")
    second = waits(pipeline, b"a\ny\n")
    pipeline.clock.advance(seconds=301)
    assert tables_to_widen(pipeline.context) == (WHERE,)
    run = claimed(pipeline)
    assert run != stale
    assert planned(pipeline, run)
    assert state(pipeline, second) is State.WAITING_FOR_APPROVAL
    assert f"{second}-approval_wanted" in pipeline.mailer.sent
    assert whose_job(pipeline.context, *WHERE, holder=stale) == run
