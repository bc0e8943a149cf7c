"""Which column names are allowed, and the clean, unique name that a refused one could have instead."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from include.domain.text_rules import Kind, classify

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_NAME_LENGTH = 255
RESERVED_NAMES = frozenset({"extraction_timestamp"})

_ALLOWED = re.compile(r"[A-Za-z0-9_]+")
_NOT_ALLOWED = re.compile(r"[^a-z0-9]+")
_DATA_KINDS = frozenset(
    {
        Kind.EMPTY,
        Kind.INTEGER,
        Kind.BIG_INTEGER,
        Kind.POINT,
        Kind.SCIENTIFIC,
        Kind.DATE,
        Kind.TIMESTAMP,
        Kind.TIMESTAMP_ZONED,
    }
)
# Numbers and dates that the type rules keep as text, but that are no names either: ` 7`, `+5`, `007`, `31/01/2026`.
_LOOSE_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*(?:[eE][+-]?[0-9]+)?%?")
_LOOSE_DATE = re.compile(r"[0-9]{1,4}([./-])[0-9]{1,2}\1[0-9]{1,4}(?:[T ][0-9:.]+)?")


class _WithoutMarks(dict[int, int | None]):
    """For `str.translate`: leaves combining marks out, and looks each character up once."""

    def __missing__(self, character: int) -> int | None:
        self[character] = None if unicodedata.combining(chr(character)) else character
        return self[character]


_WITHOUT_MARKS = _WithoutMarks()


def has_special_characters(name: str) -> bool:
    """Whether a name that is not empty has anything but letters A to Z, digits and underscores."""
    return bool(name) and not _ALLOWED.fullmatch(name)


def is_data(fields: Sequence[str]) -> bool:
    """Whether a first row is no header: blank, or every field a number, a date or empty."""
    return all(_is_datum(text) for text in fields)


def _is_datum(text: str) -> bool:
    bare = text.strip()
    return classify(bare) in _DATA_KINDS or bool(_LOOSE_NUMBER.fullmatch(bare) or _LOOSE_DATE.fullmatch(bare))


def stored_name(name: str) -> str:
    """The name as files and catalogue have it."""
    return name.lower()


def repeated_names(names: Sequence[str]) -> tuple[str, ...]:
    """Stored names that occur more than once, whatever their case; empty ones are another matter."""
    seen: dict[str, int] = {}
    for name in names:
        seen[stored_name(name)] = seen.get(stored_name(name), 0) + 1
    return tuple(name for name, count in seen.items() if count > 1 and name)


def is_allowed(name: str) -> bool:
    """Whether a name is allowed, taken alone."""
    return bool(_ALLOWED.fullmatch(name)) and len(name) <= MAX_NAME_LENGTH and stored_name(name) not in RESERVED_NAMES


def corrected_names(names: Sequence[str]) -> tuple[str, ...]:
    """Names that would be accepted: the good ones as they are, each refused one clean and unique."""
    first = {stored_name(name): at for at, name in reversed(list(enumerate(names)))}
    keep = {at for name, at in first.items() if is_allowed(name)}
    taken = {stored_name(names[at]) for at in keep} | RESERVED_NAMES
    result: list[str] = []
    numbers: dict[str, int] = {}  # the last that was put behind a name: a thousand may clean to the same
    for at, name in enumerate(names):
        if at in keep:
            result.append(name)
            continue
        result.append(_unused(clean_name(name, position=at + 1), taken, numbers))
        taken.add(result[-1])
    return tuple(result)


def clean_name(name: str, *, position: int) -> str:
    """A name as near to the given one as the rules allow (`Sample Number` → `sample_number`), not yet unique.

    Args:
        name: the name as in the file.
        position: of the column, from 1; names a column whose name has no letter or digit to keep (`column_3`).
    """
    # Of a megabyte taken for a name nobody keeps more than its beginning.
    plain = unicodedata.normalize("NFKD", name[: 8 * MAX_NAME_LENGTH].casefold())
    letters = plain.translate(_WITHOUT_MARKS)
    clean = _NOT_ALLOWED.sub("_", letters.lower()).strip("_")[:MAX_NAME_LENGTH].rstrip("_")
    return clean or f"column_{position}"


def _unused(name: str, taken: set[str], numbers: dict[str, int]) -> str:
    candidate, number = name, numbers.get(name, 1)
    while candidate in taken:
        number += 1
        ending = f"_{number}"
        candidate = name[: MAX_NAME_LENGTH - len(ending)] + ending
    numbers[name] = number
    return candidate
