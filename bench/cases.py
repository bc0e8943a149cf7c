"""The questions put to all tools."""

from __future__ import annotations

from bench.csv_data import LATE, WORST, Mixed, Quoted, Surprise, Wide, halves, leading_zeros, word
from bench.data import Case
from bench.json_data import Orders

CASES = (
    Case("clean", "Clean CSV, 12 mixed columns", Mixed()),
    Case(
        "late-word",
        "`unknown` in an integer column, in the last 1 %",
        Mixed(Surprise("account", LATE, word("unknown"), "string")),
    ),
    Case(
        "late-zeros",
        "Leading zeros in an integer column, in the last 1 %",
        Mixed(Surprise("account", LATE, leading_zeros, "string")),
    ),
    Case(
        "late-decimals",
        "An integer column turns to decimals, in the last 1 %",
        Mixed(Surprise("account", LATE, halves, "double")),
    ),
    Case(
        "worst-integer",
        "One `unknown` in an integer column, at 62 %",
        Mixed(Surprise("account", WORST, word("unknown"), "string", once=True)),
    ),
    Case(
        "worst-double",
        "One `unknown` in a column of doubles, at 62 %: no double prints back, every part is converted again",
        Mixed(Surprise("score", WORST, word("unknown"), "string", once=True)),
    ),
    Case("quoted", "Newlines, commas and doubled quotes in quoted fields", Quoted()),
    Case("wide", "1,000 columns", Wide()),
    Case("jsonl", "Nested JSON Lines", Orders("jsonl")),
    Case("json-array", "One JSON array", Orders("json"), share=0.5),
)


def named(names: str) -> tuple[Case, ...]:
    """The cases of a comma-separated list; all for an empty one.

    Raises:
        SystemExit: there is no such case.
    """
    known = {case.name: case for case in CASES}
    wanted = [name.strip() for name in names.split(",") if name.strip()] or list(known)
    if unknown := set(wanted) - set(known):
        raise SystemExit(f"No such case: {', '.join(sorted(unknown))}. There are: {', '.join(known)}.")
    return tuple(known[name] for name in wanted)
