"""The same file once more in one table: it comes in, and its sender is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include.domain.upload import State
from include.services.ingest.check import check

if TYPE_CHECKING:
    from tests.pipeline import Pipeline

CONTENT = b"year\n2013\n2014\n"


def told(pipeline: Pipeline, upload_id: str) -> list[tuple[str, str]]:
    """Codes and messages of an upload's findings."""
    return [(finding.code, finding.message) for finding in pipeline.upload(upload_id).findings]


def test_who_sends_it_again_is_told_of_whom_and_when_the_table_has_it(pipeline: Pipeline) -> None:
    first = pipeline.upload(pipeline.publish(CONTENT))
    again = pipeline.upload(pipeline.publish(CONTENT, filename="copy.csv"))

    assert first.findings == ()
    assert again.state is State.PUBLISHED
    (finding,) = again.findings
    assert (finding.code, finding.severity) == ("same_file_again", "warning")
    assert finding.message == (
        f"It is, byte for byte, {first.filename}, uploaded by {first.uploader}, "
        f"extraction_timestamp {first.extraction_timestamp}. With both, the table has its 2 rows twice. If that is not "
        "meant, this upload can be cancelled or withdrawn."
    )
    assert finding.details == {"extraction_timestamp": first.extraction_timestamp}


def test_another_file_and_another_table_are_none_of_it(pipeline: Pipeline) -> None:
    pipeline.publish(CONTENT)
    assert told(pipeline, pipeline.publish(CONTENT + b"2015\n")) == []
    assert told(pipeline, pipeline.publish(CONTENT, table="another")) == []


def test_an_upload_that_checks_its_own_file_again_is_not_told_of_itself(pipeline: Pipeline) -> None:
    upload_id = pipeline.land(CONTENT)
    pipeline.watch()
    check(pipeline.context, upload_id)
    pipeline.ingest(upload_id)
    assert told(pipeline, upload_id) == []


def test_one_that_is_still_on_its_way_counts(pipeline: Pipeline) -> None:
    first, second = pipeline.land(CONTENT), pipeline.land(CONTENT)
    assert set(pipeline.watch()) == {first, second}
    check(pipeline.context, first)
    pipeline.ingest(second)
    ((code, message),) = told(pipeline, second)
    assert code == "same_file_again"
    assert message.startswith("Another upload brings the same bytes: f.csv, uploaded by ")
    assert "With both, the table has the 2 rows twice." in message


def test_what_was_withdrawn_does_not_count(pipeline: Pipeline) -> None:
    first = pipeline.publish(CONTENT)
    pipeline.context.ledger.move(first, State.WITHDRAWN, actor="a test")
    assert told(pipeline, pipeline.publish(CONTENT)) == []


@pytest.mark.parametrize("content", [b"", b"year\n"])
def test_of_a_refused_file_it_is_not_said(pipeline: Pipeline, content: bytes) -> None:
    for _ in range(2):
        upload_id = pipeline.land(content)
        pipeline.watch()
        pipeline.ingest(upload_id)
        assert [code for code, _ in told(pipeline, upload_id)] == ["no_rows" if content else "empty_file"]
