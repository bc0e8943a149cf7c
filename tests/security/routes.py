"""Every route of the front, pages and API, as the app has them: what the tests of all routes go through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.routing import BaseRoute, Mount, Route

from plugins.front.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fastapi.testclient import TestClient
    from httpx import Response

    from tests.fakes.front import Front

API = "/api/v1"
NOTHING = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="  # the SHA-256 of no bytes
_BODIES: dict[str, Any] = {
    f"{API}/uploads/{{upload_id}}/parts": {"parts": [{"part_number": 1, "size": 11, "sha256": NOTHING}]},
    f"{API}/uploads/{{upload_id}}/complete": {"parts": [{"part_number": 1, "etag": "a", "sha256": NOTHING}]},
}


@dataclass(frozen=True, order=True)
class Asked:
    """One method of one route, below the front."""

    method: str
    path: str

    @property
    def of_api(self) -> bool:
        """Whether it is the API's."""
        return self.path.startswith(f"{API}/")

    def send(
        self, client: TestClient, *, upload_id: str = "0" * 32, csrf: str = "", headers: dict[str, str] | None = None
    ) -> Response:
        """Ask for it, as a form or with a body that its route takes; a route that takes no such body needs its own."""
        where = self.path.replace("{upload_id}", upload_id).replace("{which}", "project")
        where = where.replace("{database}", "travel").replace("{table}", "trips").lstrip("/")
        if self.method in {"GET", "DELETE"}:
            said: dict[str, Any] = {}
        elif self.of_api:
            said = {"json": _BODIES.get(self.path, {})}
        else:
            said = {"data": {"csrf_token": csrf}}
        proof = {"X-CSRF-Token": csrf} if self.of_api and csrf else {}
        answer: Response = client.request(
            self.method, where, headers={**proof, **(headers or {})}, follow_redirects=False, **said
        )
        return answer


def every_route(front: Front) -> list[Asked]:
    """All of them; what no route answers by itself, files below /static, is not among them."""
    return sorted(_below(create_app(lambda: front.context).routes, ""))


def of_uploads(front: Front) -> list[Asked]:
    """Those of one upload."""
    return [asked for asked in every_route(front) if "{upload_id}" in asked.path]


def _below(routes: Iterable[BaseRoute], prefix: str) -> Iterator[Asked]:
    for route in routes:
        if isinstance(route, Mount):
            yield from _below(route.routes, prefix + route.path)
        else:
            assert isinstance(route, Route), f"{route} is of a kind that these tests do not know"
            yield from (Asked(method, prefix + route.path) for method in (route.methods or set()) - {"HEAD"})
