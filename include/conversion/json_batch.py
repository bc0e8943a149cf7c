"""A range of a JSON file as columns of values: read by compiled loops, or plainly where they leave it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from include.conversion.columns import Batch
from include.conversion.encoding import is_utf8
from include.conversion.json_columns import ShreddedColumn
from include.conversion.json_plain import read_plainly
from include.conversion.json_shreds import COMMA, shred
from include.conversion.kernels.json_shred import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.conversion.report import Range, Reading


def read_json_range(data: bytes, part: Range, *, columns: Sequence[str], file_format: str, reading: Reading) -> Batch:
    """The records of one range, which the check has found to be good.

    Args:
        data: the bytes of the range.
        part: what the check said of it.
        columns: stored names.
        file_format: `jsonl`, or `json` for elements of an array or one object.
        reading: as the check found it.

    Raises:
        ValueError: there are not as many records as the check counted, or they are no JSON.
    """
    shreds = shred(data, separator=reading.terminator.encode() if file_format == "jsonl" else COMMA)
    if shreds is None or shreds.walk.rows != part.rows or not is_utf8(data):
        return read_plainly(data, part, columns=columns, file_format=file_format, reading=reading)
    lines = shreds.values.parent[: part.rows].astype(np.int64) + part.first_line
    nodes = {shreds.walk.name(node): node for node in shreds.walk.children(ROOT)}
    return Batch(
        rows=part.rows,
        lines=lines,
        columns={
            name: ShreddedColumn(shreds, nodes.get(name), lines, as_text=name in reading.options.text_columns)
            for name in columns
        },
    )
