"""Standing between the service and the outside: every call of botocore and every commit of the ledger is counted."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import botocore.endpoint
from botocore.awsrequest import AWSResponse
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from tests.faults.kinds import BEGIN, COMMIT, LEDGER, OWN, VERSIONED, Call, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

_NO_SLEEP: Any = type("_NoSleep", (), {"sleep": staticmethod(lambda _seconds: None)})
_CONDITIONS = ("If-Match", "If-None-Match", "x-amz-copy-source-if-match")


@dataclass
class Interception:
    """Counts what one task does, and lets one thing go wrong.

    Attributes:
        fault: the call and what happens to it; None lets everything pass.
        calls: what was done, in order, with whether the call carried a condition.
        sent: the same calls of AWS with the account they went to and the path: `own s3:PutObject /bucket/key`.
        meanwhile: what somebody else does at the moment of a fault of that kind.
        after: is shown each call of AWS once it was answered, with the request that was sent.
    """

    fault: tuple[Call, Kind] | None = None
    calls: list[tuple[Call, bool]] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    meanwhile: Callable[[], None] | None = None
    after: Callable[[Call, str], None] | None = None

    def __post_init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()
        self._here = threading.local()
        self._commits_to_refuse = 0
        self.struck = False

    def begin(self, fault: tuple[Call, Kind] | None = None) -> None:
        """A task begins: count from one again."""
        self._counts.clear()
        self.calls.clear()
        self.sent.clear()
        self.fault = fault
        self.struck = False
        self._commits_to_refuse = 0

    def attach(self, client: Any, *, account: str = OWN) -> Any:
        """Stand between a boto3 client and AWS; its retries stay, and do not wait. `account` is a word for it."""
        botocore.endpoint.time = _NO_SLEEP  # type: ignore[attr-defined]
        service = client.meta.service_model.service_name

        def before_call(model: Any, **_: Any) -> None:
            self._here.call = self._count(service, model.name)
            self._here.tries = 0

        def before_send(request: Any, **_: Any) -> AWSResponse | None:
            return self._send(client, request, account)

        def after_call(**_: Any) -> None:
            if self.after is not None:
                self.after(self._here.call, self._here.url)

        client.meta.events.register(f"before-call.{service}", before_call)
        client.meta.events.register(f"after-call.{service}", after_call)
        client.meta.events.register(f"before-send.{service}", before_send)
        return client

    def attach_engine(self, engine: Engine) -> None:
        """Stand before the transactions that write, and before their commits."""
        event.listen(engine, "engine_connect", self._begin)
        event.listen(engine, "commit", self._commit)

    def _count(self, service: str, operation: str) -> Call:
        with self._lock:
            self._counts[service, operation] += 1
            call = Call(service, operation, self._counts[service, operation])
            self.calls.append((call, False))
            return call

    def _send(self, client: Any, request: Any, account: str) -> AWSResponse | None:
        call: Call = self._here.call
        self._here.tries += 1
        self._here.url = request.url
        if self._here.tries == 1:
            self.sent.append(f"{account} {call.service}:{call.operation} {urlsplit(request.url).path}")
        if self._here.tries == 1 and any(name in request.headers for name in _CONDITIONS):
            with self._lock:
                self.calls[self.calls.index((call, False))] = (call, True)
        if self.fault is None or self.fault[0] != call:
            return None
        self.struck = True
        if self.fault[1] is Kind.MEANWHILE:
            self._let_another_act()
            return None
        return _fail(self.fault[1], call, client, request, tries=self._here.tries)

    def _let_another_act(self) -> None:
        self.fault = None
        assert self.meanwhile is not None
        self.meanwhile()

    def _begin(self, connection: Connection) -> None:
        if not connection.get_execution_options().get("writes", False):
            return
        call = self._count(LEDGER, BEGIN)
        if self.fault == (call, Kind.MEANWHILE):
            self.struck = True
            self._let_another_act()

    def _commit(self, connection: Connection) -> None:
        if not connection.get_execution_options().get("writes", False):
            return
        call = self._count(LEDGER, COMMIT)
        if self._commits_to_refuse:
            self._commits_to_refuse -= 1
            raise _ledger_away()
        if self.fault is None or self.fault[0] != call:
            return
        self.struck = True
        kind = self.fault[1]
        if kind is Kind.KILLED_BEFORE:
            _die()
        if kind in {Kind.ANSWER_LOST, Kind.KILLED_AFTER}:
            connection.connection.commit()
            if kind is Kind.KILLED_AFTER:
                _die()
        if kind is Kind.BUSY_TWICE:
            self._commits_to_refuse = 1
        raise _ledger_away()


def _fail(kind: Kind, call: Call, client: Any, request: Any, *, tries: int) -> AWSResponse | None:
    """Let one try of a call go wrong; None sends it."""
    session = client._endpoint.http_session
    if kind is Kind.UNREACHABLE:
        raise EndpointConnectionError(endpoint_url=request.url)
    if kind is Kind.KILLED_BEFORE:
        _die()
    if kind is Kind.KILLED_AFTER:
        _read_whole(session.send(request))
        _die()
    if kind is Kind.BUSY_TWICE:
        return _busy(call, request) if tries <= 2 else None
    if tries > 1:
        return None
    if kind is Kind.ANSWER_LOST:
        _read_whole(session.send(request))
        raise ReadTimeoutError(endpoint_url=request.url)
    if call.service == "s3":
        return _answer(request, 412, _xml("PreconditionFailed"))
    if (call.service, call.operation) in VERSIONED:
        return _answer(request, 400, _json("ConcurrentModificationException"), "application/x-amz-json-1.1")
    _read_whole(session.send(request))  # another was there first; what is sent now is answered by Glue itself
    return None


def _busy(call: Call, request: Any) -> AWSResponse:
    if call.service == "s3":
        return _answer(request, 503, _xml("SlowDown"))
    return _answer(request, 503, _json("ServiceUnavailableException"), "application/x-amz-json-1.1")


def _answer(request: Any, status: int, body: bytes, content_type: str = "application/xml") -> AWSResponse:
    body = b"" if request.method == "HEAD" else body
    headers: Any = {"Content-Type": content_type, "Content-Length": str(len(body))}
    return AWSResponse(request.url, status, headers, _Raw(body))


@dataclass(frozen=True)
class _Raw:
    """A body as urllib3 hands it to botocore."""

    body: bytes

    def stream(self) -> Iterator[bytes]:
        yield self.body


def _xml(code: str) -> bytes:
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>on order</Message></Error>".encode()


def _json(code: str) -> bytes:
    return f'{{"__type": "{code}", "message": "on order"}}'.encode()


def _read_whole(response: AWSResponse) -> None:
    assert response.content is not None


def _ledger_away() -> OperationalError:
    return OperationalError(
        "COMMIT", {}, sqlite3.OperationalError("the connection is gone"), connection_invalidated=True
    )


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
