"""What kind of value the text of one field is: the table of the rules, one field at a time, in plain Python.

This is the reference. The engine answers the same question for millions of fields at once and is tested against it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """What one value is, before anything is known of its column."""

    EMPTY = "empty"
    NULL_WORD = "null_word"
    BOOLEAN = "boolean"
    INTEGER = "integer"  # within 64 bits
    BIG_INTEGER = "big_integer"  # beyond 64 bits, up to 38 digits
    POINT = "point"  # a number with decimal places
    SCIENTIFIC = "scientific"  # a finite number with an exponent
    DATE = "date"
    TIMESTAMP = "timestamp"  # without an offset
    TIMESTAMP_ZONED = "timestamp_zoned"  # with `Z` or an offset
    TEXT = "text"
    OBJECT = "object"  # JSON only
    ARRAY = "array"  # JSON only


NULL_WORDS = ("NA", "N/A", "#N/A", "NULL", "null", "None", "NaN", "nan", "\\N")
TRUE_WORDS = ("true", "True", "TRUE")
FALSE_WORDS = ("false", "False", "FALSE")

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
MAX_DIGITS = 38  # what a decimal of the table holds
MAX_DOUBLE_DIGITS = 17  # more digits than any double prints

# RE2 and Python read these the same: ASCII classes only, no look-around, no `$` (it would accept a final newline).
INTEGER_PATTERN = r"-?(?:0|[1-9][0-9]*)"
POINT_PATTERN = INTEGER_PATTERN + r"\.[0-9]+"
SCIENTIFIC_PATTERN = INTEGER_PATTERN + r"(?:\.[0-9]+)?[eE][+-]?[0-9]+"
DATE_PATTERN = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
TIMESTAMP_PATTERN = DATE_PATTERN + r"[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?"
OFFSET_PATTERN = r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"

FINE_TIMESTAMP_PATTERN = r"\.[0-9]{3}0*[1-9]"
"""Found in a timestamp that is finer than a millisecond."""

DAY_FIRST_PATTERNS = tuple(f"^([0-9]{{2}}){mark}([0-9]{{2}}){mark}([0-9]{{4}})" for mark in ("/", "-", r"\."))
"""Each matches the start of `31/01/2026`, with day, month and year as its groups."""

_INTEGER = re.compile(INTEGER_PATTERN)
_POINT = re.compile(POINT_PATTERN)
_SCIENTIFIC = re.compile(SCIENTIFIC_PATTERN)
_DATE = re.compile(DATE_PATTERN)
_TIMESTAMP = re.compile(f"({TIMESTAMP_PATTERN})({OFFSET_PATTERN})?")


@dataclass(frozen=True)
class ColumnOptions:
    """What was chosen for one column of a CSV file. The defaults are the rules as they stand.

    Attributes:
        as_text: every value is text, whatever it looks like; a null word and a quoted empty field too.
        day_first: `31/01/2026` (also with `-` or `.`, also with a time behind it) is a date; all but dates is text.
        null_words: the words for a missing value.
    """

    as_text: bool = False
    day_first: bool = False
    null_words: tuple[str, ...] = NULL_WORDS


DEFAULT_COLUMN = ColumnOptions()


@dataclass(frozen=True)
class NumberFacts:
    """What decides whether a number may stand in a double or a decimal column.

    Attributes:
        survives: the number is the same after being read as a double and printed with as many digits, or the fewest.
        integer_digits: digits before the point; a lone 0 counts none.
        decimal_places: digits after the point as written, trailing zeros included.
        negative_zero: a zero with a minus sign, which no decimal holds.
    """

    survives: bool
    integer_digits: int
    decimal_places: int
    negative_zero: bool


def classify(text: str, options: ColumnOptions = DEFAULT_COLUMN) -> Kind:
    """The kind of one CSV field's text, quotes already removed."""
    if text == "":
        return Kind.EMPTY
    if options.as_text:
        return Kind.TEXT
    if text in options.null_words:
        return Kind.NULL_WORD
    if options.day_first:
        return _instant_kind(year_first(text)) or Kind.TEXT
    if text in TRUE_WORDS or text in FALSE_WORDS:
        return Kind.BOOLEAN
    return _number_kind(text) or _instant_kind(text) or Kind.TEXT


def classify_json_number(text: str) -> Kind:
    """The kind of a JSON number as written; TEXT when no column of numbers can hold it (`-0`, `1e400`)."""
    return _number_kind(text) or Kind.TEXT


def classify_json_string(text: str) -> Kind:
    """The kind of a JSON string: a date, a timestamp, or text. `"12"` is text, so is the empty string."""
    return _instant_kind(text) or Kind.TEXT


def number_facts(text: str) -> NumberFacts:
    """Facts of a text whose kind is INTEGER, BIG_INTEGER, POINT or SCIENTIFIC."""
    integer, _, places = re.split("[eE]", text)[0].lstrip("-").partition(".")
    digits = _significant(text)
    return NumberFacts(
        survives=_survives(text, digits=len(digits)),
        integer_digits=0 if integer == "0" else len(integer),
        decimal_places=len(places),
        negative_zero=text.startswith("-") and not digits,
    )


def year_first(text: str) -> str:
    """`31/01/2026 10:00` as `2026-01-31 10:00`; a text that does not begin so as it is."""
    for pattern in DAY_FIRST_PATTERNS:
        text = re.sub(pattern, r"\3-\2-\1", text)
    return text


def utc_instant(text: str) -> datetime | None:
    """The instant of a zoned timestamp as naive UTC, or None when it leaves the years 0001 to 9999."""
    found = _TIMESTAMP.fullmatch(text)
    if found is None or found[2] is None:
        return None
    local = _datetime(found[1])
    if local is None:
        return None
    offset = timedelta()
    if found[2] != "Z":
        hours, minutes = found[2][1:].split(":")
        offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if found[2][0] == "-" else 1)
    try:
        return local - offset
    except OverflowError:
        return None


def _number_kind(text: str) -> Kind | None:
    if _INTEGER.fullmatch(text):
        digits = text.lstrip("-")
        if text == "-0" or len(digits) > MAX_DIGITS:
            return None
        return Kind.INTEGER if INT64_MIN <= int(text) <= INT64_MAX else Kind.BIG_INTEGER
    if _POINT.fullmatch(text):
        return Kind.POINT
    if _SCIENTIFIC.fullmatch(text) and math.isfinite(float(text)):
        return Kind.SCIENTIFIC
    return None


def _instant_kind(text: str) -> Kind | None:
    if _DATE.fullmatch(text):
        return Kind.DATE if _datetime(text) is not None else None
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        return None
    if found[2] is None:
        return Kind.TIMESTAMP if _datetime(text) is not None else None
    return Kind.TIMESTAMP_ZONED if utc_instant(text) is not None else None


def _datetime(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # 30 February, the year 0000
        return None


def _survives(text: str, *, digits: int) -> bool:
    if digits == 0:
        return True
    if _INTEGER.fullmatch(text):
        return INT64_MIN <= int(text) <= INT64_MAX and int(float(text)) == int(text)
    if digits > MAX_DOUBLE_DIGITS:
        return False
    value = float(text)
    if value == 0 or not math.isfinite(value):
        return False
    if Decimal(f"{value:.{digits - 1}e}") == Decimal(text):
        return True
    # Next to a power of two the shortest text of a double is not always the nearest of its length (2**-24 prints as
    # 5.960464477539063e-08). What programs print of a double survives all the same.
    shortest = repr(value)
    return len(_significant(shortest)) == digits and Decimal(shortest) == Decimal(text)


def _significant(text: str) -> str:
    return re.split("[eE]", text)[0].lstrip("-").replace(".", "").lstrip("0")
