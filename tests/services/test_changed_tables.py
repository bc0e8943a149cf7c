"""A table whose own types became others while none of its partitions did: promotion brings that over too."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from include.domain.errors import Transient
from include.services import glue_tables
from include.services.consistency import verify
from include.services.promotion.night import night_mail, report_night, summary
from include.services.promotion.outcome import Outcome
from include.services.promotion.planning import plan_promotion
from include.services.withdrawal.run import approve
from tests.promotion_scene import Steps, promote, stepping
from tests.published import derived_again, published
from tests.services.repair.test_rebuild_table import rebuild

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.services.conftest import Pipeline

DATABASE = "data_eng_uploader_dev_travel"
WHERE = (DATABASE, "trips")
TRIPS = ("travel", "trips")


def withdraw(pipeline: Pipeline, upload_id: str) -> None:
    asked = pipeline.context.withdrawals.request(upload_id, by="analyst@example.org", reason="The wrong file")
    approve(pipeline.context, upload_id, run_id=asked.run_id, by="eve")


def types(pipeline: Pipeline) -> tuple[dict[str, str], dict[str, str]]:
    """Of our table and of the platform's."""
    ours, theirs = (catalogue.table(*WHERE) for catalogue in (pipeline.catalogue, pipeline.ap_catalogue))
    assert ours is not None
    assert theirs is not None
    return dict(ours.columns), dict(theirs.columns)


def agree(pipeline: Pipeline) -> bool:
    return verify(pipeline.context, grace=timedelta()) == ()


def work(pipeline: Pipeline, **limits: Any) -> list[tuple[str, str]]:
    return [(plan.database, plan.table) for plan in plan_promotion(pipeline.context, **limits)]


@pytest.fixture
def taken_back(pipeline: Pipeline) -> Pipeline:
    """`b` was a number because of an upload that was withdrawn, and is one of which nothing is known again."""
    pipeline.publish(b"a,b\n1,\n")
    second = pipeline.publish(b"a,b\n2,5\n")
    promote(pipeline.context)
    withdraw(pipeline, second)
    rebuild(pipeline, take_types_back=True)
    return pipeline


def test_types_that_were_taken_back_are_brought_to_the_platform(taken_back: Pipeline) -> None:
    assert types(taken_back) == ({"a": "bigint", "b": "string"}, {"a": "bigint", "b": "bigint"})
    assert agree(taken_back)  # it waits for its promotion
    assert work(taken_back) == [TRIPS]
    outcome = promote(taken_back.context)
    assert outcome == Outcome(database="travel", table="trips", table_changed=True)
    assert outcome.changed  # whoever waits for the table hears of it
    assert types(taken_back)[1] == types(taken_back)[0]
    assert agree(taken_back)
    assert work(taken_back) == []
    assert not promote(taken_back.context).changed


def test_the_night_says_so(taken_back: Pipeline) -> None:
    outcome = Outcome.from_json(promote(taken_back.context).to_json())
    report_night(taken_back.context, run_id="s", run_after=taken_back.clock.now(), outcomes=[outcome])
    night = taken_back.context.nights.night(taken_back.clock.now().date())
    assert night is not None
    mail = night_mail(taken_back.context, night)
    assert mail.subject.endswith("1 table promoted")
    assert "- travel.trips: 0 added, 0 replaced, 0 removed; the table itself changed" in mail.text
    was = {name: value for name, value in outcome.to_json().items() if name != "table_changed"}
    assert not Outcome.from_json(was).table_changed  # as nights from before have it
    assert summary([Outcome.from_json(was)])["promoted"]["travel.trips"] == "0 added, 0 replaced, 0 removed"


def test_it_waits_until_the_ledger_has_it_brought_over(taken_back: Pipeline, monkeypatch: Any) -> None:
    def refuse(*_: Any) -> None:
        raise Transient("AWS is away.", code="aws_busy")

    with monkeypatch.context() as patched:
        patched.setattr(taken_back.ap_catalogue, "update_table", refuse)
        with pytest.raises(Transient):
            promote(taken_back.context)
    assert work(taken_back) == [TRIPS]
    assert promote(taken_back.context).table_changed


def test_what_changes_while_the_table_is_brought_over_is_brought_over_next(
    taken_back: Pipeline, monkeypatch: Any
) -> None:
    context, update = taken_back.context, taken_back.ap_catalogue.update_table

    def slow(*args: Any) -> None:
        update(*args)
        context.ledger.note_changed_table(*TRIPS)

    monkeypatch.setattr(taken_back.ap_catalogue, "update_table", slow)
    assert promote(context).table_changed
    assert work(taken_back) == [TRIPS]


def test_a_form_that_names_an_upload_in_which_nothing_differs_has_nothing_to_do(taken_back: Pipeline) -> None:
    (live,) = taken_back.context.ledger.live(*TRIPS)
    assert work(taken_back, upload_id=live.id) == []
    assert work(taken_back) == [TRIPS]


def test_the_table_is_never_ahead_of_partitions_that_have_yet_to_be_replaced(pipeline: Pipeline) -> None:
    first, second = published(pipeline), published(pipeline)
    promote(pipeline.context)
    derived_again(pipeline, first)
    pipeline.context.ledger.note_changed_table(*TRIPS)
    assert not promote(pipeline.context, upload_id="f" * 32).changed
    assert types(pipeline) == ({"a": "string"}, {"a": "bigint"})
    assert work(pipeline) == [TRIPS]
    assert promote(pipeline.context).replaced == (first.extraction_timestamp,)
    assert types(pipeline)[1] == {"a": "string"}
    assert work(pipeline) == []
    assert second != first


def test_a_table_that_is_being_widened_waits(taken_back: Pipeline) -> None:
    table = taken_back.catalogue.table(*WHERE)
    assert table is not None
    marked = {**table.parameters, glue_tables.WIDENING: "true"}
    taken_back.catalogue.update_table(replace(table, parameters=marked))
    with pytest.raises(Transient) as raised:
        promote(taken_back.context)
    assert raised.value.code == "table_busy"
    assert work(taken_back) == [TRIPS]


def test_a_table_that_was_never_promoted_or_is_gone_is_not_made(pipeline: Pipeline) -> None:
    upload = published(pipeline)
    for _ in range(2):
        pipeline.context.ledger.note_changed_table(*TRIPS)
        assert not promote(pipeline.context, upload_id="f" * 32).changed
        assert pipeline.ap_catalogue.table(*WHERE) is None
        assert pipeline.context.ledger.changed_tables() == ()
        pipeline.catalogue.delete_table(*WHERE)
    assert upload.promoted_revision is None


def test_types_that_an_upload_left_behind_which_was_withdrawn_before_its_promotion_are_brought_over(
    pipeline: Pipeline,
) -> None:
    pipeline.publish(b"a,b\n1,\n")
    promote(pipeline.context)
    withdraw(pipeline, pipeline.publish(b"a,b\n2,5\n"))
    assert types(pipeline) == ({"a": "bigint", "b": "bigint"}, {"a": "bigint", "b": "string"})
    assert agree(pipeline)
    assert promote(pipeline.context).table_changed
    assert types(pipeline)[1] == types(pipeline)[0]
    assert agree(pipeline)


def test_it_costs_the_same_however_many_partitions_there_are(make_pipeline: Callable[[], Pipeline]) -> None:
    def calls(partitions: int) -> int:
        pipeline = make_pipeline()
        for _ in range(partitions):
            published(pipeline)
        promote(pipeline.context)
        pipeline.context.ledger.note_changed_table(*TRIPS)
        steps = Steps(0, lambda: None)
        promote(stepping(pipeline, steps))
        return steps.taken

    assert calls(1) == calls(20)
