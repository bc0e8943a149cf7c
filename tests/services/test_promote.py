"""What promotion copies, registers and takes away, and that a second run finds nothing to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include.domain.errors import NotFound, Refused, Transient
from include.domain.upload import State
from include.services import glue_tables
from include.services.notices import notify_promoted
from include.services.promotion.again import doubt_promoted
from include.services.promotion.planning import place_of, plan_promotion
from include.services.promotion.promote import promote_table

if TYPE_CHECKING:
    from tests.services.conftest import Pipeline

DATABASE = "data_eng_uploader_dev_travel"


def promote(pipeline: Pipeline, table: str = "trips") -> tuple[int, int, int]:
    done = promote_table(pipeline.context, database="travel", table=table)
    notify_promoted(pipeline.context)
    return len(done.added), len(done.replaced), len(done.removed)


def test_promotion_makes_the_platform_a_mirror_of_what_is_published(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    assert promote(pipeline) == (1, 0, 0)
    upload = pipeline.upload(upload_id)
    ours, theirs = pipeline.catalogue.table(DATABASE, "trips"), pipeline.ap_catalogue.table(DATABASE, "trips")
    assert ours is not None
    assert theirs is not None
    assert theirs.columns == ours.columns
    assert theirs.location.startswith(pipeline.context.settings.analytical_platform_uri)
    entry = pipeline.ap_catalogue.partition(DATABASE, "trips", upload.extraction_timestamp)
    assert entry is not None
    source = pipeline.catalogue.partition(DATABASE, "trips", upload.extraction_timestamp)
    assert source is not None
    copies = [pipeline.objects.read(one.uri) for one in pipeline.objects.list(entry.location)]
    assert copies == [pipeline.objects.read(one.uri) for one in pipeline.objects.list(source.location)]
    assert upload.state is State.PROMOTED
    assert f"{upload_id}-promoted" in pipeline.mailer.sent


def test_a_second_promotion_finds_nothing_to_do(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    promote(pipeline)
    before = dict(pipeline.objects.content)
    assert plan_promotion(pipeline.context) == ()
    assert promote(pipeline) == (0, 0, 0)
    assert pipeline.objects.content == before


def test_a_widened_partition_is_replaced_and_its_uploader_is_not_told_again(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    promote(pipeline)
    pipeline.publish(b"a\nx\n")
    sent = len(pipeline.mailer.sent)
    assert promote(pipeline) == (1, 1, 0)
    assert len(pipeline.mailer.sent) == sent + 1
    for entry in pipeline.ap_catalogue.partitions(DATABASE, "trips"):
        assert entry.columns == (("a", "string"),)
        assert list(pipeline.objects.list(entry.location))


def test_one_upload_can_be_promoted_alone(pipeline: Pipeline) -> None:
    first = pipeline.publish(b"a\n1\n")
    second = pipeline.publish(b"a\n2\n")
    promote_table(pipeline.context, database="travel", table="trips", upload_id=second)
    assert pipeline.upload(first).state is State.PUBLISHED
    assert pipeline.upload(second).state is State.PROMOTED


def test_a_withdrawn_partition_leaves_the_platform(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    promote(pipeline)
    timestamp = pipeline.upload(upload_id).extraction_timestamp
    pipeline.context.ledger.move(upload_id, State.WITHDRAWN, actor="test", revision=None)
    assert promote(pipeline) == (0, 0, 1)
    assert pipeline.ap_catalogue.partition(DATABASE, "trips", timestamp) is None
    assert list(pipeline.objects.list(pipeline.context.settings.analytical_platform_uri)) == []


def test_a_table_of_somebody_else_on_the_platform_is_not_touched(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    pipeline.ap_catalogue.create_database(DATABASE, description="theirs", parameters={})
    with pytest.raises(Refused):
        promote(pipeline)
    assert pipeline.ap_catalogue.tables == {}


def test_a_table_in_the_middle_of_a_widening_waits(pipeline: Pipeline) -> None:
    from dataclasses import replace

    pipeline.publish(b"a\n1\n")
    table = pipeline.catalogue.table(DATABASE, "trips")
    assert table is not None
    pipeline.catalogue.update_table(replace(table, parameters={**table.parameters, glue_tables.WIDENING: "true"}))
    with pytest.raises(Transient):
        promote(pipeline)
    assert pipeline.ap_catalogue.tables == {}


def test_two_promotions_of_a_table_do_not_run_at_once(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    assert pipeline.context.ledger.acquire("promote:travel.trips", holder="another", seconds=60)
    with pytest.raises(Transient):
        promote(pipeline)


def test_a_mail_that_a_killed_run_did_not_send_goes_out_with_the_next(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    promote_table(pipeline.context, database="travel", table="trips")
    assert f"{upload_id}-promoted" not in pipeline.mailer.sent
    pipeline.clock.advance(hours=24)
    assert notify_promoted(pipeline.context) == [f"{upload_id}-promoted"]
    assert notify_promoted(pipeline.context) == []


def test_bringing_one_upload_over_again_leaves_the_others_as_they_are(pipeline: Pipeline) -> None:
    first, second = pipeline.publish(b"a\n1\n"), pipeline.publish(b"a\n2\n")
    promote(pipeline)
    assert doubt_promoted(pipeline.context, database="travel", table="trips", upload_id=first) == 1
    assert pipeline.upload(second).promoted_revision == pipeline.upload(second).revision
    (plan,) = plan_promotion(pipeline.context, upload_id=first)
    assert [change.upload_id for change in plan.changes] == [first]


def test_a_form_that_names_an_upload_means_its_table(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    assert place_of(pipeline.context, upload_id=upload_id) == ("travel", "trips")
    assert place_of(pipeline.context) == (None, None)
    assert place_of(pipeline.context, table="trips") == (None, "trips")


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({"database": "travle"}, "Nobody has uploaded to travle."),
        ({"database": "travel", "table": "trisp"}, "Nobody has uploaded to travel.trisp."),
        ({"table": "trisp"}, "Nobody has uploaded to trisp."),
        ({"upload_id": "0" * 32}, "There is no upload 000"),
    ],
)
def test_a_form_that_names_what_there_is_not_is_refused(pipeline: Pipeline, named: dict[str, str], said: str) -> None:
    pipeline.publish(b"a\n1\n")
    with pytest.raises(NotFound, match=said):
        place_of(pipeline.context, **named)


def test_a_form_whose_upload_went_to_another_table_is_refused(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    with pytest.raises(NotFound, match=r"went to travel\.trips"):
        place_of(pipeline.context, database="travel", table="boats", upload_id=upload_id)
