"""What befalls landing: a watch that dies, files that are written over. Nothing is lost."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from include.adapters.ledger.uploads import SqlUploadLedger
from include.domain.errors import Conflict, NotFound, Terminal, Transient
from include.domain.upload import State
from include.services.areas import Areas
from include.services.ingest.check import check
from include.services.ingest.convert import convert_group, plan
from include.services.ingest.refuse import refuse
from include.services.ingest.stage import Verdict
from include.services.landing import sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.services.conftest import Pipeline

FOLDER = "database_name=travel/table_name=trips/extraction_timestamp=20260201T000000Z"
OLD, NEW = b"a\n1\n2\n", b"a\n3\n4\n5\n"
CALLS = ("list", "head", "file", "read", "write", "send", "fetch", "copy", "delete", "delete_unchanged")


class Killed(BaseException):
    """The process is no more: nothing of the service may catch this."""


def drop(pipeline: Pipeline, content: bytes) -> str:
    uri = f"{pipeline.context.settings.landing_uri}/{FOLDER}/x.csv"
    pipeline.objects.write(uri, content)
    return uri


def kill_at_commit(pipeline: Pipeline, number: int, *, made: bool) -> Callable[[], None]:
    """Die at the nth commit from now, before or after it is made; returns what ends this."""
    ledger = pipeline.context.ledger
    assert isinstance(ledger, SqlUploadLedger)
    seen = 0

    def commit(connection: Any) -> None:
        nonlocal seen
        if connection.get_execution_options().get("writes"):
            seen += 1
            if seen == number:
                if made:
                    connection.connection.commit()
                raise Killed

    event.listen(ledger.engine, "commit", commit)
    return lambda: event.remove(ledger.engine, "commit", commit)


def at_call(pipeline: Pipeline, number: int, act: Callable[[], None]) -> list[int]:
    """Let something happen before the nth call of the object store from now; how many calls there were."""
    calls = [0]

    def watched(call: Callable[..., Any]) -> Callable[..., Any]:
        def through(*args: Any, **options: Any) -> Any:
            calls[0] += 1
            if calls[0] == number:
                act()
            return call(*args, **options)

        return through

    for name in CALLS:
        setattr(pipeline.objects, name, watched(getattr(pipeline.objects, name)))
    return calls


def go_on(pipeline: Pipeline) -> None:
    """What follows by itself: the watch takes turns, its runs are played, the failed ones are cleared once."""
    for _ in range(3):
        pipeline.clock.advance(seconds=pipeline.context.settings.claim_seconds)
        sweep(pipeline.context)
        for upload_id in pipeline.watch():
            play(pipeline, upload_id)


def play(pipeline: Pipeline, upload_id: str) -> None:
    """A run of `ingest_upload`; what passes is tried again once, and what it does not survive makes it red."""
    try:
        try:
            pipeline.ingest(upload_id)
        except Transient:
            pipeline.ingest(upload_id)
    except (Conflict, NotFound, Terminal, Transient):
        if pipeline.upload(upload_id).state is not State.PUBLISHED:
            pipeline.context.ledger.move(upload_id, State.FAILED, actor="test")


def places_of(pipeline: Pipeline, content: bytes) -> list[str]:
    """The areas in which a file with this content lies."""
    settings = pipeline.context.settings
    areas = {"landing": settings.landing_uri, "raw_history": settings.raw_history_uri, "fail": settings.fail_uri}
    return [
        name
        for name, uri in areas.items()
        for stored in pipeline.objects.list(uri + "/")
        if pipeline.objects.content[stored.uri] == content
    ]


def partitions(pipeline: Pipeline) -> Iterator[tuple[str, int]]:
    """Upload and rows of every registered partition."""
    for table in pipeline.context.catalogue.tables_of("data_eng_uploader_dev_travel"):
        for entry in pipeline.context.catalogue.partitions(table.database, table.name):
            yield entry.parameters["data_uploader_upload"], int(entry.parameters["data_uploader_rows"])


@pytest.mark.parametrize("made", [False, True])
@pytest.mark.parametrize("commit", [1, 2])
def test_a_watch_that_dies_in_its_claim_loses_nothing(pipeline: Pipeline, commit: int, made: bool) -> None:  # noqa: FBT001 -- a table
    upload_id = pipeline.land(OLD)
    end = kill_at_commit(pipeline, commit, made=made)
    with pytest.raises(Killed):
        pipeline.watch()
    end()
    go_on(pipeline)
    assert pipeline.upload(upload_id).state is State.PUBLISHED
    assert list(partitions(pipeline)) == [(upload_id, 2)]


@pytest.mark.parametrize("made", [False, True])
@pytest.mark.parametrize("commit", [1, 2, 3])
def test_a_watch_that_dies_over_a_dropped_file_enters_it_once(pipeline: Pipeline, commit: int, made: bool) -> None:  # noqa: FBT001 -- a table
    pipeline.publish(b"a\n9\n")
    drop(pipeline, OLD)
    end = kill_at_commit(pipeline, commit, made=made)
    with pytest.raises(Killed):
        pipeline.watch()
    end()
    go_on(pipeline)
    assert sorted(rows for _, rows in partitions(pipeline)) == [1, 2]
    assert places_of(pipeline, OLD) == ["raw_history"]
    assert list(pipeline.objects.list(pipeline.context.settings.landing_uri)) == []


def test_a_watch_that_dies_between_claim_and_trigger_starts_the_same_run_later(pipeline: Pipeline) -> None:
    upload_id = pipeline.land(OLD)
    assert pipeline.watch() == [upload_id]
    assert pipeline.watch() == []
    pipeline.clock.advance(seconds=pipeline.context.settings.claim_seconds)
    assert pipeline.watch() == [upload_id]
    play(pipeline, upload_id)
    play(pipeline, upload_id)  # both turns of the watch started it after all
    assert list(partitions(pipeline)) == [(upload_id, 2)]
    assert list(pipeline.mailer.sent) == [f"{upload_id}-published"]


def test_the_same_file_dropped_again_when_it_is_done_is_refused_and_kept(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n9\n")
    for _ in range(2):
        drop(pipeline, OLD)
        go_on(pipeline)
        pipeline.objects.moment = pipeline.clock.now()
    assert sorted(rows for _, rows in partitions(pipeline)) == [1, 2]
    assert places_of(pipeline, OLD) == ["raw_history", "fail"]


def test_a_file_written_over_between_check_and_convert_is_never_mixed(pipeline: Pipeline) -> None:
    upload_id = pipeline.land(OLD)
    pipeline.watch()
    check(pipeline.context, upload_id)
    groups = plan(pipeline.context, upload_id)
    pipeline.objects.write(pipeline.upload(upload_id).landing_uri, NEW)
    assert convert_group(pipeline.context, upload_id, groups[0]) is Verdict.REFUSED
    assert refuse(pipeline.context, upload_id) is Verdict.REFUSED
    go_on(pipeline)
    assert list(partitions(pipeline)) == []
    assert places_of(pipeline, NEW) == ["fail"]


def calls_of_an_ingestion(pipeline: Pipeline) -> int:
    calls = at_call(pipeline, 0, lambda: None)
    upload_id = pipeline.land(OLD)
    pipeline.watch()
    calls[0] = 0
    pipeline.ingest(upload_id)
    return calls[0]


def test_a_file_written_over_at_any_moment_of_its_ingestion_is_lost_at_none(
    make_pipeline: Callable[[], Pipeline],
) -> None:
    total = calls_of_an_ingestion(make_pipeline())
    assert total > 30
    for number in range(1, total + 1):
        pipeline = make_pipeline()
        upload_id = pipeline.land(OLD)
        pipeline.watch()
        uri = pipeline.upload(upload_id).landing_uri
        at_call(pipeline, number, lambda uri=uri, pipeline=pipeline: pipeline.objects.write(uri, NEW))  # type: ignore[misc]
        play(pipeline, upload_id)
        go_on(pipeline)
        upload = pipeline.upload(upload_id)
        assert places_of(pipeline, NEW), f"lost at call {number} of {total}"
        if upload.state is State.PUBLISHED:
            assert list(partitions(pipeline)) == [(upload_id, 2)], number
            raw = pipeline.objects.content[Areas(pipeline.context.settings).raw(upload)]
            assert hashlib.sha256(raw).hexdigest() == upload.sha256, number
        else:
            assert upload.state is State.REFUSED, number
            assert [finding.code for finding in upload.findings] == ["replaced_while_read"], number
            assert list(partitions(pipeline)) == [], number
