"""Excel workbooks (.xlsx): one sheet of them as JSON Lines, a line for each row below the header.

Read from the XML itself and not through a library: a library's numbers are doubles already, errors and formulas without
a result look like empty cells to it, and it holds the sheet in memory.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from include.conversion.containers.limits import Limits, Meter
from include.conversion.containers.unpacked import Content, Plain
from include.conversion.containers.unreadable import Unreadable
from include.conversion.containers.workbook_parts import Parts, Sheet, read_parts
from include.conversion.containers.workbook_rows import Transcript
from include.conversion.containers.workbook_sheet import rows
from include.conversion.containers.workbook_xml import KIND
from include.conversion.containers.zip_file import opened
from include.domain import container_findings, file_findings, workbook_findings

if TYPE_CHECKING:
    import zipfile

    from include.domain.findings import Finding
    from include.domain.reading_options import ReadingOptions

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def unpack_workbook(packed: Path, *, filename: str, plain: Plain, options: ReadingOptions, limits: Limits) -> Content:
    """The rows of one sheet: the one asked for, or the only one that has values and is not hidden."""
    _refuse_ole(packed)
    size = packed.stat().st_size
    with opened(packed, kind=KIND) as archive:
        parts = read_parts(archive, limits, packed=size)
        # All looks into sheets together have one limit: many names may stand for the same large sheet.
        sheet, findings = _Sheets(archive, parts, Meter(limits, packed=size)).chosen(options.sheet)
        transcript = Transcript(parts, plain)
        merged: list[str] = []
        for row in rows(archive, sheet, Meter(limits, packed=size), merged=merged):
            transcript.take(row)
    return Content(
        name=f"{Path(filename).stem}.jsonl",
        findings=(*findings, *transcript.findings(merged)),
        member=sheet.name,
        first_line=2,
    )


def _refuse_ole(packed: Path) -> None:
    """Old workbooks, and new ones behind a password, are both files of another kind."""
    with packed.open("rb") as stream:
        before = stream.read(len(_OLE))
        if before != _OLE:
            return
        while block := stream.read(1024**2):
            if _ENCRYPTED in before + block:
                raise Unreadable(container_findings.encrypted_file("workbook"))
            before = block[-len(_ENCRYPTED) :]
    raise Unreadable(workbook_findings.spreadsheet_format("an old Excel workbook (.xls)"))


class _Sheets:
    def __init__(self, archive: zipfile.ZipFile, parts: Parts, meter: Meter) -> None:
        self._meter = meter
        self._archive = archive
        self._parts = parts

    def chosen(self, asked: str | None) -> tuple[Sheet, tuple[Finding, ...]]:
        """The sheet to read, and what is to be said of the others."""
        sheets = self._parts.sheets
        names = [sheet.name for sheet in sheets]
        if asked is not None:
            same = [sheet for sheet in sheets if sheet.name == asked]
            same = same or [sheet for sheet in sheets if sheet.name.casefold() == asked.casefold()]
            if not same:
                raise Unreadable(workbook_findings.sheet_not_found(names, asked=asked))
            return same[0], ()
        full = [sheet for sheet in sheets if self._has_values(sheet)]
        visible = [sheet for sheet in full if not sheet.hidden]
        if not full:
            raise Unreadable(file_findings.empty_file())
        if len(visible or full) > 1:
            raise Unreadable(workbook_findings.choose_sheet(names))
        (sheet,) = visible or full
        others = [each.name for each in full if each is not sheet]
        return sheet, (workbook_findings.other_sheets(sheet.name, others),) if others else ()

    def _has_values(self, sheet: Sheet) -> bool:
        for row in rows(self._archive, sheet, self._meter, merged=[]):
            if any(cell.text is not None or cell.formula for cell in row.cells):
                return True
        return False
