"""The types a column can have, their names in the API and in Glue, and when a stored column must be written again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

RULES_VERSION = 1
"""Version of the rules from text to type and value; recorded with every derivation, raised when any rule changes."""

DECIMAL_PRECISION = 38


@dataclass(frozen=True)
class Null:
    """No typed value yet: the column is in no file."""


@dataclass(frozen=True)
class Boolean:
    """True and false."""


@dataclass(frozen=True)
class BigInt:
    """Whole numbers of 64 bits."""


@dataclass(frozen=True)
class Double:
    """IEEE 754 double precision."""


@dataclass(frozen=True)
class Decimal:
    """Exact numbers of 38 digits, `scale` of them after the point."""

    scale: int


@dataclass(frozen=True)
class Date:
    """A calendar day."""


@dataclass(frozen=True)
class Timestamp:
    """Date and time to the microsecond, no time zone."""


@dataclass(frozen=True)
class TimestampUtc:
    """An instant to the microsecond, kept in UTC."""


@dataclass(frozen=True)
class String:
    """Text exactly as written."""


@dataclass(frozen=True)
class Array:
    """Values of one type in order."""

    element: ColumnType


@dataclass(frozen=True)
class Struct:
    """Named fields, in the order first published."""

    fields: tuple[tuple[str, ColumnType], ...]


ColumnType: TypeAlias = (
    Null | Boolean | BigInt | Double | Decimal | Date | Timestamp | TimestampUtc | String | Array | Struct
)

_WORDS: dict[ColumnType, str] = {
    Null(): "null",
    Boolean(): "boolean",
    BigInt(): "bigint",
    Double(): "double",
    Date(): "date",
    Timestamp(): "timestamp",
    TimestampUtc(): "timestamp_utc",
    String(): "string",
}
_TYPES = {word: column_type for column_type, word in _WORDS.items()}
_GLUE_WORDS = {"null": "string", "timestamp_utc": "timestamp"}
_TOKEN = re.compile(rf"decimal\({DECIMAL_PRECISION},([0-9]{{1,2}})\)|[A-Za-z0-9_]+|[<>:,]")


def display(column_type: ColumnType) -> str:
    """The type in the words of the API: `bigint`, `decimal(38,2)`, `array<struct<a:date>>`."""
    return _spell(column_type, {})


def glue_type(column_type: ColumnType) -> str:
    """The type in the words of Glue and Athena: an instant is a `timestamp`, a column with no value yet a `string`."""
    return _spell(column_type, _GLUE_WORDS)


def _spell(column_type: ColumnType, words: dict[str, str]) -> str:
    match column_type:
        case Decimal(scale):
            return f"decimal({DECIMAL_PRECISION},{scale})"
        case Array(element):
            return f"array<{_spell(element, words)}>"
        case Struct(fields):
            return f"struct<{','.join(f'{name}:{_spell(inner, words)}' for name, inner in fields)}>"
        case _:
            word = _WORDS[column_type]
            return words.get(word, word)


def parse(text: str) -> ColumnType:
    """Read what `display` wrote.

    Raises:
        ValueError: the text is no type.
    """
    tokens = [(found[0], found[1]) for found in _TOKEN.finditer(text)]
    if "".join(token for token, _ in tokens) != text:
        raise ValueError(f"not a column type: {text!r}")
    try:
        column_type, rest = _read(tokens, 0)
    except (IndexError, KeyError) as error:
        raise ValueError(f"not a column type: {text!r}") from error
    if rest != len(tokens):
        raise ValueError(f"not a column type: {text!r}")
    return column_type


def _read(tokens: list[tuple[str, str | None]], at: int) -> tuple[ColumnType, int]:
    word, scale = tokens[at]
    if scale is not None:
        return Decimal(int(scale)), at + 1
    if word == "array":
        element, at = _read(tokens, _skip(tokens, at + 1, "<"))
        return Array(element), _skip(tokens, at, ">")
    if word == "struct":
        fields: list[tuple[str, ColumnType]] = []
        at += 1
        while tokens[at][0] != ">":
            name = tokens[_skip(tokens, at, "," if fields else "<")][0]
            inner, at = _read(tokens, _skip(tokens, at + 2, ":"))
            fields.append((name, inner))
        return Struct(tuple(fields)), at + 1
    return _TYPES[word], at + 1


def _skip(tokens: list[tuple[str, str | None]], at: int, expected: str) -> int:
    if tokens[at][0] != expected:
        raise KeyError(expected)
    return at + 1


def needs_rewrite(old: ColumnType, new: ColumnType) -> bool:
    """Whether a stored column of type `old` must be derived again from the raw file to be read as `new`.

    Engines themselves add struct fields at the end, and nothing else among these types. A column without a type is
    in no file, so there is nothing to rewrite (`TableSchema.columns_to_rewrite` knows the exceptions).
    """
    if old == new or isinstance(old, Null):
        return False
    match old, new:
        case Array(was), Array(becomes):
            return isinstance(was, Null) or needs_rewrite(was, becomes)
        case Struct(had), Struct(has):
            same_order = [name for name, _ in had] == [name for name, _ in has[: len(had)]]
            return not same_order or any(
                needs_rewrite(was, becomes) for (_, was), (_, becomes) in zip(had, has, strict=False)
            )
        case _:
            return True
