"""Glue's limits and pages, which moto does not keep: each with the page of the Glue Web API reference that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.strict_aws.conftest import refused, table_input, values

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient

    from tests.strict_aws.server import StrictAws

pytestmark = pytest.mark.aws


@pytest.mark.parametrize("length", [512_000, 512_001])
def test_a_parameter_has_at_most_512000_characters(catalogue: GlueClient, length: int) -> None:
    # API_TableInput, Parameters: "Value Length Constraints: Maximum length of 512000."
    update = table_input(("id", "bigint"), Parameters={"schema": "x" * length})

    if length > 512_000:
        assert refused(lambda: catalogue.update_table(DatabaseName="db", TableInput=update)) == "ValidationException"
    else:
        catalogue.update_table(DatabaseName="db", TableInput=update)


def test_batches_have_limits(catalogue: GlueClient) -> None:
    # API_BatchCreatePartition, …UpdatePartition, …GetPartition, …DeletePartition: "Array Members".
    place: Any = {"DatabaseName": "db", "TableName": "visits"}

    def create(count: int) -> object:
        return catalogue.batch_create_partition(
            **place, PartitionInputList=[{"Values": values(number)} for number in range(count)]
        )

    def update(count: int) -> object:
        return catalogue.batch_update_partition(
            **place,
            Entries=[
                {"PartitionValueList": values(number), "PartitionInput": {"Values": values(number)}}
                for number in range(count)
            ],
        )

    def get(count: int) -> object:
        return catalogue.batch_get_partition(
            **place, PartitionsToGet=[{"Values": values(number)} for number in range(count)]
        )

    def delete(count: int) -> object:
        return catalogue.batch_delete_partition(
            **place, PartitionsToDelete=[{"Values": values(number)} for number in range(count)]
        )

    for call, limit in ((create, 100), (update, 100), (get, 1000), (delete, 25)):
        call(limit)
        assert refused(lambda call=call, limit=limit: call(limit + 1)) == "ValidationException"  # type: ignore[misc]


def test_partitions_that_a_batch_did_not_get_are_named(catalogue: GlueClient, aws: StrictAws) -> None:
    # API_BatchGetPartition, UnprocessedKeys: "the partition values in the request for which partitions were not
    # returned"; those that are not there are in neither list.
    place: Any = {"DatabaseName": "db", "TableName": "visits"}
    catalogue.batch_create_partition(**place, PartitionInputList=[{"Values": values(number)} for number in range(3)])
    aws.batch_get_max = 2

    got = catalogue.batch_get_partition(
        **place, PartitionsToGet=[{"Values": values(number)} for number in (0, 7, 1, 2)]
    )

    assert [partition["Values"] for partition in got["Partitions"]] == [values(0)]
    assert [key["Values"] for key in got["UnprocessedKeys"]] == [values(1), values(2)]


def test_a_page_has_at_most_1000_partitions_or_100_of_anything_else(catalogue: GlueClient) -> None:
    # API_GetPartitions, MaxResults: "Maximum value of 1000"; API_GetTables, API_GetDatabases: "Maximum value of 100".
    # botocore itself refuses less than 1.
    def partitions(count: int) -> object:
        return catalogue.get_partitions(DatabaseName="db", TableName="visits", MaxResults=count)

    partitions(1000)
    catalogue.get_tables(DatabaseName="db", MaxResults=100)
    assert refused(lambda: partitions(1001)) == "ValidationException"
    assert refused(lambda: catalogue.get_tables(DatabaseName="db", MaxResults=101)) == "ValidationException"
    assert refused(lambda: catalogue.get_databases(MaxResults=101)) == "ValidationException"


def test_partitions_are_asked_for_in_at_most_10_segments_and_2048_characters(catalogue: GlueClient) -> None:
    # API_Segment, TotalSegments: "Maximum value of 10"; API_GetPartitions, Expression: "Maximum length of 2048".
    place: Any = {"DatabaseName": "db", "TableName": "visits"}
    long = "extraction_timestamp = '" + "x" * 2048 + "'"

    assert refused(lambda: catalogue.get_partitions(**place, Expression=long)) == "ValidationException"
    assert (
        refused(lambda: catalogue.get_partitions(**place, Segment={"SegmentNumber": 0, "TotalSegments": 11}))
        == "ValidationException"
    )


@pytest.mark.parametrize(
    "more",
    [
        {"Name": "x" * 256},
        {"Name": "two\nlines"},
        {"Description": "x" * 2049},
        {"Parameters": {"x" * 256: ""}},
        {"StorageDescriptor": {"Location": "s3://" + "x" * 2052}},
        {"StorageDescriptor": {"Columns": [{"Name": "x" * 256, "Type": "int"}]}},
        {"StorageDescriptor": {"Columns": [{"Name": "a", "Type": "int", "Comment": "x" * 256}]}},
    ],
)
def test_a_table_has_limits(catalogue: GlueClient, more: dict[str, Any]) -> None:
    # API_TableInput, API_StorageDescriptor, API_Column: lengths, and the pattern of names.
    update: Any = table_input(**more)

    assert refused(lambda: catalogue.create_table(DatabaseName="db", TableInput=update)) == "ValidationException"


def test_a_partition_value_has_at_most_1024_characters(catalogue: GlueClient) -> None:
    # API_PartitionInput, Values: "Maximum length of 1024".
    place: Any = {"DatabaseName": "db", "TableName": "visits"}
    long: Any = {"Values": ["x" * 1025]}

    assert refused(lambda: catalogue.create_partition(**place, PartitionInput=long)) == "ValidationException"


def test_partitions_come_in_pages(catalogue: GlueClient) -> None:
    # API_GetPartitions: NextToken, "if the returned list of partitions does not include the last one".
    for start in (0, 100, 200):
        catalogue.batch_create_partition(
            DatabaseName="db",
            TableName="visits",
            PartitionInputList=[{"Values": values(number)} for number in range(start, start + 90)],
        )

    first = catalogue.get_partitions(DatabaseName="db", TableName="visits")
    pages = catalogue.get_paginator("get_partitions").paginate(DatabaseName="db", TableName="visits")

    assert len(first["Partitions"]) == 100
    assert "NextToken" in first
    assert sum(len(page["Partitions"]) for page in pages) == 270


def test_databases_and_tables_come_in_pages(catalogue: GlueClient) -> None:
    for number in range(101):
        catalogue.create_database(DatabaseInput={"Name": f"db_{number}"})
        catalogue.create_table(DatabaseName="db", TableInput={"Name": f"t_{number}"})

    assert len(catalogue.get_databases()["DatabaseList"]) == 100
    assert len(catalogue.get_tables(DatabaseName="db")["TableList"]) == 100
    pages = catalogue.get_paginator("get_tables").paginate(DatabaseName="db", PaginationConfig={"PageSize": 7})
    assert sum(len(page["TableList"]) for page in pages) == 102


def test_a_token_of_somebody_else_is_refused(catalogue: GlueClient) -> None:
    code = refused(lambda: catalogue.get_tables(DatabaseName="db", NextToken="made up"))

    assert code == "InvalidInputException"
