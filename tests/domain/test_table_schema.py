from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from include.domain.column_types import Array, BigInt, Double, Null, String
from include.domain.evidence import NOTHING, Evidence, has_values, of_json_number, of_text
from include.domain.table_schema import Column, TableSchema
from include.domain.text_rules import Kind
from tests.domain.test_evidence import evidences

schemas = st.dictionaries(st.sampled_from("abcde"), evidences, max_size=4).map(
    lambda columns: TableSchema(tuple(Column(name, evidence) for name, evidence in columns.items()))
)


def table(**columns: Evidence) -> TableSchema:
    return TableSchema(tuple(Column(name, evidence) for name, evidence in columns.items()))


@given(schemas, schemas)
def test_a_union_keeps_the_order_first_published_and_appends_new_columns(one: TableSchema, other: TableSchema) -> None:
    names = [column.name for column in one.union(other).columns]
    mine = [column.name for column in one.columns]
    assert names[: len(mine)] == mine
    assert set(names) == set(mine) | {column.name for column in other.columns}


@given(schemas, schemas, schemas)
def test_a_union_knows_the_same_in_whatever_order_files_come(
    one: TableSchema, two: TableSchema, three: TableSchema
) -> None:
    assert one.union(two).union(three).evidence() == three.union(one.union(two)).evidence()
    assert one.union(one) == one


@given(schemas)
def test_a_schema_travels_as_json(schema: TableSchema) -> None:
    again = TableSchema.from_json(json.loads(json.dumps(schema.to_json())))
    assert again == schema
    assert [column.name for column in again.columns] == [column.name for column in schema.columns]


def test_a_union_keeps_a_column_missing_from_the_latest_partition() -> None:
    union = table(a=of_text("1"), b=of_text("x")).union(table(a=of_text("2")))
    assert union.types() == {"a": BigInt(), "b": String()}


def test_a_partition_with_narrower_columns_is_written_again() -> None:
    first = table(a=of_text("1"), b=of_text("1"))
    union = first.union(table(a=of_text("0.5"), c=of_text("1")))
    assert union.types() == {"a": Double(), "b": BigInt(), "c": BigInt()}
    assert union.columns_to_rewrite(first.types(), partition=first) == ("a",)


def test_a_column_that_became_string_is_written_again_where_null_words_or_quoted_empties_read_as_null() -> None:
    for text, quoted in (("NA", False), ("", True)):
        first = table(a=of_text(text, quoted=quoted), b=of_text("1"))
        union = first.union(table(a=of_text("x")))
        assert union.columns_to_rewrite({"b": BigInt()}, partition=first) == ("a",)
        assert union.columns_to_rewrite({"b": BigInt()}) == ("a",)
    empty = table(a=NOTHING, b=of_text("1"))
    assert empty.union(table(a=of_text("x"))).columns_to_rewrite({"b": BigInt()}, partition=empty) == ()


def test_an_untyped_empty_array_is_written_once_its_type_is_known() -> None:
    first = table(a=Evidence(frozenset({Kind.ARRAY})), b=of_text("1"))
    assert first.types()["a"] == Null()
    union = first.union(table(a=Evidence(frozenset({Kind.ARRAY}), element=of_json_number("1"))))
    assert union.types()["a"] == Array(BigInt())
    assert union.columns_to_rewrite({"b": BigInt()}, partition=first) == ("a",)


def test_a_new_struct_field_needs_no_rewriting() -> None:
    first = table(s=Evidence(frozenset({Kind.OBJECT}), fields={"a": of_json_number("1")}))
    union = first.union(table(s=Evidence(frozenset({Kind.OBJECT}), fields={"b": of_json_number("1")})))
    assert union.columns_to_rewrite(first.types(), partition=first) == ()


@given(schemas, schemas, schemas)
def test_what_the_evidence_of_a_whole_table_calls_up_to_date_is_so_for_each_of_its_partitions(
    partition: TableSchema, others: TableSchema, file: TableSchema
) -> None:
    before = partition.union(others)
    target = before.union(file)
    known = partition.evidence()
    written = {name: kind for name, kind in before.types().items() if name in known and has_values(known[name], kind)}
    assert before.columns_to_rewrite(written, partition=partition) == ()
    whole = set(target.columns_to_rewrite(before.types(), partition=before))
    assert set(target.columns_to_rewrite(written, partition=partition)) <= whole
    assert set(target.columns_to_rewrite(written, partition=partition)) <= set(target.columns_to_rewrite(written))
