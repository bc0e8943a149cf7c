"""The plain reading of raw files, which the readers are held against, spelled out by hand."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.readers.glue_types import read_type, tagged
from tests.readers.raw import rows_of


def test_types_of_glue_are_read_at_every_depth() -> None:
    kind = read_type("array<struct<a:decimal(38,2),b:struct<c:array<string>,d:date>,e:bigint>>")
    inner = {"c": ("array", "string"), "d": "date"}
    assert kind == ("array", ("struct", {"a": "decimal(38,2)", "b": ("struct", inner), "e": "bigint"}))


@pytest.mark.parametrize(
    ("field", "as_string", "kind", "typed"),
    [
        ("1", "1", "bigint", 1),
        ("", None, "bigint", None),
        ('""', "", "bigint", None),
        ("NA", "NA", "double", None),
        ("007", "007", "double", 7.0),
        ('"a,""b"""', 'a,"b"', "string", 'a,"b"'),
        ("1.50", "1.50", "decimal(38,2)", Decimal("1.5")),
        ("TRUE", "TRUE", "boolean", True),
        ("2026-07-31T10:00:00+01:00", "2026-07-31T10:00:00+01:00", "timestamp", datetime(2026, 7, 31, 9)),  # noqa: DTZ001
    ],
)
def test_a_field_is_its_text_in_a_string_column_and_a_value_in_others(
    field: str, as_string: str | None, kind: str, typed: Any
) -> None:
    text = f"id,v\n1,{field}\n"
    assert rows_of(text, ending="csv", types={"id": "bigint", "v": "string"}) == [{"id": 1, "v": as_string}]
    assert rows_of(text, ending="csv", types={"v": kind, "id": "bigint"}) == [{"v": typed, "id": 1}]


def test_a_value_of_json_has_the_fields_of_its_column() -> None:
    types = {"v": read_type("struct<a:bigint,b:array<string>>"), "w": "string"}
    text = '{"v": {"b": ["x", null]}, "w": 1.50}\n{"w": "1.5"}\n'
    assert rows_of(text, ending="jsonl", types=types) == [
        {"v": {"a": None, "b": ["x", None]}, "w": "1.50"},
        {"v": None, "w": "1.5"},
    ]


def test_cells_of_other_kinds_are_not_the_same() -> None:
    values: list[Any] = [1, 1.0, Decimal(1), True, "1", None]
    cells = [tagged(value, "string") for value in values]
    assert all(one != other for at, one in enumerate(cells) for other in cells[at + 1 :])
    assert tagged(0.0, "double") != tagged(-0.0, "double")
    assert tagged(Decimal("1.50"), "decimal(38,2)") == tagged(Decimal("1.5"), "decimal(38,2)")
