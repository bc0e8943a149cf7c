"""Help: an answer to every code and to everything the original guide left people to ask, and where it is reached."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from include.domain.upload import State
from local.findings_document import DOCUMENT, with_tables
from plugins.front.help_entries import codes, sections
from tests import codes as emitted
from tests.fakes.front import make_front
from tests.plugins.browsing import Browser

if TYPE_CHECKING:
    from pathlib import Path

    from bs4 import Tag

# The rows of the original guide's "Troubleshooting": what somebody asks, the entry, and what its answer must speak of.
TROUBLES = {
    "data file is a bit larger than 5 GB": ("size", ["5 TB", "gone"]),
    "data file is very much larger than 5 GB": ("very-large", ["5 TB", "gzip", "command line", "AWS CLI"]),
    "data is not in one of the supported formats": ("formats", ["CSV", "XLSX", "Parquet", "Convert"]),
    "uploading data violates data governance requirements": ("governance-violated", ["STOP", "may not upload"]),
    "do not have access to Analytical Platform": ("platform-account", ["Get an account", "query"]),
    "do not have access to the required database": ("database-access", ["Request access", "prod", "project file"]),
    "I want to replace existing data on the Analytical Platform": ("replace", ["Withdraw", "reproducible", "again"]),
    "database is not listed in the drop down menu": ("database-not-listed", ["minutes", "this service", "dev"]),
    "I want to change the name of an existing database": ("rename-database", ["cannot be changed", "withdraw"]),
    "data table is not listed in the drop down menu": ("table-not-listed", ["minutes", "this service", "step 2"]),
    "there is no option to select an existing data table": ("no-existing-table", ["step 2", "Back", "new database"]),
    "I want to change the name of an existing data table": ("rename-table", ["cannot be changed", "withdraw"]),
    "error No column names detected": ("no_column_names", ["first row", "name for each column"]),
    "error Column names contain special characters": ("special_characters", ["A to Z", "corrected header"]),
    "We have had problems with firefox": ("browsers", ["Firefox", "gone"]),
}

# The guide's "Limitations and awareness"; True where the limit is gone and the answer must say so.
LIMITS = {
    "Users will have to wait 24 hours": ("when", True, ["Minutes", "1am", "no longer"]),
    "Cannot upload xls files": ("xls", True, [".xlsx", "no longer", ".xls"]),
    "Cannot replace existing data even if inaccurate": ("replace", True, ["no longer for ever", "Withdraw"]),
    "File size can only be 5GB": ("size", True, ["gone", "5 TB"]),
    "Database Name has a limit of 63 characters": ("database-name-limit", False, ["63", "data_eng_uploader_dev_"]),
    "Table Names have a limit of 1024 characters": ("table-name-limit", False, ["255", "1,024 bytes", "path"]),
    "anyone can upload to any table": ("anyone-can-append", False, ["any table", "read the table", "withdraw"]),
    "cannot upload files from a sharepoint location directly": ("sharepoint", False, ["SharePoint", "Download"]),
}


def answer(browser: Browser, anchor: str) -> str:
    """The text of an entry as the page shows it."""
    heading = browser.page.find(id=anchor)
    assert heading is not None, f"no entry {anchor}"
    return " ".join(" ".join(part.get_text() for part in (heading, *after(heading))).split())


def after(heading: Tag) -> list[Tag]:
    found = []
    for part in heading.find_next_siblings():
        if part.name in {"h2", "h3"} or (heading.name != "h3"):
            break
        found.append(part)
    return found


@pytest.mark.parametrize("trouble", TROUBLES)
def test_every_trouble_of_the_original_guide_has_an_answer(browser: Browser, trouble: str) -> None:
    anchor, words = TROUBLES[trouble]
    said = answer(browser.get("help"), anchor)

    assert [word for word in words if word not in said] == []
    assert len(said.split()) >= 25


@pytest.mark.parametrize("limit", LIMITS)
def test_every_limit_of_the_original_guide_has_an_answer_that_says_whether_it_holds(
    browser: Browser, limit: str
) -> None:
    anchor, gone, words = LIMITS[limit]
    said = answer(browser.get("help"), anchor)

    assert [word for word in words if word not in said] == []
    assert len(said.split()) >= 25
    assert not gone or re.search(r"gone|no longer", said)


def test_every_finding_that_a_file_can_have_is_explained_with_an_example() -> None:
    entries = codes("findings")

    assert set(entries) == set(emitted.findings()) | emitted.rules()
    for section in sections():
        for each in section.document.get("findings", ()):
            assert all(each[part].strip() for part in ("title", "means", "example", "do")), each["code"]


def test_an_explanation_has_the_findings_own_title() -> None:
    titles = {code: title for code, title in emitted.findings().items() if title is not None}

    assert {code: entry.title for code, entry in codes("findings").items() if code in titles} == titles


def test_every_problem_of_pages_and_api_is_explained() -> None:
    assert emitted.problems() - set(codes("findings")) == set(codes("problems"))


def test_every_anchor_is_there_once_and_every_link_leads_somewhere(browser: Browser) -> None:
    page = browser.get("help").page
    anchors = [str(tag["id"]) for tag in page.select("[id]")]

    assert len(anchors) == len(set(anchors))
    links = [str(tag["href"]) for tag in page.select("a[href]")]
    assert [link for link in links if link.startswith("#") and link[1:] not in anchors] == []
    inside = {link.partition("#")[0] for link in links if link.startswith("/")}
    assert {link for link in inside if browser.get(link).response.status_code != 200} == set()


def test_the_list_of_findings_in_the_documents_is_up_to_date() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")

    assert text == with_tables(text), "run python -m local.findings_document"


def test_every_state_of_an_upload_is_explained(browser: Browser) -> None:
    from plugins.front.states import WORDS

    said = answer(browser.get("help"), "status-words")

    assert [state for state in State if WORDS[state] not in said] == []


@pytest.mark.parametrize("asked", [*TROUBLES, *LIMITS])
def test_the_words_of_the_original_guide_find_the_answer(browser: Browser, asked: str) -> None:
    anchor = TROUBLES[asked][0] if asked in TROUBLES else LIMITS[asked][0]
    browser.get("help").submit_search(asked)
    found = [tag["id"] for tag in browser.page.select("h3")]

    assert anchor in found
    assert len(found) <= 6


def test_help_is_searched_without_a_script(browser: Browser) -> None:
    browser.get("help").submit_search("ragged quotes")
    assert [tag["id"] for tag in browser.page.select("h3")] == ["ragged_rows"]
    assert "1 answer has “ragged quotes”" in browser.page.get_text(" ", strip=True)

    browser.submit_search("<b>nothing</b>")
    assert "No answers have “<b>nothing</b>”" in browser.page.get_text(" ", strip=True)
    assert browser.follow("Show all help").path == "/uploader/help"


FIRST = {
    "undo": "withdraw",
    "cancel": "withdraw",
    "delete my upload": "withdraw",
    "pause": "lost-page",
    "resume": "lost-page",
    "duplicate rows": "same_file_again",
    "sidecar": "aws-cli",
    "bad_governance_sidecar": "bad_governance_sidecar",
    "No column names detected": "no_column_names",
    "error: no column names detected": "no_column_names",
    "Column names contain special characters": "special_characters",
}


def found_by(browser: Browser, asked: str) -> list[str]:
    """The anchors of the answers, in the order of the page."""
    browser.get("help").submit_search(asked)
    return [str(tag["id"]) for tag in browser.page.select("h3[id], .govuk-summary-list__row[id]")]


@pytest.mark.parametrize("asked", FIRST)
def test_what_people_ask_in_their_own_words_has_its_answer_first_among_few(browser: Browser, asked: str) -> None:
    found = found_by(browser, asked)

    assert found[0] == FIRST[asked]
    assert len(found) <= 6
    assert not browser.page.select("#best")


def test_of_many_answers_those_with_the_word_in_their_title_come_first_and_the_best_are_listed_above(
    browser: Browser,
) -> None:
    found = found_by(browser, "date")
    best = browser.page.select("[aria-labelledby=best] a")
    named = ["date" in tag.get_text().lower() for tag in best]

    assert len(found) > 10
    assert found[0] == "british-dates"
    assert len(best) == 5
    assert best[0]["href"] == "#british-dates"
    assert {str(tag["href"])[1:] for tag in best} <= set(found)
    assert named[0]
    assert named == sorted(named, reverse=True)
    assert found_by(browser, "withdraw")[0] == "withdraw"


def test_all_help_is_in_its_own_order_without_a_list_of_the_best(browser: Browser) -> None:
    browser.get("help")

    shown = [str(tag["id"]) for tag in browser.page.select("h3[id], .govuk-summary-list__row[id]")]
    assert shown == [entry.anchor for section in sections() for entry in section.entries]
    assert not browser.page.select("#best")


def test_words_that_an_entry_is_found_by_are_not_shown(browser: Browser) -> None:
    assert "revert" not in answer(browser.get("help"), "withdraw")


def test_help_names_this_deployments_places(tmp_path: Path) -> None:
    from fastapi.testclient import TestClient

    from plugins.front.app import create_standalone

    front = make_front(
        tmp_path,
        env="prod",
        landing_uri="s3://a-bucket/some/landing",
        team_email="team@example.org",
        aws_region="eu-west-2",
        users_file_url="https://example.org/users",
    )
    app = create_standalone(lambda: front.context)
    browser = Browser(TestClient(app, base_url="http://testserver/uploader/"), front).get("help")
    said = answer(browser, "aws-cli")

    assert "s3://a-bucket/some/landing/database_name=my_database/table_name=my_table/extraction_timestamp=" in said
    assert "the bucket a-bucket below some/landing/" in said
    assert "--region eu-west-2" in said
    assert "the email goes to team@example.org, not to you" in said
    assert "In prod a file without it is refused" in said
    assert browser.page.select("a[href='https://example.org/users']")


def test_the_key_that_help_names_is_one_that_the_service_knows(browser: Browser) -> None:
    from include.domain.partition_key import parse_key

    said = answer(browser.get("help"), "aws-cli")
    path = re.search(r"landing/(database_name=\S+extraction_timestamp=)", said)
    assert path is not None
    key, name = parse_key(f"{path[1]}20260131T235959Z/data.csv.gz")

    assert (key.database, key.table, name) == ("my_database", "my_table", "data.csv.gz")


@pytest.mark.parametrize("path", ["", "help", "cookies", "privacy", "accessibility", "sign-in", "nothing"])
def test_help_and_statements_are_reached_from_every_page_without_signing_in(browser: Browser, path: str) -> None:
    page = browser.get(path).page
    links = {tag.get_text(strip=True): str(tag["href"]) for tag in page.select("footer a[href]")}

    assert page.select_one(".govuk-service-navigation a[href='/uploader/help']")
    for name in ("Help", "Contact and feedback", "Cookies", "Privacy notice", "Accessibility statement"):
        assert browser.get(links[name]).response.status_code == 200
        assert len(browser.page.select("h1")) == 1


def test_the_cookies_page_names_the_cookies_that_are_set(browser: Browser) -> None:
    browser.get("sign-in")
    seen = set(browser.client.cookies)
    browser.sign_in()
    seen |= set(browser.client.cookies)
    browser.get("cookies")
    named = {tag.get_text(strip=True) for tag in browser.page.select("tbody th")}

    assert named == seen
    assert "60 minutes after you last used the service, or after 12 hours" in browser.page.get_text(" ", strip=True)


def test_the_privacy_notice_says_how_long_things_are_kept_here(tmp_path: Path) -> None:
    from fastapi.testclient import TestClient

    from plugins.front.app import create_standalone

    front = make_front(tmp_path, keep_failed_days=41, keep_sign_in_days=43, team_email="team@example.org")
    app = create_standalone(lambda: front.context)
    browser = Browser(TestClient(app, base_url="http://testserver/uploader/"), front).get("privacy")
    said = browser.page.get_text(" ", strip=True)

    assert "kept for 41 days" in said
    assert "43 days after they end" in said
    assert browser.page.select("a[href='mailto:team@example.org']")
