"""A record of many blocks is read once, in time that grows with its length and not with its square."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from include.domain.reading_options import DEFAULT_OPTIONS

if TYPE_CHECKING:
    from tests.preview.both_sides import Page

LONG = 4 * 1024**2
WORD = b'say ""yes"", '
RECORDS = {
    "quoted": ("csv", b'a,b\n1,"' + WORD * (LONG // len(WORD)) + b'"\n2,x\n'),
    "quoted with lines": ("csv", b'a,b\r\n1,"' + b"line\r\n" * (LONG // 6) + b'"\r\n2,x\r\n'),
    "plain": ("csv", b"a,b\n1," + b"x" * LONG + b"\n2,x\n"),
    "many fields": ("csv", b"a,b\n1" + b",x" * (LONG // 2) + b"\n2,x\n"),
    "line": ("jsonl", b'{"a": "' + b"x" * LONG + b'"}\n{"a": 1}\n'),
    "element": ("json", b'[{"a": [1' + b",1" * (LONG // 2) + b"]},\n{}]\n"),
    "object": ("json", b'{"a": "' + b"\\n" * (LONG // 2) + b'"}\n'),
}


@pytest.mark.parametrize("kind", RECORDS)
def test_a_long_record_is_read_once_in_however_many_blocks(browser: Page, kind: str) -> None:
    file_format, data = RECORDS[kind]

    def gather(block: int) -> tuple[float, object]:
        begun = time.monotonic()
        (answer,) = browser.gather(data, options=DEFAULT_OPTIONS, blocks=[block], file_format=file_format)
        return time.monotonic() - begun, answer

    usual, at_once = gather(LONG * 2)
    slow, in_blocks = gather(2048)
    assert in_blocks == at_once
    assert slow < 10 * usual + 5, "two thousand blocks, each with all before it"
