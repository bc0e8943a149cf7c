"""The DAGs as data engineers meet them: documented, owned, bounded, and cheap to parse."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
DAGS = (
    "housekeeping",
    "verify_catalogue",
    "watch_landing",
    "ingest_upload",
    "promote_to_analytical_platform",
    "rebuild_ledger",
    "rebuild_table",
    "reingest_upload",
    "withdraw_upload",
    "widen_table",
)
RETRIES = {"promote_to_analytical_platform": 7, "withdraw_upload.withdraw": 30}
WAITS_FOR_A_PERSON = {"approve"}  # for as long as it takes
HEAVY = ("pyarrow", "pandas", "boto3", "great_expectations", "duckdb")

# Runs in a process of its own: importing Airflow settles its folders for the whole process.
LOOK = """
import json, runpy, sys
sys.path.insert(0, {dags!r})
found = dict()
for name in {names!r}:
    before = set(sys.modules)
    dag = runpy.run_path({dags!r} + "/" + name + ".py")["dag"]
    found[dag.dag_id] = dict(
        doc=dag.doc_md, tags=sorted(dag.tags), description=dag.description, catchup=dag.catchup,
        max_active_runs=dag.max_active_runs, mails_failure=bool(dag.on_failure_callback),
        form=dict((name, dict(schema=param.schema, description=param.description, value=param.dump()["value"]))
                  for name, param in dag.params._ParamsDict__dict.items()),
        heavy=[one for one in {heavy!r} if one in set(sys.modules) - before],
        tasks={{
            task.task_id: dict(
                owner=task.owner, retries=task.retries, delay=task.retry_delay.total_seconds(),
                backoff=task.retry_exponential_backoff,
                longest_delay=task.max_retry_delay.total_seconds() if task.max_retry_delay else None,
                timeout=task.execution_timeout.total_seconds() if task.execution_timeout else None,
                doc=bool(task.doc_md or task.doc or getattr(getattr(task, "python_callable", None), "__doc__", None)),
                downstream=sorted(task.downstream_task_ids), rule=task.trigger_rule.value,
                outlets=[getattr(one, "name", "") for one in task.outlets],
                mails_failure=bool(task.on_failure_callback),
                mapped=task.is_mapped, listed_as=task.map_index_template,
                at_once=task.max_active_tis_per_dagrun,
            ) for task in dag.tasks
        }},
    )
print("FOUND" + json.dumps(found))
"""


@pytest.fixture(scope="module")
def dags(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What each DAG file defines."""
    home = tmp_path_factory.mktemp("airflow")
    code = LOOK.format(dags=str(ROOT / "dags"), names=DAGS, heavy=HEAVY)
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    found: Mapping[str, Any] = json.loads(done.stdout.partition("FOUND")[2])
    return found


def test_the_dag_folder_holds_these_dags_and_no_other(dags: Mapping[str, Any]) -> None:
    assert {path.stem for path in (ROOT / "dags").glob("*.py")} == set(DAGS) == set(dags)


@pytest.mark.parametrize("dag_id", DAGS)
def test_a_dag_is_documented_tagged_and_does_not_catch_up(dags: Mapping[str, Any], dag_id: str) -> None:
    dag = dags[dag_id]
    assert dag["doc"].startswith("### ")
    assert dag["description"]
    assert "data-uploader" in dag["tags"]
    assert dag["catchup"] is False


@pytest.mark.parametrize("dag_id", DAGS)
def test_every_task_has_an_owner_retries_and_a_timeout(dags: Mapping[str, Any], dag_id: str) -> None:
    for name, task in dags[dag_id]["tasks"].items():
        assert task["owner"] == "data-engineering"
        assert task["retries"] == RETRIES.get(f"{dag_id}.{name}", RETRIES.get(dag_id, 3))
        assert task["timeout"] is None if name in WAITS_FOR_A_PERSON else task["timeout"] > 0
        assert task["backoff"] is not True  # a factor of 1


def test_retries_of_a_promotion_are_spread_over_more_than_an_hour(dags: Mapping[str, Any]) -> None:
    for task in dags["promote_to_analytical_platform"]["tasks"].values():
        waits = [task["delay"] * task["backoff"] ** attempt for attempt in range(task["retries"])]
        assert sum(min(wait, task["longest_delay"]) for wait in waits) > 75 * 60


@pytest.mark.parametrize("dag_id", DAGS)
def test_parsing_a_dag_imports_nothing_heavy(dags: Mapping[str, Any], dag_id: str) -> None:
    assert dags[dag_id]["heavy"] == []


def test_only_one_watch_and_one_promotion_run_at_a_time(dags: Mapping[str, Any]) -> None:
    assert dags["watch_landing"]["max_active_runs"] == 1
    assert dags["promote_to_analytical_platform"]["max_active_runs"] == 1


def test_the_ingestion_reads_like_its_flowchart(dags: Mapping[str, Any]) -> None:
    tasks = dags["ingest_upload"]["tasks"]
    following = {
        "check": {"convert"},
        "convert": {"settle_types"},
        "settle_types": {"reconvert", "validate"},
        "reconvert": {"validate"},
        "validate": {"publish"},
        "publish": set(),
    }
    assert set(tasks) == {*following, "refuse", "notify"}
    for stage, then in following.items():
        assert tasks[stage]["downstream"] == sorted({*then, "refuse"})
    assert tasks["refuse"]["downstream"] == ["notify"]
    assert tasks["refuse"]["rule"] == tasks["notify"]["rule"] == "none_failed"


def test_validation_follows_the_decision_on_types_when_there_is_nothing_to_convert_again(
    dags: Mapping[str, Any],
) -> None:
    tasks = dags["ingest_upload"]["tasks"]
    assert tasks["validate"]["rule"] == "none_failed_min_one_success"
    strict = {"check", "convert", "settle_types", "reconvert", "publish"}
    assert {tasks[stage]["rule"] for stage in strict} == {"all_success"}


def test_groups_are_mapped_and_listed_under_their_rows(dags: Mapping[str, Any]) -> None:
    tasks = dags["ingest_upload"]["tasks"]
    assert {name: task["listed_as"] for name, task in tasks.items() if task["mapped"]} == {
        "convert": "{{ label }}",
        "reconvert": "{{ label }}",
    }


def test_a_withdrawal_goes_by_an_answer_or_straight_to_its_end(dags: Mapping[str, Any]) -> None:
    tasks = dags["withdraw_upload"]["tasks"]
    assert {name: set(task["downstream"]) for name, task in tasks.items()} == {
        "check": {"approve", "withdraw"},
        "approve": {"decline", "withdraw"},
        "withdraw": {"notify"},
        "decline": {"notify"},
        "notify": set(),
    }
    assert tasks["withdraw"]["rule"] == tasks["notify"]["rule"] == "none_failed_min_one_success"


@pytest.mark.parametrize("dag_id", ["ingest_upload", "promote_to_analytical_platform", "widen_table"])
def test_one_run_leaves_workers_for_the_others(dags: Mapping[str, Any], dag_id: str) -> None:
    mapped = [task["at_once"] for task in dags[dag_id]["tasks"].values() if task["mapped"]]
    assert mapped
    assert set(mapped) == {4}


@pytest.mark.parametrize("dag_id", ["rebuild_ledger", "rebuild_table", "reingest_upload"])
def test_a_repair_has_a_form_that_explains_itself(dags: Mapping[str, Any], dag_id: str) -> None:
    assert "repair" in dags[dag_id]["tags"]
    for name, field in dags[dag_id]["form"].items():
        assert field["description"], name
        assert field["schema"]["type"], name
        assert field["schema"]["title"], name


def test_the_ledger_is_rebuilt_dry_unless_somebody_says_otherwise(dags: Mapping[str, Any]) -> None:
    assert dags["rebuild_ledger"]["form"]["dry_run"]["value"] is True
    assert dags["rebuild_ledger"]["max_active_runs"] == 1


def test_another_attempt_needs_an_upload_and_a_reason_and_starts_a_run(dags: Mapping[str, Any]) -> None:
    form = dags["reingest_upload"]["form"]
    assert form["upload_id"]["value"] is form["reason"]["value"] is None
    assert form["upload_id"]["schema"]["pattern"] == "^[0-9a-f]{32}$"
    assert form["read"]["value"] == form["read"]["schema"]["enum"][0]
    assert dags["reingest_upload"]["tasks"]["bring_back"]["downstream"] == ["start_ingestion"]


def test_a_widening_goes_on_within_the_budget_or_by_a_persons_answer_and_not_once_it_is_declined(
    dags: Mapping[str, Any],
) -> None:
    tasks = dags["widen_table"]["tasks"]
    following = {
        "plan": ["ask", "divide"],
        "ask": ["decline", "divide"],
        "decline": [],
        "divide": ["derive", "flip"],
        "derive": ["flip"],
        "flip": ["finish"],
        "finish": [],
    }
    assert {name: task["downstream"] for name, task in tasks.items()} == following
    one_of = {name for name, task in tasks.items() if task["rule"] == "none_failed_min_one_success"}
    assert one_of == {"divide", "flip"}
    assert {task["rule"] for name, task in tasks.items() if name not in one_of} == {"all_success"}


def test_the_steps_of_housekeeping_are_tasks_of_their_own_and_depend_on_nothing(dags: Mapping[str, Any]) -> None:
    from include.services.housekeeping.steps import STEPS

    tasks = dags["housekeeping"]["tasks"]
    assert set(tasks) == {*STEPS, "report"}
    for step in STEPS:
        assert tasks[step]["downstream"] == ["report"]
    assert dags["housekeeping"]["max_active_runs"] == 1


def test_a_disagreement_turns_the_check_red_after_it_was_reported(dags: Mapping[str, Any]) -> None:
    tasks = dags["verify_catalogue"]["tasks"]
    assert set(tasks) == {"compare", "agree"}
    assert tasks["compare"]["downstream"] == ["agree"]


def test_every_repair_that_the_check_names_fits_the_form_of_its_dag(dags: Mapping[str, Any]) -> None:
    from include.services.consistency.disagreement import INGEST, REPAIRS, WATCH

    named = [repair("travel", "trips", "f" * 32) for repair in REPAIRS.values()]
    for repair in named:
        if repair.dag is not None and repair.dag != INGEST:  # of that one a run is cleared
            assert set(repair.form) <= set(dags[repair.dag]["form"]), repair
    assert not any(repair.form for repair in named if repair.dag == WATCH)


def test_an_answer_to_a_form_that_the_check_names_is_one_of_the_choices(dags: Mapping[str, Any]) -> None:
    from include.services.consistency.disagreement import TAKE_WHAT_WAS_FOUND

    assert TAKE_WHAT_WAS_FOUND in dags["rebuild_ledger"]["form"]["differing"]["schema"]["enum"]


def test_a_table_is_rebuilt_once_a_person_has_seen_what_changes(dags: Mapping[str, Any]) -> None:
    form, tasks = dags["rebuild_table"]["form"], dags["rebuild_table"]["tasks"]
    assert (form["dry_run"]["value"], form["take_types_back"]["value"]) == (True, False)
    assert form["derive"]["value"] == form["derive"]["schema"]["enum"][0]
    following = {name: set(task["downstream"]) for name, task in tasks.items()}
    assert following == {
        "plan": {"go_on", "divide"},
        "go_on": {"approve"},
        "approve": {"divide"},
        "divide": {"derive", "flip"},
        "derive": {"flip"},
        "flip": set(),
    }
    assert (tasks["derive"]["mapped"], tasks["derive"]["at_once"]) == (True, 4)
    assert tasks["flip"]["rule"] == "none_failed_min_one_success"  # also when nothing has to be derived


def test_the_team_hears_of_a_failed_run_that_nobody_sits_in_front_of(dags: Mapping[str, Any]) -> None:
    assert [name for name in sorted(dags) if dags[name]["mails_failure"]] == [
        "housekeeping",
        "ingest_upload",
        "widen_table",
        "withdraw_upload",
    ]
    assert dags["verify_catalogue"]["tasks"]["compare"]["mails_failure"]


def test_whoever_waits_for_a_table_hears_of_rows_that_come_and_of_rows_that_go(dags: Mapping[str, Any]) -> None:
    telling = {
        f"{name}.{task_id}" for name, dag in dags.items() for task_id, task in dag["tasks"].items() if task["outlets"]
    }
    assert telling == {"promote_to_analytical_platform.promote", "withdraw_upload.withdraw"}
