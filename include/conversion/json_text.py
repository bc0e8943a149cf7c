"""How one JSON text is read: numbers as written, nothing beyond the standard, every fault with its position."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from include.domain import column_types as ct

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DEPTH = 40
"""Objects and arrays within each other. An array is two levels of Parquet, whose readers take 100."""

_BLANK = re.compile(r"[ \t\n\r]*")
_STRING_OR_CONSTANT = re.compile(r'"(?:[^"\\]|\\.)*"|(NaN|-?Infinity)', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)


class Number(str):
    """A JSON number as written."""

    __slots__ = ()


class Fault(Exception):
    """A text that is not JSON.

    Attributes:
        position: of the fault in the text, in characters.
        reason: in a few words.
    """

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(reason)
        self.position = position
        self.reason = reason


class _Constant(Exception):
    """NaN or Infinity was met."""


def decoder(pairs: Callable[[list[tuple[str, Any]]], Any] | None) -> json.JSONDecoder:
    """A decoder that keeps numbers as written and hands the members of each object to `pairs`, if given."""
    return json.JSONDecoder(
        object_pairs_hook=pairs, parse_float=Number, parse_int=Number, parse_constant=_refuse_constant
    )


def _refuse_constant(name: str) -> None:
    raise _Constant(name)


def decode(text: str, reader: json.JSONDecoder) -> Any:
    """The value of a whole text.

    Raises:
        Fault: it is not JSON.
    """
    try:
        value = _decode(text, reader)
    except json.JSONDecodeError as error:
        raise Fault(error.pos, error.msg) from error
    except _Constant as error:
        found = next(each for each in _STRING_OR_CONSTANT.finditer(text) if each[1])
        raise Fault(found.start(), f"{found[1]} is no JSON value") from error
    except RecursionError as error:
        raise Fault(_too_deep(text) or 0, _TOO_DEEP) from error
    if text.count("{") + text.count("[") > MAX_DEPTH and (position := _too_deep(text)) is not None:
        raise Fault(position, _TOO_DEEP)
    if "\\u" in text and (position := _lone_surrogate(text)) is not None:
        raise Fault(position, "a lone surrogate, half of an escaped character without the other half")
    return value


def _decode(text: str, reader: Any) -> Any:
    try:
        value, end = reader.scan_once(text, 0)
    except StopIteration:
        end = 0
    # The short way, without the checks of blank space around the text, is half as long for small records.
    return value if end and not text[end:].strip(" \t\n\r") else reader.decode(text)


_TOO_DEEP = f"more than {MAX_DEPTH} objects and arrays within each other"


def _too_deep(text: str) -> int | None:
    depth = 0
    for found in re.finditer(r'"(?:[^"\\]|\\.)*"|([\[{])|[\]}]', text, re.DOTALL):
        if found[0][0] == '"':
            continue
        depth += 1 if found[1] else -1
        if depth > MAX_DEPTH:
            return found.start()
    return None


def _lone_surrogate(text: str) -> int | None:
    high: re.Match[str] | None = None
    for found in _ESCAPE.finditer(text):
        code = int(found[1], 16) if found[1] else 0
        low = 0xDC00 <= code <= 0xDFFF  # noqa: PLR2004 - the second halves
        if high is not None:
            if not low or found.start() != high.end():
                return high.start()
            high = None
        elif low:
            return found.start()
        elif 0xD800 <= code <= 0xDBFF:  # noqa: PLR2004 - the first halves
            high = found
    return high.start() if high is not None else None


def decode_as(text: str, column_type: ct.ColumnType, reader: json.JSONDecoder) -> Any:
    """The value of a text that is known to be JSON, with objects and arrays in string columns as they are written."""
    return _value(text, _skip(text, 0), column_type, reader)[0]


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _value(text: str, at: int, column_type: ct.ColumnType, reader: Any) -> tuple[Any, int]:
    if isinstance(column_type, ct.Struct) and text[at] == "{":
        return _members(text, at, dict(column_type.fields), reader)
    if isinstance(column_type, ct.Array) and text[at] == "[":
        return _elements(text, at, column_type.element, reader)
    value, end = reader.scan_once(text, at)
    if isinstance(column_type, ct.String) and text[at] in "[{":
        return text[at:end], end
    return value, end


def _members(text: str, at: int, types: dict[str, ct.ColumnType], reader: Any) -> tuple[dict[str, Any], int]:
    result: dict[str, Any] = {}
    at = _skip(text, at + 1)
    while text[at] != "}":
        key, at = reader.scan_once(text, at)
        at = _skip(text, _skip(text, at) + 1)
        name = key.lower()
        result[name], at = _value(text, at, types.get(name, ct.Null()), reader)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return result, at + 1


def _elements(text: str, at: int, element: ct.ColumnType, reader: Any) -> tuple[list[Any], int]:
    result: list[Any] = []
    at = _skip(text, at + 1)
    while text[at] != "]":
        value, at = _value(text, at, element, reader)
        result.append(value)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return result, at + 1
