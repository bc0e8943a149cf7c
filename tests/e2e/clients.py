"""What a person or a tool has of the running service: the JSON API, Airflow's REST API, and the AWS accounts."""

from __future__ import annotations

import base64
import hashlib
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import boto3
import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")
FINISHED = {"published", "promoted", "refused", "failed", "cancelled"}
TEST_DATA = {"document": "none", "reference": "", "classification": "test"}


def wait_for(look: Callable[[], T | None], *, seconds: float, what: str) -> T:
    """Look until there is something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found is not None:
            return found
        time.sleep(0.2)
    raise AssertionError(f"waited {seconds} s for {what}")


def _sha256(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


@dataclass
class Api:
    """The Data Uploader's JSON API, as a caller with a token."""

    local: Mapping[str, Any]

    def __post_init__(self) -> None:
        self.http = httpx.Client(
            base_url=self.local["uploader_url"].rstrip("/") + "/api/v1",
            headers={"Authorization": f"Bearer {self.local['api_token']}"},
            timeout=60,
        )

    def start(self, content: bytes, *, database: str, table: str, filename: str, create: bool = True) -> dict[str, Any]:
        answer = self.http.post(
            "/uploads",
            json={
                "database": database,
                "table": table,
                "filename": filename,
                "size": len(content),
                "governance": TEST_DATA,
                "create": create,
            },
        )
        assert answer.status_code == 201, answer.text
        started: dict[str, Any] = answer.json()
        return started

    def upload(self, content: bytes, **where: Any) -> str:
        """Send a file the way a browser does; returns the upload id."""
        started = self.start(content, **where)
        upload_id, size = started["upload_id"], started["part_size"]
        chunks = [content[start : start + size] for start in range(0, len(content), size)] or [b""]
        wanted = [
            {"part_number": number, "size": len(chunk), "sha256": _sha256(chunk)}
            for number, chunk in enumerate(chunks, start=1)
        ]
        signed = self.http.post(f"/uploads/{upload_id}/parts", json={"parts": wanted}).raise_for_status().json()
        parts = []
        for part, chunk in zip(signed["parts"], chunks, strict=True):
            answer = httpx.put(part["url"], content=chunk, headers=part["headers"], timeout=60).raise_for_status()
            number = part["part_number"]
            parts.append({"part_number": number, "etag": answer.headers["ETag"], "sha256": _sha256(chunk)})
        body = {"parts": parts, "sha256": hashlib.sha256(content).hexdigest()}
        self.http.post(f"/uploads/{upload_id}/complete", json=body).raise_for_status()
        return str(upload_id)

    def status(self, upload_id: str) -> dict[str, Any]:
        document: dict[str, Any] = self.http.get(f"/uploads/{upload_id}").raise_for_status().json()
        return document

    def wait(self, upload_id: str, *, seconds: float = 180, until: set[str] = FINISHED) -> dict[str, Any]:
        """The status document, once the upload is in one of these states."""

        seen: set[str] = set()

        def look() -> dict[str, Any] | None:
            status = self.status(upload_id)
            seen.add(status["state"])
            return status if status["state"] in until else None

        try:
            return wait_for(look, seconds=seconds, what=f"upload {upload_id} to be in {sorted(until)}")
        except AssertionError as error:
            error.add_note(f"It was seen in {sorted(seen)}.")
            raise

    def publish(self, content: bytes, **where: Any) -> dict[str, Any]:
        """Upload and wait; it must be published."""
        status = self.wait(self.upload(content, **where))
        assert status["state"] == "published", status
        return status


@dataclass
class Airflow:
    """Airflow's REST API, as the data engineer."""

    local: Mapping[str, Any]

    def __post_init__(self) -> None:
        base = self.local["airflow_url"].rstrip("/")
        login = {"username": self.local["airflow_user"], "password": self.local["airflow_password"]}
        token = httpx.post(f"{base}/auth/token", json=login, timeout=60).raise_for_status().json()["access_token"]
        self.http = httpx.Client(base_url=f"{base}/api/v2", headers={"Authorization": f"Bearer {token}"}, timeout=60)

    def ask_again(self, request: Callable[[], httpx.Response]) -> None:
        """Do something that is done once however often it is asked for.

        When several write at once, Airflow on SQLite answers 500 after 5 seconds and has done nothing. What was done
        already it says with 409.
        """

        def done() -> bool | None:
            answer = request()
            if answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
                return None
            if answer.status_code != HTTPStatus.CONFLICT:
                answer.raise_for_status()
            return True

        wait_for(done, seconds=60, what="Airflow to do what it was asked for")

    def trigger(self, dag_id: str, **conf: Any) -> str:
        run_id = f"by_hand__{uuid4().hex}"
        body = {"logical_date": None, "conf": conf, "dag_run_id": run_id}

        self.ask_again(lambda: self.http.post(f"/dags/{dag_id}/dagRuns", json=body))
        return run_id

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        document: dict[str, Any] = self.http.get(f"/dags/{dag_id}/dagRuns/{run_id}").raise_for_status().json()
        return document

    def wait(self, dag_id: str, run_id: str, *, seconds: float = 180) -> str:
        """The state a run ends in."""

        def look() -> str | None:
            state = self.run(dag_id, run_id)["state"]
            return state if state in {"success", "failed"} else None

        return wait_for(look, seconds=seconds, what=f"run {run_id} of {dag_id}")

    def tasks(self, dag_id: str, run_id: str) -> dict[str, str]:
        """State by task id."""
        answer = self.http.get(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances").raise_for_status().json()
        return {task["task_id"]: task["state"] for task in answer["task_instances"]}

    def mapped(self, dag_id: str, run_id: str, task_id: str) -> dict[str, str | None]:
        """State by the name under which an instance of a mapped task is listed; None while it has none."""
        url = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/listMapped"
        answer = self.http.get(url).raise_for_status().json()
        return {task["rendered_map_index"]: task["state"] for task in answer["task_instances"]}

    def clear_task(self, dag_id: str, run_id: str, task_id: str, map_index: int) -> None:
        """Clear one instance of a mapped task, and nothing after it."""
        body = {"dry_run": False, "dag_run_id": run_id, "task_ids": [[task_id, map_index]], "only_failed": False}
        self.http.post(f"/dags/{dag_id}/clearTaskInstances", json=body).raise_for_status()

    def clear(self, dag_id: str, run_id: str) -> None:
        body = {"dry_run": False}
        self.http.post(f"/dags/{dag_id}/dagRuns/{run_id}/clear", json=body).raise_for_status()

    def promote(self) -> None:
        run_id = self.trigger("promote_to_analytical_platform")
        assert self.wait("promote_to_analytical_platform", run_id) == "success"


def aws(local: Mapping[str, Any], service: str, *, platform: bool = False) -> Any:
    """A boto3 client in the service's own account, or in the Analytical Platform's."""
    account = local["analytical_platform"] if platform else local
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=local["aws_endpoint_url"],
        region_name=local["aws_region"],
        aws_access_key_id=account["aws_access_key_id"],
        aws_secret_access_key=account["aws_secret_access_key"],
    )
