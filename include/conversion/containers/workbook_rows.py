"""The rows of a sheet as JSON Lines: the first as names, each other one as an object with all of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from include.conversion.containers.unreadable import Unreadable
from include.conversion.containers.workbook_sheet import column_letters
from include.conversion.containers.workbook_values import (
    Shown,
    instant_text,
    iso_text,
    number_text,
    quoted,
    unescaped,
)
from include.conversion.containers.workbook_xml import damaged
from include.domain import file_findings, workbook_findings
from include.domain.csv_findings import MAX_RECORD_BYTES
from include.domain.file_findings import MAX_LISTED
from include.domain.name_findings import header_findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.conversion.containers.unpacked import Plain
    from include.conversion.containers.workbook_parts import Parts
    from include.conversion.containers.workbook_sheet import Cell, Row
    from include.domain.findings import Finding

_FIRST_ROW = 2  # below the header
_NULL = b"null"
_EMPTY = b'""'
_NOT_AVAILABLE = "#N/A"
_LONG = 15  # digits that Excel keeps
_TOO_LONG = 10.0**_LONG


class Noted:
    """Cells of which something is to be said: how many, and the first of them."""

    def __init__(self) -> None:
        self.total = 0
        self.cells: list[str] = []
        self.lines: list[int] = []
        self.words: dict[str, None] = {}

    def add(self, column: int, row: int, word: str = "") -> None:
        """Count one."""
        self.total += 1
        if len(self.cells) < MAX_LISTED:
            self.cells.append(f"{column_letters(column)}{row}")
            self.words[word] = None
            if row not in self.lines:
                self.lines.append(row)


class Transcript:
    """Writes rows as they come; says at the end what was found in them."""

    def __init__(self, parts: Parts, plain: Plain) -> None:
        self._parts = parts
        self._plain = plain
        self._names: list[str] | None = None
        self._keys: list[bytes] = []
        self._width = 0  # of the widest row
        self._next = _FIRST_ROW  # the row to be written
        self._blank, self._blank_lines = 0, list[int]()
        self._errors, self._missing, self._uncalculated = Noted(), Noted(), Noted()
        self._long, self._zeros = Noted(), Noted()

    def take(self, row: Row) -> None:
        """Take the next row that the file has.

        Raises:
            Unreadable: a cell is none that a workbook can have, or the row is too long.
        """
        values = {cell.column: value for cell in row.cells if (value := self._value(cell, row.number)) is not None}
        if self._names is None:
            self._begin(values if row.number == 1 else {})
            if row.number == 1:
                return
        if not values:
            return  # written when another follows
        self._width = max(self._width, max(values) + 1)
        self._write_blank(row.number)
        self._write(values, row.number)

    def _begin(self, header: dict[int, bytes]) -> None:
        width = self._width = max(header, default=-1) + 1
        self._names = [_name(header.get(at, _EMPTY)) for at in range(width)]
        self._keys = [quoted(name) + b":" for name in self._names]

    def _write_blank(self, before: int) -> None:
        if before == self._next:
            return
        blank = b"{" + b",".join(key + _NULL for key in self._keys) + b"}\n"
        self._blank += before - self._next
        self._blank_lines += range(self._next, min(before, self._next + MAX_LISTED - len(self._blank_lines)))
        for _ in range(self._next, before):
            self._plain.write(blank)
        self._next = before

    def _write(self, values: dict[int, bytes], number: int) -> None:
        line = b",".join([key + values.get(at, _NULL) for at, key in enumerate(self._keys)])
        if len(line) > MAX_RECORD_BYTES:
            raise Unreadable(file_findings.record_too_long(line=number, limit=MAX_RECORD_BYTES))
        self._plain.write(b"{" + line + b"}\n")
        self._next = number + 1

    def _value(self, cell: Cell, row: int) -> bytes | None:
        """A cell as JSON; None when it is empty."""
        text = cell.text
        if text is None:
            if cell.formula and cell.kind != "str":
                self._uncalculated.add(cell.column, row)
            return None
        match cell.kind:
            case "n":
                value = self._number(cell, text, row)
            case "s":
                value = self._parts.texts.get(int(text) if text.isdecimal() else -1)
            case "str" | "inlineStr":
                value = quoted(unescaped(text))
            case "b":
                value = b"true" if text in {"1", "true"} else b"false"
            case "d":
                value = quoted(iso_text(text))
            case "e":
                value = self._error(cell, text, row)
            case _:
                raise damaged("a cell is of a kind that no workbook has")
        return None if value == _EMPTY else value

    def _error(self, cell: Cell, text: str, row: int) -> bytes:
        """An error as the NULL that it is, or is not."""
        if text == _NOT_AVAILABLE:
            self._missing.add(cell.column, row)
        else:
            self._errors.add(cell.column, row, text)
        return _NULL

    def _number(self, cell: Cell, text: str, row: int) -> bytes:
        number = number_text(text)
        style = int(cell.style) if cell.style.isdecimal() else 0
        formats = self._parts.formats
        shown, digits = formats[style] if style < len(formats) else (Shown.NUMBER, 0)
        if shown is Shown.ZEROS:
            if number.isdecimal() and len(number) < digits:
                self._zeros.add(cell.column, row)
        elif shown is not Shown.NUMBER:
            instant = instant_text(number, shown, from_1904=self._parts.from_1904)
            if instant is not None:
                return quoted(instant)
        if (len(number) > _LONG or "e+" in number) and abs(float(number)) >= _TOO_LONG:
            self._long.add(cell.column, row)
        return number.encode()

    def findings(self, merged: Sequence[str]) -> tuple[Finding, ...]:
        """Everything there is to say of the header and of cells, once all rows were taken."""
        names = self._names or []
        found = list(header_findings([*names, *[""] * (self._width - len(names))]))
        if not found and self._next == _FIRST_ROW:
            found.append(file_findings.no_rows())
        cells = workbook_findings
        if (noted := self._uncalculated).total:
            found.append(cells.formula_without_value(total=noted.total, lines=noted.lines, cells=noted.cells))
        if (noted := self._errors).total:
            words = tuple(noted.words)
            found.append(cells.error_cells(total=noted.total, lines=noted.lines, cells=noted.cells, errors=words))
        if (noted := self._missing).total:
            found.append(cells.not_available_cells(total=noted.total, lines=noted.lines, cells=noted.cells))
        if self._blank:
            found.append(cells.blank_rows(total=self._blank, lines=self._blank_lines))
        if merged:
            lines = sorted({line for block in merged if (line := _first_row(block))})
            found.append(
                cells.merged_cells(total=len(merged), lines=lines[:MAX_LISTED], cells=list(merged[:MAX_LISTED]))
            )
        if (noted := self._long).total:
            found.append(cells.long_numbers(total=noted.total, lines=noted.lines, cells=noted.cells))
        if (noted := self._zeros).total:
            found.append(cells.leading_zeros_shown(total=noted.total, lines=noted.lines, cells=noted.cells))
        return tuple(found)


def _name(value: bytes) -> str:
    """A cell of the header as the name of a column."""
    content = json.loads(value)
    if content is None:
        return ""
    return content if isinstance(content, str) else value.decode()


def _first_row(block: str) -> int:
    digits = block.partition(":")[0].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz$")
    return int(digits) if digits.isdecimal() else 0
