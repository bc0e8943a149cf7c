"""The local AWS with the strict layer before it, as one program that starts and stops as the local AWS alone does.

Run as `python -m tests.strict_aws.local_server` with the variables of `local.ministack_server`, and LOCAL_AWS_PYTHON:
the interpreter of the local AWS's own environment.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.strict_aws.behind import Forwarded
from tests.strict_aws.server import strict_aws

if TYPE_CHECKING:
    from types import FrameType


def main() -> int:
    """Serve until told to stop, or until the local AWS ends; its exit status."""
    inner = _free_port()
    server = subprocess.Popen(
        [os.environ["LOCAL_AWS_PYTHON"], "-m", "local.ministack_server"],
        env={**os.environ, "AWS_PORT": str(inner)},
    )

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.terminate()

    signal.signal(signal.SIGTERM, stop)
    with strict_aws(Forwarded(f"http://127.0.0.1:{inner}"), port=int(os.environ["AWS_PORT"])):
        return server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
