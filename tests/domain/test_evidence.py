from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.domain.column_types import Array, BigInt, ColumnType, Null, String, Struct, display
from include.domain.evidence import (
    NOTHING,
    Evidence,
    fits,
    has_values,
    merge_all,
    of_json_number,
    of_json_string,
    of_text,
)
from include.domain.text_rules import Kind
from tests.conversion.texts import fields

leaves = st.one_of(
    st.tuples(fields, st.booleans()).map(lambda each: of_text(each[0], quoted=each[1])),
    st.just(Evidence(frozenset({Kind.BOOLEAN}))),
    st.integers().map(lambda number: of_json_number(str(number))),
    st.text(max_size=3).map(of_json_string),
)
evidences = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(lambda element: Evidence(frozenset({Kind.ARRAY}), element=element)),
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3).map(
            lambda members: Evidence(frozenset({Kind.OBJECT}), fields=members)
        ),
    ),
    max_leaves=5,
)


@given(evidences, evidences)
def test_merging_is_commutative(one: Evidence, other: Evidence) -> None:
    assert one.merge(other) == other.merge(one)
    assert hash(one.merge(other)) == hash(other.merge(one))


@given(evidences, evidences, evidences)
def test_merging_is_associative(one: Evidence, two: Evidence, three: Evidence) -> None:
    assert one.merge(two).merge(three) == one.merge(two.merge(three))


@given(evidences)
def test_merging_is_idempotent_and_nothing_adds_nothing(evidence: Evidence) -> None:
    assert evidence.merge(evidence) == evidence
    assert evidence.merge(NOTHING) == evidence == NOTHING.merge(evidence)


@given(evidences)
def test_evidence_travels_as_json(evidence: Evidence) -> None:
    assert Evidence.from_json(json.loads(json.dumps(evidence.to_json()))) == evidence


ABOVE = {
    "null": {
        "boolean",
        "bigint",
        "double",
        "decimal",
        "string",
        "date",
        "timestamp",
        "timestamp_utc",
        "struct",
        "array",
    },
    "boolean": {"string"},
    "bigint": {"double", "decimal", "string"},
    "double": {"decimal", "string"},
    "decimal": {"string"},
    "date": {"timestamp", "string"},
    "timestamp": {"string"},
    "timestamp_utc": {"string"},
    "struct": {"string"},
    "array": {"string"},
    "string": set[str](),
}


def family(column_type: ColumnType) -> str:
    return display(column_type).split("(")[0].split("<")[0]


@settings(max_examples=300)
@given(evidences, evidences)
def test_types_only_move_up(one: Evidence, other: Evidence) -> None:
    before, after = family(one.type), family(one.merge(other).type)
    assert after == before or after in ABOVE[before]


@settings(max_examples=300)
@given(evidences, evidences)
def test_a_joined_type_fits_what_each_has_shown(one: Evidence, other: Evidence) -> None:
    joined = one.merge(other).type
    assert fits(one, joined)
    assert fits(other, joined)


@pytest.mark.parametrize(
    ("texts", "word"),
    [
        (["", "NA"], "null"),
        (["1", "NA", ""], "bigint"),
        (["1", "0.5"], "double"),
        (["9007199254740993", "0.5"], "decimal(38,1)"),
        (["9007199254740993", "-0.0"], "string"),
        (["9007199254740993", "1e5"], "string"),
        (["9223372036854775808"], "decimal(38,0)"),
        (["9223372036854775808", "1.50"], "decimal(38,2)"),
        (["9" * 38, "0.5"], "string"),
        (["9" * 37, "0.5"], "decimal(38,1)"),
        (["0." + "1" * 38], "decimal(38,38)"),
        (["0." + "1" * 39], "string"),
        (["true", "1"], "string"),
        (["2026-01-31", "2026-01-31T10:00"], "timestamp"),
        (["2026-01-31", "2026-01-31T10:00Z"], "string"),
        (["2026-01-31T10:00", "2026-01-31T10:00Z"], "string"),
        (["2026-01-31T10:00+01:00", "2026-01-31T10:00Z"], "timestamp_utc"),
    ],
)
def test_the_type_follows_from_all_values(texts: list[str], word: str) -> None:
    assert display(merge_all(map(of_text, texts)).type) == word
    assert display(merge_all(map(of_text, reversed(texts))).type) == word


def test_a_string_forgets_what_made_it_one_but_not_null_words() -> None:
    evidence = merge_all(map(of_text, ["1", "x", "NA", "0.5"]))
    assert evidence == Evidence(frozenset({Kind.TEXT}), null_words=True)
    assert has_values(of_text("NA"), String())
    assert not has_values(of_text("NA"), BigInt())


def test_structs_join_field_by_field_and_leave_out_what_has_no_type() -> None:
    first = Evidence(frozenset({Kind.OBJECT}), fields={"b": of_json_number("1"), "n": NOTHING})
    second = Evidence(frozenset({Kind.OBJECT}), fields={"a": of_json_string("x"), "b": of_json_number("2")})
    assert first.merge(second).type == Struct((("b", BigInt()), ("a", String())))
    assert Evidence(frozenset({Kind.OBJECT}), fields={"n": NOTHING}).type == Null()
    assert Evidence(frozenset({Kind.ARRAY}), element=of_json_number("1")).type == Array(BigInt())
    assert Evidence(frozenset({Kind.ARRAY})).type == Null()
