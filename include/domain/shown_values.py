"""Shown values: one value of a table as a person reads it, and as text that no reader takes for another value."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

LONGEST = 300
"""Characters of a value that are shown."""


def shown(value: Any) -> str | None:
    """The value as text, cut when it is long; None for NULL. Structs and arrays are JSON."""
    text = value if value is None or isinstance(value, str) else _plain(value)
    return text if text is None or len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _plain(value: Any) -> str:
    match value:
        case dict() | list():
            return _json(value)
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case datetime():
            text = value.replace(tzinfo=None).isoformat(sep=" ")
            return text if value.tzinfo is None else f"{text} UTC"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _json(value: Any) -> str:
    match value:
        case None:
            return "null"
        case dict():
            return "{" + ", ".join(f"{json.dumps(name)}: {_json(inner)}" for name, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_json, value)) + "]"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case date():
            return json.dumps(_plain(value))
        case _:
            return _plain(value)
