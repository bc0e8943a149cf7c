"""The rows of a worksheet, streamed: for each cell what the file has of it, nothing interpreted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from include.conversion.containers.workbook_xml import damaged, parse

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

    from include.conversion.containers.limits import Meter
    from include.conversion.containers.workbook_parts import Sheet

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384  # Excel's own
_MAX_TEXT = 1024**2


class Cell(NamedTuple):
    """One cell.

    Attributes:
        column: from 0.
        kind: `n` a number, `s` the number of a shared text, `str` and `inlineStr` a text, `b` a boolean, `e` an error,
            `d` a date.
        style: its number among the cell styles.
        text: what stands in it; None when nothing does.
        formula: it has one.
    """

    column: int
    kind: str
    style: str
    text: str | None
    formula: bool


@dataclass(frozen=True)
class Row:
    """A row with its number in the sheet, from 1, and those of its cells that the file has."""

    number: int
    cells: list[Cell]


def rows(archive: zipfile.ZipFile, sheet: Sheet, meter: Meter, *, merged: list[str]) -> Iterator[Row]:
    """The rows that the file has, in order; blocks of merged cells (`A1:B2`) are added to `merged` as they come.

    Raises:
        Unreadable: it is no worksheet, or too much of it.
    """
    handler = _Handler(merged)
    for _ in parse(archive, sheet.file, meter, start=handler.start, end=handler.end, text=handler.text):
        yield from handler.taken()


class _Handler:
    def __init__(self, merged: list[str]) -> None:
        self._merged = merged
        self._rows: list[Row] = []
        self._cells: list[Cell] = []
        self._number = 0
        self._prefix: str | None = None  # of the sheet's own elements
        self._in_row = self._in_text = self._phonetic = self._formula = False
        self._cell: dict[str, str] = {}
        self._pieces: list[str] | None = None
        self._columns: dict[str, int] = {}

    def taken(self) -> list[Row]:
        """The rows that are complete by now."""
        if len(self._cells) > MAX_COLUMNS or sum(map(len, self._pieces or ())) > _MAX_TEXT:
            raise damaged("a row or a cell of it is larger than Excel has them")
        done, self._rows = self._rows, []
        return done

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self._prefix is None:
            self._prefix = name[: -len("worksheet")] if name.endswith("worksheet") else ""
        word = name[len(self._prefix) :] if self._prefix else name
        if word == "c":
            self._cell, self._pieces, self._formula = attributes, None, False
        elif word == "v" or (word == "t" and not self._phonetic):
            self._in_text = True
            if self._pieces is None:
                self._pieces = []
        elif word == "f":
            self._formula = True
        elif word == "row":
            self._begin_row(attributes)
        elif word == "rPh":
            self._phonetic = True
        elif word == "mergeCell":
            self._merged.append(attributes.get("ref", ""))

    def text(self, data: str) -> None:
        if self._in_text and self._pieces is not None:
            self._pieces.append(data)

    def end(self, name: str) -> None:
        word = name[len(self._prefix) :] if self._prefix else name
        if word in {"v", "t"}:
            self._in_text = False
        elif word == "c":
            self._end_cell()
        elif word == "row":
            self._rows.append(Row(self._number, self._cells))
            self._cells = []
        elif word == "rPh":
            self._phonetic = False

    def _begin_row(self, attributes: dict[str, str]) -> None:
        stated = attributes.get("r")
        number = self._number + 1 if stated is None else int(stated) if stated.isdecimal() else 0
        if not self._number < number <= MAX_ROWS:
            raise damaged("its rows are not in order")
        self._number = number

    def _end_cell(self) -> None:
        attributes = self._cell
        place = attributes.get("r")
        last = self._cells[-1].column if self._cells else -1
        column = last + 1 if place is None else self._column(place)
        if not last < column < MAX_COLUMNS:
            raise damaged("its cells are not in order")
        text = None if self._pieces is None else "".join(self._pieces)
        self._cells.append(
            Cell(column, attributes.get("t", "n"), attributes.get("s", "0"), text or None, self._formula)
        )
        self._pieces = None

    def _column(self, place: str) -> int:
        letters = place.rstrip("0123456789")
        known = self._columns.get(letters)
        if known is None:
            known = self._columns[letters] = column_number(letters)
        return known


def column_number(letters: str) -> int:
    """The number of a column, from 0, by its letters; more than there are for what are none."""
    if not (0 < len(letters) <= 3 and letters.isascii() and letters.isalpha()):  # noqa: PLR2004 - XFD is the last
        return MAX_COLUMNS
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def column_letters(column: int) -> str:
    """The letters of a column by its number, from 0."""
    letters, rest = "", column + 1
    while rest:
        rest, last = divmod(rest - 1, 26)
        letters = chr(ord("A") + last) + letters
    return letters
