"""How the values of nested columns are encoded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from include.conversion.parts import PartWriter
from include.domain.column_types import Array, BigInt, String, Struct

if TYPE_CHECKING:
    from pathlib import Path


def test_what_repeats_within_objects_and_arrays_has_a_dictionary_and_other_whole_numbers_their_differences(
    tmp_path: Path,
) -> None:
    rows = [
        {"city": ("Leeds", "Bath")[at % 2], "names": [f"n{at}"], "items": [{"id": at * 1_000_003, "size": at % 3}]}
        for at in range(200)
    ]
    item = Struct((("id", BigInt()), ("size", BigInt())))
    types = {"o": Struct((("city", String()), ("names", Array(String())), ("items", Array(item))))}
    writer = PartWriter(tmp_path, 0, types)
    (array,) = pa.Table.from_pylist([{"o": row} for row in rows], schema=writer._schema).column("o").chunks
    writer.write({"o": array}, np.arange(200, dtype=np.int64))
    writer.commit()
    group = pq.read_metadata(tmp_path / "part-00000.parquet").row_group(0)
    encodings = {group.column(at).path_in_schema: group.column(at).encodings for at in range(group.num_columns)}
    assert {path for path, used in encodings.items() if "RLE_DICTIONARY" in used} == {
        "o.city",
        "o.items.list.element.size",
    }
    assert "DELTA_BINARY_PACKED" in encodings["o.items.list.element.id"]
    assert pq.read_table(tmp_path / "part-00000.parquet").to_pylist() == [{"o": row} for row in rows]


def test_a_column_that_is_null_throughout_its_first_rows_is_written(tmp_path: Path) -> None:
    writer = PartWriter(tmp_path, 0, {"l": Array(String())})
    array = pa.array([None, None, []], writer._schema.field("l").type)
    writer.write({"l": array}, np.arange(3, dtype=np.int64))
    writer.commit()
    assert pq.read_table(tmp_path / "part-00000.parquet").column("l").to_pylist() == [None, None, []]
