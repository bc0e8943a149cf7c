"""A table of 300 partitions is widened and killed half way: what readers of the catalogue see at every step."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.domain.upload import State
from include.services import glue_tables
from include.services.areas import MANIFEST, Areas
from include.services.widening.job import run_widening

if TYPE_CHECKING:
    from tests.services.conftest import Pipeline

DATABASE = "data_eng_uploader_dev_travel"
PARTITIONS = 300
STEPS = ("update_table", "update_partitions", "create_partition")


class Killed(BaseException):
    """The process is gone."""


def fill(pipeline: Pipeline) -> None:
    """Copies of one published partition, each under a timestamp and an upload of its own, as if published singly."""
    first = pipeline.upload(pipeline.publish(b"a\n1\n2\n"))
    (entry,) = pipeline.catalogue.partitions(DATABASE, "trips")
    (part,) = pipeline.objects.list(entry.location)
    areas = Areas(pipeline.context.settings)
    raw = pipeline.objects.read(areas.raw(first))
    manifest = pipeline.objects.read(areas.manifest(first))
    for number in range(1, PARTITIONS):
        moment = first.created_at - timedelta(days=number)
        upload = replace(
            first,
            id=f"{1000 + number:032x}",
            extraction_timestamp=f"{moment:%Y%m%dT%H%M%SZ}",
            state=State.STARTED,
            revision=None,
            published_at=None,
        )
        pipeline.context.ledger.add(upload, actor="test")
        pipeline.context.ledger.move(upload.id, State.CHECKING, actor="test")
        pipeline.context.ledger.move(upload.id, State.PUBLISHED, actor="test", revision=first.revision)
        location = areas.revision(upload.key, str(first.revision))
        pipeline.objects.write(areas.raw(upload), raw)
        pipeline.objects.write(areas.raw(upload).rpartition("/")[0] + "/" + MANIFEST, manifest)
        pipeline.objects.write(location + part.name, pipeline.objects.read(part.uri))
        copied = replace(
            entry,
            extraction_timestamp=upload.extraction_timestamp,
            location=location,
            parameters={**entry.parameters, glue_tables.UPLOAD: upload.id},
        )
        pipeline.catalogue.create_partition(DATABASE, "trips", copied)


def read(pipeline: Pipeline) -> dict[str, list[str]]:
    """What the files of each registered partition say, as text."""
    found = {}
    for entry in pipeline.catalogue.partitions(DATABASE, "trips"):
        parts = [pipeline.objects.content[stored.uri] for stored in pipeline.objects.list(entry.location)]
        rows = [row["a"] for part in parts for row in pq.read_table(pa.BufferReader(part)).to_pylist()]
        found[entry.extraction_timestamp] = [str(row) for row in rows]
    return found


def refused(pipeline: Pipeline) -> bool:
    """Whether an engine may refuse a query now: some partition has another type than the table."""
    table = pipeline.catalogue.table(DATABASE, "trips")
    assert table is not None
    return any(entry.columns != table.columns for entry in pipeline.catalogue.partitions(DATABASE, "trips"))


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_three_hundred_partitions_widened_and_killed_half_way_are_never_doubled_missing_or_altered(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = pipeline.context.settings.model_copy(
        update={"remove_superseded_at_once": False, "widen_max_partitions": PARTITIONS}
    )
    pipeline.context = replace(pipeline.context, settings=settings)
    fill(pipeline)
    before = read(pipeline)
    assert len(before) == PARTITIONS
    last = pipeline.land(b"a\nx\n")
    pipeline.watch()
    assert pipeline.ingest(last) is State.WIDENING
    steps: list[str] = []
    hundreds = 0

    def watched(name: str) -> Any:
        real = getattr(pipeline.catalogue, name)

        def call(*args: Any, **kwargs: Any) -> None:
            nonlocal hundreds
            hundreds += name == "update_partitions"
            if name == "update_partitions" and hundreds == 2:
                raise Killed
            real(*args, **kwargs)
            steps.append(name)
            seen = read(pipeline)
            added = seen.pop(pipeline.upload(last).extraction_timestamp, ["x"])
            assert (seen, added) == (before, ["x"])
            table = pipeline.catalogue.table(DATABASE, "trips")
            assert table is not None
            assert not refused(pipeline) or glue_tables.WIDENING in table.parameters

        return call

    for name in STEPS:
        monkeypatch.setattr(pipeline.catalogue, name, watched(name))
    with pytest.raises(Killed):
        run_widening(pipeline.context, "travel", "trips")
    assert refused(pipeline)
    run_widening(pipeline.context, "travel", "trips")
    assert steps == [
        *("update_table", "update_partitions"),
        *("update_partitions", "update_partitions", "update_table", "create_partition"),
    ]
    assert not refused(pipeline)
    assert pipeline.upload(last).state is State.PUBLISHED
    revisions = {upload.id: upload.revision for upload in pipeline.context.ledger.live("travel", "trips")}
    assert revisions == {
        entry.parameters[glue_tables.UPLOAD]: entry.parameters[glue_tables.REVISION]
        for entry in pipeline.catalogue.partitions(DATABASE, "trips")
    }
