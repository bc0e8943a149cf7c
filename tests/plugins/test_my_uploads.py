"""My uploads: the filter, pages that keep it, and what is said when there is nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include.domain.upload import State
from tests.fakes.front import COLLEAGUE, SURE, Front

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from tests.plugins.browsing import Browser


def files(browser: Browser) -> list[str]:
    return [tag.get_text(strip=True) for tag in browser.page.select("tbody th")]


def three(front: Front) -> None:
    front.publish(filename="Trips 100%.csv")
    front.clock.advance(seconds=1)
    front.start(database="traffic", table="cars", filename="CARS_2026.json")
    front.clock.advance(seconds=1)
    front.land(table="planes", filename="planes.csv")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["planes.csv", "CARS_2026.json", "Trips 100%.csv"]),
        ({"state": "under_way"}, ["planes.csv", "CARS_2026.json"]),
        ({"state": "in_table"}, ["Trips 100%.csv"]),
        ({"database": "RAV"}, ["planes.csv", "Trips 100%.csv"]),
        ({"table": "car"}, ["CARS_2026.json"]),
        ({"filename": "cars_"}, ["CARS_2026.json"]),
        ({"filename": "100%"}, ["Trips 100%.csv"]),
        ({"filename": "%"}, ["Trips 100%.csv"]),
        ({"filename": " s.csv "}, ["planes.csv"]),
        ({"state": "under_way", "database": "travel"}, ["planes.csv"]),
        ({"state": "never heard of"}, ["planes.csv", "CARS_2026.json", "Trips 100%.csv"]),
    ],
)
def test_the_filter_shows_what_is_like_it(
    browser: Browser, front: Front, query: dict[str, str], found: list[str]
) -> None:
    three(front)
    front.start(uploader=COLLEAGUE, confirmed=SURE, filename="theirs.csv")
    browser.sign_in()
    browser._show(browser.client.get("uploads", params=query))

    assert files(browser) == found


def test_the_form_shows_what_it_filters_by_and_offers_to_show_all_again(browser: Browser, front: Front) -> None:
    three(front)
    browser.sign_in().get("uploads")
    assert not browser.page.select_one("details[open]")
    browser.get("uploads?state=in_table&filename=trips")

    assert browser.page.select_one("details[open]")
    assert browser.page.select_one("option[selected]")["value"] == "in_table"  # type: ignore[index]
    assert browser.page.select_one("#filename")["value"] == "trips"  # type: ignore[index]
    assert len(files(browser.follow("Show all uploads"))) == 3


def test_a_filter_that_excludes_everything_says_so(browser: Browser, front: Front) -> None:
    three(front)
    browser.sign_in().get("uploads?state=failed")

    assert "None of your uploads is like this" in browser.page.get_text()
    assert "not uploaded anything yet" not in browser.page.get_text()
    assert browser.page.select_one("#state")


def test_who_has_not_uploaded_anything_is_offered_no_filter(browser: Browser) -> None:
    browser.sign_in().get("uploads")

    assert "You have not uploaded anything yet" in browser.page.get_text()
    assert not browser.page.select_one("#state")


def test_further_pages_keep_the_filter(browser: Browser, front: Front) -> None:
    for number in range(45):
        front.start(table="even" if number % 2 == 0 else "odd", filename=f"{number:02d}.csv")
        front.clock.advance(seconds=1)
    browser.sign_in().get("uploads?table=even&filename=.csv")
    first = files(browser)
    second = files(browser.follow("Older uploads"))

    assert first + second == [f"{number:02d}.csv" for number in range(44, -1, -2)]
    assert "Older uploads" not in browser.page.get_text()
    assert files(browser.follow("Newest uploads")) == first
    assert "table=even" in browser.path


def test_an_upload_whose_rows_are_still_taken_out_is_being_withdrawn(browser: Browser, front: Front) -> None:
    upload = front.publish()
    front.context.withdrawals.request(upload.id, by=upload.uploader, reason="")
    browser.sign_in().get("uploads")
    assert browser.page.select_one(".app-tag").get_text(strip=True) == "Being withdrawn"  # type: ignore[union-attr]

    front.context.withdrawals.done(upload.id)
    browser.get("uploads")
    assert browser.page.select_one(".app-tag").get_text(strip=True) == "Withdrawn"  # type: ignore[union-attr]


def test_over_the_api_the_same_filter_is_there(api: TestClient, front: Front) -> None:
    three(front)
    found = api.get("uploads", params={"group": "under_way", "database": "travel", "limit": 1}).json()

    assert [(each["filename"], each["state"]) for each in found["uploads"]] == [("planes.csv", State.LANDED)]
    assert found["next_cursor"] is None
    assert api.get("uploads", params={"group": "lost"}).status_code == 422


def test_over_the_api_ones_own_upload_has_the_facts_of_the_receipt(api: TestClient, front: Front) -> None:
    upload = front.publish(document="dpia", reference="DPIA-7", classification="official")
    front.context.ledger.amend(upload.id, sha256="ab" * 32, sent_sha256="ab" * 32)
    found = api.get(f"uploads/{upload.id}").json()

    assert found["sha256"] == found["sent_sha256"] == "ab" * 32
    assert found["governance"] == {
        "document": "dpia",
        "reference": "DPIA-7",
        "classification": "official",
        "confirmed_by": upload.uploader,
        "confirmed_at": "2026-01-31T12:00:00Z",
    }
