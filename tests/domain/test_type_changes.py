"""Which types are wider than others, and what became of fields."""

from __future__ import annotations

import pytest

from include.domain.arrow_words import arrow_word
from include.domain.column_types import glue_type, parse
from include.domain.type_changes import fields_changed, is_wider


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("null", "date"),
        ("bigint", "double"),
        ("bigint", "decimal(38,2)"),
        ("double", "decimal(38,2)"),
        ("decimal(38,2)", "decimal(38,4)"),
        ("date", "timestamp"),
        ("boolean", "string"),
        ("timestamp_utc", "string"),
        ("array<bigint>", "array<double>"),
        ("struct<a:bigint>", "struct<a:double,b:date>"),
        ("struct<a:null>", "struct<a:array<date>>"),
    ],
)
def test_files_make_a_column_wider_and_never_narrower(was: str, becomes: str) -> None:
    assert is_wider(was, becomes)
    assert not is_wider(becomes, was)


@pytest.mark.parametrize(
    ("was", "becomes"), [("bigint", "date"), ("timestamp", "timestamp_utc"), ("date", "array<date>")]
)
def test_types_of_different_kinds_are_not_wider_than_each_other(was: str, becomes: str) -> None:
    assert not is_wider(was, becomes)
    assert not is_wider(becomes, was)


def test_a_change_within_a_nested_column_names_its_fields() -> None:
    was = "struct<name:string,address:struct<street:string>,visits:array<struct<on:date>>>"
    becomes = (
        "struct<name:string,address:struct<street:string,postcode:string>,visits:array<struct<on:timestamp,by:string>>>"
    )
    assert fields_changed(was, becomes) == (
        "field address.postcode added: string",
        "field visits[].on: date became timestamp",
        "field visits[].by added: string",
    )
    assert fields_changed("struct<a:date,b:date>", "struct<a:date>") == ("field b taken out",)
    assert fields_changed("array<bigint>", "array<double>") == ("field []: bigint became double",)


def test_a_plain_column_has_no_fields_that_change() -> None:
    assert fields_changed("bigint", "string") == fields_changed("struct<a:date>", "string") == ()


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("null", "string"),
        ("boolean", "bool"),
        ("bigint", "int64"),
        ("double", "float64"),
        ("decimal(38,2)", "decimal128(38,2)"),
        ("date", "date32"),
        ("timestamp", "timestamp(us)"),
        ("timestamp_utc", "timestamp(us)"),
        ("string", "string"),
        ("array<struct<a:bigint,b:array<date>>>", "list<struct<a:int64,b:list<date32>>>"),
    ],
)
def test_every_type_has_a_word_of_arrow(kind: str, word: str) -> None:
    assert arrow_word(parse(kind)) == word
    assert glue_type(parse(kind))
