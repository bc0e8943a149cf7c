"""What a reader hands over for each column of a range, whatever the format."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from include.conversion.arrow_types import Values
    from include.domain.column_types import ColumnType
    from include.domain.evidence import Evidence
    from include.domain.remarks import Remark, Seen


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
