"""What the steps of a conversion hand to each other, in a form that travels between processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from include.conversion.groups import Group, Part
from include.domain.column_types import ColumnType, display, parse
from include.domain.remarks import Remark, Seen
from include.domain.table_schema import TableSchema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.conversion.report import Conversion


@dataclass(frozen=True)
class PartResult:
    """What became of one part.

    Attributes:
        part: which it is.
        rows: that were read.
        shown: evidence of its own values, in the file's column order.
        seen: what is worth telling of them, by column and remark.
        written: the type of each column in its file, in their order; None when no file was written.
    """

    part: Part
    rows: int
    shown: TableSchema
    seen: Mapping[tuple[str, Remark], Seen]
    written: dict[str, ColumnType] | None

    def is_written_as(self, types: Mapping[str, ColumnType]) -> bool:
        """Whether there is a file with these types in this order."""
        return self.written is not None and list(self.written.items()) == list(types.items())

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "part": [self.part.number, self.part.first, self.part.end],
            "rows": self.rows,
            "shown": self.shown.to_json(),
            "seen": [
                [name, remark.value, seen.total, list(seen.lines), list(seen.texts)]
                for (name, remark), seen in self.seen.items()
            ],
            "written": None if self.written is None else [[name, display(each)] for name, each in self.written.items()],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PartResult:
        """Read back what `to_json` wrote."""
        written = data["written"]
        return cls(
            part=Part(*data["part"]),
            rows=data["rows"],
            shown=TableSchema.from_json(data["shown"]),
            seen={
                (name, Remark(remark)): Seen(total, tuple(lines), tuple(texts))
                for name, remark, total, lines, texts in data["seen"]
            },
            written=None if written is None else {name: parse(text) for name, text in written},
        )


@dataclass(frozen=True)
class GroupResult:
    """What became of one group: its parts, in the order of rows."""

    group: Group
    parts: tuple[PartResult, ...]

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {"group": self.group.to_json(), "parts": [part.to_json() for part in self.parts]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> GroupResult:
        """Read back what `to_json` wrote."""
        return cls(Group.from_json(data["group"]), tuple(PartResult.from_json(part) for part in data["parts"]))


@dataclass(frozen=True)
class Settled:
    """The decided types, and what is left to do.

    Attributes:
        conversion: of the whole file, true once the parts in `again` are written.
        again: numbers of the parts that must be written (again) as the decided types, ascending.
    """

    conversion: Conversion
    again: tuple[int, ...]
