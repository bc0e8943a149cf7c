"""The steps before the file: governance, database, table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.fakes.front import Front
    from tests.plugins.browsing import Browser

GOVERNANCE = "/uploader/upload/governance"
DATABASE = "/uploader/upload/database"
TABLE = "/uploader/upload/table"


def test_the_four_steps_lead_to_a_page_with_every_answer(browser: Browser) -> None:
    browser.sign_in().submit(
        action=GOVERNANCE, document="dpia", reference="DPIA-7", classification="official", responsible="yes"
    )
    assert (browser.path, browser.heading) == (DATABASE, "Choose database")
    browser.submit(action=DATABASE, kind="new", name="travel")
    assert (browser.path, browser.heading) == (TABLE, "Choose table")
    browser.submit(action=TABLE, name="trips")

    assert browser.path == "/uploader/upload/check"
    assert browser.facts == {
        "Document": "Data Protection Impact Assessment (DPIA)",
        "Reference": "DPIA-7",
        "Sensitivity": "OFFICIAL",
        "Database": "data_eng_uploader_dev_travel (new)",
        "Table": "trips (new)",
    }
    assert "Names cannot be changed afterwards" in browser.page.get_text()


def test_step_1_names_everything_that_is_wrong_at_once_and_keeps_what_was_given(browser: Browser) -> None:
    browser.sign_in().submit(action=GOVERNANCE, reference="kept")

    assert browser.errors == browser.inline_errors
    assert browser.errors == [
        "Select which data governance document covers the data",
        "Select how sensitive the data are",
        "Confirm that you have met the data governance requirements",
    ]
    assert browser.title.startswith("Error: ")
    assert browser.page.select_one("#reference")["value"] == "kept"  # type: ignore[index]
    targets = [str(tag["href"]).removeprefix("#") for tag in browser.page.select(".govuk-error-summary a")]
    assert all(browser.page.find(id=target) for target in targets)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"document": "dpia", "classification": "official"}, "Enter the reference"),
        ({"document": "dpia", "reference": "x" * 201, "classification": "official"}, "200 printable characters"),
        ({"document": "x", "classification": "official"}, "Select which"),
        ({"document": "none", "classification": "top"}, "Select how sensitive"),
    ],
)
def test_step_1_holds_the_governance_rules(browser: Browser, answers: dict[str, str], message: str) -> None:
    browser.sign_in().submit(action=GOVERNANCE, responsible="yes", **answers)

    assert message in browser.errors[0]


def test_step_2_offers_what_is_published_and_a_new_name(browser: Browser, front: Front) -> None:
    front.publish("animals", "penguins")
    browser.sign_in().submit(action=GOVERNANCE, document="none", classification="test", responsible="yes")

    assert [str(tag["value"]) for tag in browser.page.select("#existing option")] == ["", "animals"]
    assert "data_eng_uploader_dev_" in browser.page.get_text()


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({}, "Select whether the database exists already or is new"),
        ({"kind": "existing"}, "Select a database"),
        ({"kind": "existing", "existing": "other"}, "There is no database other here"),
        ({"kind": "new", "name": ""}, "Enter a database name"),
        ({"kind": "new", "name": "Travel"}, "lower case letters"),
        ({"kind": "new", "name": "animals"}, "The database animals exists already"),
        ({"kind": "new", "name": "a" * 42}, "63 in all"),
        ({"kind": "new", "name": "data_eng_uploader_dev_sample"}, "Leave out the prefix"),
        ({"kind": "existing", "existing": "data_eng_uploader_dev_animals"}, "without the prefix: animals."),
    ],
)
def test_step_2_says_what_is_wrong_with_a_database(
    browser: Browser, front: Front, answers: dict[str, str], message: str
) -> None:
    front.publish("animals", "penguins")
    browser.sign_in().submit(action=GOVERNANCE, document="none", classification="test", responsible="yes")
    browser.submit(action=DATABASE, **answers)

    assert message in browser.errors[0]
    assert browser.inline_errors == browser.errors
    assert browser.title.startswith("Error: ")


def test_step_3_offers_a_new_table_only_in_a_new_database(browser: Browser) -> None:
    browser.sign_in().submit(action=GOVERNANCE, document="none", classification="test", responsible="yes")
    browser.submit(action=DATABASE, kind="new", name="travel")

    assert browser.page.select("#existing") == []
    assert browser.submit(action=TABLE, kind="existing", existing="x", name="").errors == ["Enter a table name."]


def test_step_3_offers_the_tables_of_an_existing_database_and_warns(browser: Browser, front: Front) -> None:
    front.publish("animals", "penguins")
    browser.sign_in().submit(action=GOVERNANCE, document="none", classification="test", responsible="yes")
    browser.submit(action=DATABASE, kind="existing", existing="animals")

    assert [str(tag["value"]) for tag in browser.page.select("#existing option")] == ["", "penguins"]
    assert "Everyone who may read the table will see what you add" in browser.page.get_text()
    assert browser.submit(action=TABLE, kind="new", name="penguins").errors == [
        "The table penguins exists already in animals. Choose it from the list, or enter another name."
    ]
    browser.submit(action=TABLE, kind="existing", existing="penguins")
    assert browser.facts["Table"] == "penguins"
    assert "Be certain that this is the right table" in browser.page.get_text()
    assert "What is added cannot be replaced. Names cannot be changed afterwards." in browser.page.get_text()


def test_a_change_link_keeps_the_other_answers_and_comes_back(browser: Browser) -> None:
    browser.sign_in().answer_all()
    browser.follow("Change table").submit(action=TABLE, name="hotels")
    assert browser.path == "/uploader/upload/check"
    assert browser.facts["Table"] == "hotels (new)"

    browser.follow("Change database").submit(action=DATABASE, kind="new", name="tourism")
    assert browser.path == "/uploader/upload/check"
    assert browser.facts["Database"] == "data_eng_uploader_dev_tourism (new)"
    assert browser.facts["Table"] == "hotels (new)"

    browser.follow("Change sensitivity")
    assert browser.page.select_one("[name=document][value=none]")["checked"] == ""  # type: ignore[index]
    browser.submit(action=GOVERNANCE, document="dpia", reference="D1", classification="official", responsible="yes")
    assert browser.path == "/uploader/upload/check"
    assert (browser.facts["Reference"], browser.facts["Table"]) == ("D1", "hotels (new)")


def test_changing_the_database_asks_for_the_table_again_when_it_was_one_of_the_old_database(
    browser: Browser, front: Front
) -> None:
    front.publish("animals", "penguins")
    front.publish("travel", "trips")
    browser.sign_in().submit(action=GOVERNANCE, document="none", classification="test", responsible="yes")
    browser.submit(action=DATABASE, kind="existing", existing="animals")
    browser.submit(action=TABLE, kind="existing", existing="penguins")
    browser.follow("Change database").submit(action=DATABASE, kind="existing", existing="travel")

    assert browser.path == TABLE


def test_changing_the_database_asks_for_the_table_again_when_the_new_one_exists_there(
    browser: Browser, front: Front
) -> None:
    front.publish("animals", "penguins")
    browser.sign_in().answer_all(database="brand_new", table="penguins")
    browser.follow("Change database").submit(action=DATABASE, kind="existing", existing="animals")

    assert browser.heading == "Choose table"
    assert browser.errors == [
        "The table penguins exists already in animals. Choose it from the list, or enter another name."
    ]
    assert browser.page.select_one("#name")["value"] == "penguins"  # type: ignore[index]
    assert browser.get("upload/check").path == TABLE
    browser.submit(action=TABLE, kind="existing", existing="penguins")
    assert browser.facts["Table"] == "penguins"


def test_changing_the_database_asks_for_the_table_again_when_it_is_restricted_there(
    browser: Browser, front: Front
) -> None:
    front.publish("animals", "penguins")
    front.owners.restricted["animals", "seals"] = ("keeper@example.org",)
    browser.sign_in().answer_all(database="brand_new", table="seals")
    browser.follow("Change database").submit(action=DATABASE, kind="existing", existing="animals")

    assert browser.heading == "Choose table"
    assert "Ask keeper@example.org" in browser.errors[0]


@pytest.mark.parametrize("path", ["upload/database", "upload/table", "upload/check"])
def test_a_step_whose_earlier_steps_are_missing_leads_back(browser: Browser, path: str) -> None:
    assert browser.sign_in().get(path).path == GOVERNANCE


def test_a_new_upload_forgets_the_answers_of_the_last(browser: Browser) -> None:
    browser.sign_in().answer_all()
    browser.get("upload")
    assert browser.page.select("input[checked]") == []
    browser.submit(action=GOVERNANCE, document="none", classification="test", responsible="yes")

    assert browser.get("upload/check").path == DATABASE


def test_a_look_at_the_first_step_in_another_tab_loses_no_answers(browser: Browser) -> None:
    browser.sign_in().answer_all()
    browser.get("upload")

    assert browser.get("upload/check").path == "/uploader/upload/check"
