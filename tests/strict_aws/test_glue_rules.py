"""What Glue refuses and moto does not: each with the page of the Glue Web API reference that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.strict_aws.glue_types import is_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_glue import GlueClient

    from tests.strict_aws.server import StrictAws

pytestmark = pytest.mark.aws


def table_input(*columns: tuple[str, str], **more: Any) -> Any:
    return {
        "Name": "visits",
        "PartitionKeys": [{"Name": "extraction_timestamp", "Type": "string"}],
        "StorageDescriptor": {"Columns": [{"Name": name, "Type": kind} for name, kind in columns]},
        **more,
    }


def values(number: int) -> list[str]:
    return [f"20260131T{number:06d}Z"]


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(ClientError) as error:
        call()
    return str(error.value.response["Error"]["Code"])


@pytest.fixture
def catalogue(glue: GlueClient) -> GlueClient:
    glue.create_database(DatabaseInput={"Name": "db"})
    glue.create_table(DatabaseName="db", TableInput=table_input(("id", "bigint")))
    return glue


def version(glue: GlueClient) -> str:
    return glue.get_table(DatabaseName="db", Name="visits")["Table"]["VersionId"]


def test_versions_count_up_from_zero(catalogue: GlueClient) -> None:
    # API_TableVersion: a VersionId is a whole number as text, each one more than the last.
    before = version(catalogue)
    catalogue.update_table(DatabaseName="db", TableInput=table_input(("id", "bigint")), VersionId="0")

    assert (before, version(catalogue)) == ("0", "1")


def test_a_stale_version_is_refused(catalogue: GlueClient) -> None:
    # API_UpdateTable: VersionId is "the version ID at which to update"; ConcurrentModificationException, "Two processes
    # are trying to modify a resource simultaneously."
    catalogue.update_table(DatabaseName="db", TableInput=table_input(("id", "bigint")), VersionId="0")

    code = refused(
        lambda: catalogue.update_table(DatabaseName="db", TableInput=table_input(("x", "date")), VersionId="0")
    )

    assert code == "ConcurrentModificationException"
    columns = catalogue.get_table(DatabaseName="db", Name="visits")["Table"]["StorageDescriptor"]["Columns"]
    assert [column["Name"] for column in columns] == ["id"]


def test_without_a_version_the_last_writer_wins(catalogue: GlueClient) -> None:
    catalogue.update_table(DatabaseName="db", TableInput=table_input(("x", "date")))

    assert version(catalogue) == "1"


def test_what_an_update_leaves_out_is_erased(catalogue: GlueClient) -> None:
    # API_UpdateTable: TableInput is "an updated TableInput object to define the metadata table".
    catalogue.update_table(DatabaseName="db", TableInput=table_input(("id", "bigint"), Parameters={"a": "1"}))
    catalogue.update_table(DatabaseName="db", TableInput=table_input(("id", "bigint")))

    assert "a" not in catalogue.get_table(DatabaseName="db", Name="visits")["Table"].get("Parameters", {})


def test_names_of_databases_and_tables_are_folded_to_lower_case(catalogue: GlueClient) -> None:
    # API_DatabaseInput, API_TableInput: "For Hive compatibility, this is folded to lowercase when it is stored."
    assert refused(lambda: catalogue.create_database(DatabaseInput={"Name": "DB"})) == "AlreadyExistsException"
    assert catalogue.get_table(DatabaseName="Db", Name="VISITS")["Table"]["Name"] == "visits"


@pytest.mark.parametrize("columns", [[("id", "bigint"), ("ID", "date")], [("extraction_timestamp", "string")]])
def test_columns_that_differ_in_case_only_or_repeat_the_partition_key_are_refused(
    catalogue: GlueClient, columns: list[tuple[str, str]]
) -> None:
    # https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html
    update = table_input(*columns)

    assert refused(lambda: catalogue.update_table(DatabaseName="db", TableInput=update)) == "InvalidInputException"


def test_a_type_that_athena_cannot_read_is_refused(catalogue: GlueClient) -> None:
    update = table_input(("id", "int64"))

    assert refused(lambda: catalogue.update_table(DatabaseName="db", TableInput=update)) == "InvalidInputException"


def test_partition_keys_cannot_change(catalogue: GlueClient) -> None:
    update = table_input(("id", "bigint"), PartitionKeys=[{"Name": "day", "Type": "date"}])

    assert refused(lambda: catalogue.update_table(DatabaseName="db", TableInput=update)) == "InvalidInputException"


def test_a_partition_has_a_value_for_each_key(catalogue: GlueClient) -> None:
    partition: Any = {"Values": ["20260131T000000Z", "more"]}

    code = refused(lambda: catalogue.create_partition(DatabaseName="db", TableName="visits", PartitionInput=partition))

    assert code == "InvalidInputException"


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


def test_requests_are_counted(catalogue: GlueClient, aws: StrictAws) -> None:
    aws.requests.clear()
    version(catalogue)

    assert dict(aws.requests) == {("glue", "GetTable"): 1}


@pytest.mark.parametrize(
    "text",
    ["bigint", "decimal(38,2)", "array<date>", "map<string,int>", "struct<a:int,b:array<struct<c:string>>>", "char(3)"],
)
def test_the_grammar_knows_what_athena_reads(text: str) -> None:
    assert is_type(text)


@pytest.mark.parametrize(
    "text",
    ["", "int64", "BIGINT", "decimal", "decimal(39,2)", "decimal(2,3)", "decimal(38, 2)", "bigint,bigint", "int;"],
)
def test_the_grammar_knows_no_other_plain_type(text: str) -> None:
    assert not is_type(text)


@pytest.mark.parametrize(
    "text",
    ["array<>", "array<int", "array<int>>", "struct<>", "struct<a>", "struct<a:int,>", "struct<:int>", "map<string>"],
)
def test_the_grammar_knows_no_half_type(text: str) -> None:
    assert not is_type(text)
