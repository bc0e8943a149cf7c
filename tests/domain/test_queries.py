"""The queries that a page offers run as they are."""

from __future__ import annotations

import ast
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import duckdb

from include.domain.queries import queries_of

if TYPE_CHECKING:
    import pytest

QUERIES = queries_of(
    glue_database="data_eng_uploader_dev_2026_order",
    table="select",
    extraction_timestamp="20260131T120000Z",
    region="eu-west-1",
)


def test_the_sql_reads_one_upload_of_a_table_whatever_its_names_are() -> None:
    with duckdb.connect() as connection:
        connection.execute('CREATE SCHEMA "data_eng_uploader_dev_2026_order"')
        connection.execute(
            """CREATE TABLE "data_eng_uploader_dev_2026_order"."select" AS SELECT * FROM (VALUES
            (1, '20260131T120000Z'), (2, '20260201T120000Z')) AS v("year", "extraction_timestamp")"""
        )
        assert connection.execute(QUERIES.sql).fetchall() == [(1, "20260131T120000Z")]


def test_the_python_asks_athena_for_the_same_sql_and_the_right_database(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, Any]] = []
    package: Any = ModuleType("awswrangler")
    package.athena = ModuleType("awswrangler.athena")
    package.athena.read_sql_query = lambda sql, *, database: asked.append((sql, database))
    monkeypatch.setitem(sys.modules, "awswrangler", package)

    exec(compile(ast.parse(QUERIES.python), "snippet", "exec"), {})  # noqa: S102 - it is what people will do

    assert [(sql.strip(), database) for sql, database in asked] == [(QUERIES.sql, "data_eng_uploader_dev_2026_order")]


def test_the_r_has_the_same_sql_within_a_raw_string_that_it_cannot_end() -> None:
    before, _, rest = QUERIES.r.partition('r"(')
    sql, _, after = rest.partition(')"')

    assert sql.strip() == QUERIES.sql
    assert 'region_name = "eu-west-1"' in before
    assert after.strip() == "rows <- dbGetQuery(athena, sql)"
