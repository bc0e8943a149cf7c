"""The environment variables that the service's components run with on one machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from local.accounts import UPLOADER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.places import Places
    from local.secret_keys import SecretKeys

AIRFLOW_USER = "admin"
REGION = "eu-west-1"


def service_environment(places: Places, secret_keys: SecretKeys, inherited: Mapping[str, str]) -> dict[str, str]:
    """For every component: no AWS credentials of the person's own, Airflow's and the uploader's settings."""
    return {
        **{name: value for name, value in inherited.items() if not name.startswith(("AWS_", "AIRFLOW_"))},
        **_uploader_choices(places, inherited),
        **_uploader_places(places, secret_keys),
        **_airflow(places, secret_keys),
        **_no_aws_but_the_local(places),
        "PYTHONPATH": str(places.root),
        "PYTHONUNBUFFERED": "1",
    }


def front_environment(service: Mapping[str, str]) -> dict[str, str]:
    """For what serves the front too: it reaches landing and the catalogue with the uploader's own key."""
    return {
        **service,
        "AWS_ACCESS_KEY_ID": UPLOADER.access_key_id,
        "AWS_SECRET_ACCESS_KEY": UPLOADER.secret_access_key,
    }


def _uploader_choices(places: Places, inherited: Mapping[str, str]) -> dict[str, str]:
    """Settings that suit one machine, unless the person chose otherwise."""
    suited = {
        "DATA_UPLOADER_MAIL_TRANSPORT": "folder",
        "DATA_UPLOADER_MAIL_DIR": str(places.mail),
        "DATA_UPLOADER_LEDGER_URL": f"sqlite:///{places.run / 'ledger.db'}",
        "DATA_UPLOADER_WORK_DIR": str(places.run / "work"),
        # MiniStack's Athena reads every file below a table, not its partitions.
        "DATA_UPLOADER_REMOVE_SUPERSEDED_AT_ONCE": "true",
    }
    return {name: inherited.get(name, value) for name, value in suited.items()}


def _uploader_places(places: Places, secret_keys: SecretKeys) -> dict[str, str]:
    return {
        "DATA_UPLOADER_BASE_URL": places.uploader_url,
        "DATA_UPLOADER_AIRFLOW_URL": places.airflow_url,
        "DATA_UPLOADER_AWS_ENDPOINT_URL": places.aws_url,
        "DATA_UPLOADER_AWS_REGION": REGION,
        "DATA_UPLOADER_SECRET_KEY": secret_keys.uploader_secret_key,
    }


def _airflow(places: Places, secret_keys: SecretKeys) -> dict[str, str]:
    home, root = places.airflow_home, places.root
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(root / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(root / "plugins"),
        "AIRFLOW__CORE__EXECUTOR": "local.executor.OnceLocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__FERNET_KEY": secret_keys.airflow_fernet_key,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{places.airflow_url}execution/",
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{AIRFLOW_USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(places.port),
        "AIRFLOW__API__BASE_URL": places.airflow_url.rstrip("/"),
        "AIRFLOW__API__SECRET_KEY": secret_keys.airflow_api_secret_key,
        "AIRFLOW__API_AUTH__JWT_SECRET": secret_keys.airflow_jwt_secret,
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(
            [
                {
                    "name": "dags-folder",
                    "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
                    "kwargs": {"path": str(root / "dags"), "refresh_interval": 30},
                }
            ]
        ),
        **QUICK_RECOVERY,
    }


# How soon work is taken up, and taken up again after something was killed.
QUICK_RECOVERY = {
    # A task that starts while the API server does waits for it.
    "AIRFLOW__WORKERS__EXECUTION_API_RETRIES": "10",
    "AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MAX": "10",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "45",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "20",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "15",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "120",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "15",
}


def _no_aws_but_the_local(places: Places) -> dict[str, str]:
    """So that credentials in a person's home folder are never used by mistake."""
    nothing = str(places.run / "no-aws-credentials")
    return {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": nothing,
        "AWS_SHARED_CREDENTIALS_FILE": nothing,
        "AWS_DEFAULT_REGION": REGION,
    }
