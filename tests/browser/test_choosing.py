"""Steps 1 to 3 by people who type, press keys, have no scripts, change their minds or make slips; and the help."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from include.domain.partition_key import format_timestamp
from tests.adapters.ledger_samples import NOON, an_upload, publish

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Visitor
    from tests.browser.service import Service

NAMES = [
    f"{what}_{year}" for what in ("court_listings", "prison_visits", "probation_survey") for year in range(2001, 2016)
]


@pytest.fixture
def many(service: Service) -> Service:
    """A service with 45 databases, one of which has two tables."""
    for number, name in enumerate(NAMES, start=1):
        publish(service.context.ledger, an_upload(number, database=name, table="visits"))
    other = an_upload(99, database=NAMES[20], table="rooms", extraction_timestamp=format_timestamp(NOON))
    publish(service.context.ledger, other)
    return service


def step_2(visitor: Visitor) -> Page:
    visitor.sign_in()
    visitor.go("upload")
    page = visitor.page
    page.get_by_label("None", exact=True).check()
    page.get_by_label("Non-sensitive test data", exact=True).check()
    page.get_by_label("I have met the data governance").check()
    visitor.proceed()
    page.wait_for_url("**/upload/database")
    return page


def test_a_long_list_is_narrowed_and_chosen_from_with_the_keyboard_alone(many: Service, visitor: Visitor) -> None:
    del many
    page = step_2(visitor)
    page.get_by_label("Add to an existing database").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    filtering = page.get_by_label("Filter the list of 45 databases")
    expect(filtering).to_be_focused()
    page.keyboard.type("visits 200")
    expect(page.locator(".app-filter__said")).to_have_text("9 of 45 databases match")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Database", exact=True)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Database", exact=True)).to_have_value("prison_visits_2002")
    visitor.proceed()
    expect(page.get_by_text("In the database data_eng_uploader_dev_prison_visits_2002")).to_be_visible()


def test_a_name_that_is_typed_to_its_end_is_chosen_and_one_that_is_not_there_is_not(
    many: Service, visitor: Visitor
) -> None:
    del many
    visitor.expect_complaint("status of 422")
    page = step_2(visitor)
    page.get_by_label("Add to an existing database").check()
    filtering = page.get_by_label("Filter the list of 45 databases")
    filtering.fill("Prison_visits_2006")
    expect(page.locator(".app-filter__said")).to_have_text("1 of 45 databases match. Chosen: prison_visits_2006")
    filtering.fill("nothing")
    expect(page.locator(".app-filter__said")).to_have_text("No databases match")
    visitor.proceed()
    expect(page.get_by_role("alert")).to_contain_text("Select a database")
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.locator("#existing")).to_be_focused()


def test_step_3_lists_the_tables_and_shows_the_reference_of_a_new_one_as_it_is_typed(
    many: Service, visitor: Visitor
) -> None:
    del many
    page = step_2(visitor)
    page.get_by_label("Add to an existing database").check()
    page.get_by_label("Database", exact=True).select_option(NAMES[20])
    visitor.proceed()
    page.get_by_label("Add to an existing table").check()
    expect(page.get_by_label("Filter the list")).to_have_count(0)
    assert page.locator("#existing option").all_inner_texts() == ["Choose a table", "rooms", "visits"]
    page.get_by_label("Create a new table").check()
    page.get_by_label("Name of the new table").fill("cells")
    expect(page.get_by_text(f"Athena reference: data_eng_uploader_dev_{NAMES[20]}.cells")).to_be_visible()


def test_slips_in_each_step_are_named_above_and_beside_and_lead_to_their_input(visitor: Visitor) -> None:
    visitor.expect_complaint("status of 422")
    page = visitor.page

    def expect_slip(message: str, *, at: str, title: str) -> None:
        expect(page.get_by_role("alert")).to_contain_text(message)
        expect(page.locator(".govuk-error-message").filter(has_text=message)).to_be_visible()
        expect(page).to_have_title(re.compile(f"^Error: {title}"))
        page.get_by_role("alert").get_by_role("link", name=message).click()
        expect(page.locator(at)).to_be_focused()

    visitor.sign_in()
    visitor.go("upload")
    visitor.proceed()
    expect_slip("Select how sensitive the data are", at="#classification", title="Data governance")
    page.get_by_label("A data movement form").check()
    page.get_by_label("OFFICIAL", exact=True).check()
    page.get_by_label("I have met the data governance").check()
    visitor.proceed()
    expect_slip("Enter the reference of the DPIA or data movement form", at="#reference", title="Data governance")
    page.get_by_label("Reference of the document").fill("DMF-7")
    visitor.proceed()
    page.get_by_label("Name of the new database").fill("x" * 50)
    visitor.proceed()
    expect_slip("it may have 63 in all", at="#name", title="Choose database")
    page.get_by_label("Name of the new database").fill("travel")
    visitor.proceed()
    visitor.proceed()
    expect_slip("Enter a table name", at="#name", title="Choose table")
    page.get_by_label("Name of the new table").fill("t" * 256)
    visitor.proceed()
    expect_slip("must be 255 characters or fewer", at="#name", title="Choose table")


def test_change_links_keep_the_other_answers(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.answer_all()
    page = visitor.page
    for what, label, value in (
        ("database", "Name of the new database", "tourism"),
        ("table", "Name of the new table", "journeys"),
    ):
        page.get_by_role("link", name=f"Change {what}", exact=False).last.click()
        page.get_by_label(label).fill(value)
        visitor.proceed()
        page.wait_for_url("**/upload/check")
    page.get_by_role("link", name=re.compile("Change.*sensitivity")).click()
    page.get_by_label("A data movement form").check()
    page.get_by_label("Reference of the document").fill("DMF-7")
    page.get_by_label("OFFICIAL", exact=True).check()
    visitor.proceed()
    page.wait_for_url("**/upload/check")

    for value in ("DMF-7", "OFFICIAL", "data_eng_uploader_dev_tourism (new)", "journeys (new)"):
        expect(page.locator("dd").filter(has_text=value).first).to_be_visible()


def test_data_that_may_not_be_uploaded_end_at_a_page_that_says_so(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.go("upload")
    visitor.page.get_by_label("SECRET or above").check()
    visitor.proceed()
    expect(visitor.page.get_by_role("heading", name="You may not upload these data")).to_be_visible()
    visitor.page.get_by_role("link", name="Back", exact=True).click()
    expect(visitor.page.get_by_role("heading", name="Data governance requirements")).to_be_visible()


def test_help_and_the_statements_are_read_and_searched_before_signing_in(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("help#ragged_rows")
    expect(page.locator("#ragged_rows")).to_be_in_viewport()
    page.get_by_label("Search help").fill("sharepoint")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My file is in SharePoint or OneDrive")).to_be_visible()
    expect(page.locator("#ragged_rows")).to_have_count(0)
    for name in ("Cookies", "Privacy notice", "Accessibility statement"):
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
