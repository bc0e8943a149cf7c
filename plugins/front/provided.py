"""What every request is given: the use cases' context, made once in each process, when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Annotated

from fastapi import Depends, Request
from starlette.applications import Starlette

from include.services.context import FrontContext

ContextFactory = Callable[[], FrontContext]


def once(make: ContextFactory) -> ContextFactory:
    """A factory that makes its context at the first call and answers the same one ever after, in every thread."""
    lock, made = Lock(), list[FrontContext]()

    def provide() -> FrontContext:
        if not made:
            with lock:
                if not made:
                    made.append(make())
        return made[0]

    return provide


def provide_to(app: Starlette, provide: ContextFactory) -> None:
    """Give an app its context. Apps mounted below another have a state of their own."""
    app.state.provide_context = provide


def _context(request: Request) -> FrontContext:
    context: FrontContext = request.app.state.provide_context()
    return context


Context = Annotated[FrontContext, Depends(_context)]
