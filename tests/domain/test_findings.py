from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.domain.findings import Finding, Severity, refuses

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FINDINGS = st.builds(
    Finding,
    code=st.text(min_size=1),
    title=st.text(),
    severity=st.sampled_from(Severity),
    message=st.text(),
    column=st.none() | st.text(),
    lines=st.lists(st.integers(1), max_size=20).map(tuple),
    examples=st.lists(st.text(), max_size=20).map(tuple),
    details=st.dictionaries(st.text(), JSON_VALUES),
)


@settings(deadline=None)
@given(FINDINGS)
def test_a_finding_comes_back_from_json(finding: Finding) -> None:
    assert Finding.from_dict(json.loads(json.dumps(finding.as_dict()))) == finding


def test_a_finding_needs_no_more_than_its_words() -> None:
    assert Finding.from_dict(
        {"code": "empty_file", "title": "The file is empty", "severity": "error", "message": "Select another."}
    ) == Finding(code="empty_file", title="The file is empty", severity=Severity.ERROR, message="Select another.")


def test_the_json_of_a_finding_is_what_page_api_and_command_line_share() -> None:
    finding = Finding(code="c", title="t", severity=Severity.INFO, message="m", column="a", lines=(3,), examples=("x",))
    assert finding.as_dict() == {
        "code": "c",
        "title": "t",
        "severity": "info",
        "column": "a",
        "lines": [3],
        "examples": ["x"],
        "message": "m",
        "details": {},
    }


@pytest.mark.parametrize(
    ("severities", "refused"),
    [
        ([], False),
        ([Severity.INFO, Severity.WARNING], False),
        ([Severity.ERROR], True),
        ([Severity.INFO, Severity.ERROR], True),
    ],
)
def test_one_error_refuses_the_file(severities: list[Severity], *, refused: bool) -> None:
    findings = [Finding(code="c", title="t", severity=severity, message="m") for severity in severities]
    assert refuses(findings) is refuses(tuple(findings)) is refused
