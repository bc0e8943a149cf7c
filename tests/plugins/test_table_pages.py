"""The pages about tables: what is listed, how a table came to its columns, and that no value of a file is on them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.domain.append_findings import Changes, Misfit, tell
from include.domain.column_types import BigInt, String
from include.domain.errors import Terminal
from include.domain.upload import State
from include.services.areas import Areas
from tests.fakes.front import ANALYST, COLLEAGUE, REVISION, SURE, Front

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from tests.plugins.browsing import Browser

TABLE = "tables/travel/tables/trips"


def text_of(browser: Browser) -> str:
    return " ".join(browser.page.get_text(" ", strip=True).split())


def rows_of(browser: Browser, caption: str) -> list[list[str]]:
    """The cells of the table with this caption."""
    table = next(tag for tag in browser.page.select("table") if tag.caption and caption in tag.caption.get_text())
    rows = table.select("tbody tr")
    return [[" ".join(cell.get_text(" ", strip=True).split()) for cell in row.select("th, td")] for row in rows]


def test_the_pages_are_reached_from_the_navigation_and_by_people_who_are_signed_in(
    browser: Browser, front: Front, anonymous: TestClient
) -> None:
    front.publish()
    assert anonymous.get("tables").headers["location"] == "/uploader/sign-in?next=%2Ftables"
    browser.sign_in().get("").follow("Tables")
    assert (browser.path, browser.heading) == ("/uploader/tables", "Databases")
    assert rows_of(browser, "Databases") == [
        ["data_eng_uploader_dev_ travel", "1 table", "Last uploaded 31 January 2026 at 12:00"]
    ]
    browser.follow("travel")
    assert browser.heading == "data_eng_uploader_dev_travel"
    assert rows_of(browser, "Tables")[0][:3] == ["trips", f"Owner {ANALYST}", "1 partition"]
    assert browser.follow("trips").heading == "trips"


def test_before_anything_is_published_the_list_says_so(browser: Browser) -> None:
    browser.sign_in().get("tables")
    assert "Nothing has been added to a table here yet" in text_of(browser)


def test_hundreds_of_databases_are_paged_and_filtered(browser: Browser, front: Front) -> None:
    for number in range(55):
        front.publish(f"db_{number:03}")
    browser.sign_in().get("tables")
    assert len(rows_of(browser, "Databases")) == 50
    browser.follow("Next")
    assert (browser.path, len(rows_of(browser, "Databases"))) == ("/uploader/tables?page=2", 5)
    assert "page 2 of 2" in browser.title
    assert len(rows_of(browser.get("tables?page=99"), "Databases")) == 5
    browser.get("tables?name=_05")
    assert "5 databases with “_05” in the name" in text_of(browser)
    assert len(rows_of(browser, "Databases")) == 5
    browser.get("tables?name=%3Cscript%3E")
    assert "No database has “<script>” in its name" in text_of(browser)
    assert not browser.page.select("main script")


def test_hundreds_of_tables_are_paged_and_filtered(browser: Browser, front: Front) -> None:
    for number in range(51):
        front.publish("travel", f"t_{number:03}")
    browser.sign_in().get("tables/travel").follow("Next")
    assert [row[0] for row in rows_of(browser, "Tables")] == ["t_050"]
    assert [row[0] for row in rows_of(browser.get("tables/travel?name=T_04"), "Tables")][:2] == ["t_040", "t_041"]
    assert "No table has “x” in its name" in text_of(browser.get("tables/travel?name=x"))


def test_a_table_shows_its_columns_with_who_brought_and_widened_them(browser: Browser, front: Front) -> None:
    front.publish(columns=(("year", "bigint"),))
    front.publish(uploader=COLLEAGUE, confirmed=SURE, columns=(("year", "string"), ("mode", "string")))
    front.describe("travel", "trips", {"year": "string", "mode": "string"})
    browser.sign_in().get(TABLE)
    year, mode = rows_of(browser, "Columns")[:2]
    first, second = "20260131T120000Z, 31 January 2026 at 12:00", "20260131T120001Z, 31 January 2026 at 12:00"
    appeared = f"Appeared as bigint {first}, {ANALYST}"
    assert year == ["year", "string text", f"{appeared} Wider: bigint became string {second}, {COLLEAGUE}"]
    assert mode == ["mode", "string text", f"Appeared as string {second}, {COLLEAGUE}"]
    assert browser.facts["Owner"] == ANALYST
    assert browser.facts["Athena reference"] == "data_eng_uploader_dev_travel.trips"
    assert 'FROM "data_eng_uploader_dev_travel"."trips"' in browser.page.select("#table-query")[0].get_text()


def test_a_widening_that_took_several_uploads_along_names_who_asked_for_it(browser: Browser, front: Front) -> None:
    front.publish(columns=(("year", "bigint"),))
    front.publish(columns=(("year", "string"),))
    asked = front.publish(uploader=COLLEAGUE, confirmed=SURE, columns=(("year", "string"),))
    findings = tell(Changes(widened={"year": (BigInt(), String())}), {"year": Misfit(7, "a secret value")})
    front.context.ledger.amend(asked.id, findings=findings)
    front.describe("travel", "trips", {"year": "string"})
    browser.sign_in().get(TABLE)
    assert rows_of(browser, "Columns")[0][2].endswith(COLLEAGUE)
    assert "a secret value" not in browser.response.text


def test_what_a_withdrawn_upload_did_is_told_as_its_doing(browser: Browser, front: Front) -> None:
    front.publish(columns=(("year", "bigint"),))
    wide = front.publish(uploader=COLLEAGUE, confirmed=SURE, columns=(("year", "string"),))
    front.describe("travel", "trips", {"year": "string"})
    front.context.withdrawals.request(wide.id, by=COLLEAGUE, reason="wrong")
    front.context.withdrawals.done(wide.id)
    browser.sign_in().get(TABLE)
    assert rows_of(browser, "Columns")[0][2].endswith("(withdrawn since)")
    front.describe("travel", "trips", {"year": "bigint"})  # the table was made again, and types taken back
    assert rows_of(browser.get(TABLE), "Columns")[0][2].endswith(
        "Narrower since: string became bigint when the table was made again"
    )


@pytest.mark.parametrize("states", [[], [State.PUBLISHING], [State.PUBLISHING, State.FAILED]])
def test_what_an_upload_under_way_changes_is_told_as_its_doing_and_not_as_a_table_made_again(
    browser: Browser, front: Front, states: list[State]
) -> None:
    front.publish(columns=(("year", "bigint"),))
    under_way = front.wait(State.WIDENING)
    for state in states:
        front.context.ledger.move(under_way.id, state, actor="widen_table")
    front.context.ledger.amend(under_way.id, columns=(("year", "string"), ("mode", "string")))
    front.describe("travel", "trips", {"year": "string", "mode": "string"})
    year, mode = rows_of(browser.sign_in().get(TABLE), "Columns")[:2]
    assert year[2].endswith("Is becoming wider for an upload under way: bigint becomes string")
    assert mode[2] == "Is being added by an upload under way, as string"
    assert "made again" not in text_of(browser)


def test_a_change_that_no_upload_under_way_explains_is_told_as_a_table_made_again(
    browser: Browser, front: Front
) -> None:
    front.publish(columns=(("year", "bigint"), ("mode", "string")))
    under_way = front.wait(State.WIDENING)
    front.context.ledger.amend(under_way.id, columns=(("mode", "string"),))
    front.describe("travel", "trips", {"year": "string", "mode": "date"})
    year, mode = rows_of(browser.sign_in().get(TABLE), "Columns")[:2]
    assert year[2].endswith("Changed since: bigint became string when the table was made again")
    assert mode[2].endswith("Narrower since: string became date when the table was made again")


def test_a_new_field_of_a_nested_column_is_named(browser: Browser, front: Front) -> None:
    front.publish(columns=(("who", "struct<name:string>"),))
    front.publish(columns=(("who", "struct<name:string,born:date>"),))
    front.describe("travel", "trips", {"who": "struct<name:string,born:date>"})
    browser.sign_in().get(TABLE)
    assert "Field born added: date" in rows_of(browser, "Columns")[0][2]


def test_partitions_come_by_the_page_and_say_in_words_whether_they_are_promoted(browser: Browser, front: Front) -> None:
    for number in range(52):
        front.publish(uploader=COLLEAGUE if number else ANALYST, confirmed=SURE)
    browser.sign_in().get(TABLE)
    rows = rows_of(browser, "Partitions")
    assert (len(rows), browser.facts["Partitions"]) == (50, "52")
    assert rows[0][0].split()[0] == "20260131T120051Z"
    assert rows[0][3] == "Not yet: after 1 February 2026 at 01:00"
    browser.follow("Older partitions")
    older = rows_of(browser, "Partitions")
    assert [row[0][:16] for row in older] == ["20260131T120001Z", "20260131T120000Z"]
    assert "Newest partitions" in text_of(browser)


def test_a_partition_that_is_promoted_or_was_before_it_changed_says_so(browser: Browser, front: Front) -> None:
    promoted, changed = front.publish(), front.publish()
    ledger = front.context.ledger
    for upload in (promoted, changed):
        assert ledger.set_promoted(upload.id, was=None, now=REVISION, published=REVISION)
    ledger.amend(changed.id, revision="f" * 16)
    browser.sign_in().get(TABLE)
    assert [row[3] for row in rows_of(browser, "Partitions")] == [
        "There, but not yet with the present column types: after 1 February 2026 at 01:00",
        "There since 31 January 2026 at 12:00",
    ]


def test_only_a_persons_own_uploads_lead_to_status_and_withdrawal(browser: Browser, front: Front) -> None:
    own = front.publish()
    theirs = front.publish(uploader=COLLEAGUE, confirmed=SURE)
    browser.sign_in().get(TABLE)
    assert not browser.page.select(f"a[href$='{theirs.id}'], a[href$='{theirs.id}/withdraw']")
    assert browser.follow("withdraw").path == f"/uploader/uploads/{own.id}/withdraw"
    assert browser.get(TABLE).follow("Your upload").path == f"/uploader/uploads/{own.id}"
    front.context.withdrawals.request(own.id, by=ANALYST, reason="")
    assert own.id not in browser.get(TABLE).response.text


def rows_links(browser: Browser) -> list[str]:
    return [str(tag["href"]) for tag in browser.page.select("a[href$='/rows']")]


def test_the_owner_of_a_table_is_led_to_the_first_rows_of_what_others_added(browser: Browser, front: Front) -> None:
    own = front.publish()
    theirs = front.publish(uploader=COLLEAGUE, confirmed=SURE)
    browser.sign_in().get(TABLE)
    assert rows_links(browser) == [f"/uploader/uploads/{each.id}/rows" for each in (theirs, own)]
    folder = Areas(front.context.settings).revision(theirs.key, REVISION)
    stream = io.BytesIO()
    pq.write_table(pa.table({"year": [2014]}), stream)
    front.objects.write(f"{folder}part-00000.parquet", stream.getvalue())
    browser.follow("First rows")
    assert browser.response.status_code == 200
    assert [cell.get_text() for cell in browser.page.select("tbody td")] == ["2014"]
    assert browser.follow("Back to the table").path == f"/uploader/{TABLE}"


def test_whoever_does_not_own_a_table_is_led_to_the_first_rows_of_their_own_uploads_alone(
    browser: Browser, front: Front
) -> None:
    front.publish()
    browser.sign_in(COLLEAGUE).get(TABLE)
    assert rows_links(browser) == []
    own = front.publish(uploader=COLLEAGUE, confirmed=SURE)
    assert rows_links(browser.get(TABLE)) == [f"/uploader/uploads/{own.id}/rows"]
    front.owners.owners["travel", "trips"] = COLLEAGUE
    assert len(rows_links(browser.get(TABLE))) == 2


def test_uploading_into_a_table_answers_its_names_and_asks_for_governance(browser: Browser, front: Front) -> None:
    front.publish()
    browser.sign_in().get(TABLE).submit(action=f"/uploader/{TABLE}/upload")
    assert browser.path == "/uploader/upload/governance"
    browser.submit(action="/uploader/upload/governance", document="none", classification="test", responsible="yes")
    assert browser.page.select("option[selected]")[0]["value"] == "travel"
    browser.submit(action="/uploader/upload/database", kind="existing", existing="travel")
    assert browser.page.select("option[selected]")[0]["value"] == "trips"
    browser.submit(action="/uploader/upload/table", kind="existing", existing="trips")
    assert browser.heading == "Check your answers before you upload"


def test_uploading_into_a_table_that_is_not_there_is_not_found(browser: Browser, front: Front) -> None:
    front.publish()
    browser.sign_in().get(TABLE)
    csrf = str(browser.page.select("input[name=csrf_token]")[-1]["value"])
    answer = browser.client.post("tables/travel/tables/other/upload", data={"csrf_token": csrf})
    assert answer.status_code == 404
    assert browser.client.post(f"{TABLE}/upload", data={"csrf_token": "forged"}).status_code == 403


def test_a_table_that_the_catalogue_lost_is_not_shown_as_empty(browser: Browser, front: Front) -> None:
    front.publish()
    front.catalogue.tables.clear()
    browser.sign_in().get(TABLE)
    assert browser.response.status_code == 500
    assert "the catalogue has no such table" in text_of(browser)
    assert len(rows_of(browser, "Partitions")) == 1
    assert not browser.page.select("#columns, #table-query")


def test_a_table_that_the_catalogue_does_not_show_is_not_shown_as_empty(
    browser: Browser, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    front.publish()

    def denied(*_: object) -> None:
        raise Terminal("GetTable was denied.", code="aws_denied")

    monkeypatch.setattr(front.catalogue, "table", denied)
    browser.sign_in().get(TABLE)
    assert browser.response.status_code == 500
    assert "could not read this table in the catalogue" in text_of(browser)
    assert "That does not mean it has none" in text_of(browser)
    assert len(rows_of(browser, "Partitions")) == 1


@pytest.mark.parametrize(
    "path", ["tables/other", "tables/travel/tables/other", "tables/tr%00avel", "tables/other/access"]
)
def test_what_has_no_published_upload_is_not_found(browser: Browser, front: Front, path: str) -> None:
    front.publish()
    front.context.ledger.move(front.land(database="other").id, State.CHECKING, actor="pipeline")
    assert browser.sign_in().get(path).response.status_code == 404


def test_a_table_named_access_is_a_table(browser: Browser, front: Front) -> None:
    front.publish("travel", "access")
    assert browser.sign_in().get("tables/travel/tables/access").heading == "access"


def test_comments_and_people_are_shown_as_text(browser: Browser, front: Front) -> None:
    front.publish()
    front.describe("travel", "trips", {"year": "bigint"}, comments={"year": "<b onclick=x>of the trip</b>"})
    browser.sign_in().get(TABLE)
    assert "<b onclick=x>of the trip</b>" in text_of(browser)
    assert not browser.page.select("main b")


def test_the_columns_are_saved_as_metadata(browser: Browser, front: Front) -> None:
    front.publish()
    answer = browser.sign_in().get(f"{TABLE}/metadata").response
    assert answer.headers["content-disposition"] == 'attachment; filename="trips.json"'
    assert answer.json()["columns"][0] == {"name": "year", "type": "int64", "description": "", "nullable": True}


def test_a_restricted_table_names_who_may_add_to_it_and_takes_nobody_else_on(browser: Browser, front: Front) -> None:
    front.publish()
    front.describe("travel", "trips", {"year": "bigint"})
    assert browser.sign_in().get(TABLE).facts["Who may add to it"] == "Anyone with access to this service"
    token = str(browser.page.select_one("[name=csrf_token]")["value"])  # type: ignore[index]
    front.owners.restricted["travel", "trips"] = (COLLEAGUE, "landing")
    browser.get(TABLE)
    assert browser.facts["Who may add to it"] == f"{COLLEAGUE}, a file dropped into landing"
    assert "You cannot add to this table" in text_of(browser)
    answer = browser.client.post("tables/travel/tables/trips/upload", data={"csrf_token": token})
    assert answer.status_code == 403
    assert COLLEAGUE in answer.text
