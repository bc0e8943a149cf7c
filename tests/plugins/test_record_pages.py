"""Receipt, findings file, first rows, and uploading again: what they say, and to whom."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.domain.findings import Finding, Severity
from include.domain.reading_options import choose
from include.domain.upload import Door, State
from include.services.areas import Areas
from tests.fakes.front import ANALYST, COLLEAGUE, REVISION, Front

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from include.domain.upload import Upload
    from tests.plugins.browsing import Browser

SHA256 = "ab" * 32
FORMULA = '=HYPERLINK("https://evil.example")'


def text_of(browser: Browser) -> str:
    return browser.page.get_text(" ", strip=True)


def refused(front: Front) -> Upload:
    upload = front.land()
    finding = Finding(
        code="ragged_rows", title="Rows with a different number of fields", severity=Severity.ERROR,
        message="Line 1234 has 3 fields.", column="code", lines=(1234,), examples=(FORMULA, "<b>x"),
    )  # fmt: skip
    front.context.ledger.move(upload.id, State.CHECKING, actor="pipeline")
    return front.context.ledger.move(upload.id, State.REFUSED, actor="pipeline", findings=(finding,))


def store(front: Front, upload: Upload, columns: dict[str, list[Any]]) -> None:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    folder = Areas(front.context.settings).revision(upload.key, upload.revision or "")
    front.objects.write(f"{folder}part-00000.parquet", stream.getvalue())


# --- receipt ---------------------------------------------------------------------------------------------------------


def test_the_receipt_has_everything_that_is_known_of_an_upload(browser: Browser, front: Front) -> None:
    upload = front.publish(document="dpia", reference="DPIA-7", classification="official")
    front.context.ledger.amend(upload.id, sha256=SHA256, sent_sha256=SHA256)
    browser.sign_in().get(f"uploads/{upload.id}").follow("See the receipt")

    assert browser.heading == "Receipt for Trips January.csv"
    facts = browser.facts
    assert facts["Athena reference"] == "data_eng_uploader_dev_travel.trips"
    assert facts["extraction_timestamp"] == upload.extraction_timestamp
    assert facts["S3 path"].startswith("s3://")
    assert facts["Size"] == "11 bytes"
    assert facts["SHA-256"] == SHA256
    assert facts["Sent as read"] == "Yes: the sender computed the same SHA-256"
    assert facts["Rows"] == "1"
    assert facts["Uploaded by"] == facts["Confirmed by"] == ANALYST
    assert facts["Document"] == "Data Protection Impact Assessment (DPIA)"
    assert (facts["Reference"], facts["Sensitivity"]) == ("DPIA-7", "OFFICIAL")
    assert "year bigint" in text_of(browser)
    assert "Checking the file" in text_of(browser)
    assert "Added to the table, not yet on the Analytical Platform" in text_of(browser)


@pytest.mark.parametrize(
    ("hashes", "said"),
    [
        ({}, "The sender did not compute a SHA-256 of its own"),
        ({"sent_sha256": SHA256}, f"The sender computed {SHA256}; the service has not computed its own yet"),
        ({"sent_sha256": SHA256, "sha256": "cd" * 32}, f"No: the sender computed {SHA256}"),
    ],
)
def test_the_receipt_never_claims_an_agreement_that_was_not_seen(
    browser: Browser, front: Front, hashes: dict[str, str], said: str
) -> None:
    upload = front.land()
    front.context.ledger.amend(upload.id, **hashes)
    browser.sign_in().get(f"uploads/{upload.id}/receipt")

    assert browser.facts["Sent as read"] == said


def test_the_receipt_of_a_withdrawn_upload_says_who_withdrew_it_and_why(browser: Browser, front: Front) -> None:
    upload = front.publish()
    front.context.withdrawals.request(upload.id, by=ANALYST, reason="Wrong <year>")
    browser.sign_in().get(f"uploads/{upload.id}/receipt")

    assert "Being withdrawn" in text_of(browser)
    assert "Wrong <year>" in browser.facts["Withdrawn"]
    assert browser.facts["Does the reference answer?"] == "Until its rows are taken out, which is under way"


# --- findings as a file ----------------------------------------------------------------------------------------------


def test_the_findings_come_as_a_file_that_no_spreadsheet_runs(browser: Browser, front: Front) -> None:
    upload = refused(front)
    browser.sign_in().get(f"uploads/{upload.id}")
    assert "has an apostrophe before it" in text_of(browser)
    response = browser.follow("Download this list as CSV").response

    assert response.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert response.headers["content-disposition"] == f'attachment; filename="findings-{upload.id}.csv"'
    (row,) = csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline=""))
    assert (row["code"], row["lines"], row["column"]) == ("ragged_rows", "1234", "code")
    assert row["values"] == f"'{FORMULA}\n<b>x"


# --- first rows ------------------------------------------------------------------------------------------------------


def test_the_first_rows_are_on_a_page_of_their_own_where_null_is_not_the_text_null(
    browser: Browser, front: Front
) -> None:
    upload = front.publish()
    store(
        front, upload, {"year": [2013, None], "note": ["NULL", ""], "spot": [{"x": [1.5]}, None], "html": ["<b>", " a"]}
    )
    browser.sign_in().get(f"uploads/{upload.id}").follow("See the first rows")

    cells = [cell.get_text() for cell in browser.page.select("tbody td")]
    assert cells == ["2013", "NULL", '{"x": [1.5]}', "<b>", "NULL", "empty text", "NULL", " a"]
    assert [cell.get_text() for cell in browser.page.select("td .app-null")] == ["NULL", "empty text", "NULL"]
    assert '<td class="govuk-table__cell"><b>' not in browser.response.text
    region = browser.page.select_one("[role=region]")
    assert region is not None
    assert region["tabindex"] == "0"
    assert browser.page.select_one(f"#{region['aria-labelledby']}")


def test_columns_without_any_value_are_named_beside_the_rows(browser: Browser, front: Front) -> None:
    upload = front.publish()
    front.context.ledger.amend(upload.id, columns=(("year", "bigint"), ("note", "null")))
    store(front, upload, {"year": [2013]})
    browser.sign_in().get(f"uploads/{upload.id}/rows")

    assert "The only row, as it is in the table" in text_of(browser)
    assert "Without any value in this file: note." in text_of(browser)


def test_what_is_not_in_a_table_has_no_rows_page(browser: Browser, front: Front) -> None:
    upload = front.land()
    browser.sign_in().get(f"uploads/{upload.id}")
    assert "See the first rows" not in text_of(browser)
    browser.get(f"uploads/{upload.id}/rows")

    assert (browser.response.status_code, browser.heading) == (404, "There are no rows to show")


# --- upload again ----------------------------------------------------------------------------------------------------


def again(browser: Browser, upload: Upload) -> Browser:
    browser.sign_in().get(f"uploads/{upload.id}")
    return browser.submit(action=f"/uploader/uploads/{upload.id}/again")


def test_a_refused_file_is_uploaded_again_with_the_same_answers(browser: Browser, front: Front) -> None:
    again(browser, refused(front))

    assert browser.path == "/uploader/upload/check"
    assert browser.facts["Document"] == "None"
    assert browser.facts["Sensitivity"] == "Non-sensitive test data"
    assert browser.facts["Database"] == "data_eng_uploader_dev_travel (new)"
    assert browser.facts["Table"] == "trips (new)"


def test_into_a_table_that_is_there_by_now_it_is_not_new(browser: Browser, front: Front) -> None:
    again(browser, front.publish())

    assert browser.facts["Database"] == "data_eng_uploader_dev_travel"
    assert browser.facts["Table"] == "trips"


def test_a_new_table_keeps_the_reading_options_that_were_chosen_for_it(browser: Browser, front: Front) -> None:
    upload = front.land(reading=choose(delimiter="semicolon", text_columns=["code"]))
    front.context.ledger.move(upload.id, State.CHECKING, actor="pipeline")
    front.context.ledger.move(upload.id, State.REFUSED, actor="pipeline")
    again(browser, upload)

    assert browser.page.select_one("#text_columns")["value"] == "code"  # type: ignore[index]
    assert browser.page.select_one("[name=delimiter][value=semicolon]").has_attr("checked")  # type: ignore[union-attr]


def test_what_was_dropped_by_hand_without_governance_begins_with_step_1(browser: Browser, front: Front) -> None:
    from dataclasses import replace

    from include.domain.governance import not_recorded
    from tests.adapters.ledger_samples import an_upload, publish

    team = front.context.settings.team_email
    front.users.emails.add(team)
    sample = an_upload(7)
    governance = not_recorded(by="landing", at=sample.created_at, env="dev")
    upload = replace(sample, uploader="landing", door=Door.LANDING, governance=governance)
    publish(front.context.ledger, upload)
    browser.sign_in(team).get(f"uploads/{upload.id}")
    browser.submit(action=f"/uploader/uploads/{upload.id}/again")

    assert browser.path == "/uploader/upload/governance"


# --- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["receipt", "findings.csv", "rows"])
def test_of_somebody_elses_upload_there_is_nothing(browser: Browser, front: Front, page: str) -> None:
    theirs = front.publish(uploader=COLLEAGUE)
    store(front, theirs, {"year": [2013]})

    assert browser.sign_in().get(f"uploads/{theirs.id}/{page}").response.status_code == 404


def test_nobody_takes_over_the_answers_of_somebody_elses_upload(browser: Browser, front: Front) -> None:
    theirs = front.publish(uploader=COLLEAGUE)
    browser.sign_in().get("uploads")
    token = str(browser.page.select_one("[name=csrf_token]")["value"])  # type: ignore[index]

    answer = browser.client.post(f"uploads/{theirs.id}/again", data={"csrf_token": token})
    assert answer.status_code == 404


@pytest.mark.parametrize("page", ["receipt", "findings.csv", "rows"])
def test_without_a_session_all_of_it_leads_to_sign_in(anonymous: TestClient, front: Front, page: str) -> None:
    answer = anonymous.get(f"uploads/{front.publish().id}/{page}")

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/uploader/sign-in")


def test_a_promoted_upload_says_that_the_reference_answers(browser: Browser, front: Front) -> None:
    upload = front.publish()
    browser.sign_in().get(f"uploads/{upload.id}")
    assert browser.facts["Does the reference answer?"].startswith("Not yet. The rows are in the service's own table")

    ledger = front.context.ledger
    assert ledger.take(upload.id, published=REVISION)
    assert ledger.set_promoted(upload.id, was=None, now=REVISION, published=REVISION)
    assert browser.get(f"uploads/{upload.id}").facts["Does the reference answer?"].startswith("Yes")

    ledger.set_revisions({upload.id: "f" * 16})
    assert "become wider since" in browser.get(f"uploads/{upload.id}").facts["Does the reference answer?"]
