"""What may happen at every moment of a promotion: a withdrawal, a kill, a widening, another writer."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from include.bootstrap import audit_trail
from include.domain.errors import Terminal, Transient, UploaderError
from include.domain.upload import State
from include.services import glue_tables
from include.services.lease import LEASE_SECONDS
from include.services.promotion.outcome import with_earlier_attempts
from include.services.promotion.removal import remove_from_platform
from include.services.withdrawal.run import approve
from tests.promotion_scene import (
    DATABASE,
    SOME,
    Before,
    Killed,
    Steps,
    expect_mirrored,
    is_seen,
    make_scene,
    planned,
    promote,
    stepping,
)
from tests.published import WIDE, derived_again, published, withdrawn

if TYPE_CHECKING:
    from include.domain.upload import Upload
    from include.ports import CataloguePartition
    from tests.services.conftest import Pipeline


def test_a_promotion_adds_replaces_and_removes_in_one_go(pipeline: Pipeline) -> None:
    now = make_scene(pipeline)
    outcome = promote(pipeline.context)
    assert (outcome.added, outcome.replaced, outcome.removed) == (
        (now.new.extraction_timestamp,),
        (now.wider.extraction_timestamp,),
        (now.gone.extraction_timestamp,),
    )
    expect_mirrored(pipeline)
    assert not is_seen(pipeline, now.gone)


@pytest.mark.parametrize("which", ["new", "wider"])
def test_what_is_withdrawn_at_any_moment_of_a_promotion_is_not_on_the_platform_afterwards(
    pipeline: Pipeline, which: str
) -> None:
    before = Before.of(pipeline)
    upload: Upload = getattr(before.scene, which)

    def take_back() -> None:
        withdrawn(pipeline, upload)

    for at in before.tries():
        steps = Steps(at, take_back)
        promote(stepping(pipeline, steps))
        if steps.taken < at:
            break
        remove_from_platform(pipeline.context, pipeline.upload(upload.id))
        assert not is_seen(pipeline, upload)
        assert not promote(pipeline.context).changed
        assert not is_seen(pipeline, upload)
    assert at > 20


def test_what_is_withdrawn_and_removed_while_a_promotion_is_frozen_is_not_on_the_platform_afterwards(
    pipeline: Pipeline,
) -> None:
    before = Before.of(pipeline)
    upload = before.scene.new

    def take_back_once_the_lease_is_over() -> None:
        withdrawn(pipeline, upload)
        pipeline.clock.advance(seconds=LEASE_SECONDS)
        remove_from_platform(pipeline.context, pipeline.upload(upload.id))

    for at in before.tries():
        steps = Steps(at, take_back_once_the_lease_is_over)
        with suppress(Transient):  # the lease is lost
            promote(stepping(pipeline, steps))
        if steps.taken < at:
            break
        assert not is_seen(pipeline, upload)
        promote(pipeline.context)
        assert not is_seen(pipeline, upload)
        assert planned(pipeline) == set()
    assert at > 20


@pytest.mark.proof
def test_what_was_withdrawn_to_the_end_while_a_promotion_was_frozen_that_is_killed_then_goes_with_its_retry(
    pipeline: Pipeline,
) -> None:
    before = Before.of(pipeline)
    upload = before.scene.new
    met = 0
    for at in before.tries():
        for later in range(1, SOME):
            before.put_back()
            dies = Steps(0, die)
            freezes = Steps(at, partial(take_back_to_the_end, pipeline, upload, dies, later))
            context = stepping(replace(pipeline, context=stepping(pipeline, dies)), freezes)
            with suppress(Killed, UploaderError):
                promote(context, run="tonight")
            if freezes.taken < at:
                break
            met += is_seen(pipeline, upload)
            pipeline.clock.advance(seconds=LEASE_SECONDS)
            promote(pipeline.context, run="tonight")
            assert not is_seen(pipeline, upload)
            assert planned(pipeline) == set()
            if dies.taken < dies.at:
                break
        if freezes.taken < at:
            break
    assert at > 20
    assert met > 0


def die() -> None:
    raise Killed


def take_back_to_the_end(pipeline: Pipeline, upload: Upload, dies: Steps, later: int) -> None:
    """A withdrawal that is carried out while a promotion is frozen, which dies at a later call of its own."""
    pipeline.clock.advance(seconds=LEASE_SECONDS)
    asked = pipeline.context.withdrawals.request(upload.id, by="analyst@example.org", reason="The wrong file")
    approve(pipeline.context, upload.id, run_id=asked.run_id, by="eve")
    done = pipeline.context.withdrawals.get(upload.id)
    assert done is not None
    assert done.done_at is not None
    dies.at = dies.taken + later


def test_the_next_night_finds_what_a_frozen_promotion_brought_back_and_those_of_others_stay(pipeline: Pipeline) -> None:
    upload, other = published(pipeline), published(pipeline)
    promote(pipeline.context)
    entries = {one.extraction_timestamp: one for one in pipeline.ap_catalogue.partitions(DATABASE, "trips")}
    back = entries[upload.extraction_timestamp]
    withdrawals = pipeline.context.withdrawals
    asked = withdrawals.request(upload.id, by="analyst@example.org", reason="The wrong file")
    approve(pipeline.context, upload.id, run_id=asked.run_id, by="eve")
    assert planned(pipeline) == set()
    pipeline.ap_catalogue.create_partition(DATABASE, "trips", back)
    assert planned(pipeline) == {upload.id}
    assert promote(pipeline.context).removed == (upload.extraction_timestamp,)
    assert is_seen(pipeline, other)
    somebodys = replace(back, parameters={**back.parameters, glue_tables.UPLOAD: "f" * 32})
    pipeline.ap_catalogue.create_partition(DATABASE, "trips", somebodys)
    assert planned(pipeline) == set()


def test_a_table_that_was_deleted_with_its_last_upload_and_made_again_by_a_frozen_promotion_goes(
    pipeline: Pipeline,
) -> None:
    upload = published(pipeline)
    promote(pipeline.context)
    table = pipeline.ap_catalogue.table(DATABASE, "trips")
    withdrawals = pipeline.context.withdrawals
    asked = withdrawals.request(upload.id, by="analyst@example.org", reason="The wrong file")
    approve(pipeline.context, upload.id, run_id=asked.run_id, by="eve")
    assert pipeline.ap_catalogue.table(DATABASE, "trips") is None
    assert table is not None
    pipeline.ap_catalogue.create_table(table)
    promote(pipeline.context)
    assert pipeline.ap_catalogue.table(DATABASE, "trips") is None
    assert planned(pipeline) == set()


def test_a_partition_that_somebody_else_registered_in_place_of_a_promoted_one_is_not_replaced(
    pipeline: Pipeline,
) -> None:
    upload, other = published(pipeline), published(pipeline)
    promote(pipeline.context)
    before = pipeline.ap_catalogue.table(DATABASE, "trips")
    there = pipeline.ap_catalogue.partition(DATABASE, "trips", upload.extraction_timestamp)
    assert there is not None
    somebodys = replace(there, parameters={**there.parameters, glue_tables.UPLOAD: "f" * 32})
    pipeline.ap_catalogue.update_partitions(DATABASE, "trips", [somebodys])
    derived_again(pipeline, other)
    derived_again(pipeline, upload)
    with pytest.raises(Terminal) as raised:
        promote(pipeline.context)
    assert raised.value.code == "partition_foreign"
    assert pipeline.ap_catalogue.partition(DATABASE, "trips", upload.extraction_timestamp) == somebodys
    assert pipeline.ap_catalogue.table(DATABASE, "trips") == before


def test_what_was_withdrawn_and_registered_before_a_fault_is_taken_away_at_once(
    pipeline: Pipeline, monkeypatch: Any
) -> None:
    upload, other = published(pipeline), published(pipeline)
    create = pipeline.ap_catalogue.create_partition

    def slow(database: str, table: str, entry: CataloguePartition) -> None:
        create(database, table, entry)
        if entry.extraction_timestamp == upload.extraction_timestamp:
            withdrawn(pipeline, upload)
            raise Transient("The answer was lost.", code="aws_busy")

    monkeypatch.setattr(pipeline.ap_catalogue, "create_partition", slow)
    with pytest.raises(Transient):
        promote(pipeline.context)
    # Nobody may come for it: its withdrawal may be done, and nights fail.
    assert not is_seen(pipeline, upload)
    assert is_seen(pipeline, other)  # its copy, which the next attempt keeps


@pytest.mark.parametrize("taken_back", [False, True])
def test_what_a_promotion_killed_at_any_moment_took_off_is_told_by_its_next_attempt(
    pipeline: Pipeline, *, taken_back: bool
) -> None:
    before = Before.of(pipeline)
    trail = audit_trail(pipeline.context.settings)
    began = pipeline.clock.now()
    for at in before.tries():
        steps = Steps(at, die)
        with suppress(Killed):
            promote(stepping(pipeline, steps), run="tonight")
        if steps.taken < at:
            break
        if taken_back:
            withdrawn(pipeline, before.scene.new)  # a promotion that sees it through tells of no more than was there
        pipeline.clock.advance(seconds=1)
        outcome = promote(pipeline.context, run="tonight")
        told = with_earlier_attempts(pipeline.context, trail, outcome, run="tonight", since=began)
        assert before.scene.gone.extraction_timestamp in told.removed
        assert len(set(told.removed)) == len(told.removed)
        other = replace(outcome, table="other")
        assert with_earlier_attempts(pipeline.context, trail, other, run="tonight", since=began) == other
        if outcome.removed == ():
            assert with_earlier_attempts(pipeline.context, trail, outcome, run="last", since=began).removed == ()
    assert at > 20


@pytest.mark.parametrize("taken_back", [False, True])
def test_a_promotion_killed_at_any_moment_is_finished_by_the_next(pipeline: Pipeline, *, taken_back: bool) -> None:
    before = Before.of(pipeline)
    now = before.scene
    for at in before.tries():
        steps = Steps(at, die)
        with suppress(Killed):
            promote(stepping(pipeline, steps))
        if steps.taken < at:
            break
        pipeline.clock.advance(seconds=LEASE_SECONDS)
        if taken_back:
            withdrawn(pipeline, now.new)
        promote(pipeline.context)
        expect_mirrored(pipeline)
        assert not is_seen(pipeline, now.gone)
        assert is_seen(pipeline, now.new) is not taken_back
    assert at > 20


def test_attempts_of_one_run_take_over_from_each_other_at_once(pipeline: Pipeline) -> None:
    published(pipeline)
    assert pipeline.context.ledger.acquire("promote:travel.trips", holder="scheduled__1", seconds=LEASE_SECONDS)
    with pytest.raises(Transient):
        promote(pipeline.context, run="manual__1")
    assert promote(pipeline.context, run="scheduled__1").added


def test_what_is_derived_again_while_it_is_copied_is_followed(pipeline: Pipeline, monkeypatch: Any) -> None:
    upload = published(pipeline)
    copy_file = pipeline.objects.copy

    def slow(*args: Any) -> Any:
        monkeypatch.setattr(pipeline.objects, "copy", copy_file)
        done = copy_file(*args)
        derived_again(pipeline, upload)
        return done

    monkeypatch.setattr(pipeline.objects, "copy", slow)
    assert promote(pipeline.context).added == (upload.extraction_timestamp,)
    expect_mirrored(pipeline)


def test_what_is_derived_again_after_it_was_registered_is_noted_as_it_is_and_left_to_the_next_run(
    pipeline: Pipeline, monkeypatch: Any
) -> None:
    upload = published(pipeline)
    create = pipeline.ap_catalogue.create_partition

    def slow(*args: Any) -> None:
        create(*args)
        derived_again(pipeline, upload)

    monkeypatch.setattr(pipeline.ap_catalogue, "create_partition", slow)
    since = pipeline.clock.now()
    outcome = promote(pipeline.context)
    assert outcome.added == (upload.extraction_timestamp,)  # whoever waits for the table hears of it
    nothing = replace(outcome, added=())  # as a retry finds it
    trail = audit_trail(pipeline.context.settings)
    assert with_earlier_attempts(pipeline.context, trail, nothing, run="", since=since) == outcome
    row = pipeline.upload(upload.id)
    assert (row.promoted_revision, row.state) == ("1" * 16, State.PUBLISHED)
    assert promote(pipeline.context).replaced == (upload.extraction_timestamp,)
    expect_mirrored(pipeline)


def test_a_table_that_begins_to_be_widened_while_it_is_copied_waits(pipeline: Pipeline, monkeypatch: Any) -> None:
    published(pipeline)
    copy_file = pipeline.objects.copy

    def slow(*args: Any) -> Any:
        table = pipeline.catalogue.table(DATABASE, "trips")
        assert table is not None
        marked = {**table.parameters, glue_tables.WIDENING: "true"}
        pipeline.catalogue.update_table(replace(table, parameters=marked))
        return copy_file(*args)

    monkeypatch.setattr(pipeline.objects, "copy", slow)
    with pytest.raises(Transient) as raised:
        promote(pipeline.context)
    assert raised.value.code == "table_busy"
    assert pipeline.ap_catalogue.tables == {}


def test_one_upload_by_hand_brings_along_the_partitions_that_its_tables_types_need(pipeline: Pipeline) -> None:
    older = published(pipeline)
    promote(pipeline.context)
    derived_again(pipeline, older)
    wanted, other = published(pipeline), published(pipeline)
    outcome = promote(pipeline.context, upload_id=wanted.id)
    assert (outcome.added, outcome.replaced) == ((wanted.extraction_timestamp,), (older.extraction_timestamp,))
    theirs = pipeline.ap_catalogue.table(DATABASE, "trips")
    assert theirs is not None
    assert theirs.columns == WIDE
    assert not is_seen(pipeline, other)


def test_what_others_wrote_on_the_platforms_table_stays(pipeline: Pipeline) -> None:
    published(pipeline)
    promote(pipeline.context)
    theirs = pipeline.ap_catalogue.table(DATABASE, "trips")
    assert theirs is not None
    pipeline.ap_catalogue.update_table(
        replace(
            theirs,
            parameters={**theirs.parameters, "owner_team": "travel"},
            comments={"a": "the number"},
            description="Trips, by the travel team.",
        )
    )
    derived_again(pipeline, published(pipeline))
    promote(pipeline.context)
    theirs = pipeline.ap_catalogue.table(DATABASE, "trips")
    assert theirs is not None
    assert theirs.columns == WIDE
    assert theirs.parameters["owner_team"] == "travel"
    assert theirs.comments == {"a": "the number"}
    assert theirs.description == "Trips, by the travel team."
