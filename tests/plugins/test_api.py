"""The JSON API: every endpoint, and every kind of error as a problem document."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from openapi_spec_validator import validate

from include.domain.csv_findings import MAX_COLUMNS
from include.domain.errors import Transient
from include.domain.findings import Finding, Severity
from include.domain.header import MAX_NAME_LENGTH
from include.domain.reading_options import choose
from include.domain.upload import State
from include.domain.wrong_table import columns_unlike_table, differences, fingerprint
from include.ports import SignedPart
from tests.fakes.front import ANALYST, COLLEAGUE, SURE, Front, make_front
from tests.fakes.objects import sha256_of
from tests.fakes.trail import trail_of
from tests.plugins.conftest import client_of

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient
    from httpx import Response

OF_NOTHING = sha256_of(b"")
BODY: dict[str, Any] = {
    "database": "travel",
    "table": "trips",
    "filename": "Trips January.csv",
    "size": 10,
    "governance": {"document": "none", "reference": "", "classification": "test"},
    "create": True,
}


def assert_problem(response: Response, status: int, code: str, field: str | None = None) -> dict[str, Any]:
    problem: dict[str, Any] = response.json()
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["type"].endswith(f":{code}")
    assert problem["title"]
    assert problem["detail"]
    assert problem.get("field") == field
    return problem


def test_an_announcement_is_sent_again_under_its_key(api: TestClient) -> None:
    def announced(key: str, **changes: Any) -> Any:
        return api.post("uploads", json={**BODY, **changes}, headers={"Idempotency-Key": key})

    key = "8e03978e-40d5-43e8-bc93-6894a57f9324"
    answers = [announced(key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert announced(key[::-1]).json()["upload_id"] != answers[0].json()["upload_id"]
    assert announced(key, size=11).json()["upload_id"] != answers[0].json()["upload_id"]
    assert announced("short").status_code == 422


def start(api: TestClient, **changes: Any) -> str:
    response = api.post("uploads", json={**BODY, **changes})
    assert response.status_code == 201, response.text
    upload_id: str = response.json()["upload_id"]
    return upload_id


def wanted(content: bytes = b"year\n2013\n", number: int = 1) -> dict[str, Any]:
    """Asks for a URL for a part."""
    return {"parts": [{"part_number": number, "size": len(content), "sha256": sha256_of(content)}]}


def done(etag: str = "0" * 32, content: bytes = b"year\n2013\n") -> dict[str, Any]:
    """Completes an upload of one part."""
    return {
        "parts": [{"part_number": 1, "etag": f'"{etag}"', "sha256": sha256_of(content)}],
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def land(api: TestClient, front: Front, content: bytes = b"year\n2013\n") -> str:
    upload_id = start(api, size=len(content))
    (signed,) = api.post(f"uploads/{upload_id}/parts", json=wanted(content)).json()["parts"]
    etag = front.multipart.put(SignedPart(signed["part_number"], signed["url"], signed["headers"]), content)
    answer = api.post(f"uploads/{upload_id}/complete", json=done(etag, content))
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "landed"
    return upload_id


def test_an_announced_file_gets_an_id_a_partition_and_a_plan_of_parts(api: TestClient) -> None:
    response = api.post("uploads", json={**BODY, "size": 40 * 1024**2})

    assert response.status_code == 201
    assert response.json() == {
        "upload_id": f"{1:032x}",
        "extraction_timestamp": "20260131T120000Z",
        "part_size": 16 * 1024**2,
        "part_count": 3,
    }


def test_a_file_goes_from_announcement_to_landing(api: TestClient, front: Front) -> None:
    upload_id = land(api, front)

    upload = front.context.ledger.get(upload_id)
    assert upload is not None
    assert upload.state is State.LANDED
    assert upload.door == "api"


def test_a_signed_url_comes_with_the_headers_to_send_and_how_long_it_is_good_for(api: TestClient) -> None:
    upload_id = start(api, size=16 * 1024**2 + 3)

    answer = api.post(f"uploads/{upload_id}/parts", json=wanted(b"abc", 2)).json()

    (part,) = answer["parts"]
    assert part["part_number"] == 2
    assert part["headers"] == {"Content-Length": "3", "x-amz-checksum-sha256": sha256_of(b"abc")}
    assert answer["expires_in"] == 3600


def test_what_has_arrived_is_listed_so_that_an_upload_can_go_on(api: TestClient, front: Front) -> None:
    upload_id = start(api, size=16 * 1024**2 + 3)
    (signed,) = api.post(f"uploads/{upload_id}/parts", json=wanted(b"abc", 2)).json()["parts"]
    etag = front.multipart.put(SignedPart(2, signed["url"], signed["headers"]), b"abc")

    assert api.get(f"uploads/{upload_id}/parts").json() == {
        "part_size": 16 * 1024**2,
        "part_count": 2,
        "parts": [{"part_number": 2, "size": 3, "etag": etag, "sha256": sha256_of(b"abc")}],
    }
    landed = land(api, front)
    assert_problem(api.get(f"uploads/{landed}/parts"), 409, "wrong_state")


def test_both_checksums_are_shown_and_whether_they_agree(api: TestClient, front: Front) -> None:
    upload_id, digest = land(api, front), hashlib.sha256(b"year\n2013\n").hexdigest()
    shown = api.get(f"uploads/{upload_id}").json()
    assert (shown["sent_sha256"], shown["sha256"], shown["sha256_agrees"]) == (digest, None, None)
    for sha256, agrees in ((digest, True), ("0" * 64, False)):
        front.context.ledger.amend(upload_id, sha256=sha256)
        assert api.get(f"uploads/{upload_id}").json()["sha256_agrees"] is agrees


def test_an_upload_shows_its_state_history_place_rows_columns_and_findings(api: TestClient, front: Front) -> None:
    upload = front.publish()
    finding = Finding(
        code="null_words", title="Null words", severity=Severity.INFO, message="…", column="year", lines=(3,),
        examples=("NA",), details={"count": 1},
    )  # fmt: skip
    front.context.ledger.amend(upload.id, findings=(finding,), sha256="ab" * 32)

    shown = api.get(f"uploads/{upload.id}").json()

    assert shown["state"] == "published"
    assert [line["state"] for line in shown["history"]] == [
        "started", "uploading", "landed", "checking", "converting", "validating", "publishing", "published",
    ]  # fmt: skip
    assert shown["database"] == "travel"
    assert shown["table"] == "trips"
    assert shown["athena_reference"] == "data_eng_uploader_dev_travel.trips"
    assert shown["s3_path"].endswith("/data_eng_uploader_dev_travel/trips/extraction_timestamp=20260131T120000Z/")
    assert shown["extraction_timestamp"] == "20260131T120000Z"
    assert shown["rows"] == 1
    assert shown["columns"] == [{"name": "year", "type": "bigint"}]
    assert shown["findings"] == [finding.as_dict()]
    assert shown["sha256"] == "ab" * 32


def test_completing_again_answers_the_same(api: TestClient, front: Front) -> None:
    upload_id = land(api, front)

    again = api.post(f"uploads/{upload_id}/complete", json=done())

    assert again.status_code == 200
    assert again.json() == api.get(f"uploads/{upload_id}").json()


def test_a_cancelled_upload_says_so_and_may_be_cancelled_again(api: TestClient) -> None:
    upload_id = start(api)

    assert api.delete(f"uploads/{upload_id}").json()["state"] == "cancelled"
    assert api.delete(f"uploads/{upload_id}").status_code == 200


def test_a_landed_upload_cannot_be_cancelled(api: TestClient, front: Front) -> None:
    assert_problem(api.delete(f"uploads/{land(api, front)}"), 409, "wrong_state")


def test_an_upload_that_waits_for_an_approval_says_why_and_may_be_cancelled(api: TestClient, front: Front) -> None:
    upload = front.wait()

    answer = api.get(f"uploads/{upload.id}").json()
    assert answer["state"] == "waiting_for_approval"
    (finding,) = answer["findings"]
    assert (finding["code"], finding["column"], finding["lines"], finding["examples"]) == (
        "widens_columns", "year", [7], ["unknown"],
    )  # fmt: skip
    assert api.delete(f"uploads/{upload.id}").json()["state"] == "cancelled"
    assert api.delete(f"uploads/{upload.id}").status_code == 200


def test_my_uploads_come_by_the_page(api: TestClient, front: Front) -> None:
    for _ in range(3):
        front.clock.advance(seconds=1)
        start(api)
    front.start(uploader=COLLEAGUE, confirmed=SURE)

    first = api.get("uploads?limit=2").json()
    second = api.get("uploads", params={"limit": 2, "cursor": first["next_cursor"]}).json()

    assert [len(first["uploads"]), len(second["uploads"])] == [2, 1]
    assert second["next_cursor"] is None
    assert first["uploads"][0]["created_at"] > second["uploads"][0]["created_at"]


def test_every_database_is_listed_however_many(api: TestClient, front: Front) -> None:
    names = [f"db{number:03d}" for number in range(30)]
    for name in names:
        front.publish(name)

    listed = api.get("databases").json()["databases"]

    assert [database["database"] for database in listed] == names
    assert listed[0]["glue_database"] == "data_eng_uploader_dev_db000"


def test_the_tables_of_a_database_are_listed(api: TestClient, front: Front) -> None:
    front.publish("travel", "trips")
    front.publish("travel", "hotels")

    tables = api.get("databases/travel/tables").json()["tables"]

    assert [table["table"] for table in tables] == ["hotels", "trips"]
    assert tables[1]["athena_reference"] == "data_eng_uploader_dev_travel.trips"
    assert tables[1]["partitions"] == 1


def test_a_table_shows_its_columns_with_evidence_and_its_partitions_by_the_page(api: TestClient, front: Front) -> None:
    for _ in range(3):
        front.publish()

    first = api.get("databases/travel/tables/trips?limit=2").json()
    second = api.get(f"databases/travel/tables/trips?limit=2&cursor={first['next_cursor']}").json()

    (column,) = first["columns"]
    assert (column["name"], column["type"]) == ("year", "bigint")
    assert column["evidence"]["integer_digits"] == 4
    assert first["partition_count"] == 3
    assert [partition["extraction_timestamp"] for partition in first["partitions"] + second["partitions"]] == [
        "20260131T120002Z",
        "20260131T120001Z",
        "20260131T120000Z",
    ]
    assert first["partitions"][0]["uploader"] == "analyst@example.org"
    assert first["partitions"][0]["rows"] == 1
    assert first["partitions"][0]["promotion"] == "waiting"
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "databases"),
        ("GET", "databases/travel/tables"),
        ("GET", "databases/travel/tables/trips"),
        ("GET", "uploads"),
        ("POST", "uploads"),
        ("GET", "uploads/x"),
        ("DELETE", "uploads/x"),
        ("GET", "uploads/x/parts"),
        ("POST", "uploads/x/parts"),
        ("POST", "uploads/x/complete"),
        ("POST", "uploads/x/withdraw"),
    ],
)
def test_nothing_answers_without_a_token_or_with_a_wrong_one(anonymous: TestClient, method: str, path: str) -> None:
    bodies: dict[str, Any] = {
        "uploads": BODY,
        "uploads/x/parts": wanted(),
        "uploads/x/complete": done(),
        "uploads/x/withdraw": {},
    }
    body = bodies.get(path) if method == "POST" else None
    for header in ({}, {"Authorization": "Bearer dup_wrong"}, {"Authorization": "Basic YTpi"}):
        response = anonymous.request(method, f"api/v1/{path}", headers=header, json=body)
        assert_problem(response, 401, "invalid_token" if header else "token_missing")
        assert response.headers["www-authenticate"].startswith("Bearer")


def test_wrong_tokens_are_in_the_audit_trail_of_one_source_only_so_far(tmp_path: Path) -> None:
    front = make_front(tmp_path, sign_in_source_limit=3)
    client = client_of(front)
    for _ in range(5):
        client.get("api/v1/uploads", headers={"Authorization": "Bearer dup_wrong"})

    refused = [(entry.who, entry.details["code"]) for entry in trail_of(front) if entry.what == "request refused"]
    assert refused == [("unknown", "invalid_token")] * 3


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({"database": "Travel"}, 422, "database_name_characters", "database"),
        ({"database": ""}, 422, "database_name_missing", "database"),
        ({"database": "data_eng_uploader_dev_travel"}, 422, "database_name_prefix", "database"),
        ({"table": "Trips"}, 422, "table_name_characters", "table"),
        ({"filename": "trips.docx"}, 422, "unsupported_format", "file"),
        ({"size": 6 * 1024**4}, 413, "file_too_large", "file"),
        ({"create": False}, 404, "database_not_found", "database"),
        ({"governance": {"document": "none", "classification": "official"}}, 422, "governance_needed", "document"),
        ({"governance": {"document": "dpia", "classification": "official"}}, 422, "governance_reference", "reference"),
    ],
)
def test_an_announcement_that_breaks_a_rule_is_refused_by_field(
    api: TestClient, changes: dict[str, Any], status: int, code: str, field: str
) -> None:
    assert_problem(api.post("uploads", json={**BODY, **changes}), status, code, field)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"size": "10"}, "size"),
        ({"size": 10.0}, "size"),
        ({"size": True}, "size"),
        ({"size": -1}, "size"),
        ({"size": 2**63}, "size"),
        ({"create": "yes"}, "create"),
        ({"database": None}, "database"),
        ({"database": "d" * 5000}, "database"),
        ({"tabel": "trips"}, "tabel"),
        ({"governance": {"document": "other", "classification": "test"}}, "governance.document"),
        ({"governance": {"document": "none", "classification": "test", "by": "me"}}, "governance.by"),
    ],
)
def test_a_body_of_another_shape_is_refused_by_field(api: TestClient, changes: dict[str, Any], field: str) -> None:
    assert_problem(api.post("uploads", json={**BODY, **changes}), 422, "invalid_request", field)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe"])
def test_a_body_that_is_no_json_object_is_refused(api: TestClient, body: bytes) -> None:
    response = api.post("uploads", content=body, headers={"Content-Type": "application/json"})

    assert response.status_code in {400, 422}
    assert_problem(response, response.status_code, response.json()["code"], response.json().get("field"))


SEMICOLON: dict[str, Any] = {"delimiter": "semicolon", "text_columns": ["Code"], "null_words": ["-"]}
READ_SO = {
    "delimiter": "semicolon", "text_columns": ["code"], "day_first_columns": [], "null_words": ["-"], "sheet": None,
}  # fmt: skip


def test_an_upload_is_read_as_it_was_announced(api: TestClient) -> None:
    upload_id = start(api, reading_options=SEMICOLON)
    assert api.get(f"uploads/{upload_id}").json()["reading_options"] == READ_SO


def test_an_upload_is_read_as_its_table_unless_others_are_chosen(
    api: TestClient, stranger: TestClient, front: Front
) -> None:
    front.publish(reading=choose(**SEMICOLON))
    table = api.get("databases/travel/tables/trips").json()
    assert (table["reading_options"], table["reading_options_reviewed"]) == (READ_SO, False)
    following = stranger.get(f"uploads/{start(stranger, confirm=True)}").json()
    assert following["reading_options"] == READ_SO
    same = stranger.get(f"uploads/{start(stranger, reading_options=SEMICOLON)}").json()
    assert same["reading_options"] == READ_SO
    owners = api.get(f"uploads/{start(api, reading_options={})}").json()
    assert owners["reading_options"]["delimiter"] == "comma"
    refused = stranger.post("uploads", json={**BODY, "reading_options": {}})
    assert_problem(refused, 403, "reading_options_not_owner", "reading_options")


def test_reviewed_options_cannot_be_chosen_otherwise(api: TestClient, front: Front) -> None:
    front.publish()
    front.reviewed.tables["travel", "trips"] = choose(**SEMICOLON)
    assert api.get("databases/travel/tables/trips").json()["reading_options_reviewed"] is True
    refused = api.post("uploads", json={**BODY, "reading_options": {"delimiter": "pipe"}})
    assert_problem(refused, 409, "reading_options_reviewed", "reading_options")
    assert api.get(f"uploads/{start(api)}").json()["reading_options"] == READ_SO


@pytest.mark.parametrize(
    ("options", "code", "field"),
    [
        ({"text_columns": ["Sample Number"]}, "bad_option_column", "reading_options.text_columns"),
        ({"null_words": ["a\nb"]}, "bad_null_words", "reading_options.null_words"),
        (
            {"text_columns": ["a"], "day_first_columns": ["A"]},
            "column_option_twice",
            "reading_options.day_first_columns",
        ),
        ({"sheet": ""}, "bad_sheet", "reading_options.sheet"),
        ({"delimiter": ";"}, "invalid_request", "reading_options.delimiter"),
        ({"delimeter": "pipe"}, "invalid_request", "reading_options.delimeter"),
        ({"text_columns": "a"}, "invalid_request", "reading_options.text_columns"),
    ],
)
def test_options_that_break_a_rule_are_refused_by_field(
    api: TestClient, options: dict[str, Any], code: str, field: str
) -> None:
    assert_problem(api.post("uploads", json={**BODY, "reading_options": options}), 422, code, field)


def test_values_that_were_sent_are_not_repeated_in_a_validation_error(api: TestClient) -> None:
    response = api.post("uploads", json={**BODY, "size": "secret-value"})

    assert "secret-value" not in response.text


@pytest.mark.parametrize("name", ["a\ud800b", "a\0b", "../../etc", "x" * 4000])
def test_odd_names_are_refused_and_never_our_fault(api: TestClient, name: str) -> None:
    import json

    for field in ("database", "table", "filename"):
        response = api.post("uploads", content=json.dumps({**BODY, field: name}).encode())
        assert 400 <= response.status_code < 500
    reference = {**BODY, "governance": {"document": "dpia", "reference": name, "classification": "official"}}
    assert api.post("uploads", content=json.dumps(reference).encode()).status_code in {201, 422}


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [{"part_number": 1, "sha256": OF_NOTHING}],
        [{"part_number": 1, "etag": "a"}],
        [{"part_number": 1, "etag": "a", "sha256": "0" * 64}],
        [{"part_number": 0, "etag": "a", "sha256": OF_NOTHING}],
        [{"part_number": 10001, "etag": "a", "sha256": OF_NOTHING}],
        [{"part_number": 1, "etag": "<x/>", "sha256": OF_NOTHING}],
        [{"part_number": 1, "etag": "a", "sha256": OF_NOTHING, "size": 1}],
    ],
)
def test_parts_of_another_shape_are_refused(api: TestClient, parts: list[Any]) -> None:
    response = api.post(f"uploads/{start(api)}/complete", json={"parts": parts})

    assert response.status_code == 422
    assert response.json()["code"] == "invalid_request"


def test_part_numbers_beyond_the_plan_are_refused(api: TestClient) -> None:
    response = api.post(f"uploads/{start(api)}/parts", json=wanted(number=2))

    assert_problem(response, 422, "bad_part_numbers", "parts")


def test_somebody_elses_upload_is_not_found(api: TestClient, stranger: TestClient) -> None:
    place = f"uploads/{start(api)}"

    assert_problem(stranger.get(place), 404, "upload_not_found")
    assert_problem(stranger.delete(place), 404, "upload_not_found")
    assert_problem(stranger.post(f"{place}/parts", json=wanted()), 404, "upload_not_found")
    assert_problem(stranger.get(f"{place}/parts"), 404, "upload_not_found")
    assert_problem(stranger.post(f"{place}/complete", json=done()), 404, "upload_not_found")


@pytest.mark.parametrize("upload_id", ["x", "0" * 32, "%00", "%FF", "a" * 3000, "é"])
def test_an_unknown_upload_is_not_found(api: TestClient, upload_id: str) -> None:
    assert_problem(api.get(f"uploads/{upload_id}"), 404, "upload_not_found")


def test_an_unknown_path_and_a_wrong_method_are_problems_too(api: TestClient) -> None:
    assert_problem(api.get("nothing"), 404, "not_found")
    response = api.put("databases", json={})
    assert_problem(response, 405, "method_not_allowed")
    assert "GET" in response.headers["allow"]


def test_a_body_over_the_bound_is_refused_whether_or_not_it_says_its_length(api: TestClient) -> None:
    large = b" " * (3 * 1024**2 + 1)
    assert_problem(api.post("uploads", content=large), 413, "request_entity_too_large")

    chunks = (b" " * 1024**2 for _ in range(4))
    assert_problem(api.post("uploads", content=chunks), 413, "request_entity_too_large")


def test_a_file_with_as_many_and_as_long_names_as_are_taken_can_be_announced(api: TestClient) -> None:
    names = [f"{number:05}_{'x' * 249}" for number in range(MAX_COLUMNS)]
    assert len(names[0]) == MAX_NAME_LENGTH
    assert api.post("uploads", json={**BODY, "columns": names}).status_code == 201
    assert_problem(api.post("uploads", json={**BODY, "columns": [*names, "y"]}), 422, "invalid_request", "columns")


def test_what_passes_is_503_and_says_when_to_come_back(api: TestClient, front: Front) -> None:
    front.multipart.failure = Transient("S3 is away.", code="s3_unavailable", title="S3 is away")

    response = api.post("uploads", json=BODY)

    assert_problem(response, 503, "s3_unavailable")
    assert response.headers["retry-after"] == "5"


def test_what_nobody_foresaw_is_500_and_tells_nothing(api: TestClient, front: Front) -> None:
    front.multipart.failure = ZeroDivisionError("a secret of ours")

    response = api.post("uploads", json=BODY)

    assert_problem(response, 500, "internal_error")
    assert "secret" not in response.text
    assert "content-security-policy" in response.headers


def test_a_cursor_that_no_page_gave_is_refused(api: TestClient, front: Front) -> None:
    front.publish()

    assert_problem(api.get("uploads?cursor=x"), 422, "bad_cursor", "cursor")
    assert_problem(api.get("databases/travel/tables/trips?cursor=x"), 422, "bad_cursor", "cursor")


def test_the_openapi_document_is_valid_and_describes_every_error_as_a_problem(anonymous: TestClient) -> None:
    document = anonymous.get("api/v1/openapi.json").json()
    validate(document)

    assert document["servers"] == [{"url": "/uploader/api/v1"}]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for status, answer in operation["responses"].items():
                kinds = set(answer.get("content", {}))
                expected = {"application/json"} if int(status) < 400 else {"application/problem+json"}
                assert kinds == expected, (method, path, status)
            assert {"401", "503"} <= set(operation["responses"]), (method, path)


def test_every_endpoint_of_the_api_is_known(anonymous: TestClient) -> None:
    document = anonymous.get("api/v1/openapi.json").json()

    assert {path: sorted(methods) for path, methods in document["paths"].items()} == {
        "/databases": ["get"],
        "/databases/{database}/tables": ["get"],
        "/databases/{database}/tables/{table}": ["get"],
        "/databases/{database}/tables/{table}/metadata": ["get"],
        "/databases/{database}/tables/{table}/preview": ["post"],
        "/uploads": ["get", "post"],
        "/uploads/{upload_id}": ["delete", "get"],
        "/uploads/{upload_id}/parts": ["get", "post"],
        "/uploads/{upload_id}/complete": ["post"],
        "/uploads/{upload_id}/withdraw": ["post"],
    }


def test_a_table_that_must_be_confirmed_is_a_conflict_that_says_why_and_whose(
    stranger: TestClient, front: Front
) -> None:
    front.publish()
    columns = {"columns": ["species"]}
    problem = assert_problem(stranger.post("uploads", json={**BODY, **columns}), 409, "confirm_needed", "confirm")
    asked = problem["confirm"]
    assert [reason["code"] for reason in asked["reasons"]] == ["not_used_before", "columns_unlike"]
    assert (asked["database"], asked["table"], asked["owner"]) == ("travel", "trips", ANALYST)
    assert [last["uploader"] for last in asked["last_uploads"]] == [ANALYST]
    assert asked["differences"] == {"new": ["species"], "missing": ["year"], "shared": []}

    upload = front.context.ledger.get(start(stranger, confirm=True, **columns))
    assert upload is not None
    assert upload.confirmed


def test_a_restricted_table_is_forbidden_to_others(stranger: TestClient, front: Front) -> None:
    front.owners.restricted["travel", "trips"] = (ANALYST,)
    problem = assert_problem(stranger.post("uploads", json=BODY), 403, "table_restricted", "table")
    assert f"Ask {ANALYST}" in problem["detail"]


def test_confirming_a_table_confirms_no_columns_until_a_file_was_refused_for_them(
    stranger: TestClient, front: Front
) -> None:
    front.publish()
    first = front.context.ledger.get(start(stranger, confirm=True))
    assert first is not None
    assert not first.confirmed

    finding = columns_unlike_table(differences(("species",), ("year",)))
    front.context.ledger.amend(first.id, findings=(finding,))
    for state in (State.CHECKING, State.REFUSED):
        front.context.ledger.move(first.id, state, actor="pipeline")
    again = front.context.ledger.get(start(stranger, confirm=True))
    assert again is not None
    assert (again.confirmed, again.confirmed_columns) == (True, fingerprint(["species"]))
