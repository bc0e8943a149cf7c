"""What once broke a fuzz target does not break it again; and the targets see a fault when there is one."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from include.conversion.csv_scan import scan
from tests.fuzz import reference
from tests.fuzz.targets import TARGETS

if TYPE_CHECKING:
    from include.conversion.csv_scan import Scan

SEEDS = sorted(path for path in (Path(__file__).parent / "seeds").glob("*/*") if path.is_file())


def try_at_random(target: str, *, times: int) -> None:
    chosen = random.Random(target)  # noqa: S311 - nothing secret about it
    for _ in range(times):
        TARGETS[target](chosen.randbytes(chosen.randrange(4, 200)))


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: f"{path.parent.name}/{path.name[:14]}")
def test_what_was_found_is_mended(seed: Path) -> None:
    TARGETS[seed.parent.name](seed.read_bytes())


@pytest.mark.parametrize("target", list(TARGETS))
def test_a_few_random_files_pass_each_target(target: str) -> None:
    try_at_random(target, times=25)


def test_there_are_seeds_for_every_target() -> None:
    assert {path.parent.name for path in SEEDS} == set(TARGETS)


def test_a_splitter_that_loses_a_record_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(data: bytes, *, delimiter: str, terminator: str, final: bool) -> Scan:
        return scan(data.replace(b'""', b"a"), delimiter=delimiter, terminator=terminator, final=final)

    monkeypatch.setattr("include.conversion.csv_check.scan", careless)
    with pytest.raises(AssertionError):
        try_at_random("splitter", times=400)


@pytest.mark.parametrize(
    ("text", "rows", "ragged", "after_quote", "unclosed"),
    [
        ("a,b\n1,2\n\n", 1, [], [], None),
        ('a,b\n1\n"x\n""y",2\n\n3,4', 3, [(2, 1), (5, 0)], [], None),
        ('a,b\r\n"x"y,2\r\n', 1, [], [2], None),
        ('a,b\r"1\n2",3\r4\r', 2, [(4, 1)], [], None),
        ('a,b\n5" pipe,"x', 1, [], [], 2),
    ],
)
def test_the_reference_reads_what_a_person_reads(
    text: str, rows: int, ragged: list[tuple[int, int]], after_quote: list[int], unclosed: int | None
) -> None:
    assert reference.read_structure(text) == reference.Structure(rows, ragged, after_quote, unclosed)


@pytest.mark.parametrize(
    ("text", "refused"),
    [("a,b\n1,2\n", False), ("a,b\n1\n", True), ("a,A\n1,2\n", True), ("1,2\n1,2\n", True), ('a\n"x\n', True)],
)
def test_the_reference_knows_which_csv_is_refused(text: str, *, refused: bool) -> None:
    assert (reference.why_csv_is_refused(text.encode()) is not None) == refused


@pytest.mark.parametrize(
    ("text", "refused"),
    [('[{"a":1}]', False), ('[{"a":1,"A":2}]', True), ("[1]", True), ('[{"a":NaN}]', True), ('{"a":"\\ud83d"}', True)],
)
def test_the_reference_knows_which_json_is_refused(text: str, *, refused: bool) -> None:
    assert (reference.why_json_is_refused(text.encode(), lines=False) is not None) == refused
