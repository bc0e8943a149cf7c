"""Foreseeing an upload over the API: from facts that a page gathered, in the words of the check."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from include.domain.reading_options import choose
from include.services import preview
from include.services.throttling import QUARTER, Limit
from tests.fakes.trail import trail_of
from tests.plugins.test_api import assert_problem

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from tests.fakes.front import Front

PATH = "databases/travel/tables/trips/preview"
INTEGER = {"kinds": ["integer"], "integer_digits": 4}
TEXT = {"kinds": ["text"]}


def facts(**changes: Any) -> dict[str, Any]:
    """Of a file with a column of years and one of names."""
    columns = [
        {"evidence": INTEGER, "steps": [{"evidence": INTEGER, "line": 2}]},
        {"evidence": TEXT, "steps": [{"evidence": TEXT, "line": 2}]},
    ]
    return {"format": "csv", "header": ["Year", "name"], "rows": 2, "columns": columns, **changes}


def foresee(api: TestClient, options: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    body = {"facts": facts(**changes)} | ({"reading_options": options} if options else {})
    response = api.post(PATH, json=body)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_a_new_table_gets_the_types_of_the_file(api: TestClient) -> None:
    answer = foresee(api)

    assert answer["accepted"]
    assert answer["columns"] == [
        {"name": "year", "type": "bigint", "was": None},
        {"name": "name", "type": "string", "was": None},
    ]
    assert answer["findings"] == []
    assert answer["changes"] == {"new_table": True, "added": [], "widened": [], "missing": [], "unlike": False}


def test_columns_that_a_table_gains_and_lacks_are_told(api: TestClient, front: Front) -> None:
    front.publish()
    answer = foresee(api, header=["day", "name"])

    assert answer["changes"]["added"] == [{"name": "day", "type": "bigint"}, {"name": "name", "type": "string"}]
    assert answer["changes"]["missing"] == ["year"]
    assert answer["changes"]["unlike"]
    assert (answer["confirm"]["owner"], answer["confirm"]["table"]) == ("analyst@example.org", "trips")
    assert answer["confirm"]["differences"] == {"new": ["day", "name"], "missing": ["year"], "shared": []}
    assert len(answer["confirm"]["last_uploads"]) == 1
    assert [finding["code"] for finding in answer["findings"]] == ["adds_columns"]


def test_a_widening_names_the_line_and_not_the_value(api: TestClient, front: Front) -> None:
    front.publish()
    grown = {"kinds": ["integer", "text"], "integer_digits": 4}
    years = {"evidence": grown, "steps": [{"evidence": INTEGER, "line": 2}, {"evidence": grown, "line": 3}]}
    answer = foresee(api, header=["year"], columns=[years])

    assert answer["accepted"]
    widened = {"name": "year", "was": "bigint", "becomes": "string", "step": 1, "depth": 0}
    assert answer["changes"]["widened"] == [widened]
    (finding,) = answer["findings"]
    assert (finding["code"], finding["column"], finding["lines"]) == ("widens_columns", "year", [3])
    assert finding["examples"] == []


def test_ragged_rows_refuse_the_file_in_the_words_of_the_check(api: TestClient) -> None:
    answer = foresee(api, ragged={"total": 1, "rows": [{"line": 7, "found": 3}]}, columns=[])

    assert not answer["accepted"]
    (finding,) = answer["findings"]
    assert finding["code"] == "ragged_rows"
    assert "line 7 has 3" in finding["message"]
    assert answer["columns"] == []


def test_options_that_another_person_owns_are_refused(api: TestClient, stranger: TestClient, front: Front) -> None:
    front.publish()
    body = {"facts": facts(), "reading_options": {"text_columns": ["year"]}}

    assert api.post(PATH, json=body).status_code == 200
    assert_problem(stranger.post(PATH, json=body), 403, "reading_options_not_owner", "reading_options")


def test_options_are_those_of_the_reviewed_file(api: TestClient, front: Front) -> None:
    front.publish()
    front.reviewed.tables["travel", "trips"] = choose(text_columns=["year"])

    assert_problem(api.post(PATH, json={"facts": facts()}), 409, "reading_options_reviewed", "reading_options")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"header": ["year"]}, "facts.columns"),
        (
            {"columns": [{"evidence": {}, "null_words": {"total": 1, "lines": [2], "words": ["secret"]}}] * 2},
            "facts.columns",
        ),
    ],
)
def test_facts_that_contradict_each_other_are_refused(api: TestClient, changes: dict[str, Any], field: str) -> None:
    assert_problem(api.post(PATH, json={"facts": facts(**changes)}), 422, "bad_facts", field)


def test_values_have_no_place_in_the_body(api: TestClient) -> None:
    columns = [{"evidence": TEXT, "examples": ["a value"]}, {"evidence": TEXT}]
    problem = assert_problem(
        api.post(PATH, json={"facts": facts(columns=columns)}), 422, "invalid_request", "facts.columns.0.examples"
    )
    assert "a value" not in str(problem)


def test_nobody_without_a_token_is_answered(anonymous: TestClient) -> None:
    assert_problem(anonymous.post(f"api/v1/{PATH}", json={"facts": facts()}), 401, "token_missing")


def test_nothing_is_logged_or_kept(api: TestClient, front: Front, caplog: pytest.LogCaptureFixture) -> None:
    audited = front.context.ledger.page().uploads
    with caplog.at_level(logging.DEBUG):
        foresee(api, header=["Very Secret", "name"])

    assert "Secret" not in caplog.text
    assert front.context.ledger.page().uploads == audited


def json_facts(**changes: Any) -> dict[str, Any]:
    """Of a file of two records with a struct."""
    member = {"kinds": ["object"], "fields": [["zip", INTEGER]]}
    steps = [
        {"evidence": {"kinds": ["object"]}, "line": 1, "path": [], "begun": [0]},
        {"evidence": INTEGER, "line": 2, "path": ["zip"], "begun": [1, 1]},
    ]
    return {
        "format": "jsonl",
        "rows": 2,
        "column_count": 1,
        "columns": [{"name": "Place", "evidence": member, "steps": steps}],
        **changes,
    }


def test_json_is_foreseen_at_every_depth(api: TestClient) -> None:
    response = api.post(PATH, json={"facts": json_facts()})

    assert response.status_code == 200, response.text
    assert response.json()["columns"] == [{"name": "place", "type": "struct<zip:bigint>", "was": None}]


def test_a_fault_of_json_refuses_the_file_in_the_words_of_the_check(api: TestClient) -> None:
    syntax = {"line": 7, "character": 3, "offset": 99, "reason": "Expecting value"}
    answer = api.post(PATH, json={"facts": json_facts(syntax=syntax, columns=[])}).json()

    assert not answer["accepted"]
    (finding,) = answer["findings"]
    assert (finding["code"], finding["lines"]) == ("invalid_json", [7])
    assert finding["message"].startswith("In line 7, character 3: Expecting value.")


@pytest.mark.parametrize(
    "changes", [{"column_count": 2}, {"columns": [{"name": name, "evidence": INTEGER} for name in ("a", "A")]}]
)
def test_facts_of_json_that_contradict_each_other_are_a_problem(api: TestClient, changes: dict[str, Any]) -> None:
    response = api.post(PATH, json={"facts": json_facts(**changes)})

    assert_problem(response, 422, "bad_facts", "facts.columns")


def test_one_person_may_ask_only_so_often_and_is_told_when_to_come_back(
    api: TestClient, stranger: TestClient, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "PREVIEWS", Limit("checks of files before their upload", 2))
    for _ in range(2):
        foresee(api)

    for _ in range(3):
        answer = api.post(PATH, json={"facts": facts()})
        assert "2 times within 15 minutes" in assert_problem(answer, 429, "too_many_previews")["detail"]
        assert int(answer.headers["Retry-After"]) == QUARTER.total_seconds()
    foresee(stranger)
    # The trail has it once: it must not be filled by what is refused for being too much.
    told = [entry.details for entry in trail_of(front) if entry.what in {"too many tries", "request refused"}]
    assert told == [{"of": "checks of files before their upload"}]

    front.clock.advance(seconds=QUARTER.total_seconds())
    foresee(api)
