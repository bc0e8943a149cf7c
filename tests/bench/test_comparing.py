"""The whole comparison at a small size, with this engine and the DuckDB that the service has."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import report
from bench.cases import CASES, named
from bench.comparing import Plan, Result, compare, require_space
from bench.measure import Run
from bench.report import Answer
from bench.tools import EXACT, TOOLS, chosen

DOCUMENT = Path(__file__).parents[2] / "docs" / "performance.md"


@pytest.mark.parametrize(("name", "repeats"), [("late-zeros", 2), ("jsonl", 1)])
def test_this_engine_is_exact_and_measured_beside_duckdb(name: str, repeats: int, tmp_path: Path) -> None:
    (case,) = named(name)
    plan = Plan(
        size=1_000_000,
        repeats=repeats,
        small=200_000,
        slow_size=None,
        seconds=240,
        folder=tmp_path,
        python=Path(sys.executable),
    )
    tools = [tool for tool in TOOLS if tool.name in ("engine", "duckdb-exact")]
    results = compare(case, tools, plan, s3=None)
    assert [(result.tool, result.words) for result in results] == [("engine", "exact"), ("duckdb-exact", "exact")]
    for result in results:
        assert len(result.runs) == repeats
        assert all(run.wall > 0 and run.cpu > 0 and run.peak > 10**7 and run.written > 10**4 for run in result.runs)
    printed = report.table(Answer(case, results))
    assert printed.count("| exact |") == 2
    assert not list(tmp_path.glob(f"{name}/**/*.*"))


def test_a_tool_that_fails_is_shown_with_its_reason(tmp_path: Path) -> None:
    (case,) = named("clean")
    plan = Plan(
        size=100_000,
        repeats=2,
        small=100_000,
        slow_size=None,
        seconds=240,
        folder=tmp_path,
        python=Path(sys.executable),
    )
    (absent,) = (tool for tool in TOOLS if tool.name == "polars")
    (result,) = compare(case, [absent], plan, s3=None)
    assert result.words == "fails: ModuleNotFoundError: No module named 'polars'"
    assert not result.right
    assert not result.runs
    assert result.words in report.table(Answer(case, [result]))


def test_ratios_are_medians_over_pairs_of_runs_by_bytes_a_second() -> None:
    ours = Result("engine", 100, [Run(1, 1, 1), Run(2, 1, 1), Run(4, 1, 1)])
    theirs = Result("duckdb-exact", 100, [Run(2, 1, 1), Run(6, 1, 1), Run(4, 1, 1)])
    smaller = Result("dlt", 10, [Run(1, 1, 1)])
    answer = Answer(CASES[0], [ours, theirs, smaller])
    assert answer.baseline is theirs
    assert report.ratio(ours, theirs) == 2
    assert report.ratio(smaller, theirs) == pytest.approx(0.2)
    assert "dlt (once, on 0 MB)" in report.table(answer)


def test_peers_are_chosen_by_name_and_the_baseline_is_always_among_them() -> None:
    assert [tool.name for tool in chosen("polars")] == ["engine", "duckdb-exact", "duckdb-serial", "polars"]
    assert chosen("") == TOOLS
    assert EXACT in chosen("dlt")
    with pytest.raises(SystemExit, match="No such peer: excel"):
        chosen("excel")


def test_nothing_is_made_where_the_disk_is_too_small(tmp_path: Path) -> None:
    require_space(tmp_path, 1)
    with pytest.raises(SystemExit, match="GB of disk"):
        require_space(tmp_path, 10**18)


@pytest.mark.parametrize("section", ["comparison", "memory"])
def test_the_document_takes_new_tables_between_its_markers(section: str) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    once = report.written_into(text, section, "NEW TABLES\n")
    assert once.count("NEW TABLES") == 1
    assert report.written_into(once, section, "NEW TABLES") == once
    with pytest.raises(ValueError, match="no markers"):
        report.written_into("nothing", section, "")


def test_the_document_says_something_of_every_case_and_tool() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [case.name for case in CASES if f"`{case.name}`" not in text] == []
    assert [tool.label for tool in TOOLS if tool.label.strip("*") not in text] == []
