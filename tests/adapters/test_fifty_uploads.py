"""Fifty uploads to one table at once, each with a column of its own and some with wider types: none is lost."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from io import BytesIO
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from include.adapters.ledger.engine import make_engine
from include.adapters.ledger.uploads import SqlUploadLedger
from include.domain.errors import Transient
from include.domain.upload import State
from include.services import glue_tables, notices
from include.services.consistency import verify
from include.services.ingest.refuse import refuse
from include.services.ingest.stage import Verdict
from include.services.promotion.promote import promote_table
from include.services.widening.job import run_widening
from tests.aws_pipeline import make_aws_pipeline
from tests.pipeline import STAGES

if TYPE_CHECKING:
    from pathlib import Path

    from include.services.context import PromotionContext
    from tests.pipeline import Pipeline
    from tests.strict_aws.server import StrictAws

pytestmark = [pytest.mark.aws, pytest.mark.proof, pytest.mark.timeout(900)]

DATABASE = "data_eng_uploader_dev_travel"
TRIES = 50  # of one stage, as Airflow would retry it

# The columns that all files have: what most hold in a row, and what the first of ten holds that widens them.
SHARED = {
    "to_double": ("bigint", ["1", "9007199254740992"], "1.5", "double"),
    "to_string": ("bigint", ["7", "-7"], "unknown", "string"),
    "to_timestamp": ("date", ["2026-01-31", "2026-02-01"], "2026-01-31T12:34:56.789", "timestamp"),
    "to_bigint": ("", ["", ""], "12", "bigint"),
}
OWN = (("bigint", "5"), ("double", "2.5"), ("date", "2026-03-01"), ("string", "words"), ("boolean", "true"))


@dataclass
class BriefClock:
    """The machine's clock; waiting for a lease takes half of what it says."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / 2)


@dataclass(frozen=True)
class File:
    """One file: its text, row by row."""

    header: list[str]
    rows: list[list[str]]

    @property
    def content(self) -> bytes:
        return "".join(",".join(row) + "\n" for row in (self.header, *self.rows)).encode()


def file_of(number: int) -> File:
    """The shared columns, of which one in ten widens one, and a column that no other file has."""
    header, columns = list(SHARED), [list(usual) for _, usual, _, _ in SHARED.values()]
    if number % 10 < len(SHARED):
        columns[number % 10][1] = list(SHARED.values())[number % 10][2]
    _, value = OWN[number % len(OWN)]
    return File([*header, f"own_{number:02}"], [list(row) for row in zip(*columns, [value, value], strict=True)])


def expected_types(count: int) -> dict[str, str]:
    return {name: wide for name, (_, _, _, wide) in SHARED.items()} | {
        f"own_{number:02}": OWN[number % len(OWN)][0] for number in range(count)
    }


def ingest(context: PromotionContext, upload_id: str) -> State:
    """One run of `ingest_upload`: a stage that fails for something that passes is tried again."""
    for stage in STAGES:
        for _ in range(TRIES):
            try:
                verdict = stage(context, upload_id)
                break
            except Transient:
                continue
        else:
            pytest.fail(f"{stage.__name__} of {upload_id} never ended")
        if verdict is not Verdict.GO_ON:
            break
    refuse(context, upload_id)
    notices.notify(context, upload_id)
    upload = context.ledger.get(upload_id)
    assert upload is not None
    return upload.state


def widen_what_waits(context: PromotionContext, over: Event) -> int:
    """What the watch does: start the table's widening whenever uploads wait for it; how often it had to."""
    jobs = 0
    while True:
        last = over.is_set()
        while context.ledger.in_states({State.WIDENING}):
            jobs += 1
            try:
                run_widening(context, "travel", "trips")
            except Transient:
                continue
        if last:
            return jobs
        over.wait(0.2)


def read_back(pipeline: Pipeline) -> dict[str, list[dict[str, Any]]]:
    """The rows that are registered in the catalogue, by upload."""
    import pyarrow.parquet as pq

    found: dict[str, list[dict[str, Any]]] = {}
    objects = pipeline.context.objects
    for entry in pipeline.context.catalogue.partitions(DATABASE, "trips"):
        parts = [objects.read(stored.uri) for stored in objects.list(entry.location)]
        found[entry.parameters[glue_tables.UPLOAD]] = [
            row for part in parts for row in pq.read_table(BytesIO(part)).to_pylist()
        ]
    return found


def as_type(text: str, kind: str) -> Any:
    """A cell as the table's type has it."""
    if text == "":
        return None
    readers: dict[str, Any] = {
        "bigint": int,
        "double": float,
        "string": str,
        "boolean": lambda word: word == "true",
        "date": date.fromisoformat,
        "timestamp": datetime.fromisoformat,
    }
    return readers[kind](text)


@pytest.mark.parametrize(("ledger_url", "count"), [("postgresql", 50), ("sqlite", 10)], indirect=["ledger_url"])
def test_uploads_at_once_are_all_published_and_every_cell_is_there(
    aws: StrictAws, tmp_path: Path, ledger_url: str, count: int
) -> None:
    pipeline = make_aws_pipeline(aws, tmp_path, ledger_url=ledger_url)
    clock = BriefClock()
    pipeline.context = replace(
        pipeline.context, clock=clock, ledger=SqlUploadLedger(make_engine(ledger_url, pooled=True), clock=clock)
    )
    files = [file_of(number) for number in range(count)]
    uploads = {pipeline.land(file.content, filename=f"f{n}.csv"): file for n, file in enumerate(files)}
    assert sorted(pipeline.watch()) == sorted(uploads)

    over = Event()
    with ThreadPoolExecutor(count + 1) as pool:
        widening = pool.submit(widen_what_waits, pipeline.context, over)
        runs = [pool.submit(ingest, pipeline.context, upload_id) for upload_id in uploads]
        ends = {run.result() for run in runs}
        over.set()
        assert widening.result() >= 1

    assert ends <= {State.PUBLISHED, State.WIDENING, State.PUBLISHING}
    assert {pipeline.upload(upload_id).state for upload_id in uploads} == {State.PUBLISHED}
    table = pipeline.context.catalogue.table(DATABASE, "trips")
    assert table is not None
    types = expected_types(count)
    assert dict(table.columns) == types
    wanted = {
        upload_id: [
            {name: as_type(cell, types[name]) for name, cell in zip(file.header, row, strict=True)} for row in file.rows
        ]
        for upload_id, file in uploads.items()
    }
    found = read_back(pipeline)
    for upload_id, rows in found.items():  # a column without a value is in no file
        found[upload_id] = [{name: row.get(name) for name in uploads[upload_id].header} for row in rows]
    assert found == wanted
    promote_table(pipeline.context, database="travel", table="trips")
    assert verify(pipeline.context) == ()
    assert len([mail for mail in pipeline.mailer.sent if mail.endswith("-published")]) == count
