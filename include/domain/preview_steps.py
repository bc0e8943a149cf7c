"""The value of a file with which a column first becomes wider, found from what its evidence grew by, value by value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from include.domain.evidence import NOTHING, Evidence
from include.domain.text_rules import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ELEMENT = "[]"
"""In a path, an element of an array; all else are names of members."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A value with which the evidence of a column grew.

    Attributes:
        evidence: of the values at its path, after it; without what is in objects and arrays.
        line: in which its row begins.
        path: to it within the column's value.
        begun: for the column's value and everything on the path, how many steps there were before it began.
    """

    evidence: Evidence
    line: int
    path: tuple[str, ...] = ()
    begun: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Widening:
    """The step with which a column becomes wider.

    Attributes:
        line: in which its row begins.
        path: to the innermost value that is new to the table, such as `.street` or `[].postcode`.
        step: its number, from 0.
        depth: how much of the step's path that is.
    """

    line: int
    path: str
    step: int
    depth: int


def first_widening(before: Evidence, steps: Iterable[Step]) -> Widening | None:
    """The first step after which a column of this evidence has another type."""
    known = [before]
    for number, step in enumerate(steps):
        after = _with(known[-1], step.path, step.evidence)
        if after.type != before.type:
            depth = _depth(step, known)
            path = "".join(part if part == ELEMENT else f".{part}" for part in step.path[:depth])
            return Widening(line=step.line, path=path, step=number, depth=depth)
        known.append(after)
    return None


def _with(known: Evidence, path: Sequence[str], shown: Evidence) -> Evidence:
    """What is known together with what was shown at a path."""
    if not path:
        return known.merge(shown)
    within = _with(_inner(known, path[0]), path[1:], shown)
    if path[0] == ELEMENT:
        if known.kinds == {Kind.ARRAY}:
            return replace(known, element=within)
        return known.merge(Evidence(frozenset({Kind.ARRAY}), element=within))
    if known.kinds == {Kind.OBJECT}:
        return replace(known, fields={**known.fields, path[0]: within})
    return known.merge(Evidence(frozenset({Kind.OBJECT}), fields={path[0]: within}))


def _inner(known: Evidence, part: str) -> Evidence:
    return (known.element or NOTHING) if part == ELEMENT else known.fields.get(part, NOTHING)


def _depth(step: Step, known: Sequence[Evidence]) -> int:
    """How far along its path there were objects and arrays before; what is no such thing is new as a whole."""
    for depth, (part, begun) in enumerate(zip(step.path, step.begun, strict=False)):
        shown = known[min(begun, len(known) - 1)]
        for earlier in step.path[:depth]:
            shown = _inner(shown, earlier)
        if shown.kinds != {Kind.ARRAY if part == ELEMENT else Kind.OBJECT}:
            return depth
    return len(step.path)
