"""What every catalogue keeps to: the one in memory that use cases are tested with, and the one on Glue."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from include.adapters.aws_clients import client_config
from include.adapters.catalogue_glue import GlueCatalogue
from include.domain.errors import Conflict, NotFound, Terminal
from include.ports import CataloguePartition, CatalogueTable
from tests.adapters.test_object_store import KINDS, ministack_client
from tests.fakes.catalogue import MemoryCatalogue

if TYPE_CHECKING:
    from include.ports import Catalogue
    from tests.strict_aws.server import StrictAws

DATABASE = f"data_eng_uploader_dev_{uuid4().hex[:8]}"
TABLE = CatalogueTable(
    database=DATABASE,
    name="visits",
    location=f"s3://curated/curated/{DATABASE}/visits",
    columns=(("id", "bigint"), ("sum", "decimal(38,2)"), ("who", "struct<name:string,seen:array<date>>")),
    parameters={"data_uploader": "dev", "data_uploader_schema_0": "x" * 100_000},
    description="Made by the Data Uploader.",
)


def partition(number: int, *, columns: tuple[tuple[str, str], ...] = (("id", "bigint"),)) -> CataloguePartition:
    timestamp = f"20260131T{number:06d}Z"
    return CataloguePartition(
        extraction_timestamp=timestamp,
        location=f"{TABLE.location}/extraction_timestamp={timestamp}/rev=0123456789abcdef",
        columns=columns,
        parameters={"data_uploader_rows": str(number)},
    )


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest) -> Catalogue:
    if request.param == "memory":
        return MemoryCatalogue()
    if request.param == "ministack":
        client = ministack_client("glue")
        if DATABASE in {found["Name"] for found in client.get_databases()["DatabaseList"]}:
            client.delete_database(Name=DATABASE)
        return GlueCatalogue(client)
    aws: StrictAws = request.getfixturevalue("aws")
    return GlueCatalogue(aws.client("glue", config=client_config()))


@pytest.fixture
def with_database(empty: Catalogue) -> Catalogue:
    empty.create_database(DATABASE, description="Visits", parameters={"data_uploader": "dev"})
    return empty


@pytest.fixture
def catalogue(with_database: Catalogue) -> Catalogue:
    with_database.create_table(TABLE)
    return with_database


def current(catalogue: Catalogue) -> CatalogueTable:
    table = catalogue.table(DATABASE, "visits")
    assert table is not None
    return table


def test_a_database_that_is_not_there_has_no_parameters(empty: Catalogue) -> None:
    assert empty.database_parameters(DATABASE) is None


def test_a_database_tells_its_parameters(with_database: Catalogue) -> None:
    assert with_database.database_parameters(DATABASE) == {"data_uploader": "dev"}


def test_a_database_is_made_once(with_database: Catalogue) -> None:
    with pytest.raises(Conflict) as conflict:
        with_database.create_database(DATABASE, description="", parameters={})

    assert conflict.value.code == "database_exists"


def test_a_table_that_is_not_there_is_none(empty: Catalogue) -> None:
    assert empty.table(DATABASE, "visits") is None


def test_a_table_is_read_as_it_was_made(catalogue: Catalogue) -> None:
    found = current(catalogue)

    assert found.version is not None
    assert replace(found, version=None) == TABLE


def test_a_table_is_made_once(catalogue: Catalogue) -> None:
    with pytest.raises(Conflict) as conflict:
        catalogue.create_table(TABLE)

    assert conflict.value.code == "table_exists"


def test_a_table_needs_its_database(empty: Catalogue) -> None:
    with pytest.raises(NotFound):
        empty.create_table(TABLE)


def test_a_table_is_replaced_whole(catalogue: Catalogue) -> None:
    changed = replace(
        current(catalogue), columns=(("id", "string"), ("more", "date")), parameters={"data_uploader": "dev"}
    )

    catalogue.update_table(changed)

    found = current(catalogue)
    assert (found.columns, found.parameters) == (changed.columns, changed.parameters)
    assert (found.location, found.description) == (TABLE.location, TABLE.description)


def test_a_change_counts_the_version_up(catalogue: Catalogue) -> None:
    before = current(catalogue)

    catalogue.update_table(before)

    assert current(catalogue).version != before.version


def test_a_change_of_what_was_changed_meanwhile_is_a_conflict(catalogue: Catalogue) -> None:
    read = current(catalogue)
    catalogue.update_table(replace(read, columns=(*read.columns, ("mine", "date"))))

    with pytest.raises(Conflict) as conflict:
        catalogue.update_table(replace(read, columns=(*read.columns, ("yours", "date"))))

    assert conflict.value.code == "table_changed"
    assert current(catalogue).columns[-1] == ("mine", "date")


def test_a_partition_that_is_not_registered_is_none(catalogue: Catalogue) -> None:
    assert catalogue.partition(DATABASE, "visits", "20260131T000001Z") is None


def test_a_partition_of_a_table_that_is_not_there_is_none(empty: Catalogue) -> None:
    assert empty.partition(DATABASE, "visits", "20260131T000001Z") is None


def test_a_partition_is_read_as_it_was_registered_with_columns_of_its_own(catalogue: Catalogue) -> None:
    registered = partition(1, columns=(("id", "bigint"),))

    catalogue.create_partition(DATABASE, "visits", registered)

    assert catalogue.partition(DATABASE, "visits", "20260131T000001Z") == registered
    assert current(catalogue).columns == TABLE.columns


def test_a_partition_is_registered_once(catalogue: Catalogue) -> None:
    catalogue.create_partition(DATABASE, "visits", partition(1))

    with pytest.raises(Conflict) as conflict:
        catalogue.create_partition(DATABASE, "visits", replace(partition(1), location="s3://elsewhere/"))

    assert conflict.value.code == "partition_exists"
    assert catalogue.partition(DATABASE, "visits", "20260131T000001Z") == partition(1)


def test_all_partitions_are_listed(catalogue: Catalogue) -> None:
    registered = [partition(number) for number in range(3)]
    for one in registered:
        catalogue.create_partition(DATABASE, "visits", one)

    assert sorted(catalogue.partitions(DATABASE, "visits"), key=lambda one: one.extraction_timestamp) == registered


def test_partitions_are_replaced(catalogue: Catalogue) -> None:
    catalogue.create_partition(DATABASE, "visits", partition(1))
    catalogue.create_partition(DATABASE, "visits", partition(2))
    wider = replace(partition(2, columns=(("id", "string"),)), location="s3://curated/rev=fedcba9876543210")

    catalogue.update_partitions(DATABASE, "visits", [wider])

    assert catalogue.partition(DATABASE, "visits", "20260131T000002Z") == wider
    assert catalogue.partition(DATABASE, "visits", "20260131T000001Z") == partition(1)


def test_a_partition_that_is_not_registered_is_not_replaced(catalogue: Catalogue) -> None:
    with pytest.raises(NotFound) as missing:
        catalogue.update_partitions(DATABASE, "visits", [partition(1)])

    assert missing.value.code == "partition_not_found"


def test_a_partition_is_taken_out_and_what_is_not_there_is_out_already(catalogue: Catalogue) -> None:
    catalogue.create_partition(DATABASE, "visits", partition(1))
    catalogue.create_partition(DATABASE, "visits", partition(2))

    catalogue.delete_partitions(DATABASE, "visits", ["20260131T000001Z"])
    catalogue.delete_partitions(DATABASE, "visits", ["20260131T000001Z"])

    assert list(catalogue.partitions(DATABASE, "visits")) == [partition(2)]


def test_no_partition_is_taken_out_of_a_table_that_is_not_there(empty: Catalogue) -> None:
    empty.delete_partitions(DATABASE, "visits", ["20260131T000001Z"])


def test_a_deleted_table_is_gone_with_its_partitions(catalogue: Catalogue) -> None:
    catalogue.create_partition(DATABASE, "visits", partition(1))
    catalogue.delete_table(DATABASE, "visits")
    catalogue.delete_table(DATABASE, "visits")
    assert catalogue.table(DATABASE, "visits") is None
    catalogue.create_table(TABLE)
    assert list(catalogue.partitions(DATABASE, "visits")) == []


def test_databases_and_tables_are_listed_whoever_made_them(with_database: Catalogue) -> None:
    assert list(with_database.tables_of(DATABASE)) == []
    with_database.create_table(TABLE)
    with_database.create_table(replace(TABLE, name="foreign", parameters={}))
    assert DATABASE in list(with_database.database_names("data_eng_uploader_dev_"))
    assert DATABASE not in list(with_database.database_names("data_eng_uploader_prod_"))
    tables = sorted(with_database.tables_of(DATABASE), key=lambda one: one.name)
    assert [(one.name, one.parameters.get("data_uploader")) for one in tables] == [
        ("foreign", None),
        ("visits", "dev"),
    ]
    assert list(with_database.tables_of("data_eng_uploader_dev_nowhere")) == []


def test_a_type_that_is_too_long_is_refused(catalogue: Catalogue) -> None:
    fits = "a" * (131_072 - len("struct<:int>"))
    for name, refused in ((fits, False), (fits + "a", True)):
        columns = (("nested", f"struct<{name}:int>"),)
        known = catalogue.table(DATABASE, TABLE.name)
        assert known is not None
        if refused:
            with pytest.raises(Terminal):
                catalogue.update_table(replace(known, columns=columns))
            with pytest.raises(Terminal):
                catalogue.create_partition(DATABASE, TABLE.name, partition(1, columns=columns))
        else:
            catalogue.update_table(replace(known, columns=columns))
