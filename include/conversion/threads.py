"""Doing the same to many things in threads: in order of the things, and over at the first fault."""

from __future__ import annotations

import os
from concurrent.futures import FIRST_EXCEPTION, CancelledError, Future, ThreadPoolExecutor, wait
from threading import Event
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_THREADS = 4

_T = TypeVar("_T")
_R = TypeVar("_R")


class Stop:
    """Tells long work that it is not wanted any more."""

    def __init__(self) -> None:
        self._event = Event()

    def set(self) -> None:
        """From now on."""
        self._event.set()

    def check(self) -> None:
        """Go on, or CancelledError."""
        if self._event.is_set():
            raise CancelledError


def _cores() -> int:
    """Those that this process may use, which may be fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_threads(work: Callable[[_T, Stop], _R], things: Iterable[_T], *, threads: int | None = None) -> list[_R]:
    """What `work` makes of each thing, in their order.

    Args:
        work: takes a thing and a Stop, which it asks now and then.
        things: as many are worked on at the same time as there are threads.
        threads: None: as many as there are cores, at most `MAX_THREADS`.

    Raises:
        Exception: the fault of the first thing that has one; what is under way is stopped.
    """
    stop = Stop()
    with ThreadPoolExecutor(threads or min(MAX_THREADS, _cores())) as pool:
        futures: list[Future[_R]] = [pool.submit(work, thing, stop) for thing in things]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        finally:  # also when this thread is interrupted: a task that is killed must not wait for whole parts
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
    for future in futures:
        fault = None if future.cancelled() else future.exception()
        if fault is not None and not isinstance(fault, CancelledError):
            raise fault
    return [future.result() for future in futures]
