"""How an unpacker says that it stopped: with the findings that refuse the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.domain.findings import Finding


class Unreadable(Exception):
    """A file that cannot be unpacked; `findings` say why."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__(", ".join(finding.code for finding in findings))
        self.findings = findings
