"""Reading from the object store for many partitions at a time: what is done under a table's lease must be short."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

THREADS = 16

One = TypeVar("One")
Answer = TypeVar("Answer")


def each_of(work: Callable[[One], Answer], items: Iterable[One]) -> Iterator[Answer]:
    """The answers in the order of the items; whoever stops listening begins no further ones."""
    with ThreadPoolExecutor(THREADS) as threads:
        yield from threads.map(work, items)
