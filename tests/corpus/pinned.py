"""Which files of the corpus are refused, with what codes: `python -m tests.corpus.pinned` writes it down anew."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import yaml

from tests.corpus.files import corpus, prove

PINNED = Path(__file__).parent / "refused.yaml"
ACCEPTED = "accepted"

Rounds: TypeAlias = "tuple[str, ...]"
"""Codes of the errors, joined by commas, before each correction and at the end, or `accepted`."""


def rounds_of(refusals: tuple[tuple[str, ...], ...], *, cells: int) -> Rounds:
    """The same as `prove` found it."""
    return (*(", ".join(codes) for codes in refusals), *((ACCEPTED,) if cells else ()))


def pinned() -> dict[str, Rounds]:
    """By the file's name; what is not here is accepted as it is."""
    document = yaml.safe_load(PINNED.read_text(encoding="utf-8"))
    return {name: tuple(group["rounds"]) for group in document for name in group["files"]}


def _write() -> None:
    groups: dict[Rounds, list[str]] = {}
    for each in corpus():
        outcome = prove(each.read(), name=each.name)
        rounds = rounds_of(outcome.refusals, cells=outcome.cells)
        if rounds != (ACCEPTED,):
            groups.setdefault(rounds, []).append(str(each))
    opening = "# Files of the corpus that are refused. `rounds`: codes of the errors, then the same once the file was\n"
    opening += "# corrected as they say. Written by `python -m tests.corpus.pinned`; look at what changed and why.\n"
    document = [{"rounds": list(rounds), "files": groups[rounds]} for rounds in sorted(groups)]
    PINNED.write_text(opening + yaml.safe_dump(document, sort_keys=False, width=1000), encoding="utf-8")


if __name__ == "__main__":
    _write()
