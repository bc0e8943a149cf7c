"""An upload on its pages, and my uploads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include.domain.append_findings import Changes, Misfit, tell
from include.domain.column_types import BigInt, String
from include.domain.findings import Finding, Severity
from include.domain.upload import State
from tests.fakes.front import COLLEAGUE, SURE, Front

if TYPE_CHECKING:
    from tests.plugins.browsing import Browser


def test_the_status_page_says_in_words_where_the_upload_is(browser: Browser, front: Front) -> None:
    upload = front.land()
    browser.sign_in().get(f"uploads/{upload.id}")

    text = browser.page.get_text(" ", strip=True)
    assert "Received, waiting to be checked" in text
    assert browser.page.select_one("#status")["data-under-way"] == "yes"  # type: ignore[index]
    assert browser.page.select_one("noscript meta[http-equiv=refresh]")
    assert browser.page.select_one("a.app-no-script")


def test_the_status_page_of_a_published_upload_shows_rows_columns_and_history(browser: Browser, front: Front) -> None:
    upload = front.publish()
    browser.sign_in().get(f"uploads/{upload.id}")

    assert browser.facts["Rows"] == "1"
    columns = browser.page.find("caption", string="Columns").find_parent("table")  # type: ignore[union-attr]
    assert columns.select_one("tbody tr").get_text(" ", strip=True) == "year bigint"  # type: ignore[union-attr]
    assert "31 January 2026 at 12:00:00" in browser.page.get_text()
    assert browser.page.select_one("#status")["data-under-way"] == ""  # type: ignore[index]


def test_the_status_page_of_a_refused_upload_shows_what_to_correct(browser: Browser, front: Front) -> None:
    upload = front.land()
    finding = Finding(
        code="ragged_rows", title="Rows with a different number of fields", severity=Severity.ERROR,
        message="Line 1234 has 3 fields where the header has 2.", column="a<b>", lines=(1234,), examples=("<script>x",),
    )  # fmt: skip
    front.context.ledger.move(upload.id, State.CHECKING, actor="pipeline")
    front.context.ledger.move(upload.id, State.REFUSED, actor="pipeline", findings=(finding,))
    browser.sign_in().get(f"uploads/{upload.id}")

    text = browser.page.get_text(" ", strip=True)
    for shown in ("Refused", "Line 1234 has 3 fields", "ragged_rows", "a<b>", "<script>x"):
        assert shown in text
    assert "<script>x" not in browser.response.text


def test_an_upload_under_way_may_be_cancelled_on_its_status_page(browser: Browser, front: Front) -> None:
    upload = front.start()
    browser.sign_in().get(f"uploads/{upload.id}").submit(action=f"/uploader/uploads/{upload.id}/cancel")

    assert "Cancelled" in browser.title
    assert front.multipart.open == {}


def test_an_upload_that_waits_for_an_approval_shows_why_and_may_be_cancelled(browser: Browser, front: Front) -> None:
    upload = front.wait()
    browser.sign_in().get(f"uploads/{upload.id}")

    text = browser.page.get_text(" ", strip=True)
    for shown in ("Waiting for approval", "a data engineer decides", "Column year of the table is bigint", "Line 7"):
        assert shown in text
    assert browser.page.find("code", string="unknown")
    browser.submit(action=f"/uploader/uploads/{upload.id}/cancel")
    assert "Cancelled" in browser.title


def test_the_owner_of_a_table_sees_what_changed_it_and_cannot_act_on_it(browser: Browser, front: Front) -> None:
    front.publish()
    upload = front.publish(uploader=COLLEAGUE, confirmed=SURE)
    findings = tell(Changes(widened={"year": (BigInt(), String())}), {"year": Misfit(7, "unknown")})
    front.context.ledger.amend(upload.id, findings=findings)
    browser.sign_in().get(f"uploads/{upload.id}")

    assert "Column year of the table is bigint" in browser.page.get_text(" ", strip=True)
    assert "unknown" not in browser.response.text
    assert browser.page.select("#status form") == []


def test_somebody_elses_upload_is_not_found(browser: Browser, front: Front) -> None:
    upload = front.start(uploader=COLLEAGUE, confirmed=SURE)
    browser.sign_in()

    assert browser.get(f"uploads/{upload.id}").response.status_code == 404
    assert browser.get(f"uploads/{upload.id}/complete").response.status_code == 404


def test_my_uploads_lead_to_each_and_go_by_the_page(browser: Browser, front: Front) -> None:
    for _ in range(25):
        front.clock.advance(seconds=1)
        front.start()
    browser.sign_in().get("uploads")
    assert len(browser.page.select("tbody tr")) == 20

    browser.follow("Older uploads")
    assert len(browser.page.select("tbody tr")) == 5
    assert browser.follow("Trips January.csv").heading == "Trips January.csv"


def test_my_uploads_are_empty_at_first(browser: Browser) -> None:
    assert "You have not uploaded anything yet" in browser.sign_in().get("uploads").page.get_text()


@pytest.mark.parametrize(
    ("prepare", "state"),
    [
        ("wait", State.REFUSED),
        ("land", State.FAILED),
        ("start", State.CANCELLED),
        ("publish", State.WITHDRAWN),
    ],
)
def test_an_upload_that_is_over_is_not_said_to_be_complete(
    browser: Browser, front: Front, prepare: str, state: State
) -> None:
    upload = getattr(front, prepare)()
    front.context.ledger.move(upload.id, state, actor="pipeline")

    assert browser.sign_in().get(f"uploads/{upload.id}/complete").path == f"/uploader/uploads/{upload.id}"
    assert [answer.status_code for answer in browser.response.history] == [303]


@pytest.mark.parametrize("prepare", ["start", "land", "wait", "publish"])
def test_an_upload_under_way_or_in_its_table_is_complete(browser: Browser, front: Front, prepare: str) -> None:
    upload = getattr(front, prepare)()

    assert browser.sign_in().get(f"uploads/{upload.id}/complete").heading == "Upload complete"
