"""The interruption page before a file goes into a table that is there, and restricted tables in the wizard."""

from __future__ import annotations

from include.domain.upload import State
from include.domain.wrong_table import columns_unlike_table, differences, fingerprint
from tests.fakes.front import ANALYST, COLLEAGUE, Front
from tests.plugins.browsing import Browser
from tests.services.test_wrong_table import audited

GOVERNANCE = "/uploader/upload/governance"
DATABASE = "/uploader/upload/database"
TABLE = "/uploader/upload/table"
CONFIRM = "/uploader/upload/table/confirm"
CHECK = "/uploader/upload/check"
FILE = "/uploader/upload/file"
LIKE = {"file": ("a.csv", b"year\n2013\n")}
UNLIKE = {"file": ("a.csv", b"species,island\nAdelie,Dream\n")}


def choose(browser: Browser, table: str = "trips", *, by: str = COLLEAGUE) -> Browser:
    browser.sign_in(by).get("upload")
    browser.submit(action=GOVERNANCE, document="none", classification="test", responsible="yes")
    browser.submit(action=DATABASE, kind="existing", existing="travel")
    return browser.submit(action=TABLE, kind="existing", existing=table)


def text_of(browser: Browser) -> str:
    for tag in browser.page.select("wbr"):  # where a long name may be broken
        tag.unwrap()
    browser.page.smooth()
    return " ".join(browser.page.get_text(" ", strip=True).split())


def test_a_table_not_used_before_is_named_with_its_owner_and_last_uploads(browser: Browser, front: Front) -> None:
    front.publish()
    choose(browser)
    assert (browser.path, browser.heading) == (CONFIRM, "You have not added to this table before")
    said = text_of(browser)
    assert "data_eng_uploader_dev_travel.trips" in said
    assert f"Owner: {ANALYST}" in said
    assert f"31 January 2026 at 12:00, by {ANALYST}" in said
    assert browser.get("upload/check").path == CONFIRM

    browser.submit(action=CONFIRM)
    assert browser.path == CHECK
    assert audited(front, "table confirmed") == [
        {"who": COLLEAGUE, "database": "travel", "table": "trips", "reasons": ["not_used_before"]}
    ]
    browser.submit(action=FILE, files=LIKE)
    assert browser.heading == "Upload complete"


def test_a_new_table_whose_name_somebody_elses_upload_has_taken_is_asked_about(browser: Browser, front: Front) -> None:
    front.start()
    browser.sign_in(COLLEAGUE).answer_all(database="travel")
    assert (browser.path, browser.heading) == (CONFIRM, "You have not added to this table before")
    assert f"Owner: {ANALYST}" in text_of(browser)
    assert "It is being made" in text_of(browser)

    browser.submit(action=CONFIRM)
    browser.submit(action=FILE, files=LIKE)
    assert browser.heading == "Upload complete"


def test_choosing_another_table_leads_back_and_the_new_one_is_asked_about_by_itself(
    browser: Browser, front: Front
) -> None:
    front.publish()
    front.publish("travel", "hotels")
    choose(browser).submit(action=CONFIRM)
    browser.follow("Change table")
    browser.submit(action=TABLE, kind="existing", existing="hotels")
    assert browser.path == CONFIRM
    assert "travel.hotels" in text_of(browser)
    assert browser.follow("Choose another table").heading == "Choose table"
    browser.submit(action=TABLE, kind="existing", existing="trips")
    assert browser.path == CONFIRM


def test_the_owner_and_who_makes_a_table_are_not_interrupted(browser: Browser, front: Front) -> None:
    front.publish()
    assert choose(browser, by=ANALYST).path == CHECK


def test_without_javascript_unlike_columns_interrupt_and_the_file_is_chosen_once_more(
    browser: Browser, front: Front
) -> None:
    front.publish()
    choose(browser, by=ANALYST).submit(action=FILE, files=UNLIKE)
    assert browser.heading == "Do the columns of this file belong in this table?"
    assert "The table does not have 2 columns of the file: species, island." in text_of(browser)
    assert len(front.context.ledger.page().uploads) == 1

    browser.submit(action=CONFIRM)
    assert browser.path == CHECK
    assert "Choose that file once more" in text_of(browser)
    browser.submit(action=FILE, files={"file": ("b.csv", b"other,names\n1,2\n")})
    assert browser.heading == "Do the columns of this file belong in this table?"  # it is another file
    browser.get("upload/check").submit(action=FILE, files=UNLIKE)
    assert browser.heading == "Upload complete"
    assert front.context.ledger.page().uploads[0].confirmed


def test_a_file_that_was_refused_for_its_columns_can_be_confirmed_from_step_4(browser: Browser, front: Front) -> None:
    front.publish()
    front.clock.advance(seconds=1)
    upload = front.land()
    finding = columns_unlike_table(differences(("species",), ("year",)))
    front.context.ledger.amend(upload.id, findings=(finding,))
    for state in (State.CHECKING, State.REFUSED):
        front.context.ledger.move(upload.id, state, actor="pipeline")
    choose(browser, by=ANALYST).follow("Look at the differences")
    assert "does not have 1 column of the file: species" in text_of(browser)
    browser.submit(action=CONFIRM)
    browser.submit(action=FILE, files={"file": ("a.csv", b"species\nAdelie\n")})
    assert browser.heading == "Upload complete"


def test_a_restricted_table_is_marked_and_goes_no_further(browser: Browser, front: Front) -> None:
    front.publish()
    front.owners.restricted["travel", "trips"] = (ANALYST,)
    choose(browser)
    assert browser.heading == "Choose table"
    assert f"Ask {ANALYST}" in browser.errors[0]
    assert "trips (only named people can add to it)" in text_of(browser)
    assert browser.get("upload/check").heading == "Choose table"


def test_before_a_file_is_chosen_the_page_names_the_tables_columns(browser: Browser, front: Front) -> None:
    front.publish()
    assert "Its columns year. Columns of your file that are not among them" in text_of(choose(browser))


def test_a_refusal_for_its_columns_is_confirmed_from_the_status_page(browser: Browser, front: Front) -> None:
    front.publish()
    refused = front.land(b"species\nAdelie\n", filename="birds.csv", create=False)
    finding = columns_unlike_table(differences(("species",), ("year",)))
    front.context.ledger.move(refused.id, State.CHECKING, actor="pipeline")
    front.context.ledger.move(refused.id, State.REFUSED, actor="pipeline", findings=(finding,))
    browser.sign_in(ANALYST).get(f"uploads/{refused.id}")
    assert "If it belongs in this one, upload it again and confirm that." in text_of(browser)
    browser.submit(action=f"/uploader/uploads/{refused.id}/again")
    assert (browser.path, browser.heading) == (
        f"{CONFIRM}?upload={refused.id}",
        "Do the columns of this file belong in this table?",
    )


def test_the_way_to_the_differences_is_closed_once_another_tab_has_chosen_another_table(
    browser: Browser, front: Front
) -> None:
    front.publish()
    front.publish(table="stays")
    refused = front.land(b"species\nAdelie\n", filename="birds.csv", create=False)
    finding = columns_unlike_table(differences(("species",), ("year",)))
    front.context.ledger.move(refused.id, State.CHECKING, actor="pipeline")
    front.context.ledger.move(refused.id, State.REFUSED, actor="pipeline", findings=(finding,))
    choose(browser, by=ANALYST)
    (way,) = [str(link["href"]) for link in browser.page.select("a") if "Look at the differences" in link.get_text()]
    assert browser.get(way).heading == "Do the columns of this file belong in this table?"

    browser.get("upload/table?change=yes").submit(action=TABLE, kind="existing", existing="stays")
    assert browser.get(way).heading == "Your answers were changed in another tab or window"
    assert "They are for the table travel.stays now." in text_of(browser)


def test_a_confirmation_of_what_was_not_asked_is_kept_by_nobody(browser: Browser, front: Front) -> None:
    front.publish()
    choose(browser, by=ANALYST)
    forged = {"database": "travel", "table": "trips", "columns": fingerprint(["species", "island"])}
    choose_csrf = browser.page.select_one("#upload-form [name=csrf_token]")
    assert choose_csrf is not None
    said = {**forged, "reasons": ["columns_unlike", "not_used_before"], "csrf_token": str(choose_csrf["value"])}
    assert browser.client.post("upload/table/confirm", data=said, follow_redirects=False).status_code == 303
    assert audited(front, "table confirmed") == []
    browser.submit(action=FILE, files=UNLIKE)
    assert browser.heading == "Do the columns of this file belong in this table?"


def test_a_page_that_was_confirmed_for_one_file_sends_another_with_these_columns_alone(
    browser: Browser, front: Front
) -> None:
    front.publish()
    choose(browser, by=ANALYST).submit(action=FILE, files=UNLIKE)
    browser.submit(action=CONFIRM)
    csrf = str(browser.page.select("[name=csrf_token]")[0]["value"])
    body = {
        "database": "travel",
        "table": "trips",
        "filename": "b.xlsx",
        "size": 11,
        "governance": {"document": "none", "classification": "test"},
    }
    answer = browser.client.post("api/v1/uploads", json=body, headers={"X-CSRF-Token": csrf})
    sent = front.context.ledger.get(answer.json()["upload_id"])
    assert sent is not None
    assert sent.confirmed_columns == fingerprint(["species", "island"])


def facts_to_send(browser: Browser) -> dict[str, str]:
    """What the form tells the script that sends the file."""
    form = browser.page.select_one("#upload-form")
    assert form is not None
    return {name: str(form[f"data-{name}"]) for name in ("database", "table", "create")}


def test_a_table_that_somebody_else_made_meanwhile_is_asked_about_and_shown_as_existing(
    browser: Browser, front: Front
) -> None:
    browser.sign_in(COLLEAGUE).answer_all().submit(
        action=FILE, save="reading", delimiter="pipe", text_columns="", day_first_columns="", null_words=""
    )
    assert facts_to_send(browser) == {"database": "travel", "table": "trips", "create": "yes"}
    front.publish()
    assert browser.get("upload/check").path == CONFIRM
    browser.submit(action=CONFIRM)

    assert browser.path == CHECK
    assert (browser.facts["Database"], browser.facts["Table"]) == ("data_eng_uploader_dev_travel", "trips")
    assert "Be certain that this is the right table" in text_of(browser)
    assert facts_to_send(browser)["create"] == ""
    browser.submit(action=FILE, files=LIKE)
    assert browser.heading == "Upload complete"
    assert not front.context.ledger.page().uploads[0].may_create


def test_a_file_for_a_table_that_was_made_while_the_page_was_open_is_interrupted_and_then_taken(
    browser: Browser, front: Front
) -> None:
    browser.sign_in(COLLEAGUE).answer_all()
    front.publish()
    browser.submit(action=FILE, files=LIKE)
    assert browser.heading == "You have not added to this table before"
    browser.submit(action=CONFIRM)
    assert (browser.path, browser.facts["Table"]) == (CHECK, "trips")
    browser.submit(action=FILE, files=LIKE)
    assert browser.heading == "Upload complete"


def test_a_database_that_somebody_else_made_meanwhile_offers_its_tables(browser: Browser, front: Front) -> None:
    browser.sign_in(COLLEAGUE).answer_all(table="hotels")
    front.publish()
    browser.get("upload/check")
    assert (browser.facts["Database"], browser.facts["Table"]) == ("data_eng_uploader_dev_travel", "hotels (new)")
    assert facts_to_send(browser)["create"] == "yes"
    browser.follow("Change table")
    assert [str(tag["value"]) for tag in browser.page.select("#existing option")] == ["", "trips"]
    browser.submit(action=TABLE, kind="existing", existing="trips")
    assert browser.path == CONFIRM


CHANGED = "Your answers were changed in another tab or window"


def test_a_question_about_a_table_that_another_tab_has_replaced_says_so(browser: Browser, front: Front) -> None:
    front.publish()
    front.publish("travel", "hotels")
    choose(browser).submit(action=CONFIRM)
    form = browser.page.select_one("#upload-form")
    assert form is not None
    asked = str(form["data-confirm-table"])
    assert asked == f"{CONFIRM}?database=travel&table=trips"
    assert browser.get(asked).path == CHECK  # it was confirmed, and nothing was changed
    browser.get("upload/table?change=yes").submit(action=TABLE, kind="existing", existing="hotels")
    browser.submit(action=CONFIRM)
    browser.get(asked)

    assert (browser.response.status_code, browser.heading) == (409, CHANGED)
    assert "They are for the table travel.hotels now. Nothing was uploaded." in text_of(browser)
    browser.follow("Go to step 4")
    assert (browser.path, browser.facts["Table"]) == (CHECK, "hotels")
    browser.get("upload").submit(action=GOVERNANCE, document="none", classification="test", responsible="yes")
    browser.get(asked)
    assert browser.heading == CHANGED
    assert browser.follow("Go to step 4").path == DATABASE


def test_a_yes_to_a_table_that_another_tab_has_replaced_goes_to_neither(browser: Browser, front: Front) -> None:
    front.publish()
    front.publish("travel", "hotels")
    choose(browser)
    other = Browser(browser.client, front)
    other.get("upload/table?change=yes").submit(action=TABLE, kind="existing", existing="hotels")
    browser.submit(action=CONFIRM)

    assert browser.heading == CHANGED
    assert audited(front, "table confirmed") == []
    assert other.get("upload/check").path == CONFIRM


def test_the_pages_tick_about_columns_confirms_no_table_that_was_not_used_before(
    browser: Browser, front: Front
) -> None:
    front.publish()
    choose(browser)
    csrf = str(browser.page.select("[name=csrf_token]")[0]["value"])
    body = {
        "database": "travel",
        "table": "trips",
        "filename": "a.csv",
        "size": 11,
        "columns": ["species", "island"],
        "confirm": True,
        "governance": {"document": "none", "classification": "test"},
    }

    answer = browser.client.post("api/v1/uploads", json=body, headers={"X-CSRF-Token": csrf})
    assert (answer.status_code, answer.json()["code"]) == (409, "confirm_needed")
    browser.get("upload/check").submit(action=CONFIRM)
    assert browser.client.post("api/v1/uploads", json=body, headers={"X-CSRF-Token": csrf}).status_code == 201
