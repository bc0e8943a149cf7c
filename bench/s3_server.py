"""An S3 on this machine: a server of the bench's own environment, whose objects are plain files below a folder."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUCKET = "bench"
_PATIENCE = 20.0


@dataclass(frozen=True)
class LocalS3:
    """The running server.

    Attributes:
        endpoint: its URL.
        bucket: the folder that is the one bucket.
    """

    endpoint: str
    bucket: Path

    @property
    def output(self) -> Path:
        """The folder of what is written below `s3://bench/out/`."""
        return self.bucket / "out"

    def place(self, file: Path) -> None:
        """Make a file an object of its name, without copying it."""
        target = self.bucket / file.name
        target.unlink(missing_ok=True)
        os.link(file, target)

    def remove(self, file: Path) -> None:
        """Take the object of a file away again."""
        (self.bucket / file.name).unlink()


@contextmanager
def local_s3(program: Path, folder: Path) -> Iterator[LocalS3]:
    """Run the server with its data below `folder`.

    Raises:
        TimeoutError: it does not answer.
    """
    bucket = folder / "s3" / BUCKET
    bucket.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    with (folder / "s3.log").open("wb") as log:
        server = subprocess.Popen(
            [str(program), "--host", "127.0.0.1", "--port", str(port), str(bucket.parent)],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
    try:
        _wait(port)
        yield LocalS3(f"http://127.0.0.1:{port}", bucket)
    finally:
        server.terminate()
        server.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"The local S3 does not answer on port {port}.")
