"""What a request may cost: a body made to be wrong in a hundred thousand places is refused for a few of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

PREVIEW = "databases/travel/tables/trips/preview"
WRONG = {f"nothing_{number}": number for number in range(50_000)}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("uploads", WRONG),
        (PREVIEW, {"facts": {"format": "csv", "header": ["a"], **WRONG}}),
        (PREVIEW, {"facts": {"format": "csv", "header": [1] * 10_000}}),
        (PREVIEW, {"facts": {"format": "csv", "header": ["a"], "columns": [{"steps": [{"line": 0}] * 100}] * 1_000}}),
        (f"uploads/{'0' * 32}/complete", {"parts": [{"part_number": 0, "etag": ""}] * 10_000}),
    ],
)
def test_a_body_that_is_wrong_all_over_has_a_short_answer(api: TestClient, path: str, body: dict[str, Any]) -> None:
    answer = api.post(path, json=body)
    assert answer.status_code == 422
    assert len(answer.content) < 32_000


def test_a_cursor_at_the_beginning_of_time_is_no_cursor(api: TestClient) -> None:
    # 0001-01-01T00:00:00+23:59, which is before the first moment that there is in UTC.
    answer = api.get("uploads", params={"cursor": "MDAwMS0wMS0wMVQwMDowMDowMCsyMzo1OSBh"})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


@pytest.mark.parametrize(
    "facts",
    [
        {"header": [f"{number:05d}" * 40 for number in range(2_000)]},
        {"header": ["a"] * 100, "columns": [{"evidence": {}, "steps": [{"evidence": {}, "line": 1}] * 101}] * 100},
    ],
)
def test_facts_that_are_too_many_together_are_refused_at_once(api: TestClient, facts: dict[str, Any]) -> None:
    answer = api.post(PREVIEW, json={"facts": {"format": "csv", "rows": 1, **facts}})
    assert answer.status_code == 422
    assert "together may have" in answer.text
    assert len(answer.content) < 2_000


def test_a_header_that_is_wrong_all_over_has_a_short_answer(api: TestClient) -> None:
    header = [f"{number} " + "é" * 16 for number in range(10_000)]
    answer = api.post(PREVIEW, json={"facts": {"format": "csv", "rows": 1, "header": header}})
    (finding,) = answer.json()["findings"]
    assert (finding["code"], len(finding["details"]["names"])) == ("special_characters", 20)
    assert len(answer.content) < 32_000
