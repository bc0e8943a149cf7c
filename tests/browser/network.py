"""What lies between a visitor and the front, and may be cut."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass
class Network:
    """It may be cut before a request arrives, or before its answer does.

    Attributes:
        server: of the front.
        dark: whether it is cut.
        answers_to_lose: method and end of the path, each for one request that is served and never answered.
    """

    server: uvicorn.Server | None = None
    dark: bool = False
    answers_to_lose: list[tuple[str, str]] = field(default_factory=list)

    def before(self, front: ASGIApp) -> ASGIApp:
        """The front as it is reached through it."""

        async def reached(scope: Scope, receive: Receive, send: Send) -> None:
            if self.dark and scope["type"] == "http":
                self._cut()
            elif self._loses_answer(scope):
                await front(scope, receive, _nowhere)
                self._cut()
            else:
                await front(scope, receive, send)

        return reached

    def _loses_answer(self, scope: Scope) -> bool:
        if scope["type"] != "http":
            return False
        for method, end in self.answers_to_lose:
            if scope["method"] == method and scope["path"].endswith(end):
                self.answers_to_lose.remove((method, end))
                return True
        return False

    def _cut(self) -> None:
        """End all connections as a lost network does: without an answer."""
        assert self.server is not None
        for connection in list(self.server.server_state.connections):
            connection.transport.abort()


async def _nowhere(message: Message) -> None:
    del message
