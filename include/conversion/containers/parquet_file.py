"""Parquet files: their rows as JSON Lines, read a few at a time, so that every type follows from the values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from include.conversion.arrow_types import compute as pc
from include.conversion.containers.parquet_text import Transcriber, is_refused, joined
from include.conversion.containers.unpacked import Content, Plain
from include.conversion.containers.unreadable import Unreadable
from include.conversion.json_text import MAX_DEPTH
from include.domain import container_findings, file_findings, parquet_findings
from include.domain.csv_findings import MAX_RECORD_BYTES
from include.domain.header import is_allowed, repeated_names
from include.domain.name_findings import header_findings, json_key_findings, repeated_column_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from include.conversion.arrow_types import Values
    from include.conversion.containers.limits import Limits
    from include.domain.findings import Finding
    from include.domain.reading_options import ReadingOptions

KIND = "a Parquet file"
_MAGIC, _ENCRYPTED = b"PAR1", b"PARE"
_BATCH_BYTES = 16 * 1024**2
_BATCH_ROWS = 65_536
_MOST_BYTES = 64 * 1024**2  # of the texts of one batch: a small dictionary may stand for any amount


def unpack_parquet(
    packed: Path,
    *,
    filename: str,
    plain: Plain,
    options: ReadingOptions,  # noqa: ARG001 - the interface's
    limits: Limits,  # noqa: ARG001
) -> Content:
    """Each row as an object of all columns."""
    _expect_parquet(packed)
    transcriber = Transcriber()
    try:
        file = _opened(packed)
        _refuse_schema(file.schema_arrow)
        written = 0
        for batch in _batches(packed, file.metadata):
            written = _write(batch, plain, transcriber, before=written)
    except pa.ArrowException as error:
        raise _unreadable(error) from error
    except OSError as error:
        if error.errno is not None:
            raise  # the disk's, not the file's
        raise _unreadable(error) from error
    if written != file.metadata.num_rows:
        raise Unreadable(container_findings.damaged_file(kind=KIND, reason="it has other rows than it says"))
    found = transcriber.findings()
    return Content(f"{Path(filename).stem}.jsonl", found or (() if written else (file_findings.no_rows(),)))


def _expect_parquet(packed: Path) -> None:
    with packed.open("rb") as stream:
        head = stream.read(4)
        stream.seek(max(0, packed.stat().st_size - 4))
        tail = stream.read(4)
    if _ENCRYPTED in (head, tail):
        raise Unreadable(container_findings.encrypted_file("Parquet file"))
    if head != _MAGIC or tail != _MAGIC:
        what = "it does not begin like one" if head != _MAGIC else "it ends early"
        raise Unreadable(container_findings.damaged_file(kind=KIND, reason=what))


def _opened(packed: Path, texts: Sequence[str] = ()) -> pq.ParquetFile:
    """The file, whose pages are held against their checksums where it has some; `texts` are read as dictionaries."""
    return pq.ParquetFile(
        packed, read_dictionary=list(texts), pre_buffer=False, buffer_size=1024**2, page_checksum_verification=True
    )


def _unreadable(error: Exception) -> Unreadable:
    if "crypt" in str(error):
        return Unreadable(container_findings.encrypted_file("Parquet file"))
    reason = "a checksum of its data is wrong" if "CRC" in str(error) else "its data is corrupt"
    return Unreadable(container_findings.damaged_file(kind=KIND, reason=reason))


def _refuse_schema(schema: pa.Schema) -> None:
    """Refuse names that no column can have, and types that have no text."""
    found: list[Finding] = list(header_findings(schema.names))
    keys: list[tuple[str, str, int]] = []
    refused: list[tuple[str, str]] = []
    for field in schema:
        for path, name, kind, siblings in _nested(field, field.name, 1):
            if path != field.name and not is_allowed(name):
                keys.append((path, name, 1))
            if kind is not None:
                refused.append((path, str(kind)))
            if repeated := repeated_names(siblings):
                found.append(repeated_column_names(siblings, repeated))
    found += json_key_findings(keys)
    if refused:
        found.append(parquet_findings.parquet_types(refused))
    if found:
        raise Unreadable(*found)


def _nested(field: pa.Field[Any], path: str, depth: int) -> Iterator[tuple[str, str, pa.DataType | None, list[str]]]:
    """For a field and those within it: its path, its name, its type if that is refused, and the names within it."""
    kind: Any = field.type
    while isinstance(kind, pa.BaseExtensionType) and kind.extension_name != "arrow.uuid":
        kind = kind.storage_type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if depth > MAX_DEPTH or isinstance(kind, pa.BaseExtensionType):
        yield path, field.name, kind if depth > MAX_DEPTH else None, []
    elif pa.types.is_map(kind):
        yield path, field.name, None, []
        yield from _nested(pa.field("key", kind.key_type), f"{path}.key", depth + 1)
        yield from _nested(pa.field("value", kind.item_type), f"{path}.value", depth + 1)
    elif pa.types.is_struct(kind):
        yield path, field.name, None, [inner.name for inner in kind]
        for inner in kind:
            yield from _nested(inner, f"{path}.{inner.name}", depth + 1)
    elif pa.types.is_nested(kind) and not pa.types.is_union(kind):
        yield path, field.name, None, []
        element: Any = kind
        inner = pa.field(field.name, element.value_type)  # the name of a list's element is nobody's
        yield from _nested(inner, path, depth + 1)
    else:
        yield path, field.name, kind if is_refused(kind) else None, []


def _batches(packed: Path, metadata: Any) -> Iterator[pa.RecordBatch]:
    """All rows in batches of a few megabytes. Repeated texts come as numbers of them, however large they are."""
    schema = metadata.schema
    texts = [schema.column(at).path for at in range(len(schema)) if schema.column(at).physical_type == "BYTE_ARRAY"]
    file = _opened(packed, texts)
    for group in range(metadata.num_row_groups):
        facts = metadata.row_group(group)
        each = max(1, facts.total_byte_size // max(1, facts.num_rows))
        rows = int(min(_BATCH_ROWS, max(64, _BATCH_BYTES // each)))
        yield from file.iter_batches(batch_size=rows, row_groups=[group], use_threads=False)


def _write(batch: pa.RecordBatch, plain: Plain, transcriber: Transcriber, *, before: int) -> int:
    """Write the rows of a batch; returns how many rows there are by then."""
    if batch.num_rows > 1 and sum(map(_weight, batch.columns)) > _MOST_BYTES:
        half = batch.num_rows // 2
        middle = _write(batch.slice(0, half), plain, transcriber, before=before)
        return _write(batch.slice(half), plain, transcriber, before=middle)
    rows = np.arange(before + 1, before + 1 + batch.num_rows, dtype=np.int64)
    pieces: list[Any] = ["{"]
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        before_name = "," if len(pieces) > 1 else ""
        pieces += [f"{before_name}{json.dumps(name)}:", transcriber.texts(column, rows, path=name)]
    lines = joined([*pieces, "}\n"], batch.num_rows)
    longest = pc.max(pc.binary_length(lines)).as_py() or 0
    if longest > MAX_RECORD_BYTES:
        at = int(pc.index(pc.binary_length(lines), pa.scalar(longest, pa.int64())).as_py())
        raise Unreadable(file_findings.record_too_long(line=int(rows[at]), limit=MAX_RECORD_BYTES))
    plain.write(_bytes(lines))
    return before + batch.num_rows


def _bytes(lines: Values) -> bytes:
    """Large strings one after another, as they lie in memory."""
    _, offsets, data = lines.buffers()
    if data is None or offsets is None:
        return b""
    ends = np.frombuffer(memoryview(offsets), np.int64)[lines.offset : lines.offset + len(lines) + 1]
    return memoryview(data)[int(ends[0]) : int(ends[-1])].tobytes()


def _weight(values: Any) -> int:
    """Bytes of the texts that an array stands for, those in dictionaries as often as they occur."""
    kind = values.type
    if isinstance(kind, pa.BaseExtensionType):
        return _weight(values.storage)
    if pa.types.is_struct(kind):
        return sum(map(_weight, values.flatten()))
    if pa.types.is_map(kind):
        return _weight(values.keys) + _weight(values.items)
    if pa.types.is_nested(kind):
        return _weight(values.flatten())
    if not pa.types.is_dictionary(kind) or pa.types.is_primitive(kind.value_type) or not len(values.dictionary):
        return 0
    lengths = pc.binary_length(values.dictionary).cast(pa.int64())
    return int(pc.sum(lengths.take(values.indices)).as_py() or 0)
