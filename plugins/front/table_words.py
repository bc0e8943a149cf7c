"""Words on the pages about tables: who, which type, what changed."""

from __future__ import annotations

import re
from types import MappingProxyType

from include.domain.type_changes import fields_changed
from include.domain.upload import Door

_LONGEST = 60  # characters of a type within a sentence

PLAIN_TYPES = MappingProxyType(
    {
        "null": "no values yet",
        "boolean": "true or false",
        "bigint": "whole number",
        "double": "decimal number",
        "decimal": "exact decimal number",
        "date": "date",
        "timestamp": "date and time",
        "timestamp_utc": "date and time with time zone",
        "string": "text",
        "array": "list",
        "struct": "group of fields",
    }
)
"""What a type is, in plain words, by its word in the API, of a nested one by its outermost word."""


def who(person: str) -> str:
    """An uploader or owner, who may be nobody: a file that was put into landing by hand."""
    return "a file dropped into landing" if person == Door.LANDING.value else person


def type_words(kind: str) -> str:
    """A type within a sentence; a nested one may be long."""
    return kind if len(kind) <= _LONGEST else f"{kind[: _LONGEST - 1]}…"


def plain_type(kind: str) -> str:
    """What a type is, in plain words; KeyError for what is no type."""
    return PLAIN_TYPES[re.split(r"[<(]", kind, maxsplit=1)[0]]


def became(kind: str, was: str) -> str:
    """What happened to the fields of a nested column, as the beginning of a sentence; empty for a plain one."""
    said = "; ".join(fields_changed(was, kind))
    return said[:1].upper() + said[1:]
