from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
TEXT, BINARY = ("file_findings", "name_findings"), ("container_findings", "workbook_findings", "parquet_findings")


def codes_of(*modules: str) -> set[str]:
    texts = [(ROOT / "include" / "domain" / f"{module}.py").read_text(encoding="utf-8") for module in modules]
    return {code for text in texts for code in re.findall(r'code="([a-z0-9_]+)"', text)}


def test_every_finding_has_a_case() -> None:
    cases = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "cases").glob("*/findings.yaml"))
    shown = set(re.findall(r"code: ([a-z0-9_]+)", cases))
    assert {"unsupported_format", "record_too_long"} == codes_of(*TEXT) - shown


def test_every_finding_about_a_file_that_is_no_text_is_shown_by_a_test() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "conversion").glob("test_*.py"))
    assert {code for code in codes_of(*BINARY) if f'"{code}"' not in tests} == set()
