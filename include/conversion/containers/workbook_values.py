"""What a cell of a workbook holds, as JSON: numbers, and what formats make of them: dates, times and durations."""

from __future__ import annotations

import json
import math
import re
from datetime import date, timedelta
from enum import Enum

from include.conversion.containers.workbook_xml import damaged

_INTEGER = re.compile(r"0|-?[1-9][0-9]*")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_EXACT = 2.0**53
_DAY_MS = 86_400_000
_LAST_DAY = 2_958_465  # 9999-12-31 in the calendar that begins in 1900
_MOST_DAYS = 10_000_000
_DAYS_TO_1904 = 1462
_ZERO_DAY = date(1899, 12, 30)
_NO_SUCH_DAY = 60  # 1900-02-29: Excel has it, as Lotus 1-2-3 had
_MIDNIGHT = re.compile(r"T00:00(?::00(?:\.0+)?)?Z?$")

_SECTIONS = re.compile(r'"[^"]*"?|\\.|_.|\*.')  # quoted and escaped characters, blanks as wide as one, fillers
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]")
_BRACKETS = re.compile(r"\[[^\]]*\]")
_WORDS = re.compile(r"general|am/pm|a/p")


class Shown(Enum):
    """What a number format makes of a number."""

    NUMBER = "number"
    DATE = "date"  # perhaps with a time
    TIME = "time"
    ELAPSED = "elapsed"
    ZEROS = "zeros"  # a whole number, filled up with zeros on the left


_BUILT_IN = {
    **dict.fromkeys((*range(14, 18), 22, *range(27, 32), *range(34, 37), *range(50, 59)), Shown.DATE),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 45, 47), Shown.TIME),
    46: Shown.ELAPSED,
}


def shown_by(number: int, code: str | None) -> tuple[Shown, int]:
    """What a number format does, and to how many digits it fills up.

    Args:
        number: of the format; those below 164 are Excel's own.
        code: as the workbook has it, or None when it does not.
    """
    if code is None:
        return _BUILT_IN.get(number, Shown.NUMBER), 0
    bare = _SECTIONS.sub("", code.lower()).split(";")[0]
    if _ELAPSED.search(bare):
        return Shown.ELAPSED, 0
    bare = _WORDS.sub("", _BRACKETS.sub("", bare))
    if "y" in bare or "d" in bare or ("m" in bare and not set("hs") & set(bare)):
        return Shown.DATE, 0
    if set("hs") & set(bare):
        return Shown.TIME, 0
    if len(bare) > 1 and not bare.strip("0"):
        return Shown.ZEROS, len(bare)
    return Shown.NUMBER, 0


def number_text(text: str) -> str:
    """A number as JSON: whole ones as integers, the others as the shortest text of the double that they are.

    A whole number that is written out in the file stays so, whatever its length; what is written in scientific notation
    is a double, and is whole only up to 2^53.

    Raises:
        Unreadable: it is none.
    """
    if _INTEGER.fullmatch(text):
        return text
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(value):
        raise damaged("a cell that should be a number is none")
    return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)


def instant_text(number: str, shown: Shown, *, from_1904: bool) -> str | None:
    """What a number means as a date, timestamp, time or duration; None when it means none of them.

    Excel shows times to the millisecond, and so they are read. A day before the first (a time of day with a date
    format) is the time alone.
    """
    value = float(number)
    if abs(value) > _MOST_DAYS:
        return None
    ms = round(value * _DAY_MS)
    if shown is Shown.ELAPSED:
        return ("-" if ms < 0 else "") + _time(abs(ms))
    if from_1904 and shown is Shown.DATE:
        ms += _DAYS_TO_1904 * _DAY_MS
    day, rest = divmod(ms, _DAY_MS)
    if not 0 <= day <= _LAST_DAY:
        return None
    if day == 0:
        return _time(rest)
    if from_1904 and shown is Shown.TIME:
        day += _DAYS_TO_1904
    text = "1900-02-29" if day == _NO_SUCH_DAY else str(_ZERO_DAY + timedelta(days=day + (day < _NO_SUCH_DAY)))
    return f"{text} {_time(rest)}" if rest else text


def iso_text(text: str) -> str:
    """A date that the file has in ISO 8601 (`t="d"`): without its time when that is midnight."""
    return _MIDNIGHT.sub("", text)


def _time(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}" + (f".{ms:03}" if ms else "")


def quoted(text: str) -> bytes:
    """A text as a JSON string."""
    return json.dumps(text, ensure_ascii=False).encode("utf-8", "replace")


_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SURROGATES = range(0xD800, 0xE000)


def unescaped(text: str) -> str:
    """A text with `_x000D_` read as the character that XML could not hold."""
    return _ESCAPE.sub(_character, text) if "_x" in text else text


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if code in _SURROGATES else chr(code)
