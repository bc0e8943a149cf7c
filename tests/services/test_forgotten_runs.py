"""Airflow's history of runs is no record: purged or cleared while the watch goes on, nothing is lost or doubled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from include.domain.upload import State
from include.services import watching
from include.services.consistency import Code, verify
from include.services.ingest.stage import Verdict
from include.services.landing import sweep
from tests.services.conftest import STAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.services.conftest import Pipeline

DAY = 25 * 3600


@dataclass
class Airflow:
    """The watch, what it starts, and a history of runs: one that is in it is not started again."""

    pipeline: Pipeline
    history: set[str] = field(default_factory=set)
    played: list[str] = field(default_factory=list)

    def turn(self, *, play: bool = True) -> None:
        """One turn of the watch, as of the DAG: sweep, claim all that waits, start runs that the history has not."""
        context = self.pipeline.context
        sweep(context)
        for work in watching.waiting(context):
            run = watching.claim(context, work)
            if run is not None and run.run_id not in self.history:
                self.history.add(run.run_id)
                if play:
                    self.played.append(run.run_id)
                    self.pipeline.ingest(run.run_id)

    def turns(self, count: int = 3) -> None:
        """Turns of the watch, each after the claims of the one before have run out."""
        for _ in range(count):
            self.pipeline.clock.advance(seconds=self.pipeline.context.settings.claim_seconds)
            self.turn()


def partitions(pipeline: Pipeline) -> Iterator[tuple[str, int]]:
    """Upload and rows of every registered partition."""
    for entry in pipeline.context.catalogue.partitions("data_eng_uploader_dev_travel", "trips"):
        yield entry.parameters["data_uploader_upload"], int(entry.parameters["data_uploader_rows"])


def drop(pipeline: Pipeline) -> None:
    folder = "database_name=travel/table_name=trips/extraction_timestamp=20260201T000000Z"
    pipeline.objects.write(f"{pipeline.context.settings.landing_uri}/{folder}/x.csv", b"a\n5\n6\n")


def test_a_purged_history_starts_nothing_that_has_ended(pipeline: Pipeline) -> None:
    airflow = Airflow(pipeline)
    first = pipeline.publish(b"a\n1\n")
    good, bad = pipeline.land(b"a\n1\n2\n3\n"), pipeline.land(b"a,a\n1,2\n")
    drop(pipeline)
    airflow.turns()
    mails = list(pipeline.mailer.sent)
    assert len(airflow.played) == 3
    assert {good, bad} < set(airflow.played)
    airflow.history.clear()
    airflow.turns()
    pipeline.clock.advance(seconds=DAY)
    airflow.turns()
    assert len(airflow.played) == 3
    assert sorted(rows for _, rows in partitions(pipeline)) == [1, 2, 3]
    assert {first, good} < {upload_id for upload_id, _ in partitions(pipeline)}
    assert list(pipeline.mailer.sent) == mails
    assert verify(pipeline.context) == ()


def test_a_run_that_is_purged_before_it_began_is_started_again(pipeline: Pipeline) -> None:
    airflow = Airflow(pipeline)
    upload_id = pipeline.land(b"a\n1\n2\n")
    drop(pipeline)  # refused or published, but not lost: its table comes with the first
    airflow.turn(play=False)
    airflow.turns()
    assert airflow.played == []  # both runs are in the history: they are queued
    airflow.history.clear()
    airflow.turns()
    assert len(airflow.played) == 2
    assert (upload_id, 2) in list(partitions(pipeline))
    assert list(pipeline.objects.list(pipeline.context.settings.landing_uri)) == []


@pytest.mark.parametrize("done", range(1, len(STAGES)))
def test_a_run_that_is_purged_half_way_is_named_with_its_repair(pipeline: Pipeline, done: int) -> None:
    airflow = Airflow(pipeline)
    upload_id = pipeline.land(b"a\n1\n2\n")
    airflow.turn(play=False)
    for stage in STAGES[:done]:
        assert stage(pipeline.context, upload_id) is Verdict.GO_ON
    airflow.history.clear()
    airflow.turns()
    assert airflow.played == []  # nobody knows that it does not run
    pipeline.clock.advance(seconds=DAY)
    (found,) = verify(pipeline.context)
    assert found.code is Code.INGESTION_STUCK
    assert (found.repair.dag, found.repair.form) == ("ingest_upload", {"run_id": upload_id})
    assert pipeline.ingest(upload_id) is State.PUBLISHED
    assert list(partitions(pipeline)) == [(upload_id, 2)]
    airflow.turns()
    assert airflow.played == []
    assert verify(pipeline.context) == ()


@pytest.mark.parametrize("stage", range(len(STAGES)))
def test_runs_that_are_cleared_while_the_watch_goes_on_change_nothing(pipeline: Pipeline, stage: int) -> None:
    airflow = Airflow(pipeline)
    upload_id = pipeline.land(b"a\n1\n2\n")
    airflow.turns()
    before, mails = list(partitions(pipeline)), list(pipeline.mailer.sent)
    assert before == [(upload_id, 2)]
    airflow.history.clear()
    for each in STAGES[stage:]:  # the task of this stage is cleared, and what follows it
        airflow.turns(1)
        assert each(pipeline.context, upload_id) is Verdict.FINISHED
    assert pipeline.ingest(upload_id) is State.PUBLISHED
    airflow.turns()
    assert airflow.played == [upload_id]
    assert list(partitions(pipeline)) == before
    assert list(pipeline.mailer.sent) == mails
