"""What is worth telling of values that were read, how often it was seen, and where first."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from include.domain.file_findings import MAX_LISTED

if TYPE_CHECKING:
    from collections.abc import Iterable


class Remark(StrEnum):
    """What is worth telling the uploader about values that were read."""

    NULL_WORD = "null_word"
    SCIENTIFIC = "scientific"
    FINE_TIMESTAMP = "fine_timestamp"


@dataclass(frozen=True)
class Seen:
    """How often something was seen, with the physical lines and the distinct texts of the first."""

    total: int = 0
    lines: tuple[int, ...] = ()
    texts: tuple[str, ...] = ()

    def then(self, other: Seen) -> Seen:
        """This, followed in the file by the other."""
        return Seen(
            total=self.total + other.total,
            lines=first_distinct((*self.lines, *other.lines)),
            texts=first_distinct((*self.texts, *other.texts)),
        )


@dataclass
class Lines:
    """A count of something, with the physical lines of the first of it."""

    total: int = 0
    lines: list[int] = field(default_factory=list)

    def add(self, lines: Iterable[int], *, total: int) -> None:
        """Count `total` more, which are in these lines."""
        self.total += total
        for line in lines:
            if len(self.lines) >= MAX_LISTED:
                return
            if line not in self.lines:
                self.lines.append(int(line))


_T = TypeVar("_T")


def first_distinct(values: Iterable[_T]) -> tuple[_T, ...]:
    """The first distinct values, as many as a finding lists."""
    return tuple(dict.fromkeys(values))[:MAX_LISTED]
