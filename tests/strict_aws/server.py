"""A strict AWS on loopback: moto's server behind the rules that it does not keep itself."""

from __future__ import annotations

import re
import socket
import threading
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server
from werkzeug.test import create_environ

from tests.strict_aws import glue_gate, presign, s3_gate, s3_rules
from tests.strict_aws.faults import Faults
from tests.strict_aws.wsgi import Answer, ask, headers_of, query_of, take_body

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from botocore.config import Config

    from tests.strict_aws.wsgi import Environ

REGION = "eu-west-1"
OWN_ACCOUNT = "111111111111"

_CREDENTIAL = re.compile(r"Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/aws4_request")


class StrictAws:
    """A WSGI application, and what a test may ask and set of it.

    An access key of 12 digits belongs to that account; every secret is `presign.SECRET`.

    Attributes:
        endpoint_url: where it listens.
        requests: how many there were, by (service, operation).
        faults: what is to go wrong next.
        copy_max: bytes: the largest object that CopyObject takes.
        list_page: the most keys of one answer of ListObjectsV2, which is 1,000 in AWS.
        seconds_later: S3's clock is this much later than ours, for the expiry of presigned URLs.
    """

    def __init__(self) -> None:
        self.endpoint_url = ""
        self._moto = DomainDispatcherApplication(create_backend_app)
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
        """Forget everything."""
        ask(self._moto, create_environ("/moto-api/reset", self.endpoint_url, method="POST"))
        self._forget()

    def _forget(self) -> None:
        self.requests: Counter[tuple[str, str]] = Counter()
        self.faults = Faults()
        self.copy_max = s3_rules.COPY_MAX
        self.list_page = s3_rules.LIST_PAGE
        self.seconds_later = 0.0
        self._glue = glue_gate.GlueGate(self._moto)
        self._multipart = s3_rules.MultipartRules()

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        if environ["PATH_INFO"].startswith("/moto-api"):
            return self._through(environ, start_response)
        headers = headers_of(environ)
        signed = _CREDENTIAL.search(headers.get("authorization", ""))
        service = signed[2] if signed else "s3"
        account = signed[1] if signed else query_of(environ["QUERY_STRING"]).get("X-Amz-Credential", "").split("/")[0]
        if re.fullmatch(r"\d{12}", account):
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
        if service == "glue":
            return self._glue_answer(headers["x-amz-target"].removeprefix("AWSGlue."), environ).send(
                environ, start_response
            )
        if service == "s3":
            return self._s3_answer(environ, start_response)
        self._count(service, query_of(take_body(environ).decode("latin-1")).get("Action", ""))
        return self._through(environ, start_response)

    def _glue_answer(self, action: str, environ: Environ) -> Answer:
        self._count("glue", action)
        fault = self.faults.take(action)
        if fault and fault.refusal:
            return glue_gate.refuse(fault.refusal)
        return self._glue.answer(action, environ)

    def _s3_answer(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        request = s3_gate.request_of(environ)
        self._count("s3", request.operation)
        fault = self.faults.take(request.operation)
        if fault and fault.refusal:
            return s3_gate.refuse(fault.refusal).send(environ, start_response)
        gate = s3_gate.S3Gate(self._moto, copy_max=self.copy_max, list_page=self.list_page, multipart=self._multipart)
        now = datetime.now(UTC) + timedelta(seconds=self.seconds_later)
        answer = gate.answer(request, environ, start_response, now=now)
        return answer if fault is None or fault.cut_after is None else _cut(answer, fault.cut_after, environ)

    def _through(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        answer: Iterable[bytes] = self._moto(environ, start_response)
        return answer

    def _count(self, service: str, operation: str) -> None:
        with self._counting:
            self.requests[service, operation] += 1


def _cut(answer: Iterable[bytes], after: int, environ: Environ) -> Iterator[bytes]:
    """The first bytes of an answer, and then the end of the connection."""
    left = after
    for chunk in answer:
        yield chunk[:left]
        left -= len(chunk)
        if left <= 0:
            break
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)


class _QuietHandler(MotoRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of single requests."""


@contextmanager
def strict_aws() -> Iterator[StrictAws]:
    """A strict AWS that listens on a free port of loopback until the block ends."""
    app = StrictAws()
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_QuietHandler)
    thread = threading.Thread(target=server.serve_forever, name="strict-aws", daemon=True)
    thread.start()
    app.endpoint_url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield app
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
