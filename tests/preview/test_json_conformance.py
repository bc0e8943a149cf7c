"""What the page says of a JSON or JSON Lines file before it is sent is what the service says of it afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.domain.evidence import merge_all, of_json_number, of_json_string
from include.domain.reading_options import ReadingOptions, choose
from include.domain.table_schema import Column, TableSchema
from tests.conversion.splits import json_values
from tests.conversion.test_json_properties import alike, array, lines
from tests.preview.both_sides import EIGHT_MIB, Page, assert_same

if TYPE_CHECKING:
    from collections.abc import Sequence

CASES = sorted(
    path for ending in ("json", "jsonl") for path in (Path(__file__).parent.parent / "cases").glob(f"*/input.{ending}")
)
CHECKS: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.parent.name)
def test_a_case_is_seen_alike(browser: Page, case: Path) -> None:
    described = yaml.safe_load((case.parent / "findings.yaml").read_text(encoding="utf-8"))
    options = choose(**described.get("options", {}))
    assert_same(browser, case.read_bytes(), filename=f"data{case.suffix}", options=options, blocks=(EIGHT_MIB, 64, 7))


RECORD = '{"a": 1.50, "É b": [1, {"x": "é€𝄞"}], "c": "\\u00e9\\ud834\\udd1e\\n", "d": {"K": null, "k": "2026-01-31"}}'
GOOD = '{"a": -0.0, "b": [1, {"x": "é€𝄞"}], "c": "\\u00e9\\ud834\\udd1e\\"", "d": {"K": null, "l": "2026-01-31"}}'
LINES = (
    f"\ufeff{GOOD}\r\n\r\n{GOOD}\n \n{GOOD}",
    f"{RECORD}\n{RECORD}\n[1]\n2\n",
    '{"a": 1}\r{"b": "x\\u0022"}\r\r',
    '{"a": 1}\n{"a": "é',
    '{"a": 1}\n{"a": [1, 2,\n',
    '{"a": 1}\n{"é": "\\ud834 \\udd1e"}\n',
)
DOCUMENTS = (
    f"\ufeff [\n{GOOD},\n {GOOD} ,{GOOD}\n]\n \n",
    f"[{RECORD}, 1, [{RECORD}]]",
    "[\n\n]",
    '[{"a": 1},\n {"a": "]é"},\n]',
    '[{"a": 1}, {"a": "\\\\"}, {"b": tru}]',
    '[{"a": 1}] é\n',
    '[{"a": 1}\n\n, {"a": 2',
    '[{"a": 1}, {"a": 2}}',
    f" {GOOD} \n",
    f"{GOOD}\n{GOOD}\n",
    '{"a": 1} é',
    '{"a": [1}',
    " 12 ",
    '"é\\',
    " \n",
)


@pytest.mark.parametrize("text", LINES, ids=range(len(LINES)))
def test_json_lines_are_seen_alike_wherever_a_block_ends(browser: Page, text: str) -> None:
    data = text.encode()
    assert_same(browser, data, filename="data.jsonl", blocks=range(1, len(data) + 1))


@pytest.mark.parametrize("text", DOCUMENTS, ids=range(len(DOCUMENTS)))
def test_a_document_is_seen_alike_wherever_a_block_ends(browser: Page, text: str) -> None:
    data = text.encode()
    assert_same(browser, data, filename="data.json", blocks=range(1, len(data) + 1))


@pytest.mark.parametrize("filename", ["data.json", "data.jsonl"])
@pytest.mark.parametrize(
    "data", ["[1]".encode("utf-16"), '[{"a": "é"}]'.encode("latin-1"), '[{"a": "é'.encode()[:-1], b'{"a": 1}\n\xff']
)
def test_another_encoding_is_seen_alike_wherever_a_block_ends(browser: Page, data: bytes, filename: str) -> None:
    assert_same(browser, data, filename=filename, blocks=range(1, len(data) + 1))


FAULTS = (
    *('{"a":1,}', "[1,]", '{"a" 1}', '{"a":"x\x01"}', '{"a":"\\q"}', '{"a":"\\é"}', '{"a":"\\u12"}', '{"a":"\\u12é4"}'),
    *('{"a":"abc', '{"a":"abc\\', "{,}", '{"a":1 "b"}', '{"a":[1 2]}', "nul", "-", "01", "1.", "1.e5", "1e+", "+1"),
    *('{"a":tru}', '{"a":NaN}', '{"a":[-Infinity]}', '{"a":Infinit}', '{"a":-Inf}', "{a:1}", "{'a':1}", '{"a":}', "{"),
    *('{"a":1}}', '{"a":1} {"a":2}', '{"a":"\\ud800"}', '{"a":"\\udc00"}', '{"a":"\\ud800\\n\\udc00"}'),
    *('{"a":"\\ud800\\ud800\\udc00"}', '{"\\ud800":1}', '{"a":"\\u1234', '{"a":"\\u123"', '{"a":"\\ud800\\u12"}'),
    *(
        '{"a":' + "[" * 39 + "]" * 39 + "}",
        '{"a":' + "[" * 40 + "]" * 40 + "}",
        '{"a":' + "[" * 45,
        "[" * 45 + "]" * 45,
    ),
    *('{"a":' + "[" * 41 + '"\\ud800"' + "]" * 41 + "}", '{"a": 1e400, "b": -0, "c": 1E5, "d": 0.10}', '{"":1,"":2}'),
    *(
        '{"a":1,"A":2}',
        '{"x":{"b c":1,"b c":2},"d e":3}',
        '{"x":[{"":1},{"é":{"Extraction_Timestamp":2}}]}',
        "{}",
        "[]",
    ),
    *(
        '{"a":{"K":1,"\u212a":2}}',
        '{"a":{"\\u0062":1,"B":2}}',
        '{"\\u0061":1}',
        '{"' + "a" * 256 + '":1}',
        "true",
        "null",
    ),
)


@pytest.mark.parametrize("filename", ["data.json", "data.jsonl"])
@pytest.mark.parametrize("before", ["", '{"a": 1}'])
def test_every_fault_of_a_record_is_seen_alike(browser: Page, before: str, filename: str) -> None:
    for fault in FAULTS:
        for after in ("", '{"a": 2}'):
            records = [each for each in (before, fault, after) if each]
            text = "\n".join(records) if filename.endswith("l") else "[" + ",\n".join(records) + "]"
            assert_same(browser, text.encode(), filename=filename)


NUMBERS = ("0", "7", "-12", "0.5", "1.25", "-0.0", "-0", "1e3", "9007199254740993", "9" * 19, "9" * 38, "0." + "1" * 17)
STRINGS = ("", "x", "12", "2026-01-31", "2026-02-30", "2026-01-31T10:00", "2026-01-31 10:00:00.1234Z", "é")
TEXTS = (
    *NUMBERS,
    *(json.dumps(each) for each in STRINGS),
    *("true", "false", "null", "{}", "[]", '{"k": 1}', '{"k":  "2026-01-31", "L" : null}', "[1, 2.5]", '["x", [ ] ]'),
    *('"2026\\u002d01-31"', '"\\n"', "[null]", '[{"k": 1}, {"k": 2.5, "m": "x"}]', '{"k": {"m": [1]}}'),
)


def columns_of(pairs: Sequence[tuple[str, ...]]) -> bytes:
    """JSON Lines with a column for each of these, that has its values one after the other."""
    rows = zip(*pairs, strict=True)
    members = (", ".join(f'"c{at}": {text}' for at, text in enumerate(row)) for row in rows)
    return "".join(f"{{{each}}}\n" for each in members).encode()


def test_any_two_values_in_a_column_are_seen_alike(browser: Page) -> None:
    pairs = [(one, two) for one in TEXTS for two in TEXTS]
    assert_same(browser, columns_of(pairs), filename="data.jsonl")


def test_the_value_with_which_a_column_becomes_wider_is_the_same_after_any_other(browser: Page) -> None:
    known = [
        Column(
            f"c{at}",
            merge_all([of_json_number(before), of_json_number("1")])
            if before[0] in "-0123456789"
            else of_json_string(json.loads(before)),
        )
        for at, before in enumerate([*NUMBERS, '"2026-01-31"', '"2026-01-31T10:00"'])
    ]
    for first in range(0, len(TEXTS), 3):
        values = [
            (TEXTS[(first + at) % len(TEXTS)], TEXTS[(first + 7 * at) % len(TEXTS)], TEXTS[first])
            for at in range(len(known))
        ]
        assert_same(browser, columns_of(values), filename="data.jsonl", table=TableSchema(tuple(known)))


tables_known = st.dictionaries(st.sampled_from(["a", "b", "c", "d_1", "other"]), json_values, max_size=4).map(
    lambda known: TableSchema(tuple(Column(*each) for each in known.items()))
)


FILES = st.one_of(
    st.builds(lambda *given: ("data.json", array(*given)), alike, st.sampled_from([None, 1])),
    st.builds(lambda rows: ("data.jsonl", lines(rows, None)), alike),
)
OPTIONS = st.sampled_from([choose(), choose(), choose(text_columns=["B", "gone"], null_words=["x"])])


@settings(max_examples=120, **CHECKS)
@given(FILES, st.integers(4, 200), tables_known, OPTIONS)
def test_values_at_every_depth_are_seen_alike(
    browser: Page, file: tuple[str, bytes], block: int, known: TableSchema, options: ReadingOptions
) -> None:
    filename, data = file
    assert_same(browser, data, filename=filename, options=options, table=known, blocks=(EIGHT_MIB, block))


PIECES = st.sampled_from(
    [
        *(b'{"a":1}', b'{"A":"x"}', b'{"a":{"b":[', b"]", b"[", b"{", b"}", b"}", b",", b",", b":", b'"', b'"', b"\\"),
        *(
            b'"a"',
            b'"b c"',
            b"1",
            b"-",
            b".5",
            b"e3",
            b"null",
            b"true",
            b"\n",
            b"\n",
            b"\r",
            b" ",
            b"\\u00e9",
            b"\\ud83d",
        ),
        *("é".encode(), "𝄞".encode(), b"\xe9", b"\xf0\x9f", b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b'"a":2,', b'{"":'),
    ]
)


@settings(max_examples=250, **CHECKS)
@given(st.lists(PIECES, max_size=30), st.integers(1, 30), st.sampled_from(["data.json", "data.jsonl"]))
def test_any_bytes_are_seen_alike(browser: Page, pieces: list[bytes], block: int, filename: str) -> None:
    assert_same(browser, b"".join(pieces), filename=filename, blocks=(EIGHT_MIB, block))


@settings(max_examples=150, **CHECKS)
@given(st.lists(PIECES, max_size=20), st.integers(1, 30))
def test_any_bytes_within_an_array_are_seen_alike(browser: Page, pieces: list[bytes], block: int) -> None:
    assert_same(browser, b'[{"a":1},' + b"".join(pieces) + b"]", filename="data.json", blocks=(EIGHT_MIB, block))
