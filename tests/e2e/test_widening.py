"""Widening under Airflow's own scheduler: an upload waits, its table is derived again, and above the budget a person is
asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.clients import aws, wait_for
from tests.e2e.conftest import WIDEN_MAX_PARTITIONS

if TYPE_CHECKING:
    from tests.e2e.conftest import Service

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]


def partition_types(service: Service, table: str) -> list[str]:
    """The type of column `a` in the table and in each of its partitions."""
    glue, database = aws(service.local, "glue"), "data_eng_uploader_dev_wide"
    entries = glue.get_partitions(DatabaseName=database, TableName=table)["Partitions"]
    found = [glue.get_table(DatabaseName=database, Name=table)["Table"], *entries]
    return [column["Type"] for one in found for column in one["StorageDescriptor"]["Columns"] if column["Name"] == "a"]


def the_run(service: Service, table: str) -> str:
    """The run of `widen_table` that the watch started for a table."""

    def look() -> str | None:
        runs = service.airflow.http.get("/dags/widen_table/dagRuns").raise_for_status().json()["dag_runs"]
        mine = [run["dag_run_id"] for run in runs if run["dag_run_id"].startswith(f"wide.{table}__")]
        return mine[0] if mine else None

    return wait_for(look, seconds=300, what="a run of widen_table")


def answer(service: Service, run_id: str, option: str) -> None:
    """What a data engineer does under Required actions."""
    where = f"/dags/widen_table/dagRuns/{run_id}/taskInstances/ask/-1/hitlDetails"

    def look() -> dict[str, Any] | None:
        # Not before the task is parked: on SQLite, which locks no row, Airflow 3.3 may lose an answer that comes
        # in the same moment. A person is not that quick. (One that comes as soon as it is parked, it must not lose.)
        found = service.airflow.http.get(where)
        question = found.json() if found.status_code == 200 else None
        return question if question and question["task_instance"]["state"] == "awaiting_input" else None

    asked = wait_for(look, seconds=300, what="the question")
    assert f"{WIDEN_MAX_PARTITIONS + 1} partitions to derive again" in asked["body"]
    assert "`a`: bigint becomes string" in asked["body"]
    service.airflow.ask_again(lambda: service.airflow.http.patch(where, json={"chosen_options": [option]}))


def test_an_upload_that_its_table_is_too_narrow_for_waits_and_is_published_by_the_job(service: Service) -> None:
    service.api.publish(b"a\n1\n", database="wide", table="small", filename="one.csv")
    upload_id = service.api.upload(b"a\nx\n", database="wide", table="small", filename="two.csv")
    status = service.api.wait(upload_id, seconds=400)
    assert status["state"] == "published"
    assert "widening" in [change["state"] for change in status["history"]]
    assert service.airflow.wait("ingest_upload", upload_id) == "success"
    assert service.airflow.tasks("ingest_upload", upload_id)["publish"] == "skipped"
    run_id = the_run(service, "small")
    assert service.airflow.wait("widen_table", run_id) == "success"
    tasks = service.airflow.tasks("widen_table", run_id)
    assert {name for name, state in tasks.items() if state == "skipped"} == {"ask", "decline"}
    assert len(service.airflow.mapped("widen_table", run_id, "derive")) == 1
    assert partition_types(service, "small") == ["string"] * 3


@pytest.mark.parametrize(("option", "ends"), [("Widen", "published"), ("Decline", "refused")])
def test_above_the_budget_a_person_decides(service: Service, option: str, ends: str) -> None:
    table = option.lower()
    sent = [
        service.api.upload(b"a\n1\n", database="wide", table=table, filename=f"{number}.csv")
        for number in range(WIDEN_MAX_PARTITIONS + 1)
    ]
    assert {service.api.wait(upload_id, seconds=400)["state"] for upload_id in sent} == {"published"}
    upload_id = service.api.upload(b"a\nx\n", database="wide", table=table, filename="last.csv")
    service.api.wait(upload_id, until={"waiting_for_approval"}, seconds=400)
    run_id = the_run(service, table)
    answer(service, run_id, option)
    assert service.api.wait(upload_id, seconds=400)["state"] == ends
    assert service.airflow.wait("widen_table", run_id) == "success"
    kind, partitions = ("string", 4) if option == "Widen" else ("bigint", 3)
    assert partition_types(service, table) == [kind] * (1 + partitions)
