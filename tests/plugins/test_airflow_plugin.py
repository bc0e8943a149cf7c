"""The plugin as Airflow's own loader finds it, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from include.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from pathlib import Path

_LOAD = """
import json, sys
from airflow import plugins_manager
found, errors = plugins_manager._get_plugins()
ours = [plugin for plugin in found if plugin.name == "data_uploader"]
before = [name for name in ("plugins.front.app", "fastapi", "boto3") if name in sys.modules]
views = plugins_manager._get_ui_plugins()[0]
apps = [{"prefix": app["url_prefix"], "app": type(app["app"]).__name__} for app in ours[0].fastapi_apps]
same = ours[0].fastapi_apps[0]["app"] is ours[0].fastapi_apps[0]["app"]
print(json.dumps({"ours": len(ours), "errors": errors, "before": before, "apps": apps, "same": same,
                  "views": [view for view in views], "external": ours[0].external_views,
                  "strays": [name for name in ("app", "links", "answers") if name in sys.modules]}))
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home: Path = tmp_path_factory.mktemp("airflow")
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT_ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": str(PROJECT_ROOT),
    }
    told = subprocess.run(
        [sys.executable, "-c", _LOAD], cwd=home, env=environment, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    document: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return document


def test_airflow_finds_one_plugin_and_no_module_of_the_front(loaded: dict[str, Any]) -> None:
    assert loaded["ours"] == 1
    assert loaded["errors"] == {}
    assert loaded["strays"] == []


def test_a_worker_that_loads_plugins_does_not_import_the_web_app(loaded: dict[str, Any]) -> None:
    assert "plugins.front.app" not in loaded["before"]
    assert "boto3" not in loaded["before"]


def test_the_front_is_served_at_uploader_and_linked(loaded: dict[str, Any]) -> None:
    assert loaded["apps"] == [{"prefix": "/uploader", "app": "FastAPI"}]
    assert loaded["same"]
    assert loaded["external"] == [{"name": "Data Uploader", "href": "/uploader/", "destination": "nav"}]
