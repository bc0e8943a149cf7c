"""What a reader hands over for each column of a range, whatever the format."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeVar

from include.domain.file_findings import MAX_LISTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from include.conversion.arrow_types import Values
    from include.domain.column_types import ColumnType
    from include.domain.evidence import Evidence


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


_T = TypeVar("_T")


def first_distinct(values: Iterable[_T]) -> tuple[_T, ...]:
    """The first distinct values, as many as a finding lists."""
    return tuple(dict.fromkeys(values))[:MAX_LISTED]


@dataclass(frozen=True)
class Observed:
    """What one range shows of one column."""

    evidence: Evidence
    seen: Mapping[Remark, Seen] = field(default_factory=dict)


class Column(Protocol):
    """The values of one column in one range."""

    def observe(self) -> Observed:
        """What the values show."""
        ...

    def array(self, column_type: ColumnType) -> Values:
        """The values as this type, which must fit their evidence."""
        ...


@dataclass(frozen=True)
class Batch:
    """One range, read.

    Attributes:
        rows: how many there are.
        lines: the physical line each begins in.
        columns: by stored name.
    """

    rows: int
    lines: NDArray[np.int64]
    columns: Mapping[str, Column]
