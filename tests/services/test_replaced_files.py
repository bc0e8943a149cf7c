"""A file that is written over in landing, or taken away: nothing is mixed, lost, doubled, or left without an end."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from include.domain.errors import Conflict, Transient
from include.domain.upload import State
from include.services.areas import REPORT, Areas
from include.services.consistency import verify
from include.services.ingest.convert import plan
from include.services.ingest.refuse import refuse
from include.services.ingest.stage import Verdict
from include.services.landing import sweep
from include.services.notices import notify
from include.services.repair.rebuild_ledger import rebuild_ledger
from include.services.repair.reingest import reingest
from tests.services.conftest import STAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.services.conftest import Pipeline

    Come = Callable[[Pipeline], str]

FOLDER = "database_name=travel/table_name=trips/extraction_timestamp=20260201T000000Z"
OLD, NEW = b"a\n1\n2\n", b"a\n3\n4\n5\n"


def dropped(pipeline: Pipeline) -> str:
    """A claimed file that came by hand."""
    pipeline.objects.write(f"{pipeline.context.settings.landing_uri}/{FOLDER}/x.csv", OLD)
    (upload_id,) = pipeline.watch()
    return upload_id


def announced(pipeline: Pipeline) -> str:
    """A claimed file that came by the front."""
    upload_id = pipeline.land(OLD)
    assert pipeline.watch() == [upload_id]
    return upload_id


def write_over(pipeline: Pipeline, upload_id: str) -> None:
    pipeline.objects.moment += timedelta(minutes=1)
    pipeline.objects.write(pipeline.upload(upload_id).landing_uri, NEW)


def later(pipeline: Pipeline) -> list[str]:
    """What the watch starts once every claim has run out."""
    pipeline.clock.advance(hours=1)
    return pipeline.watch()


def partitions(pipeline: Pipeline) -> Iterator[tuple[str, int]]:
    """Upload and rows of every registered partition."""
    for entry in pipeline.context.catalogue.partitions("data_eng_uploader_dev_travel", "trips"):
        yield entry.parameters["data_uploader_upload"], int(entry.parameters["data_uploader_rows"])


@pytest.mark.parametrize("come", [dropped, announced])
@pytest.mark.parametrize("read", range(len(STAGES)))
def test_both_uploads_end_when_a_file_is_written_over(pipeline: Pipeline, come: Come, read: int) -> None:
    before = pipeline.publish(b"a\n9\n")
    upload_id = come(pipeline)
    partition = pipeline.upload(upload_id).extraction_timestamp
    for stage in STAGES[:read]:
        assert stage(pipeline.context, upload_id) is Verdict.GO_ON
    write_over(pipeline, upload_id)
    if read:
        assert later(pipeline) == []  # the new file waits until the first has ended
    assert pipeline.ingest(upload_id) is State.REFUSED
    assert [finding.code for finding in pipeline.upload(upload_id).findings] == ["replaced_while_read"]
    assert f"{upload_id}-refused" in pipeline.mailer.sent
    where = Areas(pipeline.context.settings).failed(pipeline.upload(upload_id), REPORT)
    report = json.loads(pipeline.objects.read(where))
    assert report["file_removed_at"]
    assert sweep(pipeline.context) == 0

    (second,) = later(pipeline)
    assert pipeline.ingest(second) is State.PUBLISHED
    assert pipeline.upload(second).extraction_timestamp == partition
    assert sorted(partitions(pipeline)) == sorted([(before, 1), (second, 3)])
    assert list(pipeline.objects.list(pipeline.context.settings.landing_uri)) == []
    assert later(pipeline) == []
    assert pipeline.ingest(upload_id) is State.REFUSED  # cleared: nothing changes
    assert verify(pipeline.context) == ()
    assert len(list(partitions(pipeline))) == 2
    assert rebuild_ledger(pipeline.context, by="test", dry_run=False).as_dict()["added"] == {}


@pytest.mark.parametrize("come", [dropped, announced])
@pytest.mark.parametrize("cut", ["create_table", "create_partition"])
def test_a_publication_that_was_cut_short_goes_on_with_its_copy_of_the_file(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, come: Come, cut: str
) -> None:
    if come is dropped:
        pipeline.publish(b"a\n9\n")
        cut = "create_partition"
    upload_id = come(pipeline)
    real = getattr(pipeline.catalogue, cut)

    def lost_answer(*args: Any) -> None:
        real(*args)
        raise Transient("the answer was lost", code="lost")

    monkeypatch.setattr(pipeline.catalogue, cut, lost_answer)
    with pytest.raises(Transient):
        pipeline.ingest(upload_id)
    monkeypatch.setattr(pipeline.catalogue, cut, real)
    write_over(pipeline, upload_id)
    assert pipeline.ingest(upload_id) is State.PUBLISHED  # all of its stages, from the copy in raw_history
    assert (upload_id, 2) in list(partitions(pipeline))

    (second,) = later(pipeline)
    assert pipeline.ingest(second) is State.REFUSED
    assert [finding.code for finding in pipeline.upload(second).findings] == ["partition_taken"]
    kept = Areas(pipeline.context.settings).failed(pipeline.upload(second), pipeline.upload(second).filename)
    assert pipeline.objects.read(kept) == NEW
    assert verify(pipeline.context) == ()


def test_a_file_that_is_written_over_before_anybody_read_it_is_the_uploads_file(pipeline: Pipeline) -> None:
    upload_id = announced(pipeline)
    write_over(pipeline, upload_id)
    assert later(pipeline) == [upload_id]  # the watch died before it had started the run, or the run has not begun
    assert pipeline.ingest(upload_id) is State.PUBLISHED
    assert list(partitions(pipeline)) == [(upload_id, 3)]


def test_a_file_that_is_taken_away_while_it_is_read_is_refused_and_frees_its_partition(pipeline: Pipeline) -> None:
    upload_id = announced(pipeline)
    before = pipeline.upload(upload_id)
    assert STAGES[0](pipeline.context, upload_id) is Verdict.GO_ON
    pipeline.objects.delete([before.landing_uri])
    with pytest.raises(Transient):
        plan(pipeline.context, upload_id)  # the task is tried again, and with it the check
    assert pipeline.ingest(upload_id) is State.REFUSED
    assert pipeline.context.ledger.find(before.database, before.table, before.extraction_timestamp) is None
    with pytest.raises(Conflict):
        reingest(pipeline.context, upload_id, reason="a rule changed", by="x@example.org")
    assert verify(pipeline.context) == ()


def test_a_refused_file_that_is_written_over_before_it_is_kept_stays_refused(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n9\n")
    upload_id = pipeline.land(b"a,a\n1,2\n")
    pipeline.watch()
    assert STAGES[0](pipeline.context, upload_id) is Verdict.REFUSED
    write_over(pipeline, upload_id)
    assert refuse(pipeline.context, upload_id) is Verdict.REFUSED
    assert notify(pipeline.context, upload_id) == f"{upload_id}-refused"
    assert [finding.code for finding in pipeline.upload(upload_id).findings] == ["duplicate_column_names"]
    (second,) = later(pipeline)
    assert pipeline.ingest(second) is State.PUBLISHED
