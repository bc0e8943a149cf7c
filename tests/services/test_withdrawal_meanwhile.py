"""A withdrawal and other work on the same table, each going on where it stalled after its lease was taken over."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from include.domain.errors import Transient
from include.domain.findings import Finding, Severity
from include.domain.upload import State
from include.services import glue_tables
from include.services.consistency import examine
from include.services.ingest.publish import publish
from include.services.ingest.stage import FINDINGS, Staging, Verdict
from include.services.lease import LEASE_SECONDS
from include.services.promotion.promote import promote_table
from include.services.withdrawal.run import approve, taken_off
from tests.promotion_scene import Steps, stepping
from tests.services.conftest import STAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.catalogue import MemoryCatalogue
    from tests.services.conftest import Pipeline

DATABASE = "data_eng_uploader_dev_travel"
A_FAULT = Finding(code="bad", title="Bad", severity=Severity.ERROR, message="It is bad.")


class Stalled:
    """A catalogue one of whose calls is held up, the first time, while something else happens."""

    def __init__(self, catalogue: MemoryCatalogue, call: str, meanwhile: Callable[[], object]) -> None:
        self._catalogue = catalogue
        self._call = call
        self._meanwhile: Callable[[], object] | None = meanwhile

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._catalogue, name)

        def held_up(*args: Any, **more: Any) -> Any:
            if name == self._call and self._meanwhile is not None:
                meanwhile, self._meanwhile = self._meanwhile, None
                meanwhile()
            return call(*args, **more)

        return held_up


class Looking:
    """A catalogue that has somebody look at it after each partition that is registered."""

    def __init__(self, catalogue: MemoryCatalogue, look: Callable[[], None]) -> None:
        self._catalogue = catalogue
        self._look = look

    def __getattr__(self, name: str) -> Any:
        return getattr(self._catalogue, name)

    def create_partition(self, *args: Any) -> None:
        self._catalogue.create_partition(*args)
        self._look()


def arrived(pipeline: Pipeline, content: bytes) -> str:
    """An upload of which nothing is left to do but to publish it."""
    upload_id = pipeline.land(content)
    pipeline.watch()
    for stage in STAGES[:-1]:
        assert stage(pipeline.context, upload_id) is Verdict.GO_ON
    return upload_id


def withdraw(pipeline: Pipeline, upload_id: str, **stalled: Any) -> None:
    """To its end: a task that fails for a while is run again."""
    asked = pipeline.context.withdrawals.request(upload_id, by="analyst@example.org", reason="The wrong file")
    with suppress(Transient):
        approve(replace(pipeline.context, **stalled), upload_id, run_id=asked.run_id, by="eve")
    approve(pipeline.context, upload_id, run_id=asked.run_id, by="eve")
    done = pipeline.context.withdrawals.get(upload_id)
    assert done is not None
    assert done.done_at is not None


def registered(catalogue: MemoryCatalogue) -> list[str]:
    if catalogue.table(DATABASE, "trips") is None:
        return []
    return [one.parameters[glue_tables.UPLOAD] for one in catalogue.partitions(DATABASE, "trips")]


@pytest.mark.parametrize(("call", "others"), [("create_table", 0), ("create_partition", 0), ("create_partition", 1)])
def test_an_attempt_given_up_for_dead_registers_nothing_of_what_was_published_and_withdrawn_meanwhile(
    pipeline: Pipeline, call: str, others: int
) -> None:
    rest = [pipeline.publish(b"a\n9\n") for _ in range(others)]
    upload_id = arrived(pipeline, b"a\n1\n")

    def meanwhile() -> None:
        assert publish(pipeline.context, upload_id) is Verdict.GO_ON
        withdraw(pipeline, upload_id)
        assert registered(pipeline.catalogue) == rest

    stalled: Any = Stalled(pipeline.catalogue, call, meanwhile)
    assert publish(replace(pipeline.context, catalogue=stalled), upload_id) is Verdict.FINISHED
    assert registered(pipeline.catalogue) == rest
    assert (pipeline.catalogue.table(DATABASE, "trips") is not None) == bool(others)
    assert pipeline.upload(upload_id).state is State.WITHDRAWN


@pytest.mark.proof
def test_a_table_is_never_taken_from_under_a_publication_that_stalls_at_any_moment(pipeline: Pipeline) -> None:
    at, calls = 0, 0
    while calls >= at:
        at += 1
        first = pipeline.publish(b"a\nx\n")
        upload_id = arrived(pipeline, b"a,b\n1,2\n")

        def lose_everybody_else(first: str = first) -> None:
            pipeline.clock.advance(seconds=LEASE_SECONDS + 1)
            withdraw(pipeline, first)

        steps = Steps(at, lose_everybody_else)
        with suppress(Transient):
            publish(stepping(pipeline, steps), upload_id)
        calls = steps.taken
        if calls < at:
            withdraw(pipeline, first)
        publish(pipeline.context, upload_id)
        assert registered(pipeline.catalogue) == [upload_id]
        assert pipeline.upload(upload_id).state is State.PUBLISHED
        assert examine(pipeline.context, grace=timedelta(), thorough=True).disagreements == ()
        withdraw(pipeline, upload_id)
        assert pipeline.catalogue.table(DATABASE, "trips") is None
    assert at > 30


def test_a_table_that_was_deleted_just_before_its_upload_became_published_is_made_again(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    before = list(pipeline.catalogue.partitions(DATABASE, "trips"))
    pipeline.catalogue.delete_table(DATABASE, "trips")
    assert publish(pipeline.context, upload_id) is Verdict.FINISHED
    assert [replace(one, created_at=None) for one in pipeline.catalogue.partitions(DATABASE, "trips")] == [
        replace(one, created_at=None) for one in before
    ]


def test_a_table_that_was_left_to_a_publication_goes_when_that_is_refused(pipeline: Pipeline) -> None:
    first, upload_id = pipeline.publish(b"a\n1\n"), arrived(pipeline, b"a,b\n1,2\n")
    pipeline.context.ledger.move(upload_id, State.PUBLISHING, actor="test")
    withdraw(pipeline, first)
    assert pipeline.catalogue.table(DATABASE, "trips") is not None
    Staging(pipeline.context, upload_id).write(FINDINGS, {State.VALIDATING.value: [A_FAULT.as_dict()]})
    assert publish(pipeline.context, upload_id) is Verdict.REFUSED
    assert pipeline.catalogue.table(DATABASE, "trips") is None


def test_the_retry_of_an_attempt_that_registered_what_was_withdrawn_takes_it_away(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    table, entries = pipeline.catalogue.table(DATABASE, "trips"), list(pipeline.catalogue.partitions(DATABASE, "trips"))
    withdraw(pipeline, upload_id)
    assert table is not None
    pipeline.catalogue.create_table(table)
    pipeline.catalogue.create_partition(DATABASE, "trips", entries[0])
    assert publish(pipeline.context, upload_id) is Verdict.FINISHED
    assert pipeline.catalogue.table(DATABASE, "trips") is None


def test_a_withdrawal_that_stalls_before_it_deletes_the_table_gives_others_theirs_back(pipeline: Pipeline) -> None:
    upload_id, came = pipeline.publish(b"a\n1\n"), []

    def meanwhile() -> None:
        pipeline.clock.advance(seconds=LEASE_SECONDS + 1)
        came.extend([pipeline.publish(b"a\n2\n"), pipeline.publish(b"a\n3\n")])

    withdraw(pipeline, upload_id, catalogue=Stalled(pipeline.catalogue, "delete_table", meanwhile))
    assert registered(pipeline.catalogue) == came
    assert len(came) == 2


def test_a_withdrawal_that_stalls_before_it_deletes_the_platform_s_table_has_others_brought_over_again(
    pipeline: Pipeline,
) -> None:
    upload_id, came = pipeline.publish(b"a\n1\n"), []
    promote_table(pipeline.context, database="travel", table="trips")

    def meanwhile() -> None:
        pipeline.clock.advance(seconds=LEASE_SECONDS + 1)
        came.append(pipeline.publish(b"a\n2\n"))
        promote_table(pipeline.context, database="travel", table="trips", run="tonight")

    withdraw(pipeline, upload_id, ap_catalogue=Stalled(pipeline.ap_catalogue, "delete_table", meanwhile))
    promote_table(pipeline.context, database="travel", table="trips", run="tomorrow")
    assert registered(pipeline.ap_catalogue) == came
    assert len(came) == 1


def test_a_partition_never_has_another_type_than_its_table_though_that_was_deleted_since(pipeline: Pipeline) -> None:
    first = pipeline.publish(b"a\nx\n")
    upload_id = arrived(pipeline, b"a\n1\n")  # settled as text
    withdraw(pipeline, first)
    assert pipeline.catalogue.table(DATABASE, "trips") is None
    seen = []

    def look() -> None:
        table = pipeline.catalogue.table(DATABASE, "trips")
        assert table is not None
        seen.append((table.columns, [one.columns for one in pipeline.catalogue.partitions(DATABASE, "trips")]))

    looked_at: Any = Looking(pipeline.catalogue, look)
    assert publish(replace(pipeline.context, catalogue=looked_at), upload_id) is Verdict.GO_ON
    assert seen == [((("a", "bigint"),), [(("a", "bigint"),)])]


def test_what_a_withdrawal_takes_off_the_platform_is_told_to_those_who_wait_for_the_table(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    assert not taken_off(pipeline.context, upload_id).changed
    promote_table(pipeline.context, database="travel", table="trips")
    assert taken_off(pipeline.context, upload_id).removed == (pipeline.upload(upload_id).extraction_timestamp,)
    pipeline.context.withdrawals.request(upload_id, by="analyst@example.org", reason="The wrong file")
    assert taken_off(pipeline.context, upload_id).changed
