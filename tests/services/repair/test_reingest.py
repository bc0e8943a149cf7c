"""A refused file ingested again, after a rule changed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from include.adapters.ledger.engine import make_engine
from include.adapters.ledger.tables import audit_trail
from include.domain.errors import Conflict, NotFound, Transient
from include.domain.findings import Finding, Severity
from include.domain.governance import Document
from include.domain.reading_options import choose
from include.domain.upload import State
from include.services import landing
from include.services.areas import Areas
from include.services.repair.reingest import reingest
from include.services.watching import ingestion_run

if TYPE_CHECKING:
    from pathlib import Path

    from include.domain.upload import Upload
    from include.ports import StoredObject
    from tests.pipeline import Pipeline
    from tests.services.conftest import Pipeline as MemoryPipeline
    from tests.strict_aws.server import StrictAws

BAD = Finding(code="made_up", title="Made up", severity=Severity.ERROR, message="It is wrong.", examples=("x",))


def refused(pipeline: Pipeline, content: bytes = b"a,b\n1,x\n") -> str:
    """An upload that the suite refused."""
    upload_id = pipeline.land(content)
    pipeline.suite.findings = (BAD,)
    pipeline.watch()
    assert pipeline.ingest(upload_id) is State.REFUSED
    return upload_id


def again(pipeline: Pipeline, upload_id: str, *, rebind: bool = False) -> Upload:
    return reingest(pipeline.context, upload_id, reason="the suite was wrong", by="engineer", rebind=rebind)


def test_a_refused_file_is_published_once_its_rule_has_changed(pipeline: MemoryPipeline) -> None:
    upload_id = refused(pipeline)
    before = pipeline.upload(upload_id)
    pipeline.suite.findings = ()
    attempt = again(pipeline, upload_id)
    assert (attempt.state, attempt.attempt) == (State.CHECKING, 2)
    assert ingestion_run(pipeline.context, attempt).run_id == f"{upload_id}__2"
    assert pipeline.ingest(upload_id) is State.PUBLISHED
    upload = pipeline.upload(upload_id)
    assert upload.extraction_timestamp == before.extraction_timestamp
    assert upload.findings == ()
    assert pipeline.context.objects.head(upload.landing_uri) is None
    assert list(pipeline.mailer.sent) == [f"{upload_id}-refused", f"{upload_id}-published"]


def test_it_is_so_on_aws_too(aws: StrictAws, tmp_path: Path) -> None:
    from tests.aws_pipeline import make_aws_pipeline

    pipeline = make_aws_pipeline(aws, tmp_path)
    upload_id = refused(pipeline)
    pipeline.suite.findings = ()
    again(pipeline, upload_id)
    assert pipeline.watch() == []
    assert pipeline.ingest(upload_id) is State.PUBLISHED


def test_a_further_refusal_is_told_too_and_the_next_attempt_is_the_third(pipeline: MemoryPipeline) -> None:
    upload_id = refused(pipeline)
    again(pipeline, upload_id)
    assert pipeline.ingest(upload_id) is State.REFUSED
    assert set(pipeline.mailer.sent) == {f"{upload_id}-refused", f"{upload_id}-refused-2"}
    assert again(pipeline, upload_id).run_id == f"{upload_id}__3"
    assert pipeline.ingest(upload_id) is State.REFUSED
    assert set(pipeline.mailer.sent) == {f"{upload_id}-refused", f"{upload_id}-refused-2", f"{upload_id}-refused-3"}


def test_the_watch_takes_the_file_neither_for_an_arrival_nor_for_a_leftover(pipeline: MemoryPipeline) -> None:
    upload_id = refused(pipeline)
    attempt = again(pipeline, upload_id)
    assert landing.arrivals(pipeline.context) == ()
    assert landing.sweep(pipeline.context) == 0
    assert pipeline.context.objects.head(attempt.landing_uri) is not None


@pytest.mark.parametrize("by_hand", [False, True])
def test_nor_does_it_while_the_copy_has_no_etag_yet(pipeline: MemoryPipeline, *, by_hand: bool) -> None:
    if by_hand:
        pipeline.publish(b"a,b\n1,x\n")
        key = "database_name=travel/table_name=trips/extraction_timestamp=20240101T000000Z/f.csv"
        pipeline.objects.write(f"{pipeline.context.settings.landing_uri}/{key}", b"a,b\n1,x\n")
        pipeline.suite.findings = (BAD,)
        (upload_id,) = pipeline.watch()
        assert pipeline.ingest(upload_id) is State.REFUSED
        pipeline.objects.moment = pipeline.clock.now()  # the copy is younger than what was dropped
    else:
        upload_id = refused(pipeline)
    seen: list[object] = []
    copy = pipeline.objects.copy

    def watched_copy(source: StoredObject, uri: str) -> StoredObject:
        copied = copy(source, uri)
        seen.extend(landing.arrivals(pipeline.context))
        seen.append(landing.sweep(pipeline.context))
        return copied

    pipeline.objects.copy = watched_copy  # type: ignore[method-assign]
    again(pipeline, upload_id)
    assert seen == [0]
    pipeline.suite.findings = ()
    assert landing.arrivals(pipeline.context) == ()
    assert pipeline.ingest(upload_id) is State.PUBLISHED


def test_what_was_cut_short_ends_in_the_same_attempt(pipeline: MemoryPipeline) -> None:
    upload_id = refused(pipeline)
    copy = pipeline.objects.copy

    def broken_copy(source: StoredObject, uri: str) -> StoredObject:
        raise Transient(f"{source.uri} to {uri}", code="away")

    pipeline.objects.copy = broken_copy  # type: ignore[method-assign]
    with pytest.raises(Transient):
        again(pipeline, upload_id)
    pipeline.objects.copy = copy  # type: ignore[method-assign]
    assert landing.arrivals(pipeline.context) == ()
    assert again(pipeline, upload_id).attempt == again(pipeline, upload_id).attempt == 2
    pipeline.suite.findings = ()
    assert pipeline.ingest(upload_id) is State.PUBLISHED


def test_what_it_was_refused_for_stays_in_the_audit_trail(pipeline: MemoryPipeline) -> None:
    upload_id = refused(pipeline)
    again(pipeline, upload_id)
    engine = make_engine(pipeline.context.settings.ledger_url.get_secret_value())
    with engine.connect() as connection:
        (entry,) = connection.execute(
            select(audit_trail.c.who, audit_trail.c.details).where(audit_trail.c.what == "upload_reingested")
        )
    engine.dispose()
    assert entry.who == "engineer"
    assert entry.details == {
        "upload_id": upload_id,
        "attempt": 2,
        "reason": "the suite was wrong",
        "refused_for": [{"code": BAD.code, "column": BAD.column}],
    }
    last = pipeline.context.ledger.history(upload_id)[-1]
    assert (last.state, last.note) == (State.CHECKING, "attempt 2, asked for by engineer: the suite was wrong")


def test_the_file_is_read_as_before_or_as_its_table_is_read_now(pipeline: MemoryPipeline) -> None:
    upload_id = pipeline.land(b"a;b\n1;2,5\n")  # two fields in the header's one
    pipeline.watch()
    assert pipeline.ingest(upload_id) is State.REFUSED
    pipeline.reviewed.tables["travel", "trips"] = choose(delimiter="semicolon")
    again(pipeline, upload_id)
    assert pipeline.ingest(upload_id) is State.REFUSED
    again(pipeline, upload_id, rebind=True)
    assert pipeline.ingest(upload_id) is State.PUBLISHED
    assert [name for name, _ in pipeline.upload(upload_id).columns] == ["a", "b"]


def test_an_upload_that_is_not_refused_is_left_alone(pipeline: MemoryPipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    with pytest.raises(Conflict, match="Only a refused file") as caught:
        again(pipeline, upload_id)
    assert caught.value.code == "wrong_state"
    under_way = pipeline.land(b"a\n2\n")
    pipeline.context.ledger.move(under_way, State.CHECKING, actor="ingest_upload")
    with pytest.raises(Conflict, match="is checking"):
        again(pipeline, under_way)
    with pytest.raises(NotFound):
        again(pipeline, "f" * 32)


def test_a_file_that_never_had_a_partition_cannot_come_back(pipeline: MemoryPipeline) -> None:
    taken = pipeline.upload(pipeline.publish(b"a\n1\n"))
    pipeline.objects.write(taken.landing_uri, b"a\n2\n")
    (upload_id,) = pipeline.watch()
    assert pipeline.ingest(upload_id) is State.REFUSED
    with pytest.raises(Conflict) as caught:
        again(pipeline, upload_id)
    assert caught.value.code == "partition_taken"
    assert pipeline.upload(upload_id).state is State.REFUSED


def test_a_file_that_was_removed_from_fail_cannot_come_back(pipeline: MemoryPipeline) -> None:
    upload_id = refused(pipeline)
    pipeline.objects.delete([Areas(pipeline.context.settings).failed(pipeline.upload(upload_id), "f.csv")])
    with pytest.raises(NotFound) as caught:
        again(pipeline, upload_id)
    assert caught.value.code == "failed_file_gone"
    assert pipeline.upload(upload_id).state is State.REFUSED


def test_an_attempt_whose_file_is_back_in_landing_needs_the_one_in_fail_no_longer(pipeline: MemoryPipeline) -> None:
    upload_id = refused(pipeline)
    pipeline.suite.findings = ()
    again(pipeline, upload_id)
    pipeline.objects.delete([Areas(pipeline.context.settings).failed(pipeline.upload(upload_id), "f.csv")])
    before = pipeline.upload(upload_id)
    with pytest.raises(NotFound):
        again(pipeline, upload_id)  # a task that ran twice
    assert pipeline.upload(upload_id) == before
    assert pipeline.ingest(upload_id) is State.PUBLISHED


def test_another_file_under_its_key_in_landing_is_not_written_over(pipeline: MemoryPipeline) -> None:
    upload_id = refused(pipeline)
    uri = pipeline.upload(upload_id).landing_uri
    pipeline.objects.write(uri, b"a,b\n5,other\n")
    with pytest.raises(Conflict) as caught:
        again(pipeline, upload_id)
    assert caught.value.code == "landing_occupied"
    assert pipeline.objects.read(uri) == b"a,b\n5,other\n"
    assert pipeline.upload(upload_id).state is State.REFUSED


def test_the_attempt_outlives_the_ledger(pipeline: MemoryPipeline) -> None:
    from include.services.repair.rebuild_ledger import rebuild_ledger
    from tests.services.repair.test_rebuild_ledger import empty_ledger

    upload_id = refused(pipeline)
    again(pipeline, upload_id)
    assert pipeline.ingest(upload_id) is State.REFUSED
    before = pipeline.upload(upload_id)
    empty_ledger(pipeline)
    rebuild_ledger(pipeline.context, by="engineer", dry_run=False)
    after = pipeline.upload(upload_id)
    assert replace(after, updated_at=before.updated_at, claimed_at=before.claimed_at) == before
    assert again(pipeline, upload_id).run_id == f"{upload_id}__3"


def test_the_governance_that_lay_beside_a_dropped_file_is_that_of_its_next_attempt(pipeline: MemoryPipeline) -> None:
    pipeline.publish(b"a,b\n1,x\n")
    folder = "database_name=travel/table_name=trips/extraction_timestamp=20240101T000000Z"
    landing_uri = f"{pipeline.context.settings.landing_uri}/{folder}"
    side = {"document": "dpia", "reference": "DPIA-7", "classification": "official", "confirmed_by": "x@example.org"}
    pipeline.objects.write(f"{landing_uri}/_governance.json", json.dumps(side).encode())
    pipeline.objects.write(f"{landing_uri}/f.csv", b"a,b\n1,x\n")
    pipeline.suite.findings = (BAD,)
    (upload_id,) = pipeline.watch()
    assert pipeline.ingest(upload_id) is State.REFUSED
    assert pipeline.objects.head(f"{landing_uri}/_governance.json") is None
    pipeline.suite.findings = ()
    again(pipeline, upload_id)
    assert pipeline.ingest(upload_id) is State.PUBLISHED
    governance = pipeline.upload(upload_id).governance
    assert (governance.document, governance.reference) == (Document.DPIA, "DPIA-7")
    assert list(pipeline.objects.list(pipeline.context.settings.landing_uri)) == []


def test_an_attempt_whose_file_was_taken_away_meanwhile_is_refused_again(
    pipeline: MemoryPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_id = refused(pipeline)
    before = pipeline.upload(upload_id)

    def cut_short(*_: object) -> StoredObject:
        raise Transient("no answer", code="lost")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline.objects, "copy", cut_short)
        with pytest.raises(Transient):
            again(pipeline, upload_id)
    assert pipeline.upload(upload_id).state is State.CHECKING
    pipeline.objects.delete([Areas(pipeline.context.settings).failed(before, before.filename)])
    with pytest.raises(NotFound):
        again(pipeline, upload_id)
    upload = pipeline.upload(upload_id)
    assert (upload.state, upload.attempt) == (State.REFUSED, before.attempt)
    with pytest.raises(NotFound):
        again(pipeline, upload_id)
