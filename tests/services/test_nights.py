"""The report of a night: what it names, that it is one, and that it is mailed once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from include.bootstrap import audit_trail
from include.domain.errors import Refused, Terminal, Transient
from include.domain.upload import State
from include.services.promotion.night import report_night, summary
from include.services.promotion.outcome import Outcome, failure, with_earlier_attempts
from include.services.promotion.promote import promote_table

if TYPE_CHECKING:
    from typing import Any

    from tests.pipeline import Pipeline

TRIPS = Outcome(
    database="travel", table="trips", added=("20270327T120000Z", "20270327T130000Z"), removed=("20270101T000000Z",)
)
SPRING_SLOT = datetime(2027, 3, 28, 1, tzinfo=UTC)  # 02:00 BST: 01:00 does not exist in London


def report(pipeline: Pipeline, run_after: datetime, *outcomes: Outcome, run_id: str = "scheduled") -> dict[str, Any]:
    return report_night(pipeline.context, run_id=run_id, run_after=run_after, outcomes=outcomes)


def night_mails(pipeline: Pipeline) -> list[str]:
    return [mail for mail in pipeline.mailer.sent if mail.startswith("promotion-")]


def test_the_first_night_covers_itself(pipeline: Pipeline) -> None:
    assert report(pipeline, SPRING_SLOT, TRIPS)["covers_missed"] == []
    night = pipeline.context.nights.night(date(2027, 3, 28))
    assert night is not None
    assert night.covers == (date(2027, 3, 28),)


@pytest.mark.parametrize(
    ("before", "slot", "day"),
    [
        (datetime(2027, 3, 27, 1, tzinfo=UTC), SPRING_SLOT, date(2027, 3, 28)),
        (datetime(2026, 10, 24, 0, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2027, 10, 30, 0, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC), date(2027, 10, 31)),
    ],
)
def test_the_night_of_a_clock_change_is_the_london_date_and_covers_only_itself(
    pipeline: Pipeline, before: datetime, slot: datetime, day: date
) -> None:
    report(pipeline, before)
    shown = report(pipeline, slot)
    assert shown["london_date"] == day.isoformat()
    assert shown["covers_missed"] == []


def test_after_three_missed_nights_one_report_names_them(pipeline: Pipeline) -> None:
    report(pipeline, datetime(2027, 3, 26, 1, tzinfo=UTC))
    shown = report(pipeline, datetime(2027, 3, 30, 0, tzinfo=UTC), TRIPS)
    assert shown["covers_missed"] == ["2027-03-27", "2027-03-28", "2027-03-29"]
    text = pipeline.mailer.sent["promotion-dev-2027-03-30"].text
    assert "nights that were missed: 27 March 2027, 28 March 2027, 29 March 2027." in text
    assert report(pipeline, datetime(2027, 3, 31, 0, tzinfo=UTC))["covers_missed"] == []


def test_reporting_a_night_again_keeps_one_report_and_mails_once(pipeline: Pipeline) -> None:
    report(pipeline, SPRING_SLOT - timedelta(days=3))
    report(pipeline, SPRING_SLOT, failure("travel", "trips", None), run_id="first")
    report(pipeline, SPRING_SLOT, TRIPS, run_id="second")
    night = pipeline.context.nights.night(date(2027, 3, 28))
    assert night is not None
    assert (night.run_id, night.outcomes) == ("second", (TRIPS.to_json(),))
    assert night.covers == (date(2027, 3, 26), date(2027, 3, 27), date(2027, 3, 28))
    assert night_mails(pipeline) == ["promotion-dev-2027-03-25", "promotion-dev-2027-03-28"]


def test_a_night_whose_mail_did_not_go_out_sends_it_with_the_next_attempt(pipeline: Pipeline) -> None:
    pipeline.mailer.failure = Transient("The mail server is away.", code="mail_unavailable")
    with pytest.raises(Transient):
        report(pipeline, SPRING_SLOT)
    pipeline.mailer.failure = None
    report(pipeline, SPRING_SLOT)
    assert night_mails(pipeline) == ["promotion-dev-2027-03-28"]


def test_a_night_with_nothing_to_do_is_mailed_to_the_team(pipeline: Pipeline) -> None:
    report(pipeline, SPRING_SLOT)
    mail = pipeline.mailer.sent["promotion-dev-2027-03-28"]
    assert mail.to == pipeline.context.settings.team_email
    assert mail.subject == "[dev] Promotion of 28 March 2027: nothing to do"


def test_the_mail_counts_what_was_done_and_says_what_mends_what_was_not(pipeline: Pipeline) -> None:
    denied = failure("travel", "boats", Terminal("Access denied: s3:PutObject.", code="access_denied"))
    foreign = failure("travel", "cars", Refused("It was not made here.", code="not_ours"))
    shown = report(pipeline, SPRING_SLOT, TRIPS, denied, foreign)
    mail = pipeline.mailer.sent["promotion-dev-2027-03-28"]
    assert mail.subject == "[dev] Promotion of 28 March 2027: 2 of 3 tables not promoted"
    assert "- travel.trips: 2 added, 0 replaced, 1 removed" in mail.text
    assert "- travel.boats: Access denied: Access denied: s3:PutObject." in mail.text
    assert f"  What to do: {foreign.repair}" in mail.text
    assert "/dags/promote_to_analytical_platform/runs/scheduled" in mail.text
    assert set(shown["not_promoted"]) == {"travel.boats", "travel.cars"}
    assert (shown["partitions_added"], shown["partitions_removed"]) == (2, 1)


def test_a_run_by_hand_shows_its_outcome_and_is_no_night(pipeline: Pipeline) -> None:
    assert summary([TRIPS])["promoted"] == {"travel.trips": "2 added, 0 replaced, 1 removed"}
    assert pipeline.context.nights.night(date(2027, 3, 28)) is None
    assert night_mails(pipeline) == []


def test_what_an_attempt_brought_over_before_it_died_is_in_the_outcome_of_the_next(pipeline: Pipeline) -> None:
    first = pipeline.upload(pipeline.publish(b"a\n1\n"))
    promote_table(pipeline.context, database="travel", table="trips")
    pipeline.clock.advance(hours=24)
    begun = pipeline.clock.now()
    second = pipeline.upload(pipeline.publish(b"a\nx\n"))
    died = promote_table(pipeline.context, database="travel", table="trips")
    outcome = promote_table(pipeline.context, database="travel", table="trips")
    assert not outcome.changed
    trail = audit_trail(pipeline.context.settings)
    outcome = with_earlier_attempts(pipeline.context, trail, outcome, run="", since=begun)
    assert outcome == died
    assert (outcome.added, outcome.replaced) == ((second.extraction_timestamp,), (first.extraction_timestamp,))


def test_what_an_attempt_took_off_before_it_failed_is_in_the_outcome_of_the_next(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.publish(b"a\n1\n")
    second = pipeline.upload(pipeline.publish(b"a\n2\n"))
    promote_table(pipeline.context, database="travel", table="trips")
    pipeline.context.ledger.move(second.id, State.WITHDRAWN, actor="test")
    third = pipeline.upload(pipeline.publish(b"a\n3\n"))
    pipeline.clock.advance(hours=24)
    begun = pipeline.clock.now()

    def refuse(*_: object) -> None:
        raise Transient("AWS is away.", code="aws_busy")

    with monkeypatch.context() as patched:
        patched.setattr(type(pipeline.context.ap_objects), "copy", refuse)
        with pytest.raises(Transient):
            promote_table(pipeline.context, database="travel", table="trips", run="tonight")
    outcome = promote_table(pipeline.context, database="travel", table="trips", run="tonight")
    trail = audit_trail(pipeline.context.settings)
    outcome = with_earlier_attempts(pipeline.context, trail, outcome, run="tonight", since=begun)
    assert (outcome.added, outcome.removed) == ((third.extraction_timestamp,), (second.extraction_timestamp,))
