"""What is asked of every file: no crash, one range and many agree, and an independent reader finds the same cells."""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from include.conversion import CheckReport, Conversion, check, convert, lines_name
from include.domain.evidence import merge_all, of_json_number, of_json_string, of_text
from tests.conversion.files import InMemory
from tests.corpus.compare import compare_csv, compare_json, is_untyped
from tests.corpus.readers import read_csv, read_json
from tests.fuzz import inputs
from tests.fuzz.choices import Choices
from tests.fuzz.reference import read_structure, why_csv_is_refused, why_json_is_refused

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Result:
    """What was converted, read back."""

    conversion: Conversion
    stored: pa.Table
    lines: list[Any]


def splitter(data: bytes) -> None:
    """Records, fields, quotes and lines of structural characters, against reading one character after the other."""
    choices = Choices(data)
    block = 4 + choices.below(40)
    text = inputs.structure(choices)
    report = _checked_twice(text, "a.csv", block)
    expected = read_structure(text.decode())
    found = {each.code: each for each in report.findings}
    assert ("unclosed_quote" in found) == (expected.unclosed_line is not None)
    if expected.unclosed_line is not None:
        assert found["unclosed_quote"].lines == (expected.unclosed_line,)
    assert ("text_after_quote" in found) == bool(expected.after_quote_lines)
    if expected.after_quote_lines:
        assert found["text_after_quote"].lines == tuple(dict.fromkeys(expected.after_quote_lines))[:20]
    if expected.unclosed_line is None and not expected.after_quote_lines:
        ragged = [(each["line"], each["found"]) for each in _details(found, "ragged_rows", "rows")]
        assert ragged == expected.ragged[:20]
        assert report.rows == expected.rows


def _details(found: dict[str, Any], code: str, key: str) -> list[Any]:
    return list(found[code].details[key]) if code in found else []


def csv_file(data: bytes) -> None:
    """A CSV file through check and conversion."""
    choices = Choices(data)
    block, part_bytes = 4 + choices.below(120), 1 + choices.below(300)
    content = inputs.csv_file(choices)
    report = _checked_twice(content, "a.csv", block)
    reason = why_csv_is_refused(content)
    assert report.refused == (reason is not None), (reason, [each.code for each in report.findings], content)
    if report.refused:
        return
    result = _converted_twice(content, "a.csv", block, part_bytes)
    table = read_csv(content)
    assert report.rows == table.rows
    for at, column in enumerate(result.conversion.schema.columns):
        shown = (of_text(text, quoted=row in table.quoted_empties[at]) for row, text in enumerate(table.texts[at]))
        assert column.evidence == merge_all(shown), (column, table.texts[at])
    if result.conversion.refused:
        assert [each.code for each in result.conversion.findings if each.severity == "error"] == ["no_values"]
        return
    assert result.lines == list(table.lines)
    compare_csv(table, result.stored)


def json_file(data: bytes) -> None:
    """A JSON or JSON Lines file through check and conversion."""
    choices = Choices(data)
    block, part_bytes = 4 + choices.below(120), 1 + choices.below(300)
    content, name = inputs.json_file(choices)
    report = _checked_twice(content, name, block)
    reason = why_json_is_refused(content, lines=report.format == "jsonl")
    assert report.refused == (reason is not None), (reason, [each.code for each in report.findings], content)
    if report.refused:
        return
    result = _converted_twice(content, name, block, part_bytes)
    rows = read_json(content, lines=report.format == "jsonl")
    assert report.rows == len(rows)
    if result.conversion.refused:
        assert all(map(is_untyped, rows))
        return
    compare_json(rows, result.stored, source=content.decode("utf-8-sig"))


def values(data: bytes) -> None:
    """The values of one column: as CSV fields, as JSON strings and as JSON numbers."""
    choices = Choices(data)
    form, block = choices.below(3), 4 + choices.below(120)
    texts = inputs.column(choices)
    if form == 0:
        of_one: Callable[[str], Any] = of_text
        content, name = "\n".join(["a,b", *(f'"{each.replace(chr(34), chr(34) * 2)}",x' for each in texts)]), "a.csv"
    elif form == 1:
        of_one = of_json_string
        content, name = "\n".join(f'{{"a":{_json_string(each)},"b":"x"}}' for each in texts), "a.jsonl"
    else:
        of_one = of_json_number
        texts = [each for each in texts if re.fullmatch(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", each)]
        content, name = "\n".join(f'{{"a":{each},"b":"x"}}' for each in texts), "a.jsonl"
    if not texts:
        return
    encoded = content.encode()
    result = _converted_twice(encoded, name, block, block * 2)
    expected = merge_all(of_one(each) if form else of_text(each, quoted=not each) for each in texts)
    evidence = next(each.evidence for each in result.conversion.schema.columns if each.name == "a")
    assert evidence == expected, (texts, evidence, expected)
    if form == 0:
        compare_csv(read_csv(encoded), result.stored)
    else:
        compare_json(read_json(encoded, lines=True), result.stored, source=content)


def _json_string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _checked_twice(data: bytes, name: str, block: int) -> CheckReport:
    """The check in one block, once it was found the same as the check in small ones."""
    whole = check(InMemory(data), filename=name, block_bytes=len(data) + 8)
    small = check(InMemory(data), filename=name, block_bytes=block)
    same = ("format", "sha256", "size", "rows", "columns", "reading")
    assert [getattr(small, each) for each in same] == [getattr(whole, each) for each in same], (data, block)
    one, other = ([each.as_dict() for each in report.findings] for report in (small, whole))
    assert one == other, (data, block, one, other)
    if not small.refused:
        assert sum(each.rows for each in small.ranges) == small.rows, (data, block)
        assert all(a.end <= b.start for a, b in zip(small.ranges, small.ranges[1:], strict=False)), (data, block)
    return whole


def _converted_twice(data: bytes, name: str, block: int, part_bytes: int) -> Result:
    whole = _converted(data, name, len(data) + 8, 1 << 30)
    small = _converted(data, name, block, part_bytes)
    assert small.conversion.schema == whole.conversion.schema, (data, block)
    assert small.conversion.written == whole.conversion.written, (data, block)
    assert small.conversion.findings == whole.conversion.findings, (data, block)
    assert small.stored.equals(whole.stored), (data, block)
    assert small.lines == whole.lines, (data, block)
    return whole


def _converted(data: bytes, name: str, block: int, part_bytes: int) -> Result:
    report = check(InMemory(data), filename=name, block_bytes=block)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        conversion = convert(InMemory(data), report, out=out, part_bytes=part_bytes)
        if not conversion.parts:
            return Result(conversion, pa.table({}), [])
        stored = pa.concat_tables([pq.read_table(out / part) for part in conversion.parts]).combine_chunks()
        lines = [pq.read_table(out / lines_name(part)).column(0).to_pylist() for part in conversion.parts]
    return Result(conversion, stored, [line for each in lines for line in each])


TARGETS: dict[str, Callable[[bytes], None]] = {
    "splitter": splitter,
    "csv": csv_file,
    "json": json_file,
    "values": values,
}
