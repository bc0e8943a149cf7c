"""The front alone under uvicorn, on a real ledger, before a strict S3 and Glue that a browser reaches."""

from __future__ import annotations

import email
import email.policy
import re
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import uvicorn
from pydantic import SecretStr

from include import bootstrap
from include.adapters.ledger.migrate import migrate
from include.settings import Settings
from plugins.front.app import create_standalone
from tests.browser.network import Network
from tests.fakes.front import ANALYST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from include.domain.upload import State
    from include.services.context import FrontContext
    from tests.strict_aws.server import StrictAws

BUCKETS = ("data-uploader-landing", "data-uploader-curated")


@dataclass
class Service:
    """A running front: where it is, and what a test may look at behind it."""

    url: str
    context: FrontContext
    aws: StrictAws
    mail: Path
    network: Network = field(default_factory=Network)  # of a front apart there is none that can be cut

    def last_code(self, email_address: str = ANALYST) -> str:
        """The newest sign-in code, once it has been mailed."""
        for _ in range(100):
            letters = sorted(self.mail.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
            for letter in reversed(letters):
                message: Any = email.message_from_bytes(letter.read_bytes(), policy=email.policy.default)
                found = re.search(r"\b\d{6}\b", message.get_content())
                if found and message["To"] == email_address:
                    letter.unlink()
                    return found[0]
            time.sleep(0.1)
        raise AssertionError("no code was mailed")

    def landed(self, upload_id: str) -> bytes:
        """The bytes of an upload in landing."""
        upload = self.context.ledger.get(upload_id)
        assert upload is not None
        return self.context.objects.read(upload.landing_uri)

    def move(self, upload_id: str, *states: State, **changes: Any) -> None:
        """Do what the pipeline would: move an upload on, the last time with these fields."""
        for state in states[:-1]:
            self.context.ledger.move(upload_id, state, actor="pipeline")
        self.context.ledger.move(upload_id, states[-1], actor="pipeline", **changes)


@contextmanager
def running_service(folder: Path, aws: StrictAws, **changes: Any) -> Iterator[Service]:
    """Serve on a free port of loopback until the block ends. AWS credentials are the environment's."""
    listening = socket.create_server(
        ("127.0.0.1", 0)
    )  # ours from here on: a port that is only known to be free gets lost
    port = listening.getsockname()[1]
    url = f"http://127.0.0.1:{port}/uploader/"
    facts: dict[str, Any] = {
        "base_url": url,
        "ledger_url": SecretStr(f"sqlite:///{folder / 'ledger.db'}"),
        "secret_key": SecretStr("a key for tests, at least 32 characters"),
        "aws_endpoint_url": aws.endpoint_url,
        "mail_dir": folder / "mail",
        "work_dir": folder / "work",
    }
    settings = Settings(**{**facts, **changes})
    migrate(settings.ledger_url.get_secret_value())
    make_buckets(aws, origin=f"http://127.0.0.1:{port}")
    context = bootstrap.front(settings)
    network = Network()
    app = network.before(create_standalone(lambda: context))
    server = network.server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, args=[[listening]], name="front", daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the front did not start"
        time.sleep(0.05)
    try:
        yield Service(url, context, aws, settings.mail_dir, network)
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


def make_buckets(aws: StrictAws, *, origin: str) -> None:
    """The buckets of the front, open to pages of this origin as docs/running.md says."""
    s3 = aws.client("s3")
    for bucket in BUCKETS:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        rule = {"AllowedOrigins": [origin], "AllowedMethods": ["PUT"], "ExposeHeaders": ["ETag"]}
        rule["AllowedHeaders"] = ["x-amz-checksum-sha256"]
        s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})


def free_port() -> int:
    """A port of loopback that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
