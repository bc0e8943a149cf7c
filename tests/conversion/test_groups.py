"""The division of a file, the steps of its conversion, and what they cost."""

from __future__ import annotations

from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from threading import Barrier, Event
from typing import TYPE_CHECKING, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.conversion import (
    CheckReport,
    Group,
    Range,
    Wanted,
    convert,
    convert_group,
    plan_groups,
    sample_hint,
    settle,
)
from include.conversion.groups import MAX_GROUPS, Part
from include.conversion.threads import Stop, in_threads
from include.domain.column_types import BigInt, String
from include.domain.errors import Terminal
from include.domain.evidence import of_text
from include.domain.table_schema import Column, TableSchema
from tests.conversion.files import InMemory, Split, checked, converted, converted_in_groups

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1024**2
NO_HINT = TableSchema()


def report_of(sizes: list[int]) -> CheckReport:
    ends = [sum(sizes[: at + 1]) for at in range(len(sizes))]
    ranges = tuple(Range(end - size, end, at + 1, 1) for at, (size, end) in enumerate(zip(sizes, ends, strict=True)))
    return CheckReport("csv", "", sum(sizes), len(sizes), ("a",), ranges, ())


@given(st.lists(st.integers(1, 50), max_size=60), st.integers(1, 200), st.one_of(st.none(), st.integers(1, 100)))
def test_every_range_is_in_one_part_of_one_group_and_in_order(
    sizes: list[int], group_bytes: int, part_bytes: int | None
) -> None:
    report = report_of(sizes)
    groups = plan_groups(report, group_bytes=group_bytes, part_bytes=part_bytes)
    parts = [part for group in groups for part in group.parts]
    assert [at for part in parts for at in range(part.first, part.end)] == list(range(len(sizes)))
    assert [part.number for part in parts] == list(range(len(parts)))
    assert all(part.first < part.end for part in parts)
    assert [group.number for group in groups] == list(range(len(groups)))
    assert sum(group.rows for group in groups) == report.rows
    assert [group.first_row for group in groups] == [1 + sum(g.rows for g in groups[:at]) for at in range(len(groups))]


def test_a_file_just_above_the_size_of_a_group_is_divided_evenly() -> None:
    groups = plan_groups(report_of([8 * MIB] * 130), group_bytes=1024 * MIB)
    assert [group.rows for group in groups] == [65, 65]
    assert [group.label for group in groups] == ["rows 1 to 65", "rows 66 to 130"]


def test_the_names_of_parts_sort_in_the_order_of_rows() -> None:
    names = [Part(number, number, number + 1).name for number in (0, 9, 10, 999, 1000, 9999, 10_000, 99_999)]
    assert names == sorted(names)


def test_parts_let_several_threads_work_unless_they_would_be_small() -> None:
    def parts(sizes: list[int]) -> list[int]:
        (group,) = plan_groups(report_of(sizes))
        return [part.end - part.first for part in group.parts]

    assert parts([8 * MIB] * 128) == [32, 32, 32, 32]
    assert parts([8 * MIB] * 4) == [4]
    assert parts([8 * MIB] * 8) == [4, 4]


def test_a_huge_file_has_larger_groups_not_more_than_airflow_maps() -> None:
    groups = plan_groups(report_of([8 * MIB] * 1500), group_bytes=8 * MIB)
    assert len(groups) == MAX_GROUPS


def test_a_file_without_rows_is_one_empty_group(tmp_path: Path) -> None:
    report = report_of([])
    (group,) = plan_groups(report)
    assert group == Group(0, 1, 0, ())
    conversion = convert(InMemory(b""), report, out=tmp_path)
    assert [finding.code for finding in conversion.findings] == ["no_values"]


@dataclass(frozen=True)
class Counting(InMemory):
    """Bytes that remember how often each was read."""

    reads: list[tuple[int, int]] = field(default_factory=list)

    def open_range(self, start: int, end: int) -> BinaryIO:
        self.reads.append((start, end))
        return super().open_range(start, end)

    def times(self, part: Range) -> int:
        return self.reads.count((part.start, part.end))


def test_a_file_of_few_ranges_is_read_once() -> None:
    data = ("a\n" + "1\n" * 300).encode()
    report = checked(data, block_bytes=100)
    source = Counting(data)
    assert sample_hint(source, report) == NO_HINT
    assert source.reads == []


def test_a_surprise_in_the_last_range_is_seen_before_anything_is_written(tmp_path: Path) -> None:
    data = ("a,b\n" + "1,2\n" * 3000 + "1,unknown\n").encode()
    report = checked(data, block_bytes=1000)
    source = Counting(data)
    conversion = convert(source, report, out=tmp_path, part_bytes=3000)
    assert conversion.written["b"] == String()
    again = [part for part in report.ranges if source.times(part) > 1]
    assert again == [report.ranges[0], report.ranges[-1]]


def test_a_surprise_costs_only_the_parts_that_were_written_too_narrow(tmp_path: Path) -> None:
    data = ("a\n" + "1\n" * 3000 + "x\n" + "1\n" * 3000).encode()
    report = checked(data, block_bytes=1000)
    (group,) = plan_groups(report, part_bytes=3000)
    source = Counting(data)
    result = convert_group(source, report, group, wanted=Wanted(), hint=NO_HINT, out=tmp_path, threads=1)
    twice = [sum(source.times(each) for each in part.ranges(report)) > len(part.ranges(report)) for part in group.parts]
    assert twice == [True, True, True, False, False]
    assert all(part.written == {"a": String()} for part in result.parts)


def test_a_surprise_in_the_last_group_writes_the_others_again_and_not_itself(tmp_path: Path) -> None:
    data = ("a,b\n" + "1,2\n" * 3000 + "1,007\n").encode()
    report = checked(data, block_bytes=1000)
    groups = plan_groups(report, group_bytes=4000, part_bytes=2000)
    results = [
        convert_group(InMemory(data), report, group, wanted=Wanted(), hint=NO_HINT, out=tmp_path) for group in groups
    ]
    settled = settle(report, results, wanted=Wanted())
    assert len(groups) > 2
    assert settled.conversion.written == {"a": BigInt(), "b": String()}
    assert settled.again == tuple(part.number for group in groups[:-1] for part in group.parts)


def test_a_true_hint_saves_the_second_writing(tmp_path: Path) -> None:
    data = ("a\n" + "1\n" * 5000 + "x\n").encode()
    report = checked(data, block_bytes=1000)
    hint = sample_hint(InMemory(data), report)
    results = [
        convert_group(InMemory(data), report, group, wanted=Wanted(), hint=hint, out=tmp_path)
        for group in plan_groups(report, group_bytes=2000)
    ]
    assert settle(report, results, wanted=Wanted()).again == ()


def test_remarks_are_in_the_order_of_the_file_whichever_part_is_finished_first() -> None:
    text = "a\n" + "".join("1\n" * 200 + f"{word}\n" for word in ("NA", "null", "None", "N/A"))
    split = Split(group_bytes=400, part_bytes=100, threads=4, hint=NO_HINT)
    result = converted_in_groups(text, split, block_bytes=50)
    assert result.conversion.findings == converted(text, block_bytes=10_000).conversion.findings
    (finding,) = result.conversion.findings
    assert finding.lines == (202, 403, 604, 805)


def test_results_of_some_groups_only_are_an_error(tmp_path: Path) -> None:
    data = ("a\n" + "1\n" * 3000).encode()
    report = checked(data, block_bytes=1000)
    groups = plan_groups(report, group_bytes=2000)
    results = [
        convert_group(InMemory(data), report, group, wanted=Wanted(), hint=NO_HINT, out=tmp_path)
        for group in groups[1:]
    ]
    with pytest.raises(Terminal) as raised:
        settle(report, results, wanted=Wanted())
    assert raised.value.code == "groups_incomplete"


def test_a_fault_in_one_part_leaves_nothing_unfinished(tmp_path: Path) -> None:
    data = ("a\n" + "1\n" * 3000).encode()
    report = checked(data, block_bytes=1000)
    (group,) = plan_groups(report, part_bytes=2000)
    with pytest.raises(Terminal) as raised:
        convert_group(InMemory(data[:-100]), report, group, wanted=Wanted(), hint=NO_HINT, out=tmp_path, threads=2)
    assert raised.value.code == "source_changed"
    assert list(tmp_path.glob(".*")) == []


def test_a_hint_does_not_make_a_target_too_narrow(tmp_path: Path) -> None:
    data = b"a\n1\n2\n"
    report = checked(data)
    (group,) = plan_groups(report)
    wanted = Wanted(target={"a": BigInt()})
    hint = TableSchema((Column("a", of_text("x")),))
    result = convert_group(InMemory(data), report, group, wanted=wanted, hint=hint, out=tmp_path)
    assert settle(report, [result], wanted=wanted).again == ()


def test_threads_answer_in_the_order_of_their_work() -> None:
    both = Barrier(2, timeout=10)

    def work(number: int, _stop: Stop) -> int:
        both.wait()
        return number

    assert in_threads(work, range(6), threads=2) == list(range(6))


def test_the_first_fault_stops_what_is_under_way_and_begins_nothing_more() -> None:
    begun: list[int] = []
    stopped = Event()

    def work(number: int, stop: Stop) -> None:
        begun.append(number)
        if number == 1:
            raise ValueError("fault")
        try:
            while not stopped.wait(0.01):
                stop.check()
        except CancelledError:
            stopped.set()
            raise

    with pytest.raises(ValueError, match="fault"):
        in_threads(work, range(5), threads=2)
    assert stopped.is_set()
    assert sorted(begun) == [0, 1]
