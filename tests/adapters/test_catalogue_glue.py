"""What only Glue can do to a catalogue: batches, pages, races, denials, and what others put there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from botocore.config import Config

from include.adapters.aws_clients import client_config
from include.adapters.catalogue_glue import GlueCatalogue
from include.domain.errors import Conflict, NotFound, Terminal, Transient
from tests.adapters.test_catalogue import DATABASE, TABLE, partition

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_glue import GlueClient

    from tests.strict_aws.server import StrictAws

pytestmark = pytest.mark.aws

WRITERS = 12


@pytest.fixture
def catalogue(glue: GlueClient) -> GlueCatalogue:
    catalogue = GlueCatalogue(glue)
    catalogue.create_database(DATABASE, description="", parameters={})
    catalogue.create_table(TABLE)
    return catalogue


def test_columns_that_many_writers_add_at_once_all_stay(catalogue: GlueCatalogue) -> None:
    def add(number: int) -> int:
        tries = 0
        while True:
            tries += 1
            table = catalogue.table(DATABASE, "visits")
            assert table is not None
            try:
                catalogue.update_table(replace(table, columns=(*table.columns, (f"added_{number}", "date"))))
            except Conflict:
                continue
            return tries

    with ThreadPoolExecutor(WRITERS) as pool:
        tries = list(pool.map(add, range(WRITERS)))

    table = catalogue.table(DATABASE, "visits")
    assert table is not None
    assert {name for name, _ in table.columns} >= {f"added_{number}" for number in range(WRITERS)}
    assert max(tries) > 1  # they did race


def test_a_table_is_only_changed_with_the_version_it_was_read_at(catalogue: GlueCatalogue) -> None:
    with pytest.raises(Terminal) as refused:
        catalogue.update_table(TABLE)

    assert refused.value.code == "version_missing"


def test_what_athena_needs_to_read_parquet_is_there(catalogue: GlueCatalogue, glue: GlueClient) -> None:
    catalogue.create_partition(DATABASE, "visits", partition(1))

    table = glue.get_table(DatabaseName=DATABASE, Name="visits")["Table"]
    storage = table["StorageDescriptor"]
    assert table["TableType"] == "EXTERNAL_TABLE"
    assert table["PartitionKeys"] == [{"Name": "extraction_timestamp", "Type": "string"}]
    assert table["Parameters"]["classification"] == "parquet"
    assert storage["InputFormat"] == "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    assert storage["OutputFormat"] == "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
    assert storage["SerdeInfo"]["SerializationLibrary"] == "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    entry = glue.get_partition(DatabaseName=DATABASE, TableName="visits", PartitionValues=["20260131T000001Z"])
    assert entry["Partition"]["StorageDescriptor"]["SerdeInfo"] == storage["SerdeInfo"]


def test_many_partitions_are_listed_replaced_and_taken_out_in_batches(catalogue: GlueCatalogue, aws: StrictAws) -> None:
    registered = [partition(number) for number in range(201)]
    for one in registered:
        catalogue.create_partition(DATABASE, "visits", one)
    moved = [replace(one, location="s3://curated/rev=fedcba9876543210") for one in registered]
    aws.requests.clear()

    catalogue.update_partitions(DATABASE, "visits", moved)
    assert list(catalogue.partitions(DATABASE, "visits")) == moved
    catalogue.delete_partitions(DATABASE, "visits", [one.extraction_timestamp for one in registered])
    assert list(catalogue.partitions(DATABASE, "visits")) == []

    assert dict(aws.requests) == {
        ("glue", "BatchUpdatePartition"): 3,
        ("glue", "GetPartitions"): 3 + 1,
        ("glue", "BatchDeletePartition"): 9,
    }


def test_partitions_that_are_not_there_do_not_keep_others_from_being_taken_out(catalogue: GlueCatalogue) -> None:
    for number in (1, 2):
        catalogue.create_partition(DATABASE, "visits", partition(number))

    catalogue.delete_partitions(DATABASE, "visits", ["20260131T000001Z", "20260131T000009Z"])
    catalogue.delete_partitions(DATABASE, "nothing", ["20260131T000001Z", "20260131T000002Z"])

    assert list(catalogue.partitions(DATABASE, "visits")) == [partition(2)]


def test_a_partition_that_glue_fails_to_take_out_is_an_error(catalogue: GlueCatalogue, aws: StrictAws) -> None:
    aws.faults.refuse("DeletePartition", "AccessDeniedException")

    with pytest.raises(Terminal):
        catalogue.delete_partitions(DATABASE, "visits", ["20260131T000001Z"])


def test_a_table_that_is_not_there_has_no_partitions_to_list_or_change(catalogue: GlueCatalogue) -> None:
    for attempt in (
        lambda: list(catalogue.partitions(DATABASE, "nothing")),
        lambda: catalogue.create_partition(DATABASE, "nothing", partition(1)),
        lambda: catalogue.create_partition("nowhere", "nothing", partition(1)),
        lambda: catalogue.update_partitions(DATABASE, "nothing", [partition(1)]),
        lambda: catalogue.update_table(replace(TABLE, name="nothing", version="0")),
    ):
        with pytest.raises(NotFound) as missing:
            attempt()
        assert missing.value.code == "table_not_found"


def test_a_view_that_others_made_is_read_without_columns_or_location(
    catalogue: GlueCatalogue, glue: GlueClient
) -> None:
    glue.create_table(DatabaseName=DATABASE, TableInput={"Name": "a_view", "TableType": "VIRTUAL_VIEW"})

    view = catalogue.table(DATABASE, "a_view")

    assert view is not None
    assert (view.columns, view.location, view.parameters) == ((), "", {})


def test_a_denial_is_not_an_empty_catalogue(catalogue: GlueCatalogue, aws: StrictAws) -> None:
    questions: dict[str, Callable[[], object]] = {
        "GetDatabase": lambda: catalogue.database_parameters(DATABASE),
        "GetTable": lambda: catalogue.table(DATABASE, "visits"),
        "GetPartition": lambda: catalogue.partition(DATABASE, "visits", "20260131T000001Z"),
        "GetPartitions": lambda: list(catalogue.partitions(DATABASE, "visits")),
        "BatchDeletePartition": lambda: catalogue.delete_partitions(DATABASE, "visits", ["1", "2"]),
    }
    for operation, ask in questions.items():
        aws.faults.refuse(operation, "AccessDeniedException")
        with pytest.raises(Terminal) as denied:
            ask()
        assert denied.value.code == "access_denied"
        assert f"glue:{operation} {DATABASE}" in denied.value.detail


def test_a_catalogue_that_is_busy_is_tried_again_later(aws: StrictAws) -> None:
    at_once = client_config().merge(Config(retries={"total_max_attempts": 1}))
    aws.faults.refuse("GetTable", "ThrottlingException")

    with pytest.raises(Transient):
        GlueCatalogue(aws.client("glue", config=at_once)).table(DATABASE, "visits")


def test_accounts_have_catalogues_of_their_own(catalogue: GlueCatalogue, aws: StrictAws) -> None:
    platform = GlueCatalogue(aws.client("glue", account="222222222222"))

    assert platform.table(DATABASE, "visits") is None
    assert catalogue.table(DATABASE, "visits") is not None
