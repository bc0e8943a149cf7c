"""That what must always hold is missed when it does not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from include.services.areas import Areas
from tests.aws_pipeline import make_aws_pipeline
from tests.faults.promises import broken_promises

if TYPE_CHECKING:
    from pathlib import Path

    from include.domain.upload import Upload
    from tests.pipeline import Pipeline
    from tests.strict_aws.server import StrictAws

DATABASE, TABLE = "data_eng_uploader_dev_travel", "trips"


@pytest.fixture
def pipeline(aws: StrictAws, tmp_path: Path) -> Pipeline:
    return make_aws_pipeline(aws, tmp_path)


@pytest.fixture
def published(pipeline: Pipeline) -> Upload:
    upload = pipeline.upload(pipeline.publish(b"a,b\n1,x\n"))
    assert broken_promises(pipeline.context) == []
    return upload


def what_broke(pipeline: Pipeline) -> str:
    return "\n".join(broken_promises(pipeline.context))


def test_a_partition_without_its_manifest_is_told(pipeline: Pipeline, published: Upload) -> None:
    pipeline.context.objects.delete([Areas(pipeline.context.settings).manifest(published)])
    assert "its manifest is not there" in what_broke(pipeline)


def test_a_partition_without_its_raw_file_is_told(pipeline: Pipeline, published: Upload) -> None:
    pipeline.context.objects.delete([Areas(pipeline.context.settings).raw(published)])
    assert "its raw file is not there" in what_broke(pipeline)


def test_a_partition_without_its_rows_is_told(pipeline: Pipeline, published: Upload) -> None:
    folder = Areas(pipeline.context.settings).partition(published.key)
    pipeline.context.objects.delete([stored.uri for stored in pipeline.context.objects.list(folder)])
    assert "its files have 0 rows, by its parameters 1" in what_broke(pipeline)


def test_an_upload_with_two_partitions_is_told(pipeline: Pipeline, published: Upload) -> None:
    catalogue = pipeline.context.catalogue
    (entry,) = catalogue.partitions(DATABASE, TABLE)
    catalogue.create_partition(DATABASE, TABLE, replace(entry, extraction_timestamp="20200101T000000Z"))
    assert f"2 partitions of {published.id}" in what_broke(pipeline)


def test_a_table_without_a_column_of_a_partition_is_told(pipeline: Pipeline, published: Upload) -> None:
    catalogue = pipeline.context.catalogue
    table = catalogue.table(DATABASE, TABLE)
    assert table is not None
    catalogue.update_table(replace(table, columns=table.columns[:1]))
    assert f"partition {published.extraction_timestamp}: its column b is string, in the table None" in what_broke(
        pipeline
    )


def test_a_published_upload_that_is_not_registered_is_told(pipeline: Pipeline, published: Upload) -> None:
    pipeline.context.catalogue.delete_partitions(DATABASE, TABLE, [published.extraction_timestamp])
    assert f"{published.id} is published and not registered" in what_broke(pipeline)
