"""A large file under Airflow's own scheduler: a task for each group of rows, and again where a late value is wider."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.clients import aws, wait_for

if TYPE_CHECKING:
    from tests.e2e.conftest import Service

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

ROWS = 1_200_000  # 26 MB
SURPRISE = 700_000  # where no sample of ranges looks


def large_file(rows: int = ROWS) -> list[str]:
    """The lines of a file in which nothing surprises."""
    return ["id,n,note\n", *(f"{number},{number % 97},some text\n" for number in range(1, rows + 1))]


def test_a_late_surprise_is_converted_again_in_a_task_for_each_other_group(service: Service) -> None:
    lines = large_file()
    lines[SURPRISE] = f"{SURPRISE},unknown,some text\n"
    status = service.api.publish("".join(lines).encode(), database="large", table="late", filename="large.csv")
    airflow, upload_id = service.airflow, status["upload_id"]
    assert airflow.wait("ingest_upload", upload_id) == "success"
    assert status["rows"] == ROWS
    converted = airflow.mapped("ingest_upload", upload_id, "convert")
    again = airflow.mapped("ingest_upload", upload_id, "reconvert")
    assert set(converted.values()) == set(again.values()) == {"success"}
    assert len(converted) > len(again) > 1
    assert set(again) < set(converted)
    assert any(name.startswith("rows 1 to ") for name in again)
    (entry,) = aws(service.local, "glue").get_partitions(DatabaseName="data_eng_uploader_dev_large", TableName="late")[
        "Partitions"
    ]
    types = {column["Name"]: column["Type"] for column in entry["StorageDescriptor"]["Columns"]}
    assert types == {"id": "bigint", "n": "string", "note": "string"}


def test_a_group_of_a_finished_run_may_be_cleared(service: Service) -> None:
    text = "".join(large_file(900_000)).encode()
    status = service.api.publish(text, database="large", table="plain", filename="f.csv")
    airflow, upload_id = service.airflow, status["upload_id"]
    assert airflow.wait("ingest_upload", upload_id) == "success"
    assert airflow.tasks("ingest_upload", upload_id)["reconvert"] == "skipped"
    airflow.clear_task("ingest_upload", upload_id, "convert", 1)

    def cleared() -> bool | None:
        states = list(airflow.mapped("ingest_upload", upload_id, "convert").values())
        return True if states.count("skipped") == 1 else None

    wait_for(cleared, seconds=120, what="the cleared group to be skipped")
    assert airflow.wait("ingest_upload", upload_id) == "success"
    assert service.api.status(upload_id)["history"] == status["history"]


def test_a_refused_file_skips_every_stage_after_its_fault(service: Service) -> None:
    upload_id = service.api.upload(b"a,b\n1\n", database="large", table="refused", filename="bad.csv")
    assert service.api.wait(upload_id)["state"] == "refused"
    assert service.airflow.wait("ingest_upload", upload_id) == "success"
    states = service.airflow.tasks("ingest_upload", upload_id)
    assert {name for name, state in states.items() if state == "success"} == {"refuse", "notify"}
    assert {name for name, state in states.items() if state == "skipped"} == {
        "check",
        "convert",
        "settle_types",
        "reconvert",
        "validate",
        "publish",
    }


def test_a_file_refused_where_types_are_decided_skips_what_follows(service: Service) -> None:
    upload_id = service.api.upload(b"a,b\n,\n,\n", database="large", table="empty", filename="empty.csv")
    assert service.api.wait(upload_id)["state"] == "refused"
    assert service.airflow.wait("ingest_upload", upload_id) == "success"
    states = service.airflow.tasks("ingest_upload", upload_id)
    assert {name for name, state in states.items() if state == "success"} == {"check", "convert", "refuse", "notify"}
