"""Who is told by mail that an upload changes its table, or waits for an approval to do so."""

from __future__ import annotations

import pytest

from include.domain.errors import Transient
from include.domain.upload import State
from include.services import notices
from include.services.ingest.stage import Verdict
from tests.services.conftest import STAGES, Pipeline

OWNER, COLLEAGUE = "analyst@example.org", "colleague@example.org"
WIDER = b"a,c\n2,2026-01-31\nsecret-value,\n"


@pytest.fixture
def trips(pipeline: Pipeline) -> Pipeline:
    """A table with one partition, made by its owner."""
    pipeline.publish(b"a,b\n1,x\n", uploader=OWNER)
    return pipeline


def waiting(pipeline: Pipeline, content: bytes = WIDER, *, filename: str = "f.csv") -> str:
    """An upload of a colleague that waits for an approval."""
    upload_id = pipeline.land(content, uploader=COLLEAGUE, filename=filename)
    pipeline.watch()
    for stage in STAGES[:-1]:
        assert stage(pipeline.context, upload_id) is Verdict.GO_ON
    for state in (State.PUBLISHING, State.WIDENING, State.WAITING_FOR_APPROVAL):
        pipeline.context.ledger.move(upload_id, state, actor="widen_table")
    return upload_id


def test_the_owner_of_a_table_is_told_what_somebody_elses_upload_changed_and_no_value(trips: Pipeline) -> None:
    upload_id = trips.publish(WIDER, uploader=COLLEAGUE)
    mail = trips.mailer.sent[f"{upload_id}-table_changed"]
    assert mail.to == OWNER
    assert "data_eng_uploader_dev_travel.trips" in mail.subject
    assert COLLEAGUE in mail.text
    assert "(adds_columns): column c" in mail.text
    assert "(widens_columns): column a; bigint becomes string; line 3" in mail.text
    assert f"/uploads/{upload_id}" in mail.text
    assert "secret-value" not in mail.text + mail.subject
    assert trips.mailer.sent[f"{upload_id}-published"].to == COLLEAGUE


def test_it_is_told_once_whatever_runs_again(trips: Pipeline) -> None:
    upload_id = trips.publish(WIDER, uploader=COLLEAGUE)
    trips.mailer.sent.clear()
    assert trips.ingest(upload_id) is State.PUBLISHED
    assert trips.mailer.sent == {}


def test_a_mail_that_could_not_be_sent_is_sent_when_the_task_runs_again(trips: Pipeline) -> None:
    upload_id = trips.land(b"a,c\n2,x\n", uploader=COLLEAGUE)
    trips.watch()
    trips.mailer.failure = Transient("The mail server is away.", code="mail_away")
    with pytest.raises(Transient):
        trips.ingest(upload_id)
    trips.mailer.failure = None
    assert notices.notify(trips.context, upload_id) == f"{upload_id}-published"
    assert trips.mailer.sent[f"{upload_id}-table_changed"].to == OWNER


def test_who_owns_the_table_and_sent_the_file_is_told_in_one_mail(trips: Pipeline) -> None:
    upload_id = trips.publish(WIDER, uploader=OWNER)
    assert f"{upload_id}-table_changed" not in trips.mailer.sent
    text = trips.mailer.sent[f"{upload_id}-published"].text
    assert "Worth knowing" in text
    assert "(widens_columns): column a; bigint becomes string; line 3" in text
    assert "secret-value" not in text


def test_a_file_that_changes_nothing_is_nothing_to_its_tables_owner(trips: Pipeline) -> None:
    upload_id = trips.publish(b"b\ny\n", uploader=COLLEAGUE)
    assert [mail for mail in trips.mailer.sent if mail.startswith(upload_id)] == [f"{upload_id}-published"]


def test_the_owner_that_a_reviewed_file_names_is_told_and_not_the_creator(trips: Pipeline) -> None:
    trips.owners.owners["travel", "trips"] = "steward@example.org"
    upload_id = trips.publish(WIDER, uploader=OWNER)
    assert trips.mailer.sent[f"{upload_id}-table_changed"].to == "steward@example.org"


def test_a_table_made_by_hand_is_the_teams(pipeline: Pipeline) -> None:
    pipeline.publish(b"a,b\n1,x\n", uploader="landing")
    upload_id = pipeline.publish(WIDER, uploader=COLLEAGUE)
    mail = pipeline.mailer.sent[f"{upload_id}-table_changed"]
    assert mail.to == pipeline.context.settings.team_email
    assert f"/uploads/{upload_id}" not in mail.text


def test_many_columns_are_not_all_listed_in_a_mail(trips: Pipeline) -> None:
    names = [f"n{number}" for number in range(30)]
    trips.publish(",".join(names).encode() + b"\n" + b",".join([b"1"] * 30) + b"\n", uploader=OWNER)
    upload_id = trips.publish(",".join(names).encode() + b"\n" + b",".join([b"x"] * 30) + b"\n", uploader=COLLEAGUE)
    text = trips.mailer.sent[f"{upload_id}-table_changed"].text
    assert text.count("widens_columns") == 20
    assert "- and 10 more" in text


def test_who_sent_a_file_that_waits_is_told_which_column_and_line_and_that_it_may_be_cancelled(
    trips: Pipeline,
) -> None:
    upload_id = waiting(trips)
    assert notices.notify(trips.context, upload_id) == f"{upload_id}-waiting_for_approval"
    mail = trips.mailer.sent[f"{upload_id}-waiting_for_approval"]
    assert mail.to == COLLEAGUE
    assert "column a; bigint becomes string; line 3" in mail.text
    assert "cancel the upload" in mail.text
    assert f"/uploads/{upload_id}" in mail.text
    assert "secret-value" not in mail.text + mail.subject
    assert notices.notify(trips.context, upload_id) is None


def test_the_team_is_asked_for_one_approval_of_all_uploads_of_a_table(trips: Pipeline) -> None:
    ids = [waiting(trips), waiting(trips, filename="g.csv")]
    for upload_id in ids:
        notices.notify(trips.context, upload_id, run_id="travel.trips__1")
    asked = [mail for mail in trips.mailer.sent.values() if "Approval wanted" in mail.subject]
    (mail,) = asked
    assert mail.to == trips.context.settings.team_email
    assert "/dags/widen_table/runs/travel.trips__1" in mail.text
    assert "/uploads/" not in mail.text
    assert "Uploads that wait: 2" in mail.text
    assert "line 3" in mail.text
    assert "secret-value" not in mail.text + mail.subject
