"""Looking through tables in real browsers: lists, a column's history, the access pack, and an upload into a table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from include.services.areas import Areas
from include.services.glue_tables import describe
from tests.browser.scenes import Scenes
from tests.fakes.evidence import schema_of
from tests.fakes.front import ANALYST, COLLEAGUE, SURE

if TYPE_CHECKING:
    from tests.browser.conftest import Visitor
    from tests.browser.service import Service

NESTED = "struct<name:string,address:struct<street:string,postcode:string>>"


@pytest.fixture
def scenes(service: Service) -> Scenes:
    """A table that two people widened, and sixty databases beside it."""
    scenes = Scenes(service.context)
    steps: list[tuple[str, dict[str, str]]] = [
        (ANALYST, {"year": "bigint", "distance": "bigint"}),
        (COLLEAGUE, {"year": "bigint", "distance": "decimal(38,2)", "traveller": "struct<name:string>"}),
        (ANALYST, {"year": "string", "traveller": NESTED, "reason_for_the_journey_as_the_traveller_gave_it": "string"}),
    ]
    for uploader, types in steps:
        upload = scenes.publish(uploader=uploader, confirmed=SURE)
        service.context.ledger.amend(upload.id, columns=tuple(types.items()), rows=12_345)
    types = {"year": "string", "distance": "decimal(38,2)", "traveller": NESTED}
    types["reason_for_the_journey_as_the_traveller_gave_it"] = "string"
    catalogue, database = service.context.catalogue, Areas(service.context.settings).database("travel")
    was = catalogue.table(database, "trips")
    assert was is not None
    wide = describe(schema_of(**types), database=database, name="trips", location=was.location, env="dev", was=was)
    catalogue.update_table(replace(wide, comments={"year": "Of departure"}))
    return scenes


def fits(visitor: Visitor) -> bool:
    return bool(visitor.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_a_person_finds_a_table_sees_who_widened_it_and_begins_an_upload(visitor: Visitor, scenes: Scenes) -> None:
    for number in range(60):
        scenes.publish(database=f"survey_{number:03}", table="answers")
    visitor.sign_in()
    visitor.page.get_by_role("link", name="Tables").click()
    visitor.page.get_by_role("heading", name="Databases").wait_for()
    visitor.page.get_by_role("link", name="Next").click()
    visitor.page.get_by_label("Part of the database").fill("TRAV")
    visitor.page.get_by_role("button", name="Filter").click()
    visitor.page.get_by_text("1 database with “TRAV” in the name").wait_for()
    visitor.page.get_by_role("link", name="travel").click()
    visitor.page.get_by_role("link", name="trips").click()
    year = visitor.page.get_by_role("row", name="year Of departure")
    year.get_by_text("Wider: bigint became string").wait_for()
    visitor.page.get_by_text("Field address added: struct<street:string,postcode:string>").wait_for()
    visitor.shoot("tables-4-table")
    visitor.page.get_by_role("button", name="Copy the query").click()
    visitor.page.get_by_role("status").get_by_text("Copied").or_(visitor.page.get_by_text("Selected:")).wait_for()
    visitor.page.set_viewport_size({"width": 360, "height": 700})
    assert fits(visitor)
    visitor.shoot("tables-5-table-narrow")
    visitor.page.set_viewport_size({"width": 1000, "height": 800})
    visitor.page.get_by_role("button", name="Upload a file into this table").click()
    visitor.page.wait_for_url("**/upload/governance")


def test_the_access_pack_is_copied_and_saved(visitor: Visitor, scenes: Scenes) -> None:
    del scenes
    visitor.sign_in()
    visitor.go("tables/travel")
    visitor.page.get_by_role("link", name="Get access to this database").click()
    visitor.page.get_by_text("readable by everyone who is listed").wait_for()
    visitor.page.get_by_role("button", name="Copy README.md").click()
    visitor.page.get_by_role("status").get_by_text("Copied").or_(visitor.page.get_by_text("Selected:")).wait_for()
    with visitor.page.expect_download() as saved:
        visitor.page.get_by_role("link", name="Download data_uploader_travel.yaml").click()
    assert saved.value.suggested_filename == "data_uploader_travel.yaml"
    assert "data_eng_uploader_dev_travel/full" in saved.value.path().read_text()
    visitor.page.set_viewport_size({"width": 360, "height": 700})
    assert fits(visitor)
