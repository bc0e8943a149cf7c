"""Which types to write: those that follow from evidence joined with a table's, or given ones that must hold it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from include.domain import column_types as ct
from include.domain.errors import Terminal
from include.domain.evidence import Evidence, fits
from include.domain.table_schema import TableSchema
from include.domain.value_findings import types_to_write, with_values

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Wanted:
    """What types a conversion is to write.

    Attributes:
        table: evidence that the file's is joined with; its columns come first, in their order.
        target: exactly the types to write, in this order, whatever the evidence. None: those that follow from it.
    """

    table: TableSchema = field(default_factory=TableSchema)
    target: Mapping[str, ct.ColumnType] | None = None

    def types(self, shown: Mapping[str, Evidence]) -> dict[str, ct.ColumnType]:
        """The types for columns that have shown this; one without a value to write is left out."""
        if self.target is not None:
            return with_values(self.target, shown)
        return types_to_write(self.table, shown)

    def expect_fit(self, shown: Mapping[str, Evidence]) -> None:
        """Make sure that the target holds what values have shown.

        Raises:
            Terminal: it does not (`target_too_narrow`).
        """
        if self.target is None:
            return
        for name, evidence in shown.items():
            target = self.target.get(name, ct.Null())
            if not fits(evidence, target):
                raise Terminal(
                    f"Column {name} holds {ct.display(evidence.type)} and was to be written as {ct.display(target)}.",
                    code="target_too_narrow",
                    field=name,
                )
