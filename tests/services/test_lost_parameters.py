"""Partitions that have lost their parameters in Glue: ours by where they lie, on either side, or somebody else's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from include.domain.errors import Terminal
from include.domain.upload import State
from include.services import glue_tables
from include.services.areas import Areas
from include.services.consistency import Code, verify
from include.services.promotion.again import doubt_promoted
from include.services.promotion.planning import plan_promotion
from include.services.promotion.promote import promote_table
from include.services.promotion.strays import clear_strays
from include.services.withdrawal.run import approve
from tests.services.repair.test_rebuild_table import rebuild

if TYPE_CHECKING:
    from include.ports import CataloguePartition
    from include.services.promotion.outcome import Outcome
    from tests.fakes.catalogue import MemoryCatalogue
    from tests.services.conftest import Pipeline

DATABASE = "data_eng_uploader_dev_travel"
WHERE = (DATABASE, "trips")
ELSEWHERE = "s3://theirs/trips/"


def promote(pipeline: Pipeline) -> Outcome:
    return promote_table(pipeline.context, database="travel", table="trips")


def again(pipeline: Pipeline) -> Outcome:
    """The repair that the check names for the platform."""
    clear_strays(pipeline.context, database="travel", table="trips")
    doubt_promoted(pipeline.context, database="travel", table="trips")
    return promote(pipeline)


def withdraw(pipeline: Pipeline, upload_id: str) -> None:
    asked = pipeline.context.withdrawals.request(upload_id, by="analyst@example.org", reason="The wrong file")
    approve(pipeline.context, upload_id, run_id=asked.run_id, by="eve")


def registered(pipeline: Pipeline, catalogue: MemoryCatalogue, upload_id: str) -> CataloguePartition | None:
    return catalogue.partition(*WHERE, pipeline.upload(upload_id).extraction_timestamp)


def lose(
    pipeline: Pipeline, catalogue: MemoryCatalogue, upload_id: str, *, location: str | None = None
) -> CataloguePartition:
    """A partition without its parameters, as whoever wrote it over leaves it."""
    was = registered(pipeline, catalogue, upload_id)
    assert was is not None
    lost = replace(was, parameters={}, location=location or was.location)
    catalogue.update_partitions(*WHERE, [lost])
    return lost


def codes(pipeline: Pipeline) -> set[Code]:
    return {one.code for one in verify(pipeline.context, grace=timedelta())}


@pytest.fixture
def two(pipeline: Pipeline) -> tuple[str, str]:
    """Two uploads on both sides."""
    first, second = pipeline.publish(b"a\n1\n"), pipeline.publish(b"a\n2\n")
    promote(pipeline)
    return first, second


def test_the_platform_s_is_registered_anew_by_the_repair_that_the_check_names(
    pipeline: Pipeline, two: tuple[str, str]
) -> None:
    was = registered(pipeline, pipeline.ap_catalogue, two[1])
    lose(pipeline, pipeline.ap_catalogue, two[1])
    assert codes(pipeline) == {Code.PLATFORM_PARTITION_DIFFERS}
    assert pipeline.upload(two[1]).extraction_timestamp in again(pipeline).replaced
    assert registered(pipeline, pipeline.ap_catalogue, two[1]) == was
    assert codes(pipeline) == set()


def test_a_night_that_has_to_replace_the_platform_s_puts_it_right_whatever_revision_it_was(
    pipeline: Pipeline, two: tuple[str, str]
) -> None:
    for upload_id in two:
        lose(pipeline, pipeline.ap_catalogue, upload_id)
    third = pipeline.publish(b"a\nx\n")
    outcome = promote(pipeline)
    assert [len(outcome.added), len(outcome.replaced)] == [1, 2]
    for upload_id in (*two, third):
        entry = registered(pipeline, pipeline.ap_catalogue, upload_id)
        assert entry is not None
        assert entry.parameters[glue_tables.UPLOAD] == upload_id
    assert codes(pipeline) == set()


def test_one_that_a_killed_promotion_registered_and_that_lost_them_then_is_brought_over(
    pipeline: Pipeline, two: tuple[str, str]
) -> None:
    lose(pipeline, pipeline.ap_catalogue, two[1])
    pipeline.context.ledger.amend(two[1], promoted_revision=None)
    assert promote(pipeline).added == (pipeline.upload(two[1]).extraction_timestamp,)
    assert codes(pipeline) == set()


def test_a_withdrawal_takes_it_off_both_sides(pipeline: Pipeline, two: tuple[str, str]) -> None:
    for catalogue in (pipeline.catalogue, pipeline.ap_catalogue):
        lose(pipeline, catalogue, two[1])
    withdraw(pipeline, two[1])
    for catalogue in (pipeline.catalogue, pipeline.ap_catalogue):
        assert registered(pipeline, catalogue, two[1]) is None
        assert registered(pipeline, catalogue, two[0]) is not None
    done = pipeline.context.withdrawals.get(two[1])
    assert done is not None
    assert done.done_at is not None
    assert codes(pipeline) == set()


def test_one_that_came_back_after_its_withdrawal_leaves_the_platform(pipeline: Pipeline, two: tuple[str, str]) -> None:
    lost = lose(pipeline, pipeline.ap_catalogue, two[1])
    withdraw(pipeline, two[1])
    pipeline.ap_catalogue.create_partition(*WHERE, lost)
    assert promote(pipeline).removed == (lost.extraction_timestamp,)
    pipeline.ap_catalogue.create_partition(*WHERE, lost)
    assert clear_strays(pipeline.context, database="travel", table="trips") == 1
    assert registered(pipeline, pipeline.ap_catalogue, two[1]) is None


def test_ours_is_derived_again_when_its_table_is_widened(pipeline: Pipeline, two: tuple[str, str]) -> None:
    lose(pipeline, pipeline.catalogue, two[1])
    pipeline.publish(b"a\nx\n")
    entry = registered(pipeline, pipeline.catalogue, two[1])
    assert entry is not None
    assert (entry.columns, entry.parameters[glue_tables.UPLOAD]) == ((("a", "string"),), two[1])
    promote(pipeline)
    assert codes(pipeline) == set()


def test_a_publication_that_was_cut_short_takes_its_own_for_its_own(pipeline: Pipeline, two: tuple[str, str]) -> None:
    third = pipeline.land(b"a\n3\n")
    upload = pipeline.upload(third)
    pipeline.catalogue.create_partition(
        *WHERE,
        glue_tables.partition_entry(
            extraction_timestamp=upload.extraction_timestamp,
            location=Areas(pipeline.context.settings).revision(upload.key, "0" * 16),
            written={},
            upload_id=third,
            revision="0" * 16,
            rows=1,
        ),
    )
    lose(pipeline, pipeline.catalogue, third)
    pipeline.watch()
    assert pipeline.ingest(third) is State.PUBLISHED
    assert len({*two, third}) == 3
    promote(pipeline)
    assert codes(pipeline) == set()


def test_what_ours_has_lost_is_said_by_a_promotion_that_needs_it(pipeline: Pipeline, two: tuple[str, str]) -> None:
    assert two
    third = pipeline.publish(b"a\n3\n")
    lose(pipeline, pipeline.catalogue, third)
    with pytest.raises(Terminal) as raised:
        promote(pipeline)
    assert raised.value.code == "catalogue_differs"
    rebuild(pipeline)
    promote(pipeline)
    assert codes(pipeline) == set()


def test_one_that_lies_elsewhere_is_somebody_else_s_and_is_never_touched(
    pipeline: Pipeline, two: tuple[str, str]
) -> None:
    theirs = lose(pipeline, pipeline.ap_catalogue, two[1], location=ELSEWHERE)
    with pytest.raises(Terminal) as raised:
        again(pipeline)
    assert raised.value.code == "partition_foreign"
    with pytest.raises(Terminal) as raised:
        withdraw(pipeline, two[1])
    assert raised.value.code == "partition_foreign"
    assert clear_strays(pipeline.context, database="travel", table="trips") == 0
    assert registered(pipeline, pipeline.ap_catalogue, two[1]) == theirs


def test_nor_is_one_that_somebody_put_in_the_place_of_what_was_withdrawn(
    pipeline: Pipeline, two: tuple[str, str]
) -> None:
    entry = registered(pipeline, pipeline.ap_catalogue, two[1])
    assert entry is not None
    withdraw(pipeline, two[1])
    theirs = replace(entry, parameters={}, location=ELSEWHERE)
    for catalogue in (pipeline.catalogue, pipeline.ap_catalogue):
        catalogue.create_partition(*WHERE, theirs)
    assert plan_promotion(pipeline.context) == ()
    again(pipeline)
    with pytest.raises(Terminal) as raised:
        rebuild(pipeline)
    assert raised.value.code == "upload_unknown"
    assert "by hand" in raised.value.detail
    for catalogue in (pipeline.catalogue, pipeline.ap_catalogue):
        assert registered(pipeline, catalogue, two[1]) == theirs
    assert codes(pipeline) == {Code.PARTITION_UNKNOWN, Code.PLATFORM_PARTITION_UNKNOWN}
