from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.domain.column_types import (
    Array,
    BigInt,
    Boolean,
    ColumnType,
    Date,
    Decimal,
    Double,
    Null,
    String,
    Struct,
    Timestamp,
    TimestampUtc,
    display,
    glue_type,
    needs_rewrite,
    parse,
)

simple: st.SearchStrategy[ColumnType] = st.sampled_from(
    [Boolean(), BigInt(), Double(), Date(), Timestamp(), TimestampUtc(), String()]
)
names = st.from_regex(r"[a-z0-9_]{1,5}", fullmatch=True) | st.sampled_from(["array", "struct", "decimal", "null"])
types: st.SearchStrategy[ColumnType] = st.recursive(
    st.one_of(simple, st.integers(0, 38).map(Decimal)),
    lambda inner: st.one_of(
        inner.map(Array),
        st.lists(st.tuples(names, inner), min_size=1, max_size=3, unique_by=lambda each: each[0]).map(
            lambda fields: Struct(tuple(fields))
        ),
    ),
    max_leaves=6,
)


@given(types)
def test_a_type_is_read_back_from_its_words(column_type: ColumnType) -> None:
    assert parse(display(column_type)) == column_type


@pytest.mark.parametrize(
    "text", ["", "int", "array<>", "struct<>x", "struct<a>", "decimal(38)", "bigint>", "array<bigint"]
)
def test_words_that_are_no_type_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a column type"):
        parse(text)


def test_glue_has_its_own_words_at_every_depth() -> None:
    nested = Struct((("at", TimestampUtc()), ("all", Array(Decimal(2)))))
    assert glue_type(nested) == "struct<at:timestamp,all:array<decimal(38,2)>>"
    assert (glue_type(Null()), glue_type(BigInt())) == ("string", "bigint")


@given(types, types)
def test_only_equal_types_missing_columns_and_longer_structs_need_no_rewriting(
    old: ColumnType, new: ColumnType
) -> None:
    assert not needs_rewrite(old, old)
    assert not needs_rewrite(Null(), new)
    assert not needs_rewrite(Struct((("a", old),)), Struct((("a", old), ("b", new))))
    assert needs_rewrite(Struct((("b", new), ("a", old))), Struct((("a", old), ("b", new))))
    assert needs_rewrite(Array(old), Array(new)) == needs_rewrite(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (BigInt(), Double()),
        (BigInt(), Decimal(0)),
        (Decimal(1), Decimal(2)),
        (Date(), Timestamp()),
        (Boolean(), String()),
    ],
)
def test_wider_types_need_rewriting(old: ColumnType, new: ColumnType) -> None:
    assert needs_rewrite(old, new)
