"""Withdrawing on the pages and over the API: who may, what they are told, and what they see afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from include.domain.upload import Door, State
from include.domain.withdrawal import Approval
from tests.fakes.front import ANALYST, COLLEAGUE, REVISION, SURE, Front

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from include.domain.upload import Upload
    from tests.plugins.browsing import Browser


def taken(front: Front) -> Upload:
    """An upload that promotion has begun to bring over."""
    upload = front.publish()
    assert front.context.ledger.take(upload.id, published=REVISION)
    return upload


def text_of(browser: Browser) -> str:
    return browser.page.get_text(" ", strip=True)


def to_withdrawal(browser: Browser, upload: Upload) -> Browser:
    return browser.sign_in().get(f"uploads/{upload.id}").follow("Withdraw this upload")


def confirm(browser: Browser, upload: Upload, reason: str) -> Browser:
    return browser.submit(action=f"/uploader/uploads/{upload.id}/withdraw", reason=reason)


def state_of(front: Front, upload: Upload) -> State:
    now = front.context.ledger.get(upload.id)
    assert now is not None
    return now.state


def test_before_promotion_an_upload_is_withdrawn_by_a_confirmation(browser: Browser, front: Front) -> None:
    upload = front.publish()
    to_withdrawal(browser, upload)
    assert browser.heading == "Withdraw this upload"
    assert "You cannot undo this" in text_of(browser)
    assert "This is the only upload in the table" in text_of(browser)
    assert browser.facts["Rows"] == "1"
    assert "(optional)" in browser.page.select_one("label[for=reason]").get_text()  # type: ignore[union-attr]

    confirm(browser, upload, "")
    assert browser.path == f"/uploader/uploads/{upload.id}"
    assert "Being withdrawn" in browser.title
    assert "Its rows are being taken out of the table" in text_of(browser)
    status = browser.page.select_one("#status")
    assert status is not None
    assert (status["data-under-way"], status["data-withdrawal"]) == ("yes", "withdrawing")
    assert state_of(front, upload) is State.WITHDRAWN

    front.context.withdrawals.done(upload.id)
    browser.get(f"uploads/{upload.id}")
    assert "Its rows are no longer in the table since 31 January 2026" in text_of(browser)
    assert "Withdrawn" in browser.title
    assert "Where the data were" in text_of(browser)
    assert "were to go" not in text_of(browser)
    assert browser.page.select_one("#status")["data-under-way"] == ""  # type: ignore[index]
    assert not [link for link in browser.page.select("a") if "Withdraw" in link.get_text()]


def test_a_table_that_others_are_in_stays(browser: Browser, front: Front) -> None:
    front.publish(uploader=COLLEAGUE, confirmed=SURE)
    front.clock.advance(seconds=1)
    to_withdrawal(browser, front.publish(confirmed=SURE))
    assert "only upload" not in text_of(browser)
    assert "Columns that no other upload has go too" in text_of(browser)


def test_once_promotion_has_begun_a_reason_is_needed_and_a_data_engineer_decides(
    browser: Browser, front: Front
) -> None:
    upload = taken(front)
    to_withdrawal(browser, upload)
    assert browser.heading == "Ask to withdraw this upload"
    assert "a data engineer has to approve" in text_of(browser)

    confirm(browser, upload, " \n ")
    assert browser.response.status_code == 422
    assert browser.title.startswith("Error: ")
    assert browser.errors == browser.inline_errors == ["Enter why the upload should be withdrawn."]
    assert browser.page.select_one(".govuk-error-summary a")["href"] == "#reason"  # type: ignore[index]
    assert front.context.withdrawals.get(upload.id) is None

    confirm(browser, upload, "It has <b>last</b> year's rows")
    assert "A data engineer has to approve it" in text_of(browser)
    assert "It has <b>last</b> year's rows" in text_of(browser)
    assert "<b>last" not in browser.response.text
    assert state_of(front, upload) is State.PUBLISHED
    assert browser.get(f"uploads/{upload.id}/withdraw").path == f"/uploader/uploads/{upload.id}"


def test_a_declined_request_is_shown_and_may_be_made_again(browser: Browser, front: Front) -> None:
    upload = taken(front)
    front.context.withdrawals.request(upload.id, by=ANALYST, reason="why")
    front.context.withdrawals.decide(upload.id, run_id=upload.id, by="eve", approval=Approval.DECLINED)
    browser.sign_in().get(f"uploads/{upload.id}")
    assert "Not withdrawn. eve declined it on 31 January 2026" in text_of(browser)
    confirm(browser.follow("Withdraw this upload"), upload, "It names people")
    assert "A data engineer has to approve it" in text_of(browser)


def test_a_reason_that_is_too_long_comes_back_with_what_was_typed(browser: Browser, front: Front) -> None:
    upload = front.publish()
    confirm(to_withdrawal(browser, upload), upload, "x" * 501)
    assert browser.errors == ["The reason must be 500 characters or fewer; this has 501."]
    assert browser.page.select_one("textarea#reason").get_text(strip=True) == "x" * 501  # type: ignore[union-attr]
    assert state_of(front, upload) is State.PUBLISHED


@pytest.mark.parametrize("prepare", [Front.start, Front.land])
def test_what_is_not_published_is_not_offered_for_withdrawal(browser: Browser, front: Front, prepare: Any) -> None:
    upload = prepare(front)
    browser.sign_in().get(f"uploads/{upload.id}")
    assert "Withdraw this upload" not in text_of(browser)
    assert browser.get(f"uploads/{upload.id}/withdraw").path == f"/uploader/uploads/{upload.id}"


def test_somebody_elses_upload_cannot_be_withdrawn(browser: Browser, front: Front) -> None:
    theirs, own = front.publish(uploader=COLLEAGUE, confirmed=SURE), front.publish(table="own")
    to_withdrawal(browser, own)
    form = browser.page.select("form")[-1]
    token = str(form.select_one("[name=csrf_token]")["value"])  # type: ignore[index]
    assert browser.get(f"uploads/{theirs.id}/withdraw").response.status_code == 404
    answer = browser.client.post(f"uploads/{theirs.id}/withdraw", data={"csrf_token": token, "reason": "why"})
    assert answer.status_code == 404
    assert state_of(front, theirs) is State.PUBLISHED


def test_a_withdrawn_table_is_offered_no_more(browser: Browser, front: Front) -> None:
    upload = front.publish()
    confirm(to_withdrawal(browser, upload), upload, "")
    assert front.context.ledger.databases() == ()


def test_over_the_api_a_withdrawal_is_made_once_and_followed(api: TestClient, front: Front) -> None:
    upload = front.publish()
    assert api.get(f"uploads/{upload.id}").json()["withdrawal"] is None
    first = api.post(f"uploads/{upload.id}/withdraw", json={})
    assert first.status_code == 200, first.text
    assert first.json()["state"] == "withdrawn"
    assert first.json()["withdrawal"] == {
        "progress": "withdrawing",
        "reason": "",
        "requested_by": ANALYST,
        "requested_at": "2026-01-31T12:00:00Z",
        "decided_by": None,
        "decided_at": None,
        "done_at": None,
    }
    assert api.post(f"uploads/{upload.id}/withdraw", json={"reason": "again"}).json() == first.json()
    front.context.withdrawals.done(upload.id)
    assert api.get(f"uploads/{upload.id}").json()["withdrawal"]["progress"] == "withdrawn"


def test_over_the_api_an_approval_is_asked_for_with_a_reason(api: TestClient, front: Front) -> None:
    upload = taken(front)
    problem = api.post(f"uploads/{upload.id}/withdraw", json={}).json()
    assert (problem["status"], problem["code"], problem["field"]) == (422, "reason_missing", "reason")
    answer = api.post(f"uploads/{upload.id}/withdraw", json={"reason": "why"}).json()
    assert (answer["state"], answer["withdrawal"]["progress"]) == ("published", "waiting_for_approval")


def test_over_the_api_only_ones_own_published_uploads_can_be_withdrawn(
    api: TestClient, stranger: TestClient, front: Front
) -> None:
    landed, published = front.land(), front.publish(table="other")
    problem = api.post(f"uploads/{landed.id}/withdraw", json={}).json()
    assert (problem["status"], problem["code"]) == (409, "wrong_state")
    assert stranger.post(f"uploads/{published.id}/withdraw", json={}).status_code == 404
    assert state_of(front, published) is State.PUBLISHED


def test_what_was_dropped_by_hand_is_the_teams_to_withdraw(front: Front, api: TestClient) -> None:
    from dataclasses import replace

    from tests.adapters.ledger_samples import an_upload, publish

    upload = replace(an_upload(7), uploader="landing", door=Door.LANDING)
    publish(front.context.ledger, upload)
    assert api.post(f"uploads/{upload.id}/withdraw", json={}).status_code == 404
    front.users.emails.add(front.context.settings.team_email)
    headers = {"Authorization": f"Bearer {front.token(front.context.settings.team_email)}"}
    assert api.post(f"uploads/{upload.id}/withdraw", json={}, headers=headers).status_code == 200
