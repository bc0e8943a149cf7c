"""Which programs the local service is made of, and which steps make it ready."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from local.environment import REGION, front_environment
from local.supervisor import Component

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.places import Places


def local_aws(places: Places) -> Component:
    """The local AWS, in its own environment; it saves what it holds when asked to stop."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    where = {
        "AWS_STATE_DIR": str(places.aws_state),
        "AWS_PORT": str(places.aws_port),
        "AWS_REGION": REGION,
        "PYTHONPATH": str(places.root),
        "PYTHONUNBUFFERED": "1",
    }
    command = [str(places.local_aws_python), "-m", "local.ministack_server"]
    return Component("local-aws", command, environment | where, outlives=True)


def database_steps(service: Mapping[str, str]) -> tuple[Component, ...]:
    """What needs no other component: the ledger's tables, Airflow's tables and connections."""
    return (
        Component("ledger-migrations", python("include.cli", "migrate"), service, ends=True),
        Component("airflow-database", python("local.airflow_database"), service, ends=True),
    )


def areas_step(service: Mapping[str, str]) -> Component:
    """The buckets and their rules."""
    return Component("areas", python("local.aws_areas"), service, ends=True)


def airflow(service: Mapping[str, str]) -> tuple[Component, ...]:
    """Airflow's components but the scheduler; the API server serves the upload front too."""
    return (
        Component("api-server", _airflow("api-server"), front_environment(service)),
        Component("dag-processor", _airflow("dag-processor"), service),
        Component("triggerer", _airflow("triggerer", "--skip-serve-logs"), service),
    )


def scheduler(service: Mapping[str, str]) -> Component:
    """Airflow's scheduler; the tasks it starts need the API server to be up."""
    return Component("scheduler", _airflow("scheduler", "--skip-serve-logs"), service)


def python(module: str, *arguments: str) -> list[str]:
    """A module of the project under this interpreter."""
    return [sys.executable, "-m", module, *arguments]


def _airflow(*arguments: str) -> list[str]:
    return python("airflow", *arguments)
