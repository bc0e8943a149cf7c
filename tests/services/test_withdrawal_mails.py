"""Who is told of a withdrawal, what, and that each is told once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.withdrawal import Approval
from include.services.promotion.promote import promote_table
from include.services.run_mail import run_failed
from include.services.withdrawal.carry_out import carry_out
from include.services.withdrawal.mails import notify_withdrawal

if TYPE_CHECKING:
    from tests.services.conftest import Pipeline

ANALYST, COLLEAGUE = "analyst@example.org", "colleague@example.org"


def test_the_uploader_is_told_once_that_it_is_done(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n", filename="Trips.csv")
    pipeline.context.withdrawals.request(upload_id, by=ANALYST, reason="It names Ann")
    assert notify_withdrawal(pipeline.context, upload_id) == []
    carry_out(pipeline.context, upload_id)
    assert notify_withdrawal(pipeline.context, upload_id) == [f"{upload_id}-withdrawn"]
    assert notify_withdrawal(pipeline.context, upload_id) == []
    mail = pipeline.mailer.sent[f"{upload_id}-withdrawn"]
    assert (mail.to, mail.subject) == (ANALYST, "[dev] Withdrawn: data_eng_uploader_dev_travel.trips")
    assert "Trips.csv" in mail.text
    assert pipeline.upload(upload_id).extraction_timestamp in mail.text
    assert "Ann" not in mail.text


def test_the_owner_of_the_table_is_told_too_if_it_is_another(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n", uploader=COLLEAGUE)
    upload_id = pipeline.publish(b"a\n2\n")
    pipeline.context.withdrawals.request(upload_id, by=ANALYST, reason="")
    carry_out(pipeline.context, upload_id)
    assert len(notify_withdrawal(pipeline.context, upload_id)) == 2
    assert notify_withdrawal(pipeline.context, upload_id) == []
    told = {mail.to for id_, mail in pipeline.mailer.sent.items() if id_.startswith(f"{upload_id}-withdrawn")}
    assert told == {ANALYST, COLLEAGUE}


def test_the_team_is_told_of_an_approval_that_is_wanted(pipeline: Pipeline) -> None:
    upload_id = asked_after_promotion(pipeline)
    (sent,) = notify_withdrawal(pipeline.context, upload_id)
    mail = pipeline.mailer.sent[sent]
    assert mail.to == pipeline.context.settings.team_email
    assert f"/dags/withdraw_upload/runs/{upload_id}" in mail.text
    assert f"/uploads/{upload_id}" not in mail.text
    assert notify_withdrawal(pipeline.context, upload_id) == []


def test_who_asked_is_told_that_it_was_declined_each_time(pipeline: Pipeline) -> None:
    upload_id = asked_after_promotion(pipeline)
    requests = pipeline.context.withdrawals
    for _ in range(2):
        asked = requests.request(upload_id, by=ANALYST, reason="why")
        requests.decide(upload_id, run_id=asked.run_id, by="eve", approval=Approval.DECLINED)
        (sent,) = notify_withdrawal(pipeline.context, upload_id)
        mail = pipeline.mailer.sent[sent]
        assert mail.to == ANALYST
        assert mail.subject.startswith("[dev] Not withdrawn: ")
        assert "Declined by: eve" in mail.text
        pipeline.clock.advance(seconds=1)


def test_a_data_engineer_who_asked_in_vain_is_told_at_the_teams_address(pipeline: Pipeline) -> None:
    upload_id = asked_after_promotion(pipeline, by="eve")
    pipeline.context.withdrawals.decide(upload_id, run_id=upload_id, by="adam", approval=Approval.DECLINED)
    (sent,) = notify_withdrawal(pipeline.context, upload_id)
    assert pipeline.mailer.sent[sent].to == pipeline.context.settings.team_email


def asked_after_promotion(pipeline: Pipeline, *, by: str = ANALYST) -> str:
    upload_id = pipeline.publish(b"a\n1\n")
    promote_table(pipeline.context, database="travel", table="trips")
    pipeline.context.withdrawals.request(upload_id, by=by, reason="why")
    return upload_id


def test_the_team_hears_of_a_failed_run(pipeline: Pipeline) -> None:
    mail = run_failed(pipeline.context, dag_id="withdraw_upload", run_id="manual__2026-01-31T12:00:00+00:00")
    assert mail.to == pipeline.context.settings.team_email
    assert "/dags/withdraw_upload/runs/manual__2026-01-31T12%3A00%3A00%2B00%3A00" in mail.text
