"""Files that are nearly right: built of the tokens on which readers of CSV and JSON have stumbled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.text_rules import FALSE_WORDS, NULL_WORDS, TRUE_WORDS
from tests.conversion.texts import BORDERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.fuzz.choices import Choices

LINE_BREAKS = ("\n", "\r\n", "\r")
CSV_TOKENS = (
    *("", '""', "a", "1", "é", "\u20ac", "\U0001f600", "\ufeff", "\u2028", "\x85", "\x0b", "\x1a", " ", "\t", ";", "|"),
    *('5" pipe', 'a"b"c', '"', '"""', '""""', "x,y", "x\ny", "x\r\ny", "x\ry", '\n"', '",', '"\n', "\\", "'", "\\N"),
    "w" * 70,
)
RAW = (b"\xff", b"\x00", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\xc0\x80", b'"', b"\r", b"\n", b",", b"\xef\xbb\xbf")
NAMES = ("a", "B", "c_1", "id", "b", "", "x y", "extraction_timestamp", "1", "é", "n" * 256)
TEXTS = (*BORDERS, *TRUE_WORDS, *FALSE_WORDS, *NULL_WORDS)
PIECES = ("0", "1", "9", "-", "+", ".", "e", "E", "T", "Z", ":", " ", "00", "2026-01-31", "10:00", "\u0663")


def text(choices: Choices) -> str:
    """A text near a border of the type rules; often changed at one place."""
    result = choices.one(TEXTS)
    for _ in range(choices.below(4)):
        at = choices.below(len(result) + 1)
        match choices.below(3):
            case 0:
                result = result[:at] + choices.one(PIECES) + result[at:]
            case 1:
                result = result[:at] + result[at + 1 :]
            case _:
                result = result[:at] + choices.one(PIECES) + result[at + 1 :]
    return result


def csv_file(choices: Choices) -> bytes:
    """A CSV file, most often a good one."""
    width = 1 + choices.below(4)
    line_break = choices.one(LINE_BREAKS)
    header = [choices.one(NAMES) if choices.rarely() else f"c{at}" for at in range(width)]
    families = [choices.below(4) for _ in range(width)]
    lines = [",".join(header)]
    while choices.left and len(lines) < 40:
        count = width + (choices.below(3) - 1 if choices.rarely() else 0)
        cells = [_csv_cell(choices, families[at % width]) for at in range(count)]
        lines.append("" if choices.rarely() else ",".join(cells))
    content = line_break.join([*lines, *[""] * choices.below(4)])
    if choices.rarely():
        content = "\ufeff" + content
    if choices.rarely():
        content = content.replace(line_break, choices.one(LINE_BREAKS), choices.below(3))
    return _damaged(choices, content.encode())


def _csv_cell(choices: Choices, family: int) -> str:
    cell = text(choices) if family or choices.rarely() else choices.one(CSV_TOKENS)
    if choices.rarely():
        return choices.one(CSV_TOKENS)  # as it stands, whatever is in it
    if cell.startswith('"') or any(mark in cell for mark in ",\r\n") or choices.below(4) == 1:
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _damaged(choices: Choices, data: bytes) -> bytes:
    if not choices.rarely():
        return data
    at = choices.below(len(data) + 1)
    return data[:at] + choices.one(RAW) + data[at + choices.below(2) :]


def structure(choices: Choices) -> bytes:
    """Nothing but the characters that make records and fields, below a header of two columns."""
    marks = ("a", ",", '"', "\n", "\r", "\r\n", "é", '""', '"a"', "\U0001f600", "a,b\n")
    pieces: list[str] = []
    while choices.left and len(pieces) < 120:
        pieces.append(choices.one(marks))
    return ("h,i" + choices.one(("\n", "\r\n", "\r")) + "".join(pieces)).encode()


SPACES = ("", "", " ", "\n", "\t", "\r\n", "  ")
KEYS = ('"a"', '"B"', '"c_1"', '"d"', '"b"', '"\\u0061"', '"A"', '"x y"', '"é"', '""')
SCALARS = (
    *("null", "true", "false", "0", "-0", "1", "-7", "1.50", "1e5", "1E400", "9223372036854775808", "0.1", "1.0"),
    *('""', '"a"', '"12"', '"NA"', '"2026-01-31"', '"2026-01-31T10:00"', '"2026-01-31T10:00Z"', '"2026-02-30"'),
    *('"\\u00e9"', '"é"', '"\\ud83d\\ude00"', '"\U0001f600"', '"\\ud83d"', '"\\n"', '"\\""', '"\\\\"', '"[{"', '"}],"'),
    *("NaN", "-Infinity", "01", "1.", ".5", "+1", "'a'", "tru", '"\n"', '"\\x"', "9" * 39, '"\x7f"', '"\u2028"'),
)
GOOD_SCALARS = 31
JSON_RAW = (b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\xff", b"\x00", b"\n", b"1", b" ", b"\xef\xbb\xbf")


def json_file(choices: Choices) -> tuple[bytes, str]:
    """A JSON file, most often a good one, and its name."""
    objects: list[str] = []
    while choices.left and len(objects) < 20:
        objects.append(_object(choices, depth=0) if not choices.rarely() else _value(choices, depth=0))
    form = choices.below(4)
    if form == 0:
        content, name = choices.one(("\n", "\r\n")).join(objects) + choices.one(("", "\n", "\n\n")), "a.jsonl"
    elif form == 1:
        content, name = choices.one(("\n", "\n\n", " ")).join(objects[:3]), "a.json"
    else:
        gap = choices.one(SPACES)
        content, name = "[" + gap + f"{gap},{choices.one(SPACES)}".join(objects) + gap + "]" + gap, "a.json"
    data = content.encode()
    if choices.rarely():
        data = b"\xef\xbb\xbf" + data
    if choices.rarely():
        at = choices.below(len(data) + 1)
        data = data[:at] + choices.one(JSON_RAW) + data[at + choices.below(2) :]
    return data, name


def _object(choices: Choices, *, depth: int) -> str:
    gap = choices.one(SPACES).replace("\r\n", "").replace("\n", "") if depth == 0 else ""
    keys = [choices.one(KEYS) if choices.rarely() else KEYS[at] for at in range(choices.below(4))]
    members = (f"{key}{gap}:{gap}{_value(choices, depth=depth + 1)}" for key in keys)
    return "{" + gap + f",{gap}".join(members) + gap + "}"


def _value(choices: Choices, *, depth: int) -> str:
    kind = choices.below(8)
    if kind == 1 and depth < 4:
        return _object(choices, depth=depth)
    if kind == 2 and depth < 4:
        return "[" + ",".join(_value(choices, depth=depth + 1) for _ in range(choices.below(4))) + "]"
    return choices.one(SCALARS if choices.rarely() else SCALARS[:GOOD_SCALARS])


def column(choices: Choices) -> Sequence[str]:
    """Texts of one column."""
    texts: list[str] = []
    while choices.left and len(texts) < 60:
        texts.append(text(choices))
    return texts
