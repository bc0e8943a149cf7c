"""The access pack on pages: ready to paste, true to its environment, and clear when a template is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from fastapi.testclient import TestClient

from plugins.front.app import create_standalone
from tests.fakes.front import ANALYST, COLLEAGUE, make_front
from tests.plugins.browsing import Browser

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes.front import Front


def visit(front: Front) -> Browser:
    client = TestClient(create_standalone(lambda: front.context), base_url="http://testserver/uploader/")
    return Browser(client, front).sign_in()


def text_of(browser: Browser) -> str:
    return " ".join(browser.page.get_text(" ", strip=True).split())


def shown(browser: Browser, which: str) -> str:
    return browser.page.select(f"#{which}-text")[0].get_text()


def test_the_pack_has_three_files_to_copy_or_save_and_the_metadata_of_each_table(front: Front) -> None:
    front.publish()
    front.publish("travel", "hotels", uploader=COLLEAGUE)
    browser = visit(front).get("tables/travel").follow("Get access to this database")
    project = yaml.safe_load(shown(browser, "project"))
    assert project["resources"] == ["data_eng_uploader_dev_travel/full"]
    assert yaml.safe_load(shown(browser, "database"))["tables"] == ["hotels", "trips"]
    assert "## Provenance" in shown(browser, "readme")
    assert "## Governance" in shown(browser, "readme")
    for which, name in {
        "project": "data_uploader_travel.yaml",
        "database": "data_eng_uploader_dev_travel.yaml",
        "readme": "README.md",
    }.items():
        saved = browser.client.get(f"tables/travel/access/{which}")
        assert saved.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert saved.text == shown(browser, which)
    assert browser.get("tables/travel/access").follow("Download hotels.json").response.json()["name"] == "hotels"


def test_dev_says_who_reads_everything_and_how_to_be_added(front: Front) -> None:
    front.publish()
    browser = visit(front).get("tables/travel/access")
    assert "readable by everyone who is listed in the standard access file, standard_database_access.yaml" in text_of(
        browser
    )
    assert yaml.safe_load(browser.page.select("#standard-line")[0].get_text()) == ["your_alpha_username"]
    assert "Nobody can read" not in text_of(browser)


@pytest.mark.parametrize("env", ["preprod", "prod"])
def test_elsewhere_it_says_that_nobody_can_read_until_both_files_are_merged(tmp_path: Path, env: str) -> None:
    front = make_front(tmp_path, env=env)
    front.publish(document="dpia", reference="DPIA-1", classification="official")
    browser = visit(front).get("tables/travel/access")
    assert "Nobody can read this database until both files" in text_of(browser)
    assert "standard access file" not in text_of(browser)


def test_a_broken_template_is_a_page_with_words_and_a_line_for_the_operator(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = tmp_path / "project.yaml.jinja"
    broken.write_text("project_id: {{ nothing }}\n")
    front = make_front(tmp_path, access_project_template=broken)
    front.publish()
    browser = visit(front).get("tables/travel/access")
    assert browser.response.status_code == 200
    assert "The template of this file cannot be used as it is" in text_of(browser)
    assert yaml.safe_load(shown(browser, "database"))
    assert not browser.page.select("#project-text")
    assert f"The template {broken} cannot be used: UndefinedError: 'nothing' is undefined" in caplog.text
    browser.get("tables/travel/access/project")
    assert (browser.response.status_code, browser.heading) == (500, "data_uploader_travel.yaml cannot be made")


def test_there_is_no_other_file(front: Front) -> None:
    front.publish()
    assert visit(front).get("tables/travel/access/passwd").response.status_code == 404


def test_names_from_outside_are_shown_as_text(front: Front) -> None:
    front.publish(document="dpia", reference="<script>alert(1)</script>", classification="official")
    browser = visit(front).get("tables/travel/access")
    assert not browser.page.select("main script")
    assert ANALYST in shown(browser, "project")
