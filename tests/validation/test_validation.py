"""What a suite finds in staged Parquet, and that running it touches nothing else."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from include.adapters.validation_gx import SuiteValidation
from include.domain.errors import Terminal
from include.domain.findings import Severity
from include.validation.rules import HEADER_RULES, RULES
from include.validation.suite import DEFAULT, SUITES
from tests.validation.rule_cases import CASES, COLUMNS, FIRST_LINE, HEADER, ROWS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from include.domain.findings import Finding


@dataclass(frozen=True)
class Staged:
    """A file of six rows in two parts, and a folder of suites."""

    folder: Path
    suites: Path

    def find(
        self, *expectations: dict[str, Any], header: Sequence[str] = HEADER, severity: str = "critical"
    ) -> tuple[Finding, ...]:
        """What these expectations and the default suite find."""
        own = self.suites / "visits" / "visits.yaml"
        own.parent.mkdir(exist_ok=True)
        written = [{"severity": severity, **each} for each in expectations]
        own.write_text(yaml.safe_dump({"name": "test", "expectations": written}))
        return SuiteValidation(suites=self.suites).validate(
            sorted(self.folder.glob("part-*")),
            lines=sorted(self.folder.glob("lines-*")),
            database="visits",
            table="visits",
            header=header,
        )


@pytest.fixture
def staged(tmp_path: Path) -> Staged:
    folder, suites = tmp_path / "staged", tmp_path / "suites"
    folder.mkdir()
    suites.mkdir()
    (suites / DEFAULT).write_text((SUITES / DEFAULT).read_text())
    table = pa.table(COLUMNS)
    for number, (start, rows) in enumerate([(0, 4), (4, 2)]):
        pq.write_table(table.slice(start, rows), folder / f"part-{number:05d}.parquet")
        lines = pa.table({":line": list(range(start + FIRST_LINE, start + rows + FIRST_LINE))})
        pq.write_table(lines, folder / f"lines-{number:05d}.parquet")
    return Staged(folder, suites)


def named(*types: str, holding: bool) -> list[dict[str, Any]]:
    return [{"type": each, "kwargs": CASES[each][0 if holding else 1]} for each in types]


def test_every_rule_has_a_case() -> None:
    assert CASES.keys() == RULES.keys() - HEADER_RULES.keys()


def test_a_file_that_keeps_the_rules_has_no_findings(staged: Staged) -> None:
    assert staged.find(*named(*CASES, holding=True)) == ()


def test_every_rule_that_is_broken_is_a_finding_with_its_lines(staged: Staged) -> None:
    found = staged.find(*named(*CASES, holding=False))

    assert {finding.details["expectation"]: finding.lines for finding in found} == {
        name: case[2] for name, case in CASES.items()
    }
    assert [finding.code for finding in found] == [RULES[name].code for name in CASES]


def test_a_finding_tells_column_lines_values_and_what_is_asked(staged: Staged) -> None:
    (found,) = staged.find(
        {
            "type": "expect_column_values_to_be_in_set",
            "kwargs": {"column": "code", "value_set": ["a1", "b2"]},
            "meta": {"title": "Unknown codes", "advice": "Ask the visits team for the codes."},
        }
    )

    assert (found.code, found.title, found.severity) == ("values_not_in_list", "Unknown codes", Severity.ERROR)
    assert (found.column, found.lines, found.examples) == ("code", (4, 5, 6), ("c3", "d4", "e5"))
    assert found.message == (
        "In the column code: the rules ask that every value is one of: a1, b2; 3 of 6 rows are not so. "
        "Ask the visits team for the codes."
    )
    assert found.details == {"expectation": "expect_column_values_to_be_in_set", "rows": 6, "unexpected": 3}


@pytest.mark.parametrize(
    ("severity", "expected"),
    [("critical", Severity.ERROR), ("warning", Severity.WARNING), ("info", Severity.INFO)],
)
def test_the_severity_decides_what_a_finding_does(staged: Staged, severity: str, expected: Severity) -> None:
    (found,) = staged.find(*named("expect_column_values_to_not_be_null", holding=False), severity=severity)

    assert found.severity is expected


def test_most_rows_are_enough_where_the_rule_says_so(staged: Staged) -> None:
    kwargs = {"column": "code", "mostly": 0.8}

    assert staged.find({"type": "expect_column_values_to_not_be_null", "kwargs": kwargs}) == ()


def test_a_column_without_a_value_counts_as_nulls(staged: Staged) -> None:
    (found,) = staged.find({"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "empty"}})

    assert found.details["unexpected"] == ROWS


def test_a_rule_about_a_column_that_is_not_there_is_a_finding(staged: Staged) -> None:
    (found,) = staged.find(
        {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "gone"}}, severity="warning"
    )

    assert (found.code, found.column, found.severity) == ("missing_column", "gone", Severity.WARNING)


def test_the_line_numbers_are_no_column_of_the_file(staged: Staged) -> None:
    (found,) = staged.find({"type": "expect_column_values_to_be_unique", "kwargs": {"column": ":line"}})

    assert found.code == "missing_column"


def test_a_rule_that_needs_numbers_finds_text_and_spoils_no_other_rule(staged: Staged) -> None:
    found = staged.find(
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "mixed", "max_value": 9}},
        {"type": "expect_column_sum_to_be_between", "kwargs": {"column": "mixed", "max_value": 9}},
        *named("expect_column_values_to_not_be_null", "expect_column_max_to_be_between", holding=False),
        *named("expect_column_values_to_be_between", "expect_column_min_to_be_between", holding=True),
    )

    assert [(finding.code, finding.column) for finding in found] == [
        ("other_type", "mixed"),
        ("other_type", "mixed"),
        ("missing_values", "code"),
        ("column_maximum", "id"),
    ]
    assert "six" not in found[0].message


def test_names_are_checked_as_they_are_in_the_file(staged: Staged) -> None:
    found = staged.find(header=["Sample Number", "ID", "id", "Extraction_Timestamp", ""])

    assert [(finding.code, finding.details["names"]) for finding in found] == [
        ("special_characters", ["Sample Number", ""]),
        ("duplicate_columns", ["id"]),
        ("reserved_column", ["Extraction_Timestamp"]),
    ]
    assert {finding.details["corrected_header"] for finding in found} == {
        "sample_number,ID,id_2,extraction_timestamp_2,column_5"
    }


def test_a_file_without_rows_is_found_by_the_default_suite(staged: Staged) -> None:
    for path in staged.folder.iterdir():
        pq.write_table(pq.read_table(path).slice(0, 0), path)

    (found,) = staged.find()

    assert found.code == "row_count"


def test_line_numbers_that_do_not_fit_are_an_error(staged: Staged) -> None:
    pq.write_table(pa.table({":line": [2]}), staged.folder / "lines-00001.parquet")

    with pytest.raises(Terminal) as failure:
        staged.find()

    assert failure.value.code == "lines_do_not_fit"


def test_arguments_that_the_expectation_does_not_take_are_an_error(staged: Staged) -> None:
    with pytest.raises(Terminal) as failure:
        staged.find({"type": "expect_column_values_to_not_be_null", "kwargs": {"colunm": "id"}})

    assert failure.value.code == "bad_suite"


def test_the_same_file_gives_the_same_findings(staged: Staged) -> None:
    broken = named(*CASES, holding=False)

    assert staged.find(*broken) == staged.find(*broken)


def test_nothing_is_fetched_and_nothing_is_left_behind(
    staged: Staged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was used")

    empty = tmp_path / "cwd"
    empty.mkdir()
    before = sorted(staged.folder.iterdir())
    monkeypatch.chdir(empty)
    monkeypatch.setenv("HOME", str(empty))
    monkeypatch.setattr(socket.socket, "connect", refuse)

    staged.find(*named(*CASES, holding=False))

    assert list(empty.iterdir()) == []
    assert sorted(staged.folder.iterdir()) == before


def test_the_engine_reads_nothing_but_the_staged_files(staged: Staged, tmp_path: Path) -> None:
    from include.adapters.gx_staged import staged_batch

    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    parts, lines = sorted(staged.folder.glob("part-*")), sorted(staged.folder.glob("lines-*"))

    with staged_batch(parts, lines=lines, header=HEADER, memory_limit="1GB") as batch:
        engine = batch.batch.data.execution_engine
        with engine.get_connection() as connection, pytest.raises(Exception, match="Permission"):
            connection.exec_driver_sql(f"SELECT * FROM read_csv('{secret}')")  # noqa: S608 - that is the question
