"""One case from its data to its results: every tool in turn, again and again, each run a process of its own."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bench import data, output
from bench.check_blocks import check_blocks
from bench.check_cells import check_cells
from bench.measure import Run, measure, warm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.data import Case
    from bench.s3_server import LocalS3
    from bench.tools import Tool
    from bench.verdict import Verdict

MEGABYTE = 10**6


@dataclass(frozen=True)
class Plan:
    """What is asked for.

    Attributes:
        size: bytes of a case's file, before its share.
        repeats: runs of each tool.
        small: bytes of the file that is compared cell by cell in Python.
        slow_size: bytes of the file for tools that are slow, which then run once; None gives them the whole.
        seconds: the longest a run may take.
        folder: for data and outputs.
        python: the interpreter of the peers.
        keep: leave the data where they are.
    """

    size: int
    repeats: int
    small: int
    slow_size: int | None
    seconds: float
    folder: Path
    python: Path
    keep: bool = False


@dataclass
class Result:
    """What one tool did with one case.

    Attributes:
        tool: its name.
        size: bytes of the file that it was given.
        runs: those that ended well, in order.
        words: "exact", or what is wrong; of a run that failed, why.
        right: every cell is what the file says.
    """

    tool: str
    size: int
    runs: list[Run] = field(default_factory=list)
    words: str = ""
    right: bool = False


@dataclass(frozen=True)
class _Prepared:
    """A case's file of one size."""

    file: Path
    rows: int

    @property
    def size(self) -> int:
        return self.file.stat().st_size


def compare(case: Case, tools: Sequence[Tool], plan: Plan, *, s3: LocalS3 | None) -> list[Result]:
    """Run a case; the data are made before and removed after."""
    asked = [tool for tool in tools if not tool.cases or case.name in tool.cases]
    small = _prepare(case, plan, plan.small, label="small")
    verdicts = {tool.name: _small_verdict(case, tool, small, plan, s3=s3) for tool in asked}
    whole = _prepare(case, plan, plan.size, label="whole")
    cut = whole
    if plan.slow_size and plan.slow_size < plan.size and any(tool.slow for tool in asked):
        cut = _prepare(case, plan, plan.slow_size, label="cut")
    given = {tool.name: cut if tool.slow else whole for tool in asked}
    results = {tool.name: Result(tool.name, given[tool.name].size) for tool in asked}
    for repeat in range(plan.repeats):
        for tool in asked:
            once = tool.slow and cut is not whole
            if repeat and (once or len(results[tool.name].runs) < repeat):
                continue  # given a smaller file once, or failed before
            _run(case, tool, given[tool.name], results[tool.name], plan, s3=s3)
    for name, verdict in verdicts.items():
        _join(results[name], verdict)
    if not plan.keep:
        shutil.rmtree(plan.folder / case.name)
    return list(results.values())


def _prepare(case: Case, plan: Plan, size: int, *, label: str) -> _Prepared:
    folder = plan.folder / case.name / label
    folder.mkdir(parents=True, exist_ok=True)
    rows = case.rows_for(size)
    file = folder / case.filename
    if not file.exists():
        say(f"{case.name}: making {size * case.share / MEGABYTE:,.0f} MB")
        unfinished = file.with_suffix(".unfinished")
        data.write(case, rows=rows, path=unfinished)
        unfinished.rename(file)
    return _Prepared(file, rows)


def _out(plan: Plan, tool: Tool, s3: LocalS3 | None) -> Path:
    out = s3.output if tool.s3 and s3 else plan.folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    return out


def _measured(case: Case, tool: Tool, given: _Prepared, out: Path, plan: Plan, *, s3: LocalS3 | None) -> Run:
    endpoint = s3.endpoint if tool.s3 and s3 else None
    if endpoint and s3:
        s3.place(given.file)
    command = tool.command(given.file, out, file_format=case.source.format, python=plan.python, endpoint=endpoint)
    warm(given.file)
    return measure(command, log=plan.folder / "log.txt", seconds=plan.seconds)


def _small_verdict(case: Case, tool: Tool, small: _Prepared, plan: Plan, *, s3: LocalS3 | None) -> Verdict | None:
    out = _out(plan, tool, s3)
    if _measured(case, tool, small, out, plan, s3=s3).failure:
        return None  # the large file will show it too, or not: a failure that depends on size is told of the large one
    return check_cells(out, small.file, types=case.source.types)


def _run(case: Case, tool: Tool, given: _Prepared, result: Result, plan: Plan, *, s3: LocalS3 | None) -> None:
    out = _out(plan, tool, s3)
    run = _measured(case, tool, given, out, plan, s3=s3)
    say(f"{case.name}: {tool.name} {run.failure or f'{run.wall:.1f} s, {run.peak / MEGABYTE:,.0f} MB'}")
    if run.failure:
        result.words, result.right = f"fails: {run.failure}", False
        return
    if not result.runs:
        verdict = check_blocks(out, case, rows=given.rows)
        result.words, result.right = verdict.words(), verdict.right
    elif (stored := output.row_count(out)) != given.rows:
        result.words, result.right = f"{stored:,} of {given.rows:,} rows in a later run", False
    result.runs.append(replace(run, written=output.written_bytes(out)))
    shutil.rmtree(out)


def _join(result: Result, small: Verdict | None) -> None:
    """Let a fault that shows only in the small file be told too."""
    if result.right and small is not None and not small.right:
        result.words, result.right = f"in the small file: {small.words()}", False


def say(line: str) -> None:
    """Progress, for who waits."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def require_space(folder: Path, needed: int) -> None:
    """Stop before the disk is full.

    Raises:
        SystemExit: there is less free than needed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SystemExit(
            f"This needs {needed / 10**9:.1f} GB of disk; {free / 10**9:.1f} GB are free. Ask for a smaller SIZE."
        )
