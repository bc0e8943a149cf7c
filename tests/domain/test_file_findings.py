from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
CODES = {
    code
    for module in ("file_findings", "name_findings")
    for code in re.findall(
        r'code="([a-z0-9_]+)"', (ROOT / "include" / "domain" / f"{module}.py").read_text(encoding="utf-8")
    )
}


def test_every_finding_is_explained() -> None:
    explained = set(
        re.findall(r"^\| `([a-z0-9_]+)` \|", (ROOT / "docs" / "findings.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert explained == CODES


def test_every_finding_has_a_case() -> None:
    cases = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "cases").glob("*/findings.yaml"))
    shown = set(re.findall(r"code: ([a-z0-9_]+)", cases))
    assert {"unsupported_format", "record_too_long"} == CODES - shown
