"""The promotion's DAG run by Airflow: what is to be seen of a run by hand, and of a night with a table not promoted."""

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

pytestmark = [pytest.mark.aws, pytest.mark.proof, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("promotions")


@pytest.fixture(scope="module")
def told(folder: Path) -> Mapping[str, Any]:
    """What came of the two runs."""
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "DATA_UPLOADER_LEDGER_URL": f"sqlite:///{folder / 'ledger.db'}",
        "DATA_UPLOADER_WORK_DIR": str(folder),
        "DATA_UPLOADER_MAIL_DIR": str(folder / "mail"),
    }
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "dags" / "promotions.py"), str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=850,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    answer: Mapping[str, Any] = json.loads(done.stdout.rpartition("TOLD")[2])
    return answer


def test_a_run_by_hand_promotes_what_the_form_names_and_reports_in_the_ui(told: Mapping[str, Any]) -> None:
    run = told["by_hand"]
    assert run["state"] == "success"
    assert run["report"]["promoted"] == {"travel.trips": "1 added, 0 replaced, 0 removed"}
    assert "london_date" not in run["report"]


def test_a_table_that_changed_is_an_asset_event_with_its_extraction_timestamps(told: Mapping[str, Any]) -> None:
    _, first, second = told["timestamps"]
    uri = "data-uploader://dev/travel/trips"
    assert told["by_hand"]["events"] == [[uri, {"added": [first], "replaced": [], "removed": []}]]
    assert told["night"]["events"] == [[uri, {"added": [second], "replaced": [], "removed": []}]]


def test_a_night_with_a_table_that_is_refused_promotes_the_others_and_is_red(told: Mapping[str, Any]) -> None:
    night = told["night"]
    assert night["state"] == "failed"
    assert night["tasks"] == {
        "plan-1": "success",
        "promote0": "failed",
        "promote1": "success",
        "report-1": "failed",
        "notify-1": "success",
    }
    assert night["report"]["london_date"] == "2027-03-28"
    assert night["report"]["promoted"] == {"travel.trips": "1 added, 0 replaced, 0 removed"}
    assert list(night["report"]["not_promoted"]) == ["travel.boats"]


def test_the_night_is_mailed_once_and_a_run_by_hand_not_at_all(told: Mapping[str, Any], folder: Path) -> None:
    assert told
    (mail,) = [path for path in (folder / "mail").glob("*.eml") if "promotion-dev" in path.name]
    assert "promotion-dev-2027-03-28" in mail.name
    assert "travel.boats" in mail.read_text()
