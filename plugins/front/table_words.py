"""Words on the pages about tables: who, which type, what changed."""

from __future__ import annotations

from include.domain.type_changes import fields_changed
from include.domain.upload import Door

_LONGEST = 60  # characters of a type within a sentence


def who(person: str) -> str:
    """An uploader or owner, who may be nobody: a file that was put into landing by hand."""
    return "a file dropped into landing" if person == Door.LANDING.value else person


def type_words(kind: str) -> str:
    """A type within a sentence; a nested one may be long."""
    return kind if len(kind) <= _LONGEST else f"{kind[: _LONGEST - 1]}…"


def became(kind: str, was: str) -> str:
    """What happened to the fields of a nested column, as the beginning of a sentence; empty for a plain one."""
    said = "; ".join(fields_changed(was, kind))
    return said[:1].upper() + said[1:]
