"""The results as Markdown."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from bench.comparing import MEGABYTE, Result
from bench.tools import BASELINES, TOOLS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bench.data import Case

DASH = "\N{EN DASH}"
LABELS = {tool.name: tool.label for tool in TOOLS}


@dataclass(frozen=True)
class Answer:
    """A case and what all tools did with it."""

    case: Case
    results: Sequence[Result]

    @property
    def baseline(self) -> Result | None:
        """The tool that ratios are taken to."""
        by_name = {result.tool: result for result in self.results}
        for tool in BASELINES:
            if tool.name in by_name and by_name[tool.name].runs:
                return by_name[tool.name]
        return None


def ratio(result: Result, baseline: Result | None) -> float | None:
    """How many times faster than the baseline: the median over pairs of runs, by bytes a second."""
    if baseline is None:
        return None
    pairs = zip(result.runs, baseline.runs, strict=False)
    share = result.size / baseline.size
    return median(theirs.wall / mine.wall * share for mine, theirs in pairs) if result.runs else None


def table(answer: Answer) -> str:
    """One case."""
    largest = max(result.size for result in answer.results)
    lines = [
        f"### {answer.case.title}",
        "",
        f"`{answer.case.name}`, {largest / MEGABYTE:,.0f} MB",
        "",
        "| tool | time, s | MB/s | speed, times DuckDB `-1` | CPU, s | peak, MB | output, MB | result |",
        "|---|--:|--:|--:|--:|--:|--:|---|",
    ]
    return "\n".join([*lines, *(_row(result, answer.baseline, largest) for result in answer.results)])


def _row(result: Result, baseline: Result | None, largest: int) -> str:
    label = LABELS[result.tool]
    if result.size < largest:
        label += f" (once, on {result.size / MEGABYTE:,.0f} MB)"
    if not result.runs:
        return f"| {label} | {DASH} | {DASH} | {DASH} | {DASH} | {DASH} | {DASH} | {result.words} |"
    wall = median(run.wall for run in result.runs)
    times = ratio(result, baseline)
    cells = [
        label,
        f"{wall:.1f}" if len(result.runs) == 1 else f"{wall:.1f} ({_spread(result)})",
        f"{result.size / MEGABYTE / wall:,.0f}",
        DASH if times is None else f"{times:.2f}",
        f"{median(run.cpu for run in result.runs):.1f}",
        f"{max(run.peak for run in result.runs) / MEGABYTE:,.0f}",
        f"{median(run.written for run in result.runs) / MEGABYTE:,.1f}",
        result.words,
    ]
    return f"| {' | '.join(cells)} |"


def _spread(result: Result) -> str:
    walls = [run.wall for run in result.runs]
    return f"{min(walls):.1f}{DASH}{max(walls):.1f}"


def document(answers: Sequence[Answer], *, versions: Mapping[str, str], note: str) -> str:
    """All cases, and what they were run with."""
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    return "\n\n".join([f"{machine()} {named}. {note}", *(table(answer) for answer in answers)]) + "\n"


def machine() -> str:
    """What the runs had to themselves, without names."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{len(os.sched_getaffinity(0))} cores, {memory:.0f} GB of memory, Linux, Python {platform.python_version()}."
    )


def written_into(text: str, section: str, body: str) -> str:
    """The document with what stands between the section's markers replaced.

    Raises:
        ValueError: the markers are not there once each.
    """
    begin, end = f"<!-- {section}: begin -->", f"<!-- {section}: end -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"the document has no markers for {section}")
    before, rest = text.split(begin)
    return f"{before}{begin}\n\n{body.strip()}\n\n{end}{rest.split(end)[1]}"


def write(path: Path, section: str, body: str) -> None:
    """Replace a section of a document on disk."""
    path.write_text(written_into(path.read_text(encoding="utf-8"), section, body), encoding="utf-8")
