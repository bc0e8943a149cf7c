"""What may happen at every moment of a promotion: a withdrawal, a kill, a widening, another writer."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from include.domain.errors import Transient
from include.domain.upload import State
from include.services import glue_tables
from include.services.lease import LEASE_SECONDS
from include.services.promotion.outcome import with_earlier_attempts
from include.services.promotion.removal import remove_from_platform
from tests.promotion_scene import (
    DATABASE,
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


@pytest.mark.parametrize("taken_back", [False, True])
def test_a_promotion_killed_at_any_moment_is_finished_by_the_next(pipeline: Pipeline, *, taken_back: bool) -> None:
    before = Before.of(pipeline)
    now = before.scene

    def die() -> None:
        raise Killed

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
    assert with_earlier_attempts(pipeline.context, nothing, since=since) == outcome
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
