"""Requests that no page of ours makes: other methods, odd paths, bodies that are no text, forged headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from tests.fakes.front import Front


def test_a_method_that_a_path_does_not_have_is_refused_with_those_that_it_has(api: TestClient) -> None:
    answer = api.request("PUT", f"uploads/{'0' * 32}")

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "DELETE, GET"
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD"])
def test_a_page_answers_only_the_methods_that_it_has(anonymous: TestClient, method: str) -> None:
    answer = anonymous.request(method, "sign-in")

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, POST"


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_no_header_and_no_field_makes_another_method_of_a_request(api: TestClient, front: Front, header: str) -> None:
    upload = front.start()

    answer = api.get(f"uploads/{upload.id}", params={"_method": "DELETE"}, headers={header: "DELETE"})

    assert answer.status_code == 200
    assert answer.json()["state"] == "started"


def test_a_body_that_is_no_text_is_refused_as_one_that_is_no_json(api: TestClient) -> None:
    answer = api.post("uploads", content=b"\x81\xc2\x85n", headers={"Content-Type": "application/json"})

    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_request"
    assert answer.json()["field"] == "body"


@pytest.mark.parametrize("end", ["%0A", "%0D%0A", "%00", "%1b"])
def test_a_control_character_in_a_path_changes_nothing_about_who_answers(api: TestClient, end: str) -> None:
    answer = api.post(
        f"uploads/abc{end}/complete", json={"parts": [{"part_number": 1, "etag": "a", "sha256": "A" * 43 + "="}]}
    )

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "Content-Security-Policy" in answer.headers


def test_what_is_not_the_fronts_is_protected_too(anonymous: TestClient) -> None:
    answer = anonymous.get("http://testserver/elsewhere")

    assert answer.status_code == 404
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Security-Policy" in answer.headers
