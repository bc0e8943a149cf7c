"""The page's modules that cut a file into parts and send them, under Node: they cut as the service does."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from include.domain.upload import MAX_PART_SIZE, MAX_PARTS, PartPlan, plan_parts
from plugins.front.visitors import UNATTENDED

MIB = 1024**2
TIB = 1024**4
SMALLEST = 16 * MIB
SIZES = [
    *(0, 1, SMALLEST - 1, SMALLEST, SMALLEST + 1, 5 * 1024**3),
    *(SMALLEST * MAX_PARTS, SMALLEST * MAX_PARTS + 1, 5 * TIB, MAX_PART_SIZE * MAX_PARTS),
]


def node(what: str, **question: Any) -> Any:
    """What the modules answer."""
    run = subprocess.run(
        ["node", str(Path(__file__).with_name("run.mjs"))],
        input=json.dumps({"what": what, **question}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def send(parts: int, **changes: Any) -> Any:
    """Send a file of that many parts of 10 bytes, the last of which has 3."""
    usual = {"size": 10 * parts - 7, "partSize": 10, "there": [], "answers": {}, "read": parts}
    return node("send", **{**usual, **changes})


def numbers(parts: list[dict[str, Any]], name: str = "number") -> list[int]:
    return sorted(part[name] for part in parts)


def test_a_file_of_any_size_is_cut_as_the_service_cuts_it() -> None:
    plans = [plan_parts(size, smallest=SMALLEST) for size in SIZES]
    cut = node("cut", files=[{"size": size, "partSize": plan.size} for size, plan in zip(SIZES, plans, strict=True)])

    for size, plan, found in zip(SIZES, plans, cut, strict=True):
        first, last = found["first"], found["last"]
        assert PartPlan(plan.size, found["count"]) == plan
        assert first == {"start": 0, "end": plan.bytes_of(1, of=size)}
        assert last == {"start": size - plan.bytes_of(plan.count, of=size), "end": size}


def test_sizes_and_times_are_told_no_finer_than_they_are_known() -> None:
    sizes = [0, 1023, 1536, 2 * 1024**3, 5 * TIB]
    told = node("words", sizes=sizes, seconds=[3, 31, 60, 3599, 7200, 200_000])

    assert told["sizes"] == ["0 bytes", "1023 bytes", "1.5 KB", "2 GB", "5 TB"]
    assert told["times"] == [
        *("a few seconds", "about 40 seconds", "about 1 minute", "about 1 hour", "about 2 hours", "about 2 days"),
    ]


def test_each_part_is_signed_with_its_own_size_and_checksum_and_put_once() -> None:
    sent = send(20)

    assert numbers(sent["puts"]) == list(range(1, 21))
    assert {put["bytes"] for put in sent["puts"] if put["number"] < 20} == {10}
    signed = [part for batch in sent["signings"] for part in batch]
    assert numbers(signed, "part_number") == list(range(1, 21))
    assert {part["part_number"]: part["size"] for part in signed} == {**dict.fromkeys(range(1, 20), 10), 20: 3}
    assert all(part["sha256"] == f"sum {part['part_number']}" for part in signed)
    # A script may not set the length: the browser does, from the bytes.
    assert all(put["headers"] == {"x-amz-checksum-sha256": f"sum {put['number']}"} for put in sent["puts"])
    assert (sent["shown"], sent["failed"]) == (193, None)


def test_parts_are_signed_by_eight_and_no_further_than_they_were_read() -> None:
    assert [len(batch) for batch in send(20)["signings"]] == [8, 8, 4]
    assert max(len(batch) for batch in send(20, read=0)["signings"]) == 1


def test_what_is_there_is_neither_signed_nor_sent() -> None:
    sent = send(6, there=[1, 2, 5])

    assert numbers(sent["puts"]) == [3, 4, 6]
    assert numbers([part for batch in sent["signings"] for part in batch], "part_number") == [3, 4, 6]
    assert sent["shown"] == 53


def test_a_part_that_the_store_refuses_is_signed_anew() -> None:
    sent = send(3, answers={"2": [403]})
    second = [(put["status"], put["signing"]) for put in sent["puts"] if put["number"] == 2]

    assert second == [(403, 1), (200, 2)]
    assert numbers(sent["signings"][1], "part_number") == [2]


def test_a_part_that_did_not_arrive_is_sent_again_to_the_same_url() -> None:
    sent = send(3, answers={"2": [0, 503]})
    second = [(put["status"], put["signing"]) for put in sent["puts"] if put["number"] == 2]

    assert second == [(0, 1), (503, 1), (200, 1)]
    assert len(sent["signings"]) == 1


def test_looking_for_a_session_is_no_use_of_it() -> None:
    found = node("renew")

    assert found["csrf"] == "new"
    assert [{name.lower(): value for name, value in headers.items()} for headers in found["headers"]] == [
        {"accept": "application/json", UNATTENDED: "1"}
    ]


@pytest.mark.timeout(60)
def test_a_store_that_goes_on_refusing_ends_the_upload() -> None:
    sent = send(1, answers={"1": [403] * 9})

    assert [put["status"] for put in sent["puts"]] == [403] * 5
    assert sent["failed"] == {
        "name": "Problem",
        "said": "The store does not take the file (403). Tell the team that runs the service.",
    }
