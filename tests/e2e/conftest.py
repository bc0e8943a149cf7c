"""The whole service, started once by its own launcher on free ports, with the strict layer before its AWS."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.clients import Airflow, Api, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 300
STOP_SECONDS = 90
WIDEN_MAX_PARTITIONS = 2  # so that a small table is above the budget
GROUP_BYTES = 9 * 1024**2  # so that files of a few seconds are converted in several tasks


def free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


@dataclass
class Service:
    """One local service and how it is stopped and started again on what it kept."""

    folder: Path
    ports: list[int] = field(default_factory=lambda: free_ports(2))
    launcher: subprocess.Popen[bytes] | None = None

    @property
    def local(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.folder / "local.json").read_text())
        return document

    @property
    def api(self) -> Api:
        return Api(self.local)

    @property
    def airflow(self) -> Airflow:
        return Airflow(self.local)

    @property
    def log(self) -> Path:
        return self.folder.with_suffix(".log")

    def start(self) -> None:
        port, aws_port = map(str, self.ports)
        environment = {
            **os.environ,
            "PORT": port,
            "AWS_PORT": aws_port,
            "DATA_UPLOADER_RUN_DIR": str(self.folder),
            "DATA_UPLOADER_CONVERT_GROUP_BYTES": str(GROUP_BYTES),
            "DATA_UPLOADER_WIDEN_MAX_PARTITIONS": str(WIDEN_MAX_PARTITIONS),
        }
        before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.launcher = subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.strict_launcher"], cwd=ROOT, env=environment, stdout=log, stderr=log
            )

        def ready() -> bool | None:
            said = self.log.read_text()[before:]
            assert self.launcher is not None
            assert self.launcher.poll() is None, said
            return True if "Press Ctrl-C" in said else None

        wait_for(ready, seconds=START_SECONDS, what="the service to be ready")

    def stop(self) -> int:
        """Ctrl-C; the launcher's exit status."""
        assert self.launcher is not None
        self.launcher.send_signal(signal.SIGINT)
        return self.launcher.wait(STOP_SECONDS)

    def component(self, name: str) -> int:
        """The process id of a component, as the launcher recorded it."""
        return int(json.loads((self.folder / "running.json").read_text())[name]["pid"])


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The running service; stopped at the end of the session."""
    running = Service(tmp_path_factory.mktemp("service") / "run")
    running.start()
    try:
        yield running
    finally:
        assert running.stop() == 0, running.log.read_text()


@pytest.fixture(scope="session")
def api(service: Service) -> Api:
    """The JSON API of the running service."""
    return service.api
