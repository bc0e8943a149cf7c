"""A local AWS of the tests' own behind the strict layer, with the areas made, in a temporary folder."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from include.settings import Settings
from local import health
from local.aws_areas import make_areas
from local.places import PROJECT_ROOT
from local.running_programs import end
from tests.strict_aws.behind import Forwarded
from tests.strict_aws.server import strict_aws

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.accounts import Account

REGION = "eu-west-1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class LocalAws:
    """The server that `make run` starts, and where the tests reach it.

    Attributes:
        port: the server's own.
        url: the strict layer before it.
    """

    state: Path
    port: int
    url: str = ""
    program: subprocess.Popen[bytes] | None = None

    @property
    def own_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> Settings:
        return Settings(aws_endpoint_url=self.url, aws_region=REGION)

    def start(self) -> None:
        self.program = subprocess.Popen(
            [str(PROJECT_ROOT / ".venv-local-aws" / "bin" / "python"), "-m", "local.ministack_server"],
            cwd=PROJECT_ROOT,
            env={
                "PATH": os.environ["PATH"],
                "AWS_STATE_DIR": str(self.state),
                "AWS_PORT": str(self.port),
                "AWS_REGION": REGION,
            },
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 60
        while health.status_of(f"{self.own_url}/_ministack/ready") != health.OK:
            assert time.monotonic() < deadline, "the local AWS did not start"
            assert self.program.poll() is None, "the local AWS ended"
            time.sleep(0.1)

    def stop(self) -> None:
        assert self.program is not None
        end([self.program.pid], patience=20)
        self.program.wait()

    def kill(self) -> None:
        assert self.program is not None
        self.program.kill()
        self.program.wait()

    def client(self, service: str, account: Account) -> Any:
        make_client: Any = boto3.client  # the service's name is a variable here
        return make_client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=account.access_key_id,
            aws_secret_access_key=account.secret_access_key,
            config=Config(retries={"total_max_attempts": 1}, signature_version="s3v4" if service == "s3" else None),
        )


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    aws = LocalAws(tmp_path_factory.mktemp("local-aws"), free_port())
    aws.start()
    with strict_aws(Forwarded(aws.own_url)) as layer:
        aws.url = layer.endpoint_url
        make_areas(aws.settings)
        yield aws
    aws.stop()
