"""What a workbook is made of: its sheets by name, the texts that cells share, and what their formats show."""

from __future__ import annotations

import posixpath
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from include.conversion.containers.limits import Limits, Meter
from include.conversion.containers.unreadable import Unreadable
from include.conversion.containers.workbook_values import Shown, quoted, shown_by, unescaped
from include.conversion.containers.workbook_xml import damaged, local, parse
from include.domain import workbook_findings

if TYPE_CHECKING:
    import zipfile


@dataclass(frozen=True)
class Sheet:
    """A worksheet: its name as people see it, its file in the ZIP, and whether it is hidden."""

    name: str
    file: zipfile.ZipInfo
    hidden: bool


@dataclass
class SharedTexts:
    """The texts of a workbook, each once, as JSON strings in one block of memory."""

    _block: bytearray = field(default_factory=bytearray)
    _starts: array[int] = field(default_factory=lambda: array("Q", [0]))

    def add(self, text: str) -> None:
        """Add the next."""
        self._block += quoted(text)
        self._starts.append(len(self._block))

    def get(self, number: int) -> bytes:
        """One by its number, from 0.

        Raises:
            Unreadable: there is none.
        """
        if not 0 <= number < len(self._starts) - 1:
            raise damaged("a cell refers to a text that is not there")
        return bytes(self._block[self._starts[number] : self._starts[number + 1]])


@dataclass(frozen=True)
class Parts:
    """What cells refer to.

    Attributes:
        sheets: worksheets in the order of their tabs.
        texts: shared texts.
        formats: for each cell style what it shows, and to how many digits.
        from_1904: days are counted from 1904, as on early Macs.
    """

    sheets: tuple[Sheet, ...]
    texts: SharedTexts
    formats: tuple[tuple[Shown, int], ...]
    from_1904: bool


def read_parts(archive: zipfile.ZipFile, limits: Limits, *, packed: int) -> Parts:
    """Read all of a workbook but its sheets.

    Raises:
        Unreadable: it is no workbook, or has more text than is held in memory.
    """
    files = {each.filename.replace("\\", "/").lstrip("/").lower(): each for each in archive.infolist()}
    _expect_workbook(files)
    meter = Meter(Limits(limits.memory_bytes, limits.ratio, limits.free_bytes), packed=packed)
    reader = _Reader(archive, files, meter)
    path = reader.related("", "officeDocument").get("", "xl/workbook.xml")
    sheets, from_1904 = reader.sheets(path)
    return Parts(sheets, reader.texts(path), reader.formats(path), from_1904)


def _expect_workbook(files: dict[str, zipfile.ZipInfo]) -> None:
    if "xl/workbook.bin" in files:
        raise Unreadable(workbook_findings.spreadsheet_format("a binary Excel workbook (.xlsb)"))
    if "mimetype" in files and "content.xml" in files:
        raise Unreadable(workbook_findings.spreadsheet_format("an OpenDocument spreadsheet (.ods)"))
    if "[content_types].xml" not in files:
        raise damaged("it is another kind of ZIP")


@dataclass(frozen=True)
class _Reader:
    archive: zipfile.ZipFile
    files: dict[str, zipfile.ZipInfo]
    meter: Meter

    def related(self, path: str, kind: str) -> dict[str, str]:
        """Paths of the files that one refers to, of one kind, by their relationship's id; the last also by ``."""
        folder, name = posixpath.split(path)
        rels = self.files.get(posixpath.join(folder, "_rels", f"{name}.rels").lower())
        found: dict[str, str] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            if local(name) == "Relationship" and attributes.get("Type", "").endswith(f"/{kind}"):
                target = attributes.get("Target", "")
                whole = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
                found[attributes.get("Id", "")] = found[""] = posixpath.normpath(whole)

        if rels is not None:
            self._parse(rels, start)
        return found

    def sheets(self, path: str) -> tuple[tuple[Sheet, ...], bool]:
        """The worksheets (no chart sheets), and whether days are counted from 1904."""
        workbook = self.files.get(path.lower())
        if workbook is None:
            raise damaged("it has no list of sheets")
        paths, found, from_1904 = self.related(path, "worksheet"), list[Sheet](), [False]

        def start(name: str, attributes: dict[str, str]) -> None:
            if local(name) == "workbookPr":
                from_1904[0] = attributes.get("date1904") in {"1", "true"}
            elif local(name) == "sheet":
                ids = [value for key, value in attributes.items() if local(key) == "id" and ":" in key]
                file = self.files.get(paths.get(ids[0], "").lower()) if ids else None
                if file is not None:
                    hidden = attributes.get("state", "visible") != "visible"
                    found.append(Sheet(unescaped(attributes.get("name", "")), file, hidden))

        self._parse(workbook, start)
        return tuple(found), from_1904[0]

    def texts(self, path: str) -> SharedTexts:
        """The texts that cells share."""
        handler = _Texts()
        file = self.files.get(self.related(path, "sharedStrings").get("", "").lower())
        if file is not None:
            for _ in parse(
                self.archive, file, self.meter, start=handler.start, end=handler.end, text=handler.pieces_of
            ):
                pass
        return handler.texts

    def formats(self, path: str) -> tuple[tuple[Shown, int], ...]:
        """What each cell style shows."""
        codes, numbers, place = dict[int, str](), list[int](), [""]

        def start(name: str, attributes: dict[str, str]) -> None:
            word = local(name)
            if word == "numFmt" and place[0] != "dxf":
                codes[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
            elif word == "xf" and place[0] == "cellXfs":
                numbers.append(_number(attributes.get("numFmtId")))
            elif word in {"cellXfs", "cellStyleXfs", "cellStyles", "dxf", "numFmts"}:
                place[0] = word

        file = self.files.get(self.related(path, "styles").get("", "").lower())
        if file is not None:
            self._parse(file, start)
        return tuple(shown_by(number, codes.get(number)) for number in numbers)

    def _parse(self, file: zipfile.ZipInfo, start: object) -> None:
        for _ in parse(self.archive, file, self.meter, start=start):  # type: ignore[arg-type]
            pass


class _Texts:
    """Collects shared texts: those of an item's runs together, without what tells how to pronounce them."""

    def __init__(self) -> None:
        self.texts = SharedTexts()
        self._pieces: list[str] = []
        self._inside = self._phonetic = False

    def start(self, name: str, _: dict[str, str]) -> None:
        word = local(name)
        if word == "t":
            self._inside = not self._phonetic
        elif word == "rPh":
            self._phonetic = True

    def pieces_of(self, data: str) -> None:
        if self._inside:
            self._pieces.append(data)

    def end(self, name: str) -> None:
        word = local(name)
        if word == "si":
            self.texts.add(unescaped("".join(self._pieces)))
            self._pieces = []
        elif word == "t":
            self._inside = False
        elif word == "rPh":
            self._phonetic = False


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
