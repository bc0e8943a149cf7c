"""The corpus: every CSV, TSV, JSON and JSON Lines file in the installed data packages, and what it becomes."""

from __future__ import annotations

import gzip
import io
import json
import re
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from include.conversion import CheckReport, check, convert
from include.domain.reading_options import ReadingOptions
from tests.conversion.files import InMemory
from tests.corpus.compare import compare_csv, compare_json
from tests.corpus.readers import read_csv, read_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.domain.findings import Finding

ROOT = Path(__file__).parents[2]
PYTHON_PACKAGES = ROOT / ".venv-corpus" / "lib"
NODE_PACKAGES = Path(__file__).parent / "node_modules"
ENDINGS = (".csv", ".tsv", ".json", ".jsonl", ".ndjson")
BOM = b"\xef\xbb\xbf"
NOT_DATA = ("package.json", "tsconfig.json", ".map.json")
ENCODINGS = {"Windows-1252": "cp1252", "Latin-1 (ISO-8859-1) or Windows-1252": "cp1252"}
DELIMITERS = {"semicolons": ";", "tabs": "\t", "pipes": "|"}
MAX_CORRECTIONS = 4
ALIKE = re.compile(r"npm:emojibase-data/(?!en/|ja/|bn/|meta/)|.*/shortcodes/")  # the same in thirty languages
MAX_ADDED_NAMES = 2_000
MAX_KEYS = 20  # a finding lists no more
RANGES = 7  # a file is read once in one piece and once in about so many


@dataclass(frozen=True)
class CorpusFile:
    """One file of the corpus.

    Attributes:
        package: it comes in.
        name: its path in the package; behind `!` its path in an archive.
        path: of the file or the archive.
    """

    package: str
    name: str
    path: Path

    def read(self) -> bytes:
        data = self.path.read_bytes()
        _, _, member = self.name.partition("!")
        if self.path.suffix == ".zip":
            return zipfile.ZipFile(io.BytesIO(data)).read(member)
        if self.path.name.endswith(".tar.gz"):
            found = _tar(self.path).extractfile(member)
            assert found is not None
            return found.read()
        return gzip.decompress(data) if self.path.suffix == ".gz" else data

    def __str__(self) -> str:
        return f"{self.package}/{self.name}"


_OPEN_TARS: dict[Path, tarfile.TarFile] = {}


def _tar(path: Path) -> tarfile.TarFile:
    """Unpacked once: a member of a compressed archive is else found by unpacking all before it."""
    if path not in _OPEN_TARS:
        _OPEN_TARS[path] = tarfile.open(fileobj=io.BytesIO(gzip.decompress(path.read_bytes())))  # noqa: SIM115
    return _OPEN_TARS[path]


def corpus(*, python: Path = PYTHON_PACKAGES, node: Path = NODE_PACKAGES) -> list[CorpusFile]:
    """All files, in order of their names."""
    folders = {each.name: each for each in python.glob("python*/site-packages/*/") if each.suffix != ".dist-info"}
    wanted = json.loads((Path(__file__).parent / "package.json").read_text())["devDependencies"]
    folders |= {f"npm:{name}": node / name for name in wanted}
    found = (each for name, folder in folders.items() for each in _in_package(name, folder))
    return sorted((each for each in found if not ALIKE.match(str(each))), key=str)


def _in_package(package: str, folder: Path) -> Iterator[CorpusFile]:
    for path in folder.rglob("*"):
        if path.is_file() and "node_modules" not in path.relative_to(folder).parts:
            for name in _names(path, path.relative_to(folder).as_posix()):
                yield CorpusFile(package, name, path)


def _names(path: Path, name: str) -> Iterator[str]:
    if name.endswith(".tar.gz"):
        members = (each.name for each in _tar(path).getmembers() if each.isfile())
        yield from (f"{name}!{each}" for each in members if _is_data(each))
    elif name.endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            yield from (f"{name}!{each}" for each in archive.namelist() if _is_data(each))
    elif _is_data(name.removesuffix(".gz")):
        yield name


def _is_data(name: str) -> bool:
    last = name.rpartition("/")[2]
    return last.endswith(ENDINGS) and not last.endswith(NOT_DATA) and not last.startswith("._")


@dataclass(frozen=True)
class Outcome:
    """What became of a file.

    Attributes:
        refusals: codes of the errors in each round; after each but the last the file was corrected as they say.
        rows: records in it; 0 when it was refused in the end.
        cells: values that were compared.
    """

    refusals: tuple[tuple[str, ...], ...]
    rows: int = 0
    cells: int = 0


@dataclass(frozen=True)
class _Attempt:
    data: bytes
    filename: str
    options: ReadingOptions


def prove(data: bytes, *, name: str) -> Outcome:
    """Check a file, correct it as far as the findings say how, convert it, and compare every cell.

    Args:
        data: its bytes.
        name: tells the format.

    Raises:
        CellDiffers: a cell is not kept.
    """
    name = name.rpartition("!")[2].removesuffix(".gz")
    options = ReadingOptions(delimiter="\t") if name.endswith(".tsv") else ReadingOptions()
    attempt: _Attempt | None = _Attempt(
        data, name.removesuffix(".tsv") + ".csv" if name.endswith(".tsv") else name, options
    )
    refusals: list[tuple[str, ...]] = []
    while attempt is not None:
        report = check(InMemory(attempt.data), filename=attempt.filename, options=attempt.options)
        findings = [*report.findings]
        if not report.refused:
            conversion_findings, rows, cells = _compare(attempt, report)
            findings += conversion_findings
            if not any(each.severity == "error" for each in findings):
                return Outcome(tuple(refusals), rows, cells)
        refusals.append(tuple(sorted(each.code for each in findings if each.severity == "error")))
        attempt = _corrected(attempt, findings) if len(refusals) < MAX_CORRECTIONS else None
    return Outcome(tuple(refusals))


def _corrected(attempt: _Attempt, findings: list[Finding]) -> _Attempt | None:
    """The file as the findings say to correct it, or None when none says how."""
    for finding in findings:
        if finding.code == "not_utf8" and finding.details["encoding"] in ENCODINGS:
            return replace(attempt, data=attempt.data.decode(ENCODINGS[finding.details["encoding"]]).encode())
        if finding.code == "wrong_delimiter":
            return replace(
                attempt, options=replace(attempt.options, delimiter=DELIMITERS[finding.details["delimiter"]])
            )
        if finding.code == "no_column_names" and finding.details["columns"] <= MAX_ADDED_NAMES:
            names = ",".join(f"column_{at}" for at in range(1, finding.details["columns"] + 1))
            line_break = "\r" if b"\n" not in attempt.data else "\n"
            return replace(attempt, data=(names + line_break).encode() + attempt.data.removeprefix(BOM))
        names = finding.details.get("names", [])
        if finding.code == "special_characters" and "path" in names[0] and len(names) < MAX_KEYS:
            return replace(attempt, data=_with_keys(attempt.data, names))
    header = next((each.details["corrected_header"] for each in findings if "corrected_header" in each.details), None)
    return None if header is None else replace(attempt, data=_with_header(attempt, header))


def _with_keys(data: bytes, names: list[dict[str, str]]) -> bytes:
    """The JSON file with other keys. That it is done by text does no harm: what comes out is what is compared."""
    text = data.decode("utf-8-sig")
    for each in names:
        text = re.sub(
            rf"{re.escape(json.dumps(each['name'], ensure_ascii=False))}(\s*:)", rf'"{each["clean"]}"\1', text
        )
    return text.encode()


def _with_header(attempt: _Attempt, header: str) -> bytes:
    """The file with another first record."""
    text = attempt.data.decode("utf-8-sig")
    end, quoted = 0, False
    while end < len(text) and (quoted or text[end] not in "\r\n"):
        quoted ^= text[end] == '"'
        end += 1
    return (header.replace(",", attempt.options.delimiter or ",") + text[end:]).encode()


def _compare(attempt: _Attempt, report: CheckReport) -> tuple[list[Finding], int, int]:
    findings, stored, lines = _converted(attempt, report)
    block = max(16, len(attempt.data) // RANGES)
    pieces = check(InMemory(attempt.data), filename=attempt.filename, options=attempt.options, block_bytes=block)
    again = _converted(attempt, pieces, part_bytes=block * 2)
    assert [each.as_dict() for each in pieces.findings] == [each.as_dict() for each in report.findings]
    assert [each.as_dict() for each in again[0]] == [each.as_dict() for each in findings]
    assert again[1].equals(stored)
    assert again[2] == lines
    if report.format == "csv":
        table = read_csv(attempt.data, delimiter=report.reading.delimiter)
        assert lines == list(table.lines) or not stored.num_columns
        return findings, table.rows, compare_csv(table, stored)
    rows = read_json(attempt.data, lines=report.format == "jsonl")
    return findings, len(rows), compare_json(rows, stored, source=attempt.data.decode("utf-8-sig"))


def _converted(
    attempt: _Attempt, report: CheckReport, *, part_bytes: int = 256 * 1024**2
) -> tuple[list[Finding], pa.Table, list[Any]]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        conversion = convert(InMemory(attempt.data), report, out=out, part_bytes=part_bytes)
        if not conversion.parts:
            return list(conversion.findings), pa.table({}), []
        stored = pa.concat_tables([pq.read_table(out / part) for part in conversion.parts])
        lines = pa.concat_tables([pq.read_table(out / each) for each in map(_lines_name, conversion.parts)])
        return list(conversion.findings), stored.combine_chunks(), lines.column(0).to_pylist()


def _lines_name(part: str) -> str:
    return part.replace("part-", "lines-", 1)
