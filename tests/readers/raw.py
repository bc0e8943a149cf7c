"""What the cells of a raw file are, once its column has a type: read by a few lines of plain Python.

It shares nothing with the service's conversion: the rules are written down here once more, from docs/types.md.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

NULL_WORDS = frozenset({"NA", "N/A", "#N/A", "NULL", "null", "None", "NaN", "nan", "\\N"})


class Number(str):
    """A JSON number as it is written."""

    __slots__ = ()


def rows_of(text: str, *, ending: str, types: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a raw file with all columns of its table, NULL in those that the file does not have."""
    rows = _csv_rows(text, types) if ending == "csv" else _json_rows(text, types)
    return [{name: row.get(name) for name in types} for row in rows]


def _csv_rows(text: str, types: dict[str, Any]) -> list[dict[str, Any]]:
    header, *records = [_fields(line) for line in text.splitlines()]
    names = [name for name, _ in header]
    return [
        {
            name: _of_field(field, quoted=quoted, kind=types[name])
            for name, (field, quoted) in zip(names, record, strict=True)
        }
        for record in records
    ]


def _fields(line: str) -> list[tuple[str, bool]]:
    """The fields of a record without line breaks in quotes, and whether each was in quotes."""
    fields, rest = [], line
    while True:
        if rest.startswith('"'):
            end = 1
            while rest[end : end + 2] == '""' or rest[end] != '"':
                end += 2 if rest[end] == '"' else 1
            fields.append((rest[1:end].replace('""', '"'), True))
            rest = rest[end + 1 :]
        else:
            field = rest.partition(",")[0]
            fields.append((field, False))
            rest = rest[len(field) :]
        if not rest:
            return fields
        rest = rest[1:]


def _of_field(field: str, *, quoted: bool, kind: str) -> Any:
    if kind == "string":
        return field if field or quoted else None
    return None if not field or field in NULL_WORDS else _of_text(field, kind)


def _of_text(text: str, kind: str) -> Any:
    match kind:
        case "boolean":
            return {"true": True, "false": False}[text.lower()]
        case "bigint":
            return int(text)
        case "double":
            return float(text)
        case "date":
            return date.fromisoformat(text)
        case "timestamp":
            moment = datetime.fromisoformat(text)
            return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    assert kind.startswith("decimal"), kind
    return Decimal(text)


def _json_rows(text: str, types: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [json.loads(line, parse_int=Number, parse_float=Number) for line in text.splitlines()]
    return [{name: _of_value(value, types[name]) for name, value in row.items()} for row in rows]


def _of_value(value: Any, kind: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, tuple) and kind[0] == "array":
        return [_of_value(each, kind[1]) for each in value]
    if isinstance(kind, tuple):
        return {name: _of_value(value.get(name), inner) for name, inner in kind[1].items()}
    if kind == "string":
        return str(value) if isinstance(value, str) else _compact(value)
    return value if isinstance(value, bool) else _of_text(value, kind)


def _compact(value: Any) -> str:
    """The text of a value that is written without blank space."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join(map(_compact, value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{_compact(inner)}" for name, inner in value.items()) + "}"
    return json.dumps(value)
