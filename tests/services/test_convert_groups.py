"""A file converted in several tasks: what they hand on, and what is left when any of them runs again."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include import conversion
from include.domain.errors import NotFound, Terminal
from include.domain.upload import State
from include.services import glue_tables
from include.services.ingest.check import check
from include.services.ingest.convert import (
    convert_group,
    decide_types,
    groups_to_reconvert,
    label,
    plan,
    read_staged,
    reconvert,
)
from include.services.ingest.publish import publish
from include.services.ingest.stage import Staging, Verdict
from include.services.ingest.staged import CONVERTED, PLANNED
from include.services.ingest.validate import validate

if TYPE_CHECKING:
    from include.services.context import PipelineContext
    from tests.services.conftest import Pipeline

DATABASE = "data_eng_uploader_dev_travel"
PLAIN = b"a,b\n" + b"".join(b"%d,x\n" % number for number in range(1000))


def with_surprise(*, row: int) -> bytes:
    lines = PLAIN.splitlines(keepends=True)
    return b"".join([*lines[:row], b"00%d,x\n" % row, *lines[row + 1 :]])


LATE = with_surprise(row=900)  # in the last group, and in none of the ranges that are looked at first
EARLY = with_surprise(row=100)


@pytest.fixture
def grouped(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    """The pipeline, with ranges and groups so small that a small file has several."""
    monkeypatch.setattr(conversion, "check", partial(conversion.check, block_bytes=200))
    in_groups(pipeline, group_bytes=1500)
    return pipeline


def in_groups(pipeline: Pipeline, *, group_bytes: int) -> None:
    settings = pipeline.context.settings.model_copy(update={"convert_group_bytes": group_bytes})
    pipeline.context = replace(pipeline.context, settings=settings)


def rows_of(pipeline: Pipeline, upload_id: str, table: str = "trips") -> pa.Table:
    """Rows of a partition, in the order of its files' names."""
    entry = pipeline.catalogue.partition(DATABASE, table, pipeline.upload(upload_id).extraction_timestamp)
    assert entry is not None
    files = sorted(pipeline.objects.list(entry.location), key=lambda stored: stored.name)
    return pa.concat_tables(pq.read_table(io.BytesIO(pipeline.objects.read(stored.uri))) for stored in files)


def arrived(pipeline: Pipeline, content: bytes) -> tuple[PipelineContext, str, list[int]]:
    """A file that is checked and divided."""
    upload_id = pipeline.land(content)
    pipeline.watch()
    assert check(pipeline.context, upload_id) is Verdict.GO_ON
    return pipeline.context, upload_id, plan(pipeline.context, upload_id)


def converted(pipeline: Pipeline, content: bytes) -> tuple[PipelineContext, str, list[int]]:
    """A file of which all groups are converted."""
    context, upload_id, groups = arrived(pipeline, content)
    for group in groups:
        assert convert_group(context, upload_id, group) is Verdict.GO_ON
    return context, upload_id, groups


def finish(pipeline: Pipeline, upload_id: str) -> None:
    assert validate(pipeline.context, upload_id) is Verdict.GO_ON
    assert publish(pipeline.context, upload_id) is Verdict.GO_ON
    assert pipeline.upload(upload_id).state is State.PUBLISHED


def test_several_groups_make_one_partition_with_the_rows_in_order(grouped: Pipeline) -> None:
    context, upload_id, groups = arrived(grouped, PLAIN)
    assert len(groups) > 2
    assert grouped.ingest(upload_id) is State.PUBLISHED
    assert rows_of(grouped, upload_id).column("a").to_pylist() == list(range(1000))
    assert grouped.suite.rows_seen == [1000]
    assert grouped.upload(upload_id).rows == 1000
    assert len(read_staged(context, upload_id).sizes) == len(groups)


@pytest.mark.parametrize("content", [PLAIN, LATE, EARLY])
def test_the_division_into_groups_is_in_no_fact_of_the_partition(grouped: Pipeline, content: bytes) -> None:
    divided = grouped.publish(content, table="divided")
    in_groups(grouped, group_bytes=10**9)
    whole = grouped.publish(content, table="whole")
    facts = [grouped.upload(upload_id) for upload_id in (divided, whole)]
    assert facts[0].columns == facts[1].columns
    assert facts[0].findings == facts[1].findings
    assert (facts[0].rows, facts[0].revision) == (facts[1].rows, facts[1].revision)
    assert rows_of(grouped, divided, "divided").equals(rows_of(grouped, whole, "whole"))


def test_a_surprise_in_the_last_group_is_work_for_a_task_of_each_other_group(grouped: Pipeline) -> None:
    context, upload_id, groups = converted(grouped, LATE)
    assert decide_types(context, upload_id) is Verdict.GO_ON
    assert groups_to_reconvert(context, upload_id) == groups[:-1]
    for group in groups[:-1]:
        assert reconvert(context, upload_id, group) is Verdict.GO_ON
    finish(grouped, upload_id)
    values = rows_of(grouped, upload_id).column("a").to_pylist()
    assert values == [line.split(b",")[0].decode() for line in LATE.splitlines()[1:]]


def test_a_group_that_is_not_written_again_yet_is_never_published(grouped: Pipeline) -> None:
    context, upload_id, groups = converted(grouped, LATE)
    decide_types(context, upload_id)
    reconvert(context, upload_id, groups[0])
    with pytest.raises(NotFound):
        publish(context, upload_id)
    assert grouped.catalogue.tables == {}


def test_the_work_on_one_group_is_done_where_the_types_are_decided(grouped: Pipeline) -> None:
    context, upload_id, groups = arrived(grouped, PLAIN)
    convert_group(context, upload_id, groups[0])
    grouped.publish(b"a\n0.5\n")  # the groups converted from here on are as wide as the table is now
    for group in groups[1:]:
        convert_group(context, upload_id, group)
    assert decide_types(context, upload_id) is Verdict.GO_ON
    assert groups_to_reconvert(context, upload_id) == []
    finish(grouped, upload_id)
    assert rows_of(grouped, upload_id).column("a").to_pylist() == [float(number) for number in range(1000)]


def test_files_follow_the_order_of_a_table_that_appeared_meanwhile(grouped: Pipeline) -> None:
    context, upload_id, groups = converted(grouped, PLAIN)
    grouped.publish(b"b,a\nx,1\n")
    decide_types(context, upload_id)
    assert groups_to_reconvert(context, upload_id) == groups
    for group in groups:
        reconvert(context, upload_id, group)
    finish(grouped, upload_id)
    assert rows_of(grouped, upload_id).column_names == ["b", "a"]


def test_a_table_that_became_wider_after_validation_is_followed_in_all_groups(grouped: Pipeline) -> None:
    context, upload_id, _ = converted(grouped, PLAIN)
    decide_types(context, upload_id)
    validate(context, upload_id)
    grouped.publish(b"a\n007\n")
    finish(grouped, upload_id)
    assert rows_of(grouped, upload_id).column("a").to_pylist() == [str(number) for number in range(1000)]


@pytest.mark.parametrize("content", [PLAIN, LATE])
@pytest.mark.parametrize("cleared", [0, -1])
def test_any_group_may_be_cleared_and_run_again_at_any_time(grouped: Pipeline, content: bytes, cleared: int) -> None:
    context, upload_id, groups = converted(grouped, content)
    group = groups[cleared]
    convert_group(context, upload_id, group)
    decide_types(context, upload_id)
    again = groups_to_reconvert(context, upload_id)
    convert_group(context, upload_id, group)
    for each in (*again, *again[:1]):
        reconvert(context, upload_id, each)
    convert_group(context, upload_id, group)
    decide_types(context, upload_id)
    assert groups_to_reconvert(context, upload_id) == again
    finish(grouped, upload_id)
    objects = dict(grouped.objects.content)
    for each in groups:
        assert convert_group(context, upload_id, each) is Verdict.FINISHED
        assert reconvert(context, upload_id, each) is Verdict.FINISHED
    assert decide_types(context, upload_id) is Verdict.FINISHED
    assert grouped.objects.content == objects
    assert rows_of(grouped, upload_id).num_rows == 1000


def test_a_group_cleared_after_the_table_became_wider_does_not_disturb_what_was_decided(grouped: Pipeline) -> None:
    context, upload_id, groups = converted(grouped, PLAIN)
    decide_types(context, upload_id)
    before = read_staged(context, upload_id)
    grouped.publish(b"a\n007\n")
    convert_group(context, upload_id, groups[1])
    assert read_staged(context, upload_id) == before
    finish(grouped, upload_id)
    assert rows_of(grouped, upload_id).column("a").to_pylist()[:2] == ["0", "1"]


def test_groups_of_another_division_are_not_mixed(grouped: Pipeline) -> None:
    context, upload_id, _ = converted(grouped, PLAIN)
    settings = context.settings.model_copy(update={"convert_group_bytes": 2500})
    plan(replace(context, settings=settings), upload_id)
    with pytest.raises(Terminal) as raised:
        decide_types(context, upload_id)
    assert raised.value.code == "groups_outdated"


@pytest.mark.parametrize("group_bytes", [700, 2500, 10**9])
def test_a_division_that_changed_after_the_decision_loses_no_row(grouped: Pipeline, group_bytes: int) -> None:
    context, upload_id, _ = converted(grouped, LATE)
    decide_types(context, upload_id)
    again = groups_to_reconvert(context, upload_id)
    in_groups(grouped, group_bytes=group_bytes)
    check(grouped.context, upload_id)
    plan(grouped.context, upload_id)
    for group in again:
        assert reconvert(grouped.context, upload_id, group) is Verdict.GO_ON
    finish(grouped, upload_id)
    values = rows_of(grouped, upload_id).column("a").to_pylist()
    assert values == [line.split(b",")[0].decode() for line in LATE.splitlines()[1:]]


def test_a_group_converted_by_a_later_division_does_not_disturb_what_was_decided(grouped: Pipeline) -> None:
    context, upload_id, _ = converted(grouped, PLAIN)
    decide_types(context, upload_id)
    in_groups(grouped, group_bytes=700)
    check(grouped.context, upload_id)
    for group in plan(grouped.context, upload_id)[:2]:
        convert_group(grouped.context, upload_id, group)
    finish(grouped, upload_id)
    assert rows_of(grouped, upload_id).column("a").to_pylist() == list(range(1000))


def test_groups_of_ranges_that_are_no_more_are_not_written_again(
    grouped: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, upload_id, groups = converted(grouped, LATE)
    decide_types(context, upload_id)
    monkeypatch.setattr(conversion, "check", partial(conversion.check, block_bytes=300))
    check(context, upload_id)
    for group in groups:
        with pytest.raises(Terminal) as raised:
            reconvert(context, upload_id, group)
        assert raised.value.code == "groups_outdated"


def test_a_group_that_is_no_more_says_what_to_clear(grouped: Pipeline) -> None:
    _, upload_id, groups = converted(grouped, PLAIN)
    in_groups(grouped, group_bytes=10**9)
    plan(grouped.context, upload_id)
    assert label(grouped.context, upload_id, groups[-1]) == f"group {groups[-1]}"
    with pytest.raises(Terminal, match="Clear the task") as raised:
        convert_group(grouped.context, upload_id, groups[-1])
    assert raised.value.code == "groups_outdated"


def test_a_conversion_that_lost_a_part_is_not_published(grouped: Pipeline) -> None:
    context, upload_id, _ = converted(grouped, PLAIN)
    decide_types(context, upload_id)
    staging = Staging(context, upload_id)
    document = staging.read(CONVERTED)
    lost = document["result"]["parts"].pop(1)
    del document["sizes"][lost]
    staging.write(CONVERTED, document)
    validate(context, upload_id)
    with pytest.raises(Terminal) as raised:
        publish(context, upload_id)
    assert raised.value.code == "rows_missing"
    assert grouped.catalogue.tables == {}
    assert list(grouped.objects.list(context.settings.curated_uri)) == []


def test_a_file_without_values_is_refused_where_the_types_are_decided(grouped: Pipeline) -> None:
    context, upload_id, _ = converted(grouped, b"a,b\n" + b",\n" * 2000)
    assert decide_types(context, upload_id) is Verdict.REFUSED
    assert [finding.code for finding in grouped.upload(upload_id).findings] == ["no_values"]


def test_a_group_is_listed_under_its_rows(grouped: Pipeline) -> None:
    context, upload_id, groups = arrived(grouped, PLAIN)
    assert label(context, upload_id, 0).startswith("rows 1 to ")
    assert label(context, upload_id, groups[-1]).endswith(" to 1,000")
    Staging(context, upload_id).drop(PLANNED)
    assert label(context, upload_id, 3) == "group 3"


def test_parts_of_superseded_types_stay_out_of_the_partition(grouped: Pipeline) -> None:
    upload_id = grouped.publish(LATE)
    entry = grouped.catalogue.partition(DATABASE, "trips", grouped.upload(upload_id).extraction_timestamp)
    assert entry is not None
    assert entry.parameters[glue_tables.REVISION] == grouped.upload(upload_id).revision
    names = {stored.name for stored in grouped.objects.list(entry.location)}
    assert names == set(read_staged(grouped.context, upload_id).sizes)
