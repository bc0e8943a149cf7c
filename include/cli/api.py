"""The service's API as the command line calls it: problems become exceptions, what passes is tried again."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Self

import httpx

if TYPE_CHECKING:
    from types import TracebackType

    from include.cli.connection import Connection

ATTEMPTS = 6
_TIMEOUT = httpx.Timeout(60, connect=10)
_PASSING = frozenset({429, 502, 503, 504})


class ApiError(Exception):
    """A problem document (RFC 9457), or an answer that is none."""

    def __init__(self, response: httpx.Response) -> None:
        problem = _json(response)
        self.problem = problem
        self.status = response.status_code
        self.code: str = problem.get("code", "unknown")
        self.title: str = problem.get("title", f"The service answered {response.status_code}")
        self.detail: str = problem.get("detail", f"{response.request.method} {response.request.url.path}")
        super().__init__(f"{self.title}: {self.detail}")


class Api:
    """One connection to the API; safe to share between threads."""

    def __init__(self, connection: Connection) -> None:
        self._client = httpx.Client(
            base_url=f"{connection.url}api/v1/",
            headers={"Authorization": f"Bearer {connection.token}"},
            timeout=_TIMEOUT,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str) -> dict[str, Any]:
        """The JSON object at a path below api/v1/."""
        return self._call("GET", path)

    def post(self, path: str, body: dict[str, Any], *, key: str | None = None) -> dict[str, Any]:
        """The answer to a JSON object; with `key`, one that is sent again is known by it."""
        return self._call("POST", path, body, headers={"Idempotency-Key": key} if key else None)

    def cancel(self, path: str) -> None:
        """Give an upload up; if even that fails, say so: it expires by itself."""
        try:
            self._client.delete(path)
        except httpx.HTTPError as error:
            sys.stderr.write(f"The upload could not be cancelled ({error}); it expires by itself.\n")

    def _call(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        for attempt in range(ATTEMPTS):
            last = attempt == ATTEMPTS - 1
            try:
                response = self._client.request(method, path, json=body, headers=headers)
            except httpx.TransportError:
                if last:
                    raise
            else:
                if response.is_success:
                    return _json(response)
                if last or response.status_code not in _PASSING:
                    raise ApiError(response)
            time.sleep(min(20.0, 0.5 * 2**attempt))
        raise AssertionError("the last attempt returns or raises")


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
