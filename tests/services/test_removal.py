"""Taking one upload off the Analytical Platform, also while it is being promoted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include.domain.errors import Conflict, Terminal, Transient
from include.domain.upload import State
from include.services.promotion.planning import plan_promotion
from include.services.promotion.promote import promote_table
from include.services.promotion.removal import remove_from_platform

if TYPE_CHECKING:
    from tests.services.conftest import Pipeline

DATABASE = "data_eng_uploader_dev_travel"


def promoted(pipeline: Pipeline) -> str:
    upload_id = pipeline.publish(b"a\n1\n")
    promote_table(pipeline.context, database="travel", table="trips")
    return upload_id


def on_the_platform(pipeline: Pipeline, upload_id: str) -> bool:
    upload = pipeline.upload(upload_id)
    files = list(pipeline.objects.list(pipeline.context.settings.analytical_platform_uri))
    entry = pipeline.ap_catalogue.partition(DATABASE, "trips", upload.extraction_timestamp)
    return entry is not None or files != []


def test_a_withdrawn_upload_is_taken_off_and_nothing_is_left_to_do(pipeline: Pipeline) -> None:
    upload_id = promoted(pipeline)
    pipeline.context.ledger.move(upload_id, State.WITHDRAWN, actor="test")
    remove_from_platform(pipeline.context, pipeline.upload(upload_id))
    assert not on_the_platform(pipeline, upload_id)
    assert pipeline.upload(upload_id).promoted_revision is None
    assert plan_promotion(pipeline.context) == ()


def test_removing_again_or_what_never_was_there_changes_nothing(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    pipeline.context.ledger.move(upload_id, State.WITHDRAWN, actor="test")
    for _ in range(2):
        remove_from_platform(pipeline.context, pipeline.upload(upload_id))
    assert not on_the_platform(pipeline, upload_id)


def test_during_a_promotion_the_partition_goes_at_once_but_is_not_yet_noted_as_gone(pipeline: Pipeline) -> None:
    upload_id = promoted(pipeline)
    pipeline.context.ledger.move(upload_id, State.WITHDRAWN, actor="test")
    assert pipeline.context.ledger.acquire("promote:travel.trips", holder="a promotion", seconds=3600)
    with pytest.raises(Transient):
        remove_from_platform(pipeline.context, pipeline.upload(upload_id))
    assert not on_the_platform(pipeline, upload_id)
    assert plan_promotion(pipeline.context) != ()
    pipeline.context.ledger.release("promote:travel.trips", holder="a promotion")
    remove_from_platform(pipeline.context, pipeline.upload(upload_id))
    assert plan_promotion(pipeline.context) == ()


def test_an_upload_that_is_published_is_not_noted_as_gone(pipeline: Pipeline) -> None:
    upload_id = promoted(pipeline)
    with pytest.raises(Conflict):
        remove_from_platform(pipeline.context, pipeline.upload(upload_id))
    assert on_the_platform(pipeline, upload_id)


def test_a_partition_of_somebody_else_is_left_alone(pipeline: Pipeline) -> None:
    from dataclasses import replace

    upload_id = promoted(pipeline)
    upload = pipeline.upload(upload_id)
    entry = pipeline.ap_catalogue.partition(DATABASE, "trips", upload.extraction_timestamp)
    assert entry is not None
    somebodys = replace(entry, parameters={}, location="s3://theirs/trips/")
    pipeline.ap_catalogue.update_partitions(DATABASE, "trips", [somebodys])
    pipeline.context.ledger.move(upload_id, State.WITHDRAWN, actor="test")
    with pytest.raises(Terminal):
        remove_from_platform(pipeline.context, pipeline.upload(upload_id))
    assert on_the_platform(pipeline, upload_id)
