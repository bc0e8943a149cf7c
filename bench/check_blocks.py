"""Every cell of an output of any size against the blocks its source was made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from bench import output
from bench.same_cells import same_texts, same_values
from bench.text_columns import Texts, pc
from bench.verdict import Verdict, type_remarks

if TYPE_CHECKING:
    from pathlib import Path

    from bench.data import Case


def check_blocks(folder: Path, case: Case, *, rows: int) -> Verdict:
    """Make the case's blocks again, and compare each with what the Parquet in `folder` holds at its place.

    Args:
        folder: a tool's output.
        case: whose source it was made from.
        rows: records of that source.
    """
    verdict = Verdict()
    found = output.families(folder)
    if not found:
        return Verdict(table=["no Parquet"])
    _check_table(verdict, found, case, rows=rows, stored=output.row_count(folder))
    if other := output.codecs(folder) - {"ZSTD"}:
        verdict.remarks.append(f"compressed as {', '.join(sorted(other))}")
    first = 0
    known: tuple[int, pa.Table] | None = None
    for piece in output.batches(folder, rows=case.source.block_rows):
        start = 0
        while start < piece.num_rows and first < rows:
            number, within = divmod(first, case.source.block_rows)
            if known is None or known[0] != number:
                known = number, case.block(number, rows=rows).expected
            length = min(piece.num_rows - start, known[1].num_rows - within)
            _check_piece(verdict, piece.slice(start, length), known[1].slice(within, length), case, first=first)
            start += length
            first += length
    return verdict


def _check_table(verdict: Verdict, found: list[dict[str, str]], case: Case, *, rows: int, stored: int) -> None:
    expected = case.source.types
    if stored != rows:
        verdict.table.append(f"{stored:,} of {rows:,} rows")
    missing = [name for name in expected if not any(name in families for families in found)]
    if missing:
        verdict.table.append(f"no column `{missing[0]}`" if len(missing) == 1 else f"{len(missing)} columns missing")
    unlike = [name for name in found[0] if len({families.get(name) for families in found}) > 1]
    if unlike:
        verdict.table.append(f"files of different types for `{unlike[0]}`")
    verdict.remarks += type_remarks(found[0], expected)


def _check_piece(verdict: Verdict, actual: pa.Table, expected: pa.Table, case: Case, *, first: int) -> None:
    same = same_texts if case.source.format == "csv" else same_values
    for name in case.source.types:
        if name not in actual.column_names:
            continue
        held, wanted = _array(actual[name]), _array(expected[name])
        wrong = np.flatnonzero(~same(held, wanted).to_numpy(zero_copy_only=False))
        if len(wrong):
            _add(verdict, name, pc.take(held, wrong), pc.take(wanted, wrong), first + wrong)


def _array(column: Texts) -> Texts:
    whole = column.combine_chunks()
    return whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole


def _add(verdict: Verdict, name: str, held: Texts, wanted: Texts, rows: np.ndarray[Any, np.dtype[np.int64]]) -> None:
    lost = pc.is_null(held).to_numpy(zero_copy_only=False)
    padded = np.zeros(len(held), dtype=bool)
    if pa.types.is_string(wanted.type) and output.family(held.type) in ("bigint", "double", "decimal"):
        zeros = pc.match_substring_regex(wanted, r"^-?0[0-9]+$")
        padded = pc.fill_null(zeros, False).to_numpy(zero_copy_only=False) & ~lost
    zoned = output.family(held.type) == "timestamp_utc"  # no case has instants with a zone
    other = "given a zone" if zoned else "changed"
    for kind, which in (("lost", lost), ("leading zeros lost", padded), (other, ~lost & ~padded)):
        if which.any():
            verdict.add(name, kind, cells=int(which.sum()), row=int(rows[which][0]))
