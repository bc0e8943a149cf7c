"""A table with as many partitions as wanted, and the requests to AWS that one more costs.

`python -m tests.services.growth` prints the table of docs/performance.md.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from include.adapters.aws_clients import client_config
from include.adapters.glue_entries import partition_input
from include.adapters.ledger.engine import make_engine
from include.adapters.ledger.tables import uploads
from include.services.areas import Areas
from include.services.promotion.promote import promote_table
from tests.aws_pipeline import AP_ACCOUNT, make_aws_pipeline
from tests.strict_aws.server import OWN_ACCOUNT, StrictAws, strict_aws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from include.ports import CataloguePartition
    from tests.pipeline import Pipeline

SIZES = (10, 1_000, 20_000)
KINDS = ("fits the table", "adds a column")
FIRST = datetime(2001, 1, 1, tzinfo=UTC)  # of the partitions that are not uploaded one by one
BATCH = 100

Calls = Counter[tuple[str, str, str]]  # by account, service and operation


@dataclass(frozen=True)
class Measured:
    """The requests that one more upload cost."""

    publication: Calls
    promotion: Calls


def measure(aws: StrictAws, folder: Path) -> dict[str, dict[int, Measured]]:
    """Publish and promote one file of each kind into a table that has so many partitions already; by kind and size."""
    pipeline = make_aws_pipeline(aws, folder)
    pipeline.publish(b"a,b\n1,x\n")
    promote_table(pipeline.context, database="travel", table="trips")
    (model,) = _rows(folder)
    found: dict[str, dict[int, Measured]] = {kind: {} for kind in KINDS}
    for size in SIZES:
        grow(aws, pipeline, folder, model=model, partitions=size)
        files = (b"a,b\n3,z\n", f"a,b,of_{size}\n3,z,2026-01-31\n".encode())
        for kind, content in zip(KINDS, files, strict=True):
            found[kind][size] = _one_more(aws, pipeline, content)
    return found


def _one_more(aws: StrictAws, pipeline: Pipeline, content: bytes) -> Measured:
    publication = counted(aws, lambda: pipeline.publish(content))
    promotion = counted(aws, lambda: promote_table(pipeline.context, database="travel", table="trips"))
    return Measured(publication, promotion)


def counted(aws: StrictAws, work: Callable[[], object]) -> Calls:
    """The requests that a piece of work makes."""
    aws.forget_requests()
    work()
    return Counter(aws.account_requests)


def grow(aws: StrictAws, pipeline: Pipeline, folder: Path, *, model: dict[str, Any], partitions: int) -> None:
    """Register copies of the model's partition, in both accounts and in the ledger, until the table has so many."""
    there = len(_rows(folder))
    database = Areas(pipeline.context.settings).database("travel")
    numbers = range(there, partitions)
    timestamps = [f"{FIRST + timedelta(hours=number):%Y%m%dT%H%M%SZ}" for number in numbers]
    catalogues = ((OWN_ACCOUNT, pipeline.context.catalogue), (AP_ACCOUNT, pipeline.context.ap_catalogue))
    for account, catalogue in catalogues:
        entry = catalogue.partition(database, "trips", model["extraction_timestamp"])
        assert entry is not None
        glue = aws.client("glue", account=account, config=client_config())
        for batch in _batches(list(_copies(entry, timestamps))):
            answer = glue.batch_create_partition(DatabaseName=database, TableName="trips", PartitionInputList=batch)
            assert not answer.get("Errors")
    more = [
        {**model, "id": f"{number + 1_000_000:032x}", "extraction_timestamp": timestamp}
        for number, timestamp in zip(numbers, timestamps, strict=True)
    ]
    with make_engine(_url(folder)).begin() as connection:
        connection.execute(insert(uploads), more)


def as_table() -> str:
    """The measured figures, as Markdown."""
    lines = [
        "| upload | partitions already there | publication, ours | promotion, ours | promotion, platform's |",
        "|---|--:|--:|--:|--:|",
    ]
    with strict_aws() as aws, tempfile.TemporaryDirectory() as folder:
        for kind, sizes in measure(aws, Path(folder)).items():
            for size, found in sizes.items():
                figures = (
                    _of(found.publication, OWN_ACCOUNT),
                    _of(found.promotion, OWN_ACCOUNT),
                    _of(found.promotion, AP_ACCOUNT),
                )
                lines.append(f"| {kind} | {size:,} | " + " | ".join(map(str, figures)) + " |")
    return "\n".join(lines)


def _of(calls: Calls, account: str) -> int:
    return sum(count for (owner, _, _), count in calls.items() if owner == account)


def _copies(entry: CataloguePartition, timestamps: list[str]) -> Iterator[Any]:
    made: Any = partition_input(entry)
    for timestamp in timestamps:
        yield {**made, "Values": [timestamp]}


def _batches(entries: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(entries), BATCH):
        yield entries[start : start + BATCH]


def _rows(folder: Path) -> list[dict[str, Any]]:
    with make_engine(_url(folder)).begin() as connection:
        return [dict(row) for row in connection.execute(select(uploads)).mappings()]


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / 'ledger.db'}"


if __name__ == "__main__":
    sys.stdout.write(as_table() + "\n")
