"""A strict AWS on loopback: a server behind the rules of AWS that it does not keep itself."""

from __future__ import annotations

import re
import socket
import threading
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server

from tests.strict_aws import glue_gate, glue_rules, presign, s3_gate, s3_rules
from tests.strict_aws.behind import SERVICE, Forwarded, Moto
from tests.strict_aws.faults import Faults
from tests.strict_aws.s3_request import S3Request
from tests.strict_aws.wsgi import Answer, headers_of, query_of, take_body

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from botocore.config import Config

    from tests.strict_aws.on_disk import GlueApart, OnDisk
    from tests.strict_aws.wsgi import Environ

REGION = "eu-west-1"
OWN_ACCOUNT = "111111111111"

_HELD_SECONDS = 120  # a test that fails sets nothing free
_OF_THE_SERVER = ("/moto-api", "/_ministack")
_CREDENTIAL = re.compile(r"Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/aws4_request")


class StrictAws:
    """A WSGI application, and what a test may ask and set of it.

    An access key of 12 digits belongs to that account; every secret is `presign.SECRET`.

    Attributes:
        endpoint_url: where it listens.
        requests: how many there were, by (service, operation).
        account_requests: the same by (account, service, operation).
        faults: what is to go wrong next.
        copy_max: bytes: the largest object that CopyObject takes.
        parts_page: the most parts of one answer of ListParts, which is 1,000 in AWS.
        list_page: the most keys of one answer of ListObjectsV2, which is 1,000 in AWS.
        batch_get_max: the most partitions of one answer of BatchGetPartition; the rest are its UnprocessedKeys.
        seconds_later: AWS's clock is this much later than ours, for the expiry of presigned URLs and `Initiated`.
    """

    def __init__(self, behind: Moto | Forwarded | OnDisk | GlueApart) -> None:
        self.endpoint_url = ""
        self._behind = behind
        self._counting = threading.Lock()
        self._forget()

    def client(self, service: str, *, account: str = OWN_ACCOUNT, config: Config | None = None) -> Any:
        """A boto3 client in an account, whatever the machine's own configuration says."""
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.endpoint_url,
            region_name=REGION,
            aws_access_key_id=account,
            aws_secret_access_key=presign.SECRET,
            config=config,
        )

    def reset(self) -> None:
        """Forget everything; for moto alone, another server keeps what it has."""
        assert isinstance(self._behind, Moto)
        self._behind.reset()
        self._forget()

    def forget_requests(self) -> None:
        """Count from nothing again."""
        with self._counting:
            self.requests.clear()
            self.account_requests.clear()

    def _forget(self) -> None:
        self.requests: Counter[tuple[str, str]] = Counter()
        self.account_requests: Counter[tuple[str, str, str]] = Counter()
        self.faults = Faults()
        self.copy_max = s3_rules.COPY_MAX
        self.list_page = s3_rules.LIST_PAGE
        self.parts_page = s3_rules.PARTS_PAGE
        self.batch_get_max = glue_rules.BATCHES["BatchGetPartition"].limit
        self.seconds_later = 0.0
        self._glue = glue_gate.GlueGate(self._behind)
        self._s3 = s3_gate.S3Memory()

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        headers = headers_of(environ)
        signed = _CREDENTIAL.search(headers.get("authorization", ""))
        service = signed[2] if signed else "s3"
        account = signed[1] if signed else query_of(environ["QUERY_STRING"]).get("X-Amz-Credential", "").split("/")[0]
        if re.fullmatch(r"\d{12}", account):
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
        if environ["PATH_INFO"].startswith(_OF_THE_SERVER):
            return self._through(environ, start_response)
        environ[SERVICE] = service
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if service == "glue":
            self._count(account, "glue", action)
            return self._glue_answer(action, environ).send(environ, start_response)
        if service == "s3":
            return self._s3_answer(account, environ, start_response)
        self._count(account, service, action or query_of(take_body(environ).decode("latin-1")).get("Action", ""))
        return self._through(environ, start_response)

    def _glue_answer(self, action: str, environ: Environ) -> Answer:
        fault = self.faults.take(action)
        if fault and fault.refusal:
            return glue_gate.refuse(fault.refusal)
        return self._glue.answer(action, environ, batch_get_max=self.batch_get_max)

    def _s3_answer(self, account: str, environ: Environ, start_response: Any) -> Iterable[bytes]:
        request = S3Request.of(environ)
        self._count(account, "s3", request.operation)
        if self.faults.dark:
            return _hang_up(environ, start_response)
        fault = self.faults.take(request.operation)
        if fault and fault.released is not None:
            fault.released.wait(_HELD_SECONDS)
        if fault and fault.refusal:
            return s3_gate.refuse(fault.refusal).send(environ, start_response)
        now = datetime.now(UTC) + timedelta(seconds=self.seconds_later)
        limits = s3_gate.Limits(copy_max=self.copy_max, list_page=self.list_page, parts_page=self.parts_page)
        answer = s3_gate.S3Gate(self._behind, self._s3, limits, request, environ, now).answer(start_response)
        return answer if fault is None or fault.cut_after is None else _cut(answer, fault.cut_after, environ)

    def _through(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        answer: Iterable[bytes] = self._behind(environ, start_response)
        return answer

    def _count(self, account: str, service: str, operation: str) -> None:
        with self._counting:
            self.requests[service, operation] += 1
            self.account_requests[account, service, operation] += 1


def _cut(answer: Iterable[bytes], after: int, environ: Environ) -> Iterator[bytes]:
    """The first bytes of an answer, and then the end of the connection."""
    left = after
    for chunk in answer:
        yield chunk[:left]
        left -= len(chunk)
        if left <= 0:
            break
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)


def _hang_up(environ: Environ, start_response: Any) -> Iterable[bytes]:
    """No answer, and the end of the connection."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    start_response("503 Service Unavailable", [])
    return []


class QuietHandler(MotoRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of single requests."""


@contextmanager
def strict_aws(behind: Moto | Forwarded | OnDisk | GlueApart | None = None, *, port: int = 0) -> Iterator[StrictAws]:
    """A strict AWS that listens on a port of loopback, by itself a free one, until the block ends.

    `behind` is the server that holds everything: moto, unless another is given.
    """
    app = StrictAws(behind or Moto())
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, name="strict-aws", daemon=True)
    thread.start()
    app.endpoint_url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield app
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
