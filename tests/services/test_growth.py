"""What one more partition costs AWS in a table of ten, of a thousand, and of twenty thousand: the same."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from include.adapters.glue_entries import partition_input
from include.adapters.ledger.engine import make_engine
from include.adapters.ledger.tables import uploads
from include.domain.upload import State
from include.ports import CataloguePartition
from include.services import glue_tables
from include.services.promotion.promote import promote_table
from tests.adapters.ledger_samples import an_upload
from tests.aws_pipeline import AP_ACCOUNT, make_aws_pipeline
from tests.strict_aws.server import OWN_ACCOUNT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pipeline import Pipeline
    from tests.strict_aws.server import StrictAws

DATABASE = "data_eng_uploader_dev_travel"
SIZES = (10, 1_000, 20_000)
EARLIER = datetime(2020, 1, 1, tzinfo=UTC)

pytestmark = [pytest.mark.aws, pytest.mark.timeout(900)]


def grow(pipeline: Pipeline, aws: StrictAws, partitions: int) -> None:
    """Give the table that many partitions, published and promoted, in the ledger and in both catalogues."""
    rows, entries = [], []
    for number in range(partitions):
        timestamp = f"{EARLIER + timedelta(minutes=number):%Y%m%dT%H%M%SZ}"
        upload = an_upload(
            100_000 + number,
            database="travel",
            table="trips",
            extraction_timestamp=timestamp,
            state=State.PROMOTED,
            published_at=EARLIER,
            revision="r1",
            promoted_revision="r1",
            taken_revision="r1",
        )
        rows.append({column.name: getattr(upload, column.name) for column in uploads.columns})
        entries.append(
            CataloguePartition(
                extraction_timestamp=timestamp,
                location=f"s3://curated/{timestamp}/",
                columns=(("a", "bigint"),),
                parameters={glue_tables.UPLOAD: upload.id, glue_tables.REVISION: "r1", glue_tables.ROWS: "1"},
            )
        )
    with make_engine(pipeline.context.settings.ledger_url.get_secret_value()).begin() as connection:
        connection.execute(insert(uploads), rows)
    for account in (OWN_ACCOUNT, AP_ACCOUNT):
        glue = aws.client("glue", account=account)
        for start in range(0, partitions, 100):
            answer = glue.batch_create_partition(
                DatabaseName=DATABASE,
                TableName="trips",
                PartitionInputList=[partition_input(entry) for entry in entries[start : start + 100]],
            )
            assert not answer.get("Errors")


def test_publishing_and_promoting_one_partition_cost_the_same_however_many_there_are(
    aws: StrictAws, tmp_path: Path
) -> None:
    costs = []
    for partitions in SIZES:
        aws.reset()
        folder = tmp_path / str(partitions)
        folder.mkdir()
        pipeline = make_aws_pipeline(aws, folder)
        pipeline.publish(b"a\n1\n")
        promote_table(pipeline.context, database="travel", table="trips")
        grow(pipeline, aws, partitions)
        aws.requests.clear()
        pipeline.publish(b"a\n2\n")
        publishing = Counter(aws.requests)
        aws.requests.clear()
        assert len(promote_table(pipeline.context, database="travel", table="trips").added) == 1
        costs.append((publishing, Counter(aws.requests)))
    published, promoted = costs[0]
    print(f"publishing: {sum(published.values())} requests, promoting: {sum(promoted.values())} requests")  # noqa: T201 - the figure of docs/performance.md
    assert costs == [costs[0]] * len(SIZES)
