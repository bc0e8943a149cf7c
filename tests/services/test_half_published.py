"""A publication that was killed after its partition was registered, and whatever is done to its table meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from include.domain.findings import Finding, Severity
from include.domain.upload import State
from include.services.consistency import verify
from include.services.ingest.check import check
from include.services.ingest.lease import table_writer
from include.services.ingest.publish import publish
from include.services.landing import sweep
from tests.pipeline import STAGES
from tests.services.repair.test_rebuild_ledger import withdraw
from tests.services.repair.test_rebuild_table import DATABASE, entry_of, rebuild, rows, types

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.services.context import PipelineContext
    from tests.services.conftest import Pipeline

REFUSING = Finding(code="expectation_failed", title="A rule", severity=Severity.ERROR, message="It is broken.")


class Killed(BaseException):
    """As a process that is killed: nothing after it runs."""


class DiesBeforePublished:
    """A ledger whose process is killed when an upload is to become published."""

    def __init__(self, ledger: Any) -> None:
        self._ledger = ledger

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def move(self, upload_id: str, to: State, **facts: Any) -> Any:
        if to is State.PUBLISHED:
            raise Killed
        return self._ledger.move(upload_id, to, **facts)


def fail(context: PipelineContext, upload_id: str) -> None:
    context.ledger.move(upload_id, State.FAILED, actor="ingest_upload")


def clear_from_the_start(context: PipelineContext, upload_id: str) -> None:
    fail(context, upload_id)
    check(context, upload_id)


def half_publish(pipeline: Pipeline, content: bytes, after: Callable[[PipelineContext, str], None] = fail) -> str:
    """An upload whose partition is registered, and which by the ledger failed, or is checked anew."""
    upload_id = pipeline.land(content)
    pipeline.watch()
    dying = replace(pipeline.context, ledger=DiesBeforePublished(pipeline.context.ledger))
    for stage in STAGES[:-1]:
        stage(pipeline.context, upload_id)
    with pytest.raises(Killed):
        publish(dying, upload_id)
    after(pipeline.context, upload_id)
    assert entry_of(pipeline, upload_id)
    return upload_id


AFTERWARDS = pytest.mark.parametrize("after", [fail, clear_from_the_start])


@AFTERWARDS
def test_a_withdrawal_leaves_its_columns_and_the_table(
    pipeline: Pipeline, after: Callable[[PipelineContext, str], None]
) -> None:
    first = pipeline.publish(b"a\n1\n")
    half = half_publish(pipeline, b"a,c\n2,3\n", after)
    withdraw(pipeline, first)
    assert types(pipeline) == {"a": "bigint", "c": "bigint"}
    assert rows(pipeline) == {half: [{"a": 2, "c": 3}]}

    pipeline.ingest(half)
    assert rows(pipeline) == {half: [{"a": 2, "c": 3}]}
    assert verify(pipeline.context, grace=timedelta()) == ()


@AFTERWARDS
def test_types_are_not_taken_back_below_it(pipeline: Pipeline, after: Callable[[PipelineContext, str], None]) -> None:
    first, wide = pipeline.publish(b"a\n1\n"), pipeline.publish(b"a\n2.5\n")
    half = half_publish(pipeline, b"a\n3.5\n", after)
    withdraw(pipeline, wide)
    rebuild(pipeline, take_types_back=True)
    assert types(pipeline) == {"a": "double"}
    assert rows(pipeline) == {first: [{"a": 1.0}], half: [{"a": 3.5}]}

    pipeline.ingest(half)
    next_one = pipeline.publish(b"a\n4\n")
    assert rows(pipeline)[next_one] == [{"a": 4.0}]
    assert verify(pipeline.context, grace=timedelta()) == ()


def test_a_widening_takes_it_along(pipeline: Pipeline) -> None:
    first = pipeline.publish(b"a,b\n1,x\n")
    half = half_publish(pipeline, b"a,b,c\n2,y,1\n")
    withdraw(pipeline, first)
    wide = pipeline.publish(b"a,b\nq,z\n")
    pipeline.widen(wide)
    assert types(pipeline) == {"a": "string", "b": "string", "c": "bigint"}
    assert rows(pipeline)[half] == [{"a": "2", "b": "y", "c": 1}]


def test_it_is_out_of_the_table_when_it_is_refused_after_all(pipeline: Pipeline) -> None:
    first = pipeline.publish(b"a\n1\n")
    half = half_publish(pipeline, b"a,c\n2,3\n")
    pipeline.suite.findings = (REFUSING,)
    pipeline.ingest(half)
    assert pipeline.upload(half).state is State.REFUSED
    assert types(pipeline) == {"a": "bigint"}
    assert rows(pipeline) == {first: [{"a": 1}]}


def test_it_is_out_of_the_table_when_it_is_cancelled_while_it_waits_for_a_wider_one(pipeline: Pipeline) -> None:
    first = pipeline.publish(b"a\n1\n")
    half = half_publish(pipeline, b"a,c\n2,3\n")
    pipeline.context.ledger.move(half, State.PUBLISHING, actor="ingest_upload")
    pipeline.context.ledger.move(half, State.WIDENING, actor="ingest_upload")
    pipeline.context.ledger.move(half, State.CANCELLED, actor="analyst@example.org")
    with table_writer(pipeline.context, "travel", "trips", holder="another"):
        assert sweep(pipeline.context) == 0
    assert rows(pipeline) == {first: [{"a": 1}], half: [{"a": 2, "c": 3}]}

    assert sweep(pipeline.context) == 1
    assert types(pipeline) == {"a": "bigint"}
    assert rows(pipeline) == {first: [{"a": 1}]}


def test_a_table_that_it_alone_is_in_goes_with_it(pipeline: Pipeline) -> None:
    half = half_publish(pipeline, b"a\n2\n")
    pipeline.suite.findings = (REFUSING,)
    pipeline.ingest(half)
    assert pipeline.upload(half).state is State.REFUSED
    assert pipeline.context.catalogue.table(DATABASE, "trips") is None


def test_a_refusal_takes_nothing_out_that_others_registered(pipeline: Pipeline) -> None:
    """Columns that no upload has any longer stay, as does the partition of another."""
    first = pipeline.publish(b"a\n1\n")
    pipeline.suite.findings = (REFUSING,)
    refused = pipeline.land(b"a,c\n2,3\n")
    pipeline.watch()
    entry = replace(entry_of(pipeline, first), extraction_timestamp=pipeline.upload(refused).extraction_timestamp)
    pipeline.context.catalogue.create_partition(DATABASE, "trips", entry)
    pipeline.ingest(refused)
    assert pipeline.upload(refused).state is State.REFUSED
    partition = pipeline.context.catalogue.partition(DATABASE, "trips", entry.extraction_timestamp)
    assert partition == entry
