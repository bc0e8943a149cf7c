"""What the records of a file are, by Python's own readers and not by the engine that is judged."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

csv.field_size_limit(2**31 - 1)


class NumberText(str):
    """A JSON number as it is written."""

    __slots__ = ()


@dataclass(frozen=True)
class CsvTable:
    """The records of a CSV file.

    Attributes:
        header: names as written.
        texts: of each column, the text of its fields with quotes removed.
        quoted_empties: of each column, the rows that hold `""`.
        lines: the physical line each record begins in.
    """

    header: tuple[str, ...]
    texts: tuple[tuple[str, ...], ...]
    quoted_empties: tuple[frozenset[int], ...]
    lines: tuple[int, ...]

    @property
    def rows(self) -> int:
        return len(self.lines)


class ReadersDisagree(AssertionError):
    """Python's csv module and the state machine here do not read the same."""


def read_csv(data: bytes, *, delimiter: str = ",") -> CsvTable:
    """The file by a state machine that tells quoted from unquoted fields, held against Python's csv module.

    Args:
        data: UTF-8, with or without a byte-order mark, and with no fault in its records.
        delimiter: between fields.

    Raises:
        ValueError: it has a fault all the same.
        ReadersDisagree: the csv module reads another text somewhere.
    """
    text = data.decode("utf-8-sig")
    stop = "\n" if _feeds_outside_quotes(text) or "\r" not in text else "\r"
    records, quoted, lines = _records(text, delimiter, stop)
    width = len(records[0])
    _agree_with_csv_module(text, records, delimiter, stop)
    while width > 1 and records[-1] == [""] and not quoted[-1]:  # blank lines at the end
        records.pop(), quoted.pop(), lines.pop()
    if any(len(record) != width for record in records):
        raise ValueError("records with another number of fields than the header")
    marked: list[set[int]] = [set() for _ in range(width)]
    for row, places in enumerate(quoted[1:]):
        for place in places:
            marked[place].add(row)
    columns = tuple(zip(*records[1:], strict=True)) if len(records) > 1 else ((),) * width
    return CsvTable(tuple(records[0]), columns, tuple(map(frozenset, marked)), tuple(lines[1:]))


def _feeds_outside_quotes(text: str) -> bool:
    return "\n" in (re.sub(r'"[^"]*"', "", text) if '"' in text else text)


def _records(text: str, delimiter: str, stop: str) -> tuple[list[list[str]], list[list[int]], list[int]]:
    """Records, where each has a quoted empty field, and the line each begins in."""
    ending = r"\r?\n" if stop == "\n" else r"\r"
    field = re.compile(
        rf'(?:"((?:[^"]|"")*)"|(?!")(.*?))({re.escape(delimiter)}|{ending}|\Z)',
        re.DOTALL,
    )
    records: list[list[str]] = []
    quoted: list[list[int]] = []
    lines: list[int] = []
    record: list[str] = []
    empties: list[int] = []
    at, line, begun = 0, 1, 1
    while at < len(text) or record:
        if not record:  # a line without quotes is a record as it stands
            stops = text.find(stop, at)
            stops = len(text) if stops < 0 else stops
            if text.find('"', at, stops) < 0:
                whole = text[at:stops]
                if stop == "\n" and stops < len(text):
                    whole = whole.removesuffix("\r")
                records.append(whole.split(delimiter))
                quoted.append([])
                lines.append(line)
                line += _line_breaks(text, at, stops + 1, stop)
                at, begun = stops + 1, line
                continue
        found = field.match(text, at)
        if found is None:
            raise ValueError(f"text after the closing quote of a field, or none, from character {at}")
        inner, plain, end = found.groups()
        if inner == "":
            empties.append(len(record))
        record.append(plain if inner is None else inner.replace('""', '"'))
        line += _line_breaks(text, at, found.end(), stop)
        at = found.end()
        if end != delimiter:
            records.append(record)
            quoted.append(empties)
            lines.append(begun)
            record, empties, begun = [], [], line
    return records, quoted, lines


_LINE_BREAK = re.compile(r"\r|(?<!\r)\n")


def _line_breaks(text: str, start: int, end: int, stop: str) -> int:
    """Physical lines that end there; a feed right after a return is no second one."""
    return text.count("\n", start, end) if stop == "\n" else len(_LINE_BREAK.findall(text, start, end))


def _agree_with_csv_module(text: str, records: Sequence[Sequence[str]], delimiter: str, stop: str) -> None:
    """The csv module ends a record at every return outside quotes, so it only reads a file that has no lone one."""
    lone = re.sub(r"\r\n", "", text)
    if (stop == "\n" and "\r" in lone) or (stop == "\r" and "\n" in text):
        return
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    read = [row or [""] for row in reader]
    for number, (mine, theirs) in enumerate(zip(records, read, strict=False)):
        if mine != theirs:
            raise ReadersDisagree(f"record {number}: {mine} and {theirs}")
    if len(read) != len(records):
        raise ReadersDisagree(f"{len(records)} and {len(read)} records")


def read_json(data: bytes, *, lines: bool) -> list[dict[str, Any]]:
    """The objects of a JSON file, their numbers as `NumberText`.

    Args:
        data: UTF-8, with or without a byte-order mark.
        lines: one object a line, instead of an array of objects or one object.
    """
    text = data.decode("utf-8-sig")
    if lines:
        return [load_json(line) for line in re.split(r"\r?\n", text) if line.strip(" \t\r")]
    document = load_json(text)
    return document if isinstance(document, list) else [document]


def load_json(text: str) -> Any:
    """A JSON document, its numbers as written."""
    return json.loads(text, parse_int=NumberText, parse_float=NumberText)
