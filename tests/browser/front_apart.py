"""The front in a process of its own, every byte in and out of it counted, before an S3 that keeps objects on disk."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from include import bootstrap
from include.adapters.ledger.migrate import migrate
from include.settings import Settings
from tests.browser.counting_proxy import CountingProxy, counting_proxy
from tests.browser.service import Service, free_port, make_buckets
from tests.strict_aws import presign
from tests.strict_aws.behind import Moto
from tests.strict_aws.on_disk import GlueApart, OnDisk, blocks_of
from tests.strict_aws.server import OWN_ACCOUNT, strict_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.domain.upload import Upload

ROOT = Path(__file__).resolve().parents[2]
KIB, MIB = 1024, 1024**2
_SECONDS_TO_START = 60


@dataclass
class FrontApart:
    """A front of its own, and what is measured of it."""

    service: Service
    process: subprocess.Popen[bytes]
    sides: tuple[CountingProxy, CountingProxy]
    disk: OnDisk

    @property
    def moved(self) -> int:
        """Bytes that went in and out of the front until now: to and from browsers, and S3 and Glue."""
        return sum(side.moved for side in self.sides)

    @property
    def memory(self) -> int:
        """Bytes of memory that it holds now."""
        return memory_of(self.process.pid, "VmRSS")

    @property
    def most_memory(self) -> int:
        """The most bytes of memory that it held since `forget_most`."""
        return memory_of(self.process.pid, "VmHWM")

    def forget_most(self) -> None:
        """Begin again with the most that it holds (proc(5), clear_refs)."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5", encoding="ascii")

    def stored_sha256(self, upload: Upload) -> str:
        """The SHA-256 in hex of what S3 has of an upload."""
        bucket, _, key = upload.landing_uri.removeprefix("s3://").partition("/")
        digest = hashlib.sha256()
        for block in blocks_of(self.disk.path(bucket, key)):
            digest.update(block)
        return digest.hexdigest()


def memory_of(pid: int | str, field: str) -> int:
    """Bytes of the memory of a process, or of this one (`self`), by a field of its status (proc(5))."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    (found,) = [line for line in lines if line.startswith(f"{field}:")]
    return int(found.split()[1]) * KIB


@contextmanager
def front_apart(folder: Path) -> Iterator[FrontApart]:
    """Serve until the block ends; the ledger, the mail and the objects are below the folder."""
    disk = OnDisk(folder / "objects")
    with ExitStack() as until_the_end:
        aws = until_the_end.enter_context(strict_aws(GlueApart(disk, Moto())))
        to_store = until_the_end.enter_context(counting_proxy(urlsplit(aws.endpoint_url).port or 0))
        port = free_port()
        to_front = until_the_end.enter_context(counting_proxy(port))
        facts: dict[str, Any] = {
            "base_url": f"http://127.0.0.1:{to_front.port}/uploader/",
            "ledger_url": f"sqlite:///{folder / 'ledger.db'}",
            "secret_key": "a key for tests, at least 32 characters",
            "aws_endpoint_url": f"http://127.0.0.1:{to_store.port}",
            "aws_public_endpoint_url": aws.endpoint_url,
            "mail_dir": str(folder / "mail"),
            "work_dir": str(folder / "work"),
        }
        migrate(facts["ledger_url"])
        make_buckets(aws, origin=f"http://127.0.0.1:{to_front.port}")
        environ = {
            **os.environ,
            **{f"DATA_UPLOADER_{name.upper()}": value for name, value in facts.items()},
            "AWS_ACCESS_KEY_ID": OWN_ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": presign.SECRET,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "plugins.front", "--port", str(port)],
            cwd=ROOT,
            env=environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until_the_end.callback(_stop, process)
        _wait_for(f"http://127.0.0.1:{to_front.port}/uploader/", process)
        secrets = {name: SecretStr(facts[name]) for name in ("ledger_url", "secret_key")}
        context = bootstrap.front(Settings(**{**facts, **secrets}))
        service = Service(facts["base_url"], context, aws, folder / "mail")
        yield FrontApart(service, process, (to_front, to_store), disk)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _SECONDS_TO_START
    while True:
        assert process.poll() is None, "the front ended"
        assert time.monotonic() < end, "the front did not start"
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(30)
