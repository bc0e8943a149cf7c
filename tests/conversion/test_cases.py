"""Each folder of tests/cases is one file and what the service says of it, read with the options it names if any."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from include.cli.check import check_file
from include.domain.reading_options import choose

CASES = sorted(path for path in (Path(__file__).parent.parent / "cases").iterdir() if path.is_dir())


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_a_file_is_accepted_or_refused_as_its_case_says(case: Path) -> None:
    expected = yaml.safe_load((case / "findings.yaml").read_text(encoding="utf-8"))
    (path,) = case.glob("input.*")
    outcome = check_file(path, out=None, options=choose(**expected.get("options", {})))
    found = [finding.as_dict() for finding in outcome.findings]
    assert [(each["code"], each["severity"]) for each in found] == [
        (each["code"], each["severity"]) for each in expected["findings"]
    ]
    assert outcome.accepted == expected["accepted"]
    if "rows" in expected:
        assert outcome.rows == expected["rows"]
    if "types" in expected:
        assert dict(outcome.columns) == expected["types"]
    for said, wanted in zip(found, expected["findings"], strict=True):
        assert_says(said, wanted)


def assert_says(said: dict[str, Any], wanted: dict[str, Any]) -> None:
    for key, value in wanted.items():
        if key == "message":
            assert all(part in said["message"] for part in value), said["message"]
        elif key == "details":
            assert said["details"] | value == said["details"]
        else:
            assert said[key] == value
