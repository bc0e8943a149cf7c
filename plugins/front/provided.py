"""What every request is given: the use cases' context, made once in each process, when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Annotated

from fastapi import Depends, Request
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool

from include.services.context import FrontContext

ContextFactory = Callable[[], FrontContext]


class Provider:
    """Makes its context at the first call and answers the same one ever after, in every thread.

    Attributes:
        made: the context, once it was made.
    """

    def __init__(self, make: ContextFactory) -> None:
        self.made: FrontContext | None = None
        self._make = make
        self._lock = Lock()

    def __call__(self) -> FrontContext:
        """The context."""
        with self._lock:
            made = self.made
            if made is None:
                made = self.made = self._make()
            return made

    async def ready(self) -> FrontContext:
        """The context; a thread makes it, so that others are answered meanwhile."""
        if self.made is not None:
            return self.made
        return await run_in_threadpool(self.__call__)


def provide_to(app: Starlette, provide: Provider) -> None:
    """Give an app its context. Apps mounted below another have a state of their own."""
    app.state.provide_context = provide


async def context_of(request: Request) -> FrontContext:
    """The context of the app that answers a request."""
    provide: Provider = request.app.state.provide_context
    return await provide.ready()


Context = Annotated[FrontContext, Depends(context_of)]
