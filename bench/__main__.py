"""`python -m bench`: run the comparison and print it as Markdown; `--write` puts it into docs/performance.md."""

from __future__ import annotations

import argparse
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path

from bench import report
from bench.cases import named
from bench.comparing import Plan, Result, compare, require_space, say
from bench.measure import ROOT
from bench.s3_server import local_s3
from bench.sizes import size
from bench.tools import BENCH_PYTHON, chosen

DOCUMENT = ROOT / "docs" / "performance.md"


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--size", type=size, default=size("1GB"), help="of a case's file")
    parser.add_argument("--small", type=size, default=size("4MB"), help="of the file compared cell by cell in Python")
    parser.add_argument("--slow-size", type=size, default=size("100MB"), help="for the slow tools, which then run once")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--cases", default="", help="by name, with commas between; all")
    parser.add_argument("--peers", default="", help="by name, with commas between; all")
    parser.add_argument("--timeout", type=float, default=900, help="seconds for one run")
    parser.add_argument("--folder", type=Path, default=ROOT / ".bench", help="for data and outputs")
    parser.add_argument("--note", default="", help="a sentence for the report, such as that a run was small")
    parser.add_argument("--keep", action="store_true", help="leave the data for the next run")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    return parser.parse_args()


def main() -> int:
    """Run all; returns the exit code: 1 if this engine was not exact in every case."""
    given = arguments()
    cases, tools = named(given.cases), chosen(given.peers)
    plan = Plan(
        size=given.size,
        repeats=given.repeats,
        small=given.small,
        slow_size=given.slow_size or None,
        seconds=given.timeout,
        folder=given.folder.resolve(),
        python=BENCH_PYTHON,
        keep=given.keep,
    )
    require_space(plan.folder, 3 * plan.size * (len(cases) if plan.keep else 1))
    versions = {tool.distribution: tool.version(plan.python) for tool in tools if not tool.is_engine}
    answers = []
    with ExitStack() as stack:
        needed = any(tool.s3 for tool in tools)
        s3 = stack.enter_context(local_s3(plan.python.with_name("localbucket"), plan.folder)) if needed else None
        for case in cases:
            answers.append(report.Answer(case, compare(case, tools, plan, s3=s3)))
            say(report.table(answers[-1]))
    body = report.document(answers, versions=versions, note=f"{_counted(plan.repeats)} {given.note}".strip())
    sys.stdout.write(body)
    if given.write:
        report.write(DOCUMENT, "comparison", body)
    if not plan.keep:
        shutil.rmtree(plan.folder)
    wrong = [f"{answer.case.name}: {each.words}" for answer in answers for each in answer.results if _is_wrong(each)]
    for line in wrong:
        say(f"This engine is not exact in {line}")
    return 1 if wrong else 0


def _is_wrong(result: Result) -> bool:
    return result.tool == "engine" and result.words != "exact"


def _counted(repeats: int) -> str:
    return "One run of each." if repeats == 1 else f"Medians of {repeats} interleaved runs."


if __name__ == "__main__":
    sys.exit(main())
