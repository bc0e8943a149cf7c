"""How the C library's allocator is told to give memory back while ranges are read."""

from __future__ import annotations

import ctypes
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of mallopt in malloc.h
_BYTES = 1024**2


@cache
def give_back_promptly() -> None:
    """Return large blocks to the system when they are freed, for the rest of this process.

    Left to itself, glibc keeps more for each thread the larger the blocks that were freed: as much as ranges take once
    more. Other C libraries have no such setting and need none.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_TRIM_THRESHOLD, 4 * _BYTES)
        mallopt(_MMAP_THRESHOLD, _BYTES)
