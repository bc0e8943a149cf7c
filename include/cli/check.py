"""The `check` command: what the service would say of local files, and the Parquet it would write."""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.cli.reading import add_reading_arguments, chosen_reading
from include.conversion import LocalFile, check, convert, plain_text
from include.domain.column_types import display
from include.domain.errors import Refused, UploaderError
from include.domain.reading_options import DEFAULT_OPTIONS, ReadingOptions, choose

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from include.conversion import ByteSource, CheckReport, Conversion
    from include.domain.findings import Finding

ACCEPTED, REFUSED, COULD_NOT_RUN = 0, 1, 2


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    Attributes:
        accepted: the service would publish it.
        rows: records in it.
        columns: stored name and type, in the file's order; none when the check refused the file.
        findings: all, in the order of check and conversion.
        sha256: of its bytes.
    """

    accepted: bool
    rows: int
    columns: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    sha256: str

    def as_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return {
            "accepted": self.accepted,
            "rows": self.rows,
            "columns": [{"name": name, "type": word} for name, word in self.columns],
            "findings": [finding.as_dict() for finding in self.findings],
            "sha256": self.sha256,
        }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's arguments."""
    parser.epilog = (
        "Exit code: 0 all accepted, 1 a file was refused, 2 a file could not be read. "
        "With several files and --json there is one document a line."
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="CSV, JSON, JSON Lines, Excel or Parquet")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="write the Parquet here (into DIR/0, DIR/1, … for several files)"
    )
    add_reading_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Check the files in turn; returns the exit code."""
    try:
        options = choose(**chosen_reading(arguments) or {})
    except Refused as refused:
        sys.stderr.write(f"{refused.title}: {refused.detail}\n")
        return COULD_NOT_RUN
    several = len(arguments.files) > 1
    codes = []
    for number, path in enumerate(arguments.files):
        folder = arguments.out / str(number) if arguments.out and several else arguments.out
        named = {"file": str(path)} if several else {}
        try:
            outcome = check_file(path, out=folder, options=options)
        except (OSError, UploaderError, EOFError) as error:
            reason = _reason(error)
            sys.stderr.write(f"{path}: {reason}\n")
            if arguments.json and several:
                _say(json.dumps({**named, "error": reason}))
            codes.append(COULD_NOT_RUN)
            continue
        if arguments.json:
            _say(json.dumps({**named, **outcome.as_dict()}))
        else:
            _say(_text(path, outcome))
        codes.append(ACCEPTED if outcome.accepted else REFUSED)
    return max(codes)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def check_file(path: Path, *, out: Path | None, options: ReadingOptions = DEFAULT_OPTIONS) -> Outcome:
    """Check and convert one file.

    Args:
        path: the file.
        out: folder for the Parquet; None writes it nowhere.
        options: how to read it.

    Raises:
        OSError: the file cannot be read, or the folder not written.
    """
    source = LocalFile(path)
    with tempfile.TemporaryDirectory() as scratch:
        report = check(source, filename=path.name, options=options, into=Path(scratch))
        if report.refused:
            return _outcome(report, None)
        return _converted(plain_text(source, report, into=Path(scratch)), report, out=out)


def _converted(text: ByteSource, report: CheckReport, *, out: Path | None) -> Outcome:
    with _folder(out) as folder:
        conversion = convert(text, report, out=folder)
        for sidecar in folder.glob("lines-*.parquet"):
            sidecar.unlink()  # line numbers serve the service's validation; here every Parquet file is data
    return _outcome(report, conversion)


def _outcome(report: CheckReport, conversion: Conversion | None) -> Outcome:
    types = conversion.schema.types() if conversion else {}
    return Outcome(
        accepted=conversion is not None and not conversion.refused,
        rows=report.rows,
        columns=tuple((name, display(column_type)) for name, column_type in types.items()),
        findings=report.findings + (conversion.findings if conversion else ()),
        sha256=report.sha256,
    )


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    if out is not None:
        yield out
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _reason(error: Exception) -> str:
    if isinstance(error, IsADirectoryError):
        return "this is a folder; name a file"
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, PermissionError):
        return "this may not be read"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error)


def _text(path: Path, outcome: Outcome) -> str:
    lines = [f"{path}: {'accepted' if outcome.accepted else 'refused'}, {outcome.rows:,} rows"]
    width = max((len(name) for name, _ in outcome.columns), default=0)
    lines += [f"  {name:<{width}}  {word}" for name, word in outcome.columns]
    lines += [
        f"  {found.severity.value}: {found.title} ({found.code})\n    {found.message}" for found in outcome.findings
    ]
    return "\n".join([*lines, f"  sha256 {outcome.sha256}"])
