"""A table of 300 partitions is widened and killed half way: what readers of the catalogue see at every step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
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
    from collections.abc import Callable
    from pathlib import Path

    from tests.pipeline import Pipeline
    from tests.services.conftest import Pipeline as MemoryPipeline
    from tests.strict_aws.server import StrictAws

DATABASE = "data_eng_uploader_dev_travel"
PARTITIONS = 300
STEPS = ("update_table", "update_partitions", "create_partition")
KILLED_AT = 2  # of the hundreds


class Killed(BaseException):
    """The process is gone."""


def fill(pipeline: Pipeline) -> None:
    """Copies of one published partition, each under a timestamp and an upload of its own, as if published singly."""
    first = pipeline.upload(pipeline.publish(b"a\n1\n2\n"))
    (entry,) = pipeline.context.catalogue.partitions(DATABASE, "trips")
    (part,) = pipeline.context.objects.list(entry.location)
    areas = Areas(pipeline.context.settings)
    raw = pipeline.context.objects.read(areas.raw(first))
    manifest = pipeline.context.objects.read(areas.manifest(first))
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
        pipeline.context.objects.write(areas.raw(upload), raw)
        pipeline.context.objects.write(areas.raw(upload).rpartition("/")[0] + "/" + MANIFEST, manifest)
        pipeline.context.objects.write(location + part.name, pipeline.context.objects.read(part.uri))
        copied = replace(
            entry,
            extraction_timestamp=upload.extraction_timestamp,
            location=location,
            parameters={**entry.parameters, glue_tables.UPLOAD: upload.id},
        )
        pipeline.context.catalogue.create_partition(DATABASE, "trips", copied)


def read(pipeline: Pipeline) -> dict[str, list[str]]:
    """What the files of each registered partition say, as text."""
    found = {}
    for entry in pipeline.context.catalogue.partitions(DATABASE, "trips"):
        parts = [pipeline.context.objects.read(stored.uri) for stored in pipeline.context.objects.list(entry.location)]
        rows = [row["a"] for part in parts for row in pq.read_table(pa.BufferReader(part)).to_pylist()]
        found[entry.extraction_timestamp] = [str(row) for row in rows]
    return found


def refused(pipeline: Pipeline) -> bool:
    """Whether an engine may refuse a query now: some partition has another type than the table."""
    table = pipeline.context.catalogue.table(DATABASE, "trips")
    assert table is not None
    return any(entry.columns != table.columns for entry in pipeline.context.catalogue.partitions(DATABASE, "trips"))


@dataclass
class Watched:
    """A catalogue that is looked at after each call that changes it, and at which the process is killed once.

    Attributes:
        target: the catalogue itself.
        look: called after a change.
        steps: the changes that were made.
        hundreds: how often partitions were to be updated; the second time the process is killed instead.
    """

    target: Any
    look: Callable[[], None]
    steps: list[str] = field(default_factory=list)
    hundreds: int = 0

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.target, name)
        if name not in STEPS:
            return real

        def call(*args: Any, **kwargs: Any) -> None:
            self.hundreds += name == "update_partitions"
            if name == "update_partitions" and self.hundreds == KILLED_AT:
                raise Killed
            real(*args, **kwargs)
            self.steps.append(name)
            self.look()

        return call


def expect_widened_as_if_never_killed(pipeline: Pipeline) -> None:
    """Widen the table, killed between the first hundred partitions and the second, with a reader at every step."""
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

    def look() -> None:
        seen = read(pipeline)
        added = seen.pop(pipeline.upload(last).extraction_timestamp, ["x"])
        assert (seen, added) == (before, ["x"])
        table = pipeline.context.catalogue.table(DATABASE, "trips")
        assert table is not None
        assert not refused(pipeline) or glue_tables.WIDENING in table.parameters

    watched = Watched(pipeline.context.catalogue, look)
    context = replace(pipeline.context, catalogue=watched)
    with pytest.raises(Killed):
        run_widening(context, "travel", "trips")
    assert refused(pipeline)
    run_widening(context, "travel", "trips")
    assert watched.steps == [
        *("update_table", "update_partitions"),
        *("update_partitions", "update_partitions", "update_table", "create_partition"),
    ]
    assert not refused(pipeline)
    assert pipeline.upload(last).state is State.PUBLISHED
    revisions = {upload.id: upload.revision for upload in pipeline.context.ledger.live("travel", "trips")}
    assert revisions == {
        entry.parameters[glue_tables.UPLOAD]: entry.parameters[glue_tables.REVISION]
        for entry in pipeline.context.catalogue.partitions(DATABASE, "trips")
    }


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_three_hundred_partitions_widened_and_killed_half_way_are_never_doubled_missing_or_altered(
    pipeline: MemoryPipeline,
) -> None:
    expect_widened_as_if_never_killed(pipeline)


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_it_is_so_on_aws_too(aws: StrictAws, tmp_path: Path) -> None:
    from tests.aws_pipeline import make_aws_pipeline

    expect_widened_as_if_never_killed(make_aws_pipeline(aws, tmp_path))
