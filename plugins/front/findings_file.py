"""The findings as a file: CSV that spreadsheets open and do not run."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

from include.domain.findings import Finding

HEADER = ("code", "severity", "title", "column", "lines", "values", "message")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - also begin a formula
# A spreadsheet set to divide fields at these begins a cell behind each, quotes or not.
_DIVIDED = re.compile(rf"([;|\t\r\n] *)(?=[{re.escape(''.join(_FORMULA))}])")
_MARK = "\ufeff"  # without it a spreadsheet does not take the file for UTF-8


def findings_csv(findings: Iterable[Finding]) -> bytes:
    """A line for each finding, by RFC 4180, in UTF-8. Several values of one finding are lines of one field."""
    written = io.StringIO(newline="")
    rows = csv.writer(written, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    rows.writerow(HEADER)
    for finding in findings:
        rows.writerow(
            [
                finding.code,
                finding.severity.value,
                _inert(finding.title),
                _inert(finding.column or ""),
                ", ".join(map(str, finding.lines)),
                "\n".join(map(_inert, finding.examples)),
                _inert(finding.message),
            ]
        )
    return (_MARK + written.getvalue()).encode()


def _inert(text: str) -> str:
    """The text, with an apostrophe wherever a spreadsheet could take what follows for a formula."""
    marked = _DIVIDED.sub(r"\1'", text)
    return f"'{marked}" if text.startswith(_FORMULA) else marked
