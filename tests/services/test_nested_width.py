"""Nested columns of more fields than Glue can describe are found before anything of the file is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from include.domain.taking_findings import MAX_TYPE
from include.domain.upload import State
from tests.aws_pipeline import make_aws_pipeline

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pipeline import Pipeline
    from tests.services.conftest import Pipeline as MemoryPipeline
    from tests.strict_aws.server import StrictAws

DATABASE = "data_eng_uploader_dev_travel"


def nested(first: int, count: int, *, n: object = 1) -> bytes:
    """A line with a column `n`, and one of so many fields, whose names have 125 characters."""
    fields = {f"{'f' * 120}_{number:04d}": number for number in range(first, first + count)}
    return json.dumps({"n": n, "s": fields}).encode()


def expect_refused(pipeline: Pipeline, content: bytes) -> None:
    upload_id = pipeline.land(content, filename="f.jsonl")
    pipeline.watch()
    assert pipeline.ingest(upload_id) is State.REFUSED
    (finding,) = [one for one in pipeline.upload(upload_id).findings if one.severity.value == "error"]
    assert (finding.code, finding.column) == ("nested_too_wide", "s")
    assert finding.details["columns"][0]["type_characters"] > MAX_TYPE
    raw = pipeline.context.objects.list(pipeline.context.settings.raw_history_uri)
    assert [stored.uri for stored in raw if pipeline.upload(upload_id).extraction_timestamp in stored.uri] == []


def test_a_file_that_is_too_wide_by_itself_is_refused(pipeline: MemoryPipeline) -> None:
    expect_refused(pipeline, nested(0, 1100))
    assert pipeline.catalogue.table(DATABASE, "trips") is None


def test_a_file_that_makes_its_table_too_wide_is_refused(pipeline: MemoryPipeline) -> None:
    pipeline.publish(nested(0, 600), filename="f.jsonl")
    expect_refused(pipeline, nested(600, 600))


def test_files_that_wait_for_their_table_are_not_too_wide_together(pipeline: MemoryPipeline) -> None:
    pipeline.publish(nested(0, 1), filename="f.jsonl")
    waiting = pipeline.land(nested(1, 600, n="x"), filename="f.jsonl")
    pipeline.watch()
    assert pipeline.ingest(waiting) is State.WIDENING
    expect_refused(pipeline, nested(601, 600))
    assert pipeline.widen(waiting) is State.PUBLISHED


@pytest.mark.aws
def test_what_glue_refuses_is_never_asked_of_it(aws: StrictAws, tmp_path: Path) -> None:
    pipeline = make_aws_pipeline(aws, tmp_path)
    expect_refused(pipeline, nested(0, 1100))
    pipeline.publish(nested(0, 600), filename="f.jsonl")
    expect_refused(pipeline, nested(600, 600))
