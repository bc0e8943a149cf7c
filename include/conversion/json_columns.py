"""The columns of a range of JSON whose values are spans under paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from include.conversion.arrow_types import Values, arrow_type
from include.conversion.arrow_types import compute as pc
from include.conversion.columns import Observed
from include.conversion.field_texts import array_of
from include.conversion.json_leaves import Leaves, arrow_memory
from include.conversion.kernels import json_shred, json_values
from include.domain import column_types as ct
from include.domain.evidence import NOTHING, TEXT, Evidence
from include.domain.file_findings import MAX_LISTED
from include.domain.remarks import Remark, Seen, first_distinct
from include.domain.text_rules import FINE_TIMESTAMP_PATTERN, Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from include.conversion.json_shreds import Shreds

_BOOLEANS = 1 << json_shred.BOOLEAN
_OBJECTS = 1 << json_shred.OBJECT
_ARRAYS = 1 << json_shred.ARRAY
_ANY_BUT_NULL = ~(1 << json_shred.NULL)


class ShreddedColumn:
    """The values of one key in one range; nothing where it is null or missing."""

    def __init__(self, shreds: Shreds, node: int | None, lines: NDArray[np.int64], *, as_text: bool) -> None:
        self._shreds = shreds
        self._node = node
        self._lines = lines
        self._as_text = as_text
        self._leaves: dict[int, Leaves] = {}

    def observe(self) -> Observed:
        """Evidence of the values at every depth; remarks on those at the top."""
        if self._node is None:
            return Observed(NOTHING)
        if self._as_text:
            return Observed(TEXT if self._seen(self._node) else NOTHING)
        evidence = self._evidence(self._node)
        if not evidence.kinds & {Kind.TIMESTAMP, Kind.TIMESTAMP_ZONED} or not self._of(self._node).has_fine_timestamps:
            return Observed(evidence)
        texts = self._texts(self._node, self._parents(self._node), len(self._lines))
        fine = np.flatnonzero(pc.match_substring_regex(texts, FINE_TIMESTAMP_PATTERN).fill_null(False).to_pylist())
        if not len(fine):
            return Observed(evidence)
        lines = tuple(self._lines[fine[:MAX_LISTED]].tolist())
        examples = first_distinct(str(texts[row]) for row in fine[:MAX_LISTED].tolist())
        return Observed(evidence, {Remark.FINE_TIMESTAMP: Seen(len(fine), lines, examples)})

    def array(self, column_type: ct.ColumnType) -> Values:
        """The values as this type."""
        if self._node is None:
            return _nulls(len(self._lines), column_type)
        return self._array(self._node, column_type, self._parents(self._node), len(self._lines))

    def _seen(self, node: int) -> int:
        """A bit for each kind of value but null."""
        return int(self._shreds.kinds[node]) & _ANY_BUT_NULL

    def _of(self, node: int) -> Leaves:
        if node not in self._leaves:
            self._leaves[node] = Leaves.of(self._shreds, node)
        return self._leaves[node]

    def _parents(self, node: int) -> NDArray[np.int32]:
        """Which value of the path above holds each value."""
        return self._shreds.values.parent[int(self._shreds.offsets[node]) : int(self._shreds.offsets[node + 1])]

    def _evidence(self, node: int) -> Evidence:
        walk, seen = self._shreds.walk, self._seen(node)
        if not seen:
            return NOTHING
        if seen == _BOOLEANS:
            return Evidence(frozenset({Kind.BOOLEAN}))
        if seen == _OBJECTS:
            fields = {walk.name(child): self._evidence(child) for child in walk.children(node)}
            return Evidence(frozenset({Kind.OBJECT}), fields=fields)
        if seen == _ARRAYS:
            element = int(walk.paths.element[node])
            return Evidence(frozenset({Kind.ARRAY}), element=self._evidence(element) if element >= 0 else NOTHING)
        leaves = self._of(node)
        return leaves.evidence if leaves.are_numbers or leaves.are_strings else TEXT

    def _array(self, node: int, column_type: ct.ColumnType, slots: NDArray[np.int32], rows: int) -> Values:
        """Values as a type.

        Args:
            node: their path.
            column_type: fits their evidence.
            slots: the row of each value of the path, nulls included; ascending.
            rows: how many there are.
        """
        match column_type:
            case ct.Struct(fields):
                return self._struct(node, fields, slots, rows)
            case ct.Array(element):
                return self._list(node, element, slots, rows)
            case ct.String():
                return self._texts(node, slots, rows)
            case _:
                leaves = self._of(node)
                return leaves.array(column_type, slots[leaves.numbers], rows)

    def _texts(self, node: int, slots: NDArray[np.int32], rows: int) -> Values:
        leaves = self._of(node)
        return leaves.texts(slots[leaves.numbers], rows)

    def _struct(
        self, node: int, fields: tuple[tuple[str, ct.ColumnType], ...], slots: NDArray[np.int32], rows: int
    ) -> Values:
        walk = self._shreds.walk
        nodes = {walk.name(child): child for child in walk.children(node)}
        columns: list[Values] = []
        for name, inner in fields:
            if name in nodes:
                columns.append(self._array(nodes[name], inner, slots[self._parents(nodes[name])], rows))
            else:
                columns.append(_nulls(rows, inner))
        described = [pa.field(name, arrow_type(inner)) for name, inner in fields]
        return pa.StructArray.from_arrays(columns, fields=described, mask=self._mask(node, slots, rows))

    def _list(self, node: int, element: ct.ColumnType, slots: NDArray[np.int32], rows: int) -> Values:
        offsets = arrow_memory(rows + 1, np.int32)
        offsets[:] = 0
        inner_node = int(self._shreds.walk.paths.element[node])
        if inner_node < 0:
            inner: Values = _nulls(0, element)
        else:
            parents = self._parents(inner_node)
            json_values.list_offsets(slots[parents], offsets)
            inner = self._array(inner_node, element, np.arange(len(parents), dtype=np.int32), len(parents))
        build: Any = pa.ListArray.from_arrays  # its stub does not know the mask
        begins = array_of(pa.int32(), rows + 1, [offsets], validity=None, nulls=0)
        array: Values = build(begins, inner, mask=self._mask(node, slots, rows))
        return array

    def _mask(self, node: int, slots: NDArray[np.int32], rows: int) -> Any:
        """Which rows have no value, or None if all have one."""
        with_value = slots[self._of(node).numbers]
        if len(with_value) == rows:
            return None
        missing = np.ones(rows, np.bool_)
        missing[with_value] = False
        return pa.array(missing)


def _nulls(rows: int, column_type: ct.ColumnType) -> Values:
    make: Any = pa.nulls  # its stub does not know a type that is found at run time
    array: Values = make(rows, arrow_type(column_type))
    return array
