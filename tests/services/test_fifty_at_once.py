"""Fifty uploads to one table at once, against the strict AWS: each has a column of its own, some need wider types."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.domain.errors import Transient
from include.domain.upload import WAITING, State
from include.services import glue_tables
from include.services.ingest.publish import publish
from include.services.ingest.stage import Verdict
from include.services.widening.job import run_widening
from tests.aws_pipeline import make_aws_pipeline
from tests.pipeline import STAGES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pipeline import Pipeline
    from tests.strict_aws.server import StrictAws

UPLOADS = 50
DATABASE = "data_eng_uploader_dev_travel"


class BriskClock:
    """The real time, and waits so short that fifty take turns quickly."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / 20)


def value(number: int) -> str:
    """Most files fit the first; the tenth needs doubles, two need text."""
    if number in {25, 40}:
        return "x"
    return "0.5" if number % 10 == 7 else str(number)


def publish_like_airflow(pipeline: Pipeline, upload_id: str) -> Verdict:
    """What passes is tried again."""
    while True:
        try:
            return publish(pipeline.context, upload_id)
        except Transient:
            time.sleep(0.1)


@pytest.mark.aws
@pytest.mark.timeout(900)
def test_fifty_uploads_at_once_are_all_published_and_the_table_is_their_union(aws: StrictAws, tmp_path: Path) -> None:
    pipeline = make_aws_pipeline(aws, tmp_path)
    uploads = [pipeline.land(f"a,c{number}\n{value(number)},{number}\n".encode()) for number in range(UPLOADS)]
    pipeline.watch()
    for upload_id in uploads:
        for stage in STAGES[:-1]:
            assert stage(pipeline.context, upload_id) is Verdict.GO_ON
    pipeline.context = replace(pipeline.context, clock=BriskClock())
    with ThreadPoolExecutor(UPLOADS) as threads:
        verdicts = list(threads.map(lambda upload_id: publish_like_airflow(pipeline, upload_id), uploads))
    assert set(verdicts) == {Verdict.GO_ON, Verdict.WAITING}
    while pipeline.context.ledger.in_states(WAITING):
        run_widening(pipeline.context, "travel", "trips")
    assert {pipeline.upload(upload_id).state for upload_id in uploads} == {State.PUBLISHED}
    table = pipeline.context.catalogue.table(DATABASE, "trips")
    assert table is not None
    assert dict(table.columns) == {"a": "string", **{f"c{number}": "bigint" for number in range(UPLOADS)}}
    assert glue_tables.read_schema(table).types().keys() == dict(table.columns).keys()
    entries = {
        each.parameters[glue_tables.UPLOAD]: each for each in pipeline.context.catalogue.partitions(DATABASE, "trips")
    }
    assert entries.keys() == set(uploads)
    for number, upload_id in enumerate(uploads):
        (part,) = pipeline.context.objects.list(entries[upload_id].location)
        rows = pq.read_table(pa.BufferReader(pipeline.context.objects.read(part.uri))).to_pylist()
        assert rows == [{"a": value(number), f"c{number}": number}]
