"""Somebody's words inside Markdown that data engineers read."""

from __future__ import annotations

_MARKS = frozenset(r"\`*_{}[]()<>#+-.!|~&")


def as_text(words: str) -> str:
    """Somebody's words as Markdown that shows them and does nothing else."""
    return "".join(f"\\{char}" if char in _MARKS else char for char in " ".join(words.split()))
