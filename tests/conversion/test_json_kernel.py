"""What compiled loops read of a JSON file is what Python's own decoder reads of it, wherever the file is split."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.conversion import json_check, json_shreds
from include.conversion.json_batch import read_json_range
from include.conversion.json_check import check_json, check_json_lines
from include.conversion.json_columns import ShreddedColumn
from include.conversion.json_plain import read_plainly
from include.conversion.json_shreds import Walk
from include.conversion.report import Reading
from include.domain.column_types import BigInt, Null, String
from include.domain.reading_options import ReadingOptions

keys = st.sampled_from(["a", "A", "b", "Bc", "d_1", "e"])
numbers = st.one_of(
    st.from_regex(r"-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?", fullmatch=True),
    st.from_regex(r"-?[1-9][0-9]{14,40}", fullmatch=True),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["-0", "-0.0", "1e400", "9007199254740993", "0.1000000000000000055"]),
)
strings = st.one_of(
    st.text(max_size=6).map(json.dumps),
    st.text(max_size=6).map(lambda text: json.dumps(text, ensure_ascii=False)),
    st.sampled_from(
        [
            '"2026-01-31"',
            '"2026-02-30"',
            '"2026-01-31T10:00"',
            '"2026-01-31 10:00:00.1234"',
            '"2026-01-31T10:00Z"',
            '"2026\\u002d01-31"',
            '"\\ud83d\\ude00 \\b\\f\\n\\r\\t\\/\\"\\\\"',
            '""',
            '"12"',
            '"true"',
            '"NA"',
        ]
    ),
)
blanks = st.sampled_from(["", "", "", " ", "\t "])
scalars = st.one_of(st.sampled_from(["null", "true", "false"]), numbers, strings)


def _object(members: list[tuple[str, str]], blank: str) -> str:
    once = {key.lower(): (key, value) for key, value in members}
    return f"{{{blank}" + f"{blank},".join(f'"{k}"{blank}:{blank}{v}' for k, v in once.values()) + f"{blank}}}"


def _array(elements: list[str], blank: str) -> str:
    return f"[{blank}" + f"{blank},".join(elements) + "]"


values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.builds(_array, st.lists(inner, max_size=4), blanks),
        st.builds(_object, st.lists(st.tuples(keys, inner), max_size=4), blanks),
    ),
    max_leaves=8,
)
alike = st.one_of(
    st.lists(st.tuples(keys, st.one_of(numbers, st.just("null"))), max_size=5),
    st.lists(st.tuples(keys, st.one_of(strings, st.just("null"))), max_size=5),
    st.lists(st.tuples(keys, st.builds(_array, st.lists(numbers, max_size=4), blanks)), max_size=5),
    st.lists(st.tuples(keys, values), max_size=5),
)
records = st.lists(st.builds(_object, alike, blanks), min_size=1, max_size=12)
ODD = [
    "",
    " ",
    "\r",
    '{"a":1,"A":2}',
    '{"a":{"b":1,"b":2}}',
    '{"\\u0061":1}',
    '{"a b":1}',
    '{"":1}',
    '{"extraction_timestamp":1}',
    '{"a":NaN}',
    '{"a":-Infinity}',
    '{"a":"\\ud83d"}',
    '{"a":"\\ude00\\ud83d"}',
    '{"a":"\\u12g4"}',
    '{"a":"\\x"}',
    '{"a":01}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":1e}',
    '{"a":+1}',
    '{"a":1,}',
    '{"a":[1,]}',
    '{"a" 1}',
    '{"a":tru}',
    '{"a":1} {"a":2}',
    '{"a":"\t"}',
    '{"' + "k" * 255 + '":1}',
    '{"' + "k" * 256 + '":1}',
    '{"a":' + "[" * 99 + "]" * 99 + "}",
    '{"a":' + "[" * 100 + "]" * 100 + "}",
]
broken = st.one_of(
    st.builds(_object, alike, blanks),
    values,
    st.text(alphabet='[]{},:"\\ 1ae-+.tn\0é', max_size=12),
    st.sampled_from(ODD),
)


def plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the check find no record plain, so that Python's decoder reads all of them."""

    def nothing(_: bytes | memoryview, *, separator: bytes) -> Walk:
        empty = json_shreds.walk(b"", separator=b"\n")
        assert separator
        return Walk(empty.paths, 0, 0, 0, 0, False, 0, (), 1)

    monkeypatch.setattr(json_check, "walk", nothing)


def check(data: bytes, block: int, ending: str) -> Any:
    blocks = [data[at : at + block] for at in range(0, len(data), block)]
    terminator = "\n" if b"\n" in data or ending == "json" else "\r"
    run = check_json_lines if ending == "jsonl" else check_json
    return run(blocks, reading=Reading(terminator=terminator))


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_record_is_found_as_by_pythons_decoder(odd: str) -> None:
    parts = ['{"a":[1,{"b":2}]}', odd, '{"c":"x"}']
    for ending, text in (("jsonl", "\n".join(parts)), ("json", "[" + ",".join(parts) + "]")):
        found = check(text.encode(), 1000, ending)
        with pytest.MonkeyPatch.context() as patch:
            plainly(patch)
            assert found == check(text.encode(), 1000, ending)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(broken, min_size=1, max_size=6),
    st.sampled_from(["\n", "\r\n", "\r", "\n\n"]),
    st.integers(4, 200),
    st.sampled_from(["json", "jsonl"]),
)
def test_the_check_finds_what_it_finds_by_pythons_decoder(
    parts: list[str], between: str, block: int, ending: str
) -> None:
    text = between.join(parts) if ending == "jsonl" else "[" + f",{between}".join(parts) + "]"
    data = text.encode()
    found = check(data, block, ending)
    with pytest.MonkeyPatch.context() as patch:
        plainly(patch)
        assert found == check(data, block, ending)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.builds(_object, alike, blanks), min_size=1, max_size=6), st.binary(max_size=3), st.integers(0, 80))
def test_the_check_finds_bytes_that_are_no_text_as_by_pythons_decoder(parts: list[str], odd: bytes, at: int) -> None:
    for ending, text in (("jsonl", "\n".join(parts)), ("json", "[" + ",\n".join(parts) + "]")):
        data = text.encode()[:at] + odd + text.encode()[at:]
        found = check(data, 40, ending)
        with pytest.MonkeyPatch.context() as patch:
            plainly(patch)
            assert found == check(data, 40, ending)


@settings(max_examples=300, deadline=None)
@given(records, st.sampled_from(["json", "jsonl"]), st.integers(20, 400))
def test_a_range_is_what_it_is_by_pythons_decoder(rows: list[str], ending: str, block: int) -> None:
    text = "\n".join(rows) if ending == "jsonl" else "[\n" + " ,\n\n".join(rows) + "]"
    data = text.encode()
    report = check(data, block, ending)
    assert not report.findings
    reading = Reading(options=ReadingOptions(text_columns=("e",)))
    for part in report.ranges:
        piece = data[part.start : part.end]
        arguments: dict[str, Any] = {"columns": report.columns, "file_format": ending, "reading": reading}
        quick, plain = read_json_range(piece, part, **arguments), read_plainly(piece, part, **arguments)
        assert quick.rows == plain.rows
        assert quick.lines.tolist() == plain.lines.tolist()
        assert quick.lines.dtype == plain.lines.dtype
        for name in report.columns:
            one, other = quick.columns[name], plain.columns[name]
            assert isinstance(one, ShreddedColumn)
            observed = one.observe()
            assert observed == other.observe()
            assert list(observed.evidence.fields) == list(other.observe().evidence.fields)
            for column_type in {observed.evidence.type, String()}:
                if column_type != Null():
                    made, wanted = one.array(column_type), other.array(column_type)
                    made.validate(full=True)
                    assert made.type == wanted.type
                    assert made.equals(wanted), (made, wanted)


def test_keys_with_escapes_are_read_by_pythons_decoder() -> None:
    data = b'{"\\u0061":1,"b":[1]}\n{"A":2}\n'
    report = check(data, 100, "jsonl")
    assert (report.rows, report.columns, report.findings) == (2, ("a", "b"), ())
    (part,) = report.ranges
    batch = read_json_range(data, part, columns=report.columns, file_format="jsonl", reading=Reading())
    assert batch.columns["a"].array(BigInt()).to_pylist() == [1, 2]


def test_a_thousand_paths_and_more_find_room() -> None:
    data = "".join(json.dumps({f"k{row}_{at}": at for at in range(700)}) + "\n" for row in range(5)).encode()
    report = check(data, 1 << 20, "jsonl")
    assert len(report.columns) == 3500
    (part,) = report.ranges
    batch = read_json_range(data, part, columns=report.columns, file_format="jsonl", reading=Reading())
    assert batch.columns["k4_699"].array(BigInt()).to_pylist() == [None] * 4 + [699]


def test_a_record_after_one_that_is_not_plain_is_read_in_loops_again() -> None:
    data = b'{"a":1}\n{"a b":1}\n' + b'{"a":2}\n' * 50 + b'{"c":1,"C":1}\n' + b'{"d":1}\n'
    report = check(data, 1000, "jsonl")
    assert (report.rows, report.columns) == (54, ("a", "a b", "c", "d"))
    assert [(finding.code, finding.lines) for finding in report.findings] == [
        ("special_characters", (2,)),
        ("duplicate_keys", (53,)),
    ]


def test_the_loops_run_as_plain_python_too() -> None:
    program = """if True:
        import json
        from include.conversion.json_batch import read_json_range
        from include.conversion.json_check import check_json_lines
        from include.conversion.json_columns import ShreddedColumn
        from include.conversion.report import Reading
        data = b'{"a":-12,"b":{"C":["x\\\\u00e9\\\\ud83d\\\\ude00",null]},"d":true}\\n{"b":null,"a":1.5e3,"d":false}\\n'
        report = check_json_lines([data], reading=Reading())
        (part,) = report.ranges
        batch = read_json_range(data, part, columns=report.columns, file_format="jsonl", reading=Reading())
        assert all(isinstance(column, ShreddedColumn) for column in batch.columns.values())
        print(json.dumps({name: column.array(column.observe().evidence.type).to_pylist()
                          for name, column in batch.columns.items()}))
    """
    done = subprocess.run(  # the interpreter that runs these tests
        [sys.executable, "-W", "error", "-c", program],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "a": [-12.0, 1500.0],
        "b": [{"c": ["xé😀", None]}, None],
        "d": [True, False],
    }
