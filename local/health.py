"""Whether the local service's addresses answer and are well."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from datetime import datetime
from typing import Any

from local.places import HOST

OK, UNAUTHORIZED, NOT_FOUND = 200, 401, 404
# Heartbeats of Airflow's components, as its health report names them.
HEARTBEATS = {
    "scheduler": "latest_scheduler_heartbeat",
    "dag_processor": "latest_dag_processor_heartbeat",
    "triggerer": "latest_triggerer_heartbeat",
}


def is_free(port: int) -> bool:
    """Whether this machine's loopback address can be listened on at that port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def status_of(url: str, token: str | None = None) -> int | None:
    """The HTTP status a GET is answered with; None while nothing answers."""
    answer = _get(url, token)
    return answer[0] if answer else None


def airflow_is_well(airflow_url: str, *, since: datetime) -> bool:
    """Whether each of Airflow's components has given a sign of life since then."""
    report = _report(airflow_url)
    return all(_beaten(report, component, since) for component in HEARTBEATS)


def is_alive(airflow_url: str, component: str, *, since: datetime) -> bool:
    """Whether one of Airflow's components has given a sign of life since then."""
    return _beaten(_report(airflow_url), component, since)


def _report(airflow_url: str) -> dict[str, dict[str, Any]]:
    """Airflow's own health report; empty while it does not answer."""
    answer = _get(f"{airflow_url}api/v2/monitor/health", None)
    report: dict[str, dict[str, Any]] = json.loads(answer[1]) if answer and answer[0] == OK else {}
    return report


def _beaten(report: dict[str, dict[str, Any]], component: str, since: datetime) -> bool:
    beat = report.get(component, {}).get(HEARTBEATS[component])
    return beat is not None and datetime.fromisoformat(beat) >= since


def _get(url: str, token: str | None) -> tuple[int, bytes] | None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310  our own http addresses
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return None
