"""A failed run of an ingestion marks its upload, unless that is in the hands of its table's widening."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from include.domain.errors import Terminal
from include.domain.upload import State
from include.orchestration import stages, widening
from include.services import glue_tables
from include.services.watching import waiting
from include.services.widening.finish import finish_all
from include.services.widening.flip import flip
from include.services.widening.job import flip_when_ready, job_lease, run_widening
from include.services.widening.mail import failed
from include.services.widening.target import taken_along
from include.services.widening.waiting import claim_table, lease_of

if TYPE_CHECKING:
    from tests.services.conftest import Pipeline

DATABASE = "data_eng_uploader_dev_travel"
WHERE = ("travel", "trips")


@dataclass(frozen=True)
class Run:
    """What Airflow tells of a run."""

    run_id: str
    conf: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def waiting_upload(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> str:
    """An upload that waits for its table, in a process whose tasks see this pipeline."""
    monkeypatch.setattr(stages, "pipeline_context", lambda: pipeline.context)
    pipeline.publish(b"a\n1\n")
    upload_id = pipeline.land(b"a\nx\n")
    pipeline.watch()
    assert pipeline.ingest(upload_id) is State.WIDENING
    return upload_id


def run_fails(upload_id: str) -> None:
    """What Airflow calls when a run of the ingestion ended red."""
    stages.record_failure({"dag_run": Run(upload_id)})


def state(pipeline: Pipeline, upload_id: str) -> State:
    return pipeline.upload(upload_id).state


def registered(pipeline: Pipeline) -> set[str]:
    return {each.parameters[glue_tables.UPLOAD] for each in pipeline.catalogue.partitions(DATABASE, "trips")}


def test_a_failed_widening_lets_others_at_its_table_and_the_team_is_told(
    pipeline: Pipeline, waiting_upload: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(widening, "pipeline_context", lambda: pipeline.context)
    job = claim_table(pipeline.context, *WHERE)
    assert job is not None
    with job_lease(pipeline.context, *WHERE, holder=job.holder):
        pass
    assert pipeline.context.ledger.leased(lease_of(*WHERE))
    run = Run(job.holder, {"database": "travel", "table": "trips"})
    widening.record_job_failure({"dag_run": run})
    assert not pipeline.context.ledger.leased(lease_of(*WHERE))
    assert len([mail for mail in pipeline.mailer.sent.values() if mail.to == pipeline.context.settings.team_email]) == 1
    assert state(pipeline, waiting_upload) is State.WIDENING


def test_a_waiting_upload_whose_run_failed_waits_on_and_is_published(pipeline: Pipeline, waiting_upload: str) -> None:
    run_fails(waiting_upload)
    assert state(pipeline, waiting_upload) is State.WIDENING
    assert [work.kind for work in waiting(pipeline.context)] == ["widening"]
    run_widening(pipeline.context, *WHERE)
    assert state(pipeline, waiting_upload) is State.PUBLISHED


def test_one_that_waits_for_an_approval_waits_on_too(pipeline: Pipeline, waiting_upload: str) -> None:
    pipeline.context.ledger.move(waiting_upload, State.WAITING_FOR_APPROVAL, actor="widen_table")
    run_fails(waiting_upload)
    assert state(pipeline, waiting_upload) is State.WAITING_FOR_APPROVAL


def test_one_that_a_flip_has_taken_along_is_published_although_its_run_failed(
    pipeline: Pipeline, waiting_upload: str
) -> None:
    flip_when_ready(pipeline.context, *WHERE, holder="run")
    run_fails(waiting_upload)
    assert state(pipeline, waiting_upload) is State.PUBLISHING
    assert finish_all(pipeline.context, *WHERE, holder="run") == {waiting_upload: "published"}


def test_one_whose_own_stage_failed_while_publishing_is_failed_and_told(
    pipeline: Pipeline, waiting_upload: str
) -> None:
    pipeline.context.ledger.move(waiting_upload, State.CHECKING, actor="ingest_upload")
    pipeline.context.ledger.move(waiting_upload, State.PUBLISHING, actor="ingest_upload")
    run_fails(waiting_upload)
    assert state(pipeline, waiting_upload) is State.FAILED
    assert any("failed" in mail for mail in pipeline.mailer.sent)


def test_one_that_is_called_failed_while_it_is_finished_is_published_all_the_same(
    pipeline: Pipeline, waiting_upload: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    flip_when_ready(pipeline.context, *WHERE, holder="run")
    real = pipeline.catalogue.create_partition

    def failing_meanwhile(*args: Any) -> None:
        real(*args)
        pipeline.context.ledger.move(waiting_upload, State.FAILED, actor="ingest_upload")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline.catalogue, "create_partition", failing_meanwhile)
        assert finish_all(pipeline.context, *WHERE, holder="run") == {waiting_upload: "published"}
    assert waiting_upload in registered(pipeline)
    assert taken_along(pipeline.context, *WHERE) == ()


def test_one_that_failed_after_it_was_taken_along_is_taken_along_by_the_next_flip(
    pipeline: Pipeline, waiting_upload: str
) -> None:
    flip_when_ready(pipeline.context, *WHERE, holder="run")
    pipeline.context.ledger.move(waiting_upload, State.FAILED, actor="ingest_upload")
    assert not flip(pipeline.context, *WHERE, holder="another")
    assert state(pipeline, waiting_upload) is State.PUBLISHING
    assert finish_all(pipeline.context, *WHERE, holder="another") == {waiting_upload: "published"}


HALF_DONE = "Queries of it may be refused"
READABLE = "The table can be read: no change of it is half done."


class Denying:
    """A catalogue that denies one kind of call."""

    def __init__(self, target: Any, call: str) -> None:
        self._target = target
        self._call = call

    def __getattr__(self, name: str) -> Any:
        if name == self._call:
            raise Terminal("AWS denies it.", code="access_denied")
        return getattr(self._target, name)


def mail_of_failed_widening(pipeline: Pipeline, denied: str) -> str:
    """What the team is told of a run whose catalogue denied a call, by a mail that is written once it may be read."""
    context = replace(pipeline.context, catalogue=Denying(pipeline.catalogue, denied))
    with pytest.raises(Terminal):
        run_widening(context, *WHERE)
    return failed(pipeline.context, *WHERE, run_id="run").text


@pytest.mark.usefixtures("waiting_upload")
@pytest.mark.parametrize(
    ("denied", "said"),
    [
        ("update_table", READABLE),  # nothing was changed
        ("update_partitions", HALF_DONE),  # in the middle of the flip
        ("create_partition", READABLE),  # after it
    ],
)
def test_the_mail_of_a_failed_widening_says_what_readers_have_meanwhile(
    pipeline: Pipeline, denied: str, said: str
) -> None:
    text = mail_of_failed_widening(pipeline, denied)
    table = pipeline.catalogue.table(DATABASE, "trips")
    assert table is not None
    assert (glue_tables.WIDENING in table.parameters) is (said == HALF_DONE)
    assert [one for one in (READABLE, HALF_DONE) if one in text] == [said]
    assert "not published yet wait" in text


@pytest.mark.usefixtures("waiting_upload")
def test_a_glue_that_answers_nothing_costs_the_team_no_mail(pipeline: Pipeline) -> None:
    context = replace(pipeline.context, catalogue=Denying(pipeline.catalogue, "table"))
    text = failed(context, *WHERE, run_id="run").text
    assert "could not be asked how the table is now (access_denied)" in text
    assert READABLE not in text
