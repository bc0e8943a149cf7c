"""What Glue refuses and moto does not: each with the page of the Glue Web API reference that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.strict_aws.conftest import refused, table_input, values
from tests.strict_aws.glue_types import is_type

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient

    from tests.strict_aws.server import StrictAws

pytestmark = pytest.mark.aws


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


def test_a_column_with_a_capital_is_refused(catalogue: GlueClient) -> None:
    # https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html: a name in Glue "should be in
    # lower case". Glue itself may fold it; here whoever relies on that is found.
    update = table_input(("id", "bigint"), ("Name", "string"))

    assert refused(lambda: catalogue.update_table(DatabaseName="db", TableInput=update)) == "InvalidInputException"


def test_a_type_that_athena_cannot_read_is_refused(catalogue: GlueClient) -> None:
    # https://docs.aws.amazon.com/athena/latest/ug/data-types.html
    update = table_input(("id", "int64"))

    assert refused(lambda: catalogue.update_table(DatabaseName="db", TableInput=update)) == "InvalidInputException"


def test_partition_keys_cannot_change(catalogue: GlueClient) -> None:
    update = table_input(("id", "bigint"), PartitionKeys=[{"Name": "day", "Type": "date"}])

    assert refused(lambda: catalogue.update_table(DatabaseName="db", TableInput=update)) == "InvalidInputException"


def test_a_partition_has_a_value_for_each_key(catalogue: GlueClient) -> None:
    partition: Any = {"Values": ["20260131T000000Z", "more"]}

    code = refused(lambda: catalogue.create_partition(DatabaseName="db", TableName="visits", PartitionInput=partition))

    assert code == "InvalidInputException"


def test_what_an_update_of_a_partition_leaves_out_is_erased(catalogue: GlueClient) -> None:
    # API_UpdatePartition: PartitionInput is "the new partition object to update the partition to".
    place: Any = {"DatabaseName": "db", "TableName": "visits"}
    one: Any = {"Values": values(1), "Parameters": {"a": "1"}}
    catalogue.create_partition(**place, PartitionInput=one)

    catalogue.update_partition(**place, PartitionValueList=values(1), PartitionInput={"Values": values(1)})
    one_by_one = catalogue.get_partition(**place, PartitionValues=values(1))["Partition"]
    entry: Any = {"PartitionValueList": values(1), "PartitionInput": one}
    catalogue.batch_update_partition(**place, Entries=[entry])
    entry["PartitionInput"] = {"Values": values(1)}
    catalogue.batch_update_partition(**place, Entries=[entry])
    in_a_batch = catalogue.get_partition(**place, PartitionValues=values(1))["Partition"]

    assert not one_by_one.get("Parameters")
    assert not in_a_batch.get("Parameters")


def test_what_an_update_of_a_database_leaves_out_is_erased(catalogue: GlueClient) -> None:
    # API_UpdateDatabase: DatabaseInput is "specifying the new definition of the metadata database".
    catalogue.update_database(Name="db", DatabaseInput={"Name": "db", "Parameters": {"a": "1"}})
    catalogue.update_database(Name="db", DatabaseInput={"Name": "db"})

    assert not catalogue.get_database(Name="db")["Database"].get("Parameters")


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
