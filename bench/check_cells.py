"""Every cell of a small output against the file itself, read by Python's csv or json module and compared one by one.

Shares nothing with the generator, nor with the vectorised check: each would show a mistake in the other.
"""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bench import output
from bench.verdict import Verdict, type_remarks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DIGITS_OF_A_DOUBLE = 17


def check_cells(folder: Path, file: Path, *, types: dict[str, str]) -> Verdict:
    """Compare what the Parquet in `folder` holds with every record of the file.

    Args:
        folder: a tool's output.
        file: its source; the ending says the format.
        types: column and the family of its type by the rules.
    """
    verdict = Verdict()
    found = output.families(folder)
    if not found:
        return Verdict(table=["no Parquet"])
    verdict.remarks += type_remarks(found[0], types)
    rows = (row for piece in output.batches(folder, rows=10_000) for row in piece.to_pylist())
    same: Callable[[Any, Any], bool] = prints_back if file.suffix == ".csv" else is_value
    number, stored = 0, output.row_count(folder)
    for number, (record, row) in enumerate(zip(_records(file), rows, strict=False), start=1):
        for name in types:
            if not same(record.get(name), row.get(name)):
                kind = "lost" if row.get(name) is None else "changed"
                verdict.add(name, kind, cells=1, row=number - 1)
    records = sum(1 for _ in _records(file))
    if stored != records or number != records:
        verdict.table.append(f"{stored:,} of {records:,} rows")
    return verdict


def _records(file: Path) -> Iterator[dict[str, Any]]:
    if file.suffix == ".csv":
        with file.open(encoding="utf-8", newline="") as stream:
            yield from csv.DictReader(stream)
    elif file.suffix == ".jsonl":
        with file.open(encoding="utf-8") as stream:
            yield from (json.loads(line, parse_float=Decimal) for line in stream)
    else:
        yield from json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)


def prints_back(text: str, value: Any) -> bool:
    """Whether a stored value prints back to the text of its field, up to notation of numbers, booleans and instants."""
    match value:
        case None:
            same = text == ""
        case bool():
            same = text in (str(value), str(value).lower(), str(value).upper())
        case int():
            same = text == str(value)
        case float():
            same = _is_number(text) and _is_double(Decimal(text), value)
        case Decimal():
            same = _is_number(text) and Decimal(text) == value
        case datetime():
            same = value.tzinfo is None and text in (value.isoformat(" "), value.isoformat(), _day(value))
        case date():
            same = text == value.isoformat()
        case _:
            same = text == str(value)
    return same


def _is_number(text: str) -> bool:
    whole = text.removeprefix("-").split(".")[0].lower().split("e")[0]
    try:
        finite = Decimal(text).is_finite()
    except ArithmeticError:
        return False
    return finite and whole.isdigit() and (whole == "0" or not whole.startswith("0"))


def _is_double(number: Decimal, value: float) -> bool:
    digits = len("".join(map(str, number.as_tuple().digits)).lstrip("0")) or 1
    printed = Decimal(f"{value:.{min(digits, DIGITS_OF_A_DOUBLE) - 1}e}")
    return digits <= DIGITS_OF_A_DOUBLE and number in (printed, Decimal(repr(value)))


def _day(value: datetime) -> str:
    return (
        value.date().isoformat() if value == datetime(value.year, value.month, value.day, tzinfo=value.tzinfo) else ""
    )


def is_value(said: Any, value: Any) -> bool:
    """Whether a stored value is what a JSON document says; numbers with a point come as Decimal."""
    match said:
        case None:
            same = value is None
        case bool():
            same = value is said
        case int():
            same = not isinstance(value, bool | str) and value == said
        case Decimal():
            same = value == said if isinstance(value, Decimal) else isinstance(value, float) and _is_double(said, value)
        case str():
            same = _is_string(said, value)
        case dict():
            held = json.loads(value, parse_float=Decimal) if isinstance(value, str) else value
            same = isinstance(held, dict) and all(is_value(said.get(key), held.get(key)) for key in {*said, *held})
        case _:
            held = json.loads(value, parse_float=Decimal) if isinstance(value, str) else value
            same = (
                isinstance(held, list)
                and len(held) == len(said)
                and all(is_value(each, kept) for each, kept in zip(said, held, strict=True))
            )
    return bool(same)


def _is_string(said: str, value: Any) -> bool:
    if isinstance(value, datetime):
        return value.tzinfo is None and said in (value.isoformat(), value.isoformat(" "), _day(value))
    return said == (value.isoformat() if isinstance(value, date) else value)
