"""Findings: one thing wrong (or worth knowing) with a file, in words for a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """What a finding does to the upload."""

    ERROR = "error"  # the file is refused
    WARNING = "warning"  # the file is accepted; somebody should look
    INFO = "info"  # the file is accepted; worth knowing


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing found in a file.

    Attributes:
        code: stable identifier, snake_case (`ragged_rows`); documentation and tests refer to it.
        title: the heading a person sees (`Rows with a different number of fields`).
        severity: whether the file is refused.
        message: one or two sentences: what is wrong, where, and what to do.
        column: the column's name as in the file, or None when the whole file is meant.
        lines: physical line numbers, 1-based, at most 20, ascending.
        examples: values from the file, at most 20. They stay behind sign-in: never in mail or logs.
        details: more facts for programs (counts, a clean name, a corrected header line); JSON-serialisable.
    """

    code: str
    title: str
    severity: Severity
    message: str
    column: str | None = None
    lines: tuple[int, ...] = ()
    examples: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The JSON object that page, API, report and command line share."""
        return {
            "code": self.code,
            "title": self.title,
            "severity": self.severity.value,
            "column": self.column,
            "lines": list(self.lines),
            "examples": list(self.examples),
            "message": self.message,
            "details": self.details,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Finding:
        """Read back what `as_dict` wrote."""
        return cls(
            code=data["code"],
            title=data["title"],
            severity=Severity(data["severity"]),
            message=data["message"],
            column=data.get("column"),
            lines=tuple(data.get("lines", ())),
            examples=tuple(data.get("examples", ())),
            details=data.get("details", {}),
        )


def refuses(findings: tuple[Finding, ...] | list[Finding]) -> bool:
    """Whether any of these findings refuses the file."""
    return any(finding.severity is Severity.ERROR for finding in findings)
