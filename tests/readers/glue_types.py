"""Glue's words for types, read into nested tuples, and cells in a form that every reader can be asked for.

Plain Python, for the tests and for the readers' own environment; it shares nothing with the service.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def read_type(text: str) -> Any:
    """`bigint` as it is, `array<x>` as ("array", x), `struct<a:x>` as ("struct", {"a": x})."""
    kind, rest = _read(text)
    assert not rest, rest
    return kind


def _read(text: str) -> tuple[Any, str]:
    if text.startswith("array<"):
        element, rest = _read(text.removeprefix("array<"))
        return ("array", element), rest.removeprefix(">")
    if text.startswith("struct<"):
        rest, fields = text.removeprefix("struct<"), {}
        while not rest.startswith(">"):
            name, _, rest = rest.removeprefix(",").partition(":")
            fields[name], rest = _read(rest)
        return ("struct", fields), rest.removeprefix(">")
    if text.startswith("decimal("):
        word, _, rest = text.partition(")")
        return word + ")", rest
    end = next((at for at, char in enumerate(text) if char in ",>"), len(text))
    return text[:end], text[end:]


def tagged(value: Any, kind: Any) -> Any:
    """A cell as JSON that tells the kinds of values apart; fields that a struct lacks are NULL."""
    if value is None:
        return None
    if isinstance(kind, tuple) and kind[0] == "array":
        return [tagged(each, kind[1]) for each in value]
    if isinstance(kind, tuple):
        members = value if isinstance(value, dict) else value.asDict()
        assert set(members) <= set(kind[1]), (members, kind)
        return {name: tagged(members.get(name), inner) for name, inner in kind[1].items()}
    return _tagged_scalar(value)


def _tagged_scalar(value: Any) -> list[str]:
    if isinstance(value, datetime):
        naive = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return ["timestamp", naive.isoformat(timespec="microseconds")]
    for kind, word, text in _SCALARS:
        if isinstance(value, kind):
            return [word, text(value)]
    raise TypeError(f"a cell of an unknown kind: {type(value)}")


_SCALARS: tuple[tuple[type, str, Callable[[Any], str]], ...] = (
    (bool, "boolean", lambda value: str(value).lower()),
    (int, "integer", str),
    (float, "double", float.hex),
    (Decimal, "decimal", lambda value: format(value.normalize(), "f")),
    (date, "date", date.isoformat),
    (str, "string", str),
)
