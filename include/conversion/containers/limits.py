"""How much may come out of a file: what stops a few bytes from filling a disk or a memory."""

from __future__ import annotations

from dataclasses import dataclass

from include.conversion.containers.unreadable import Unreadable
from include.domain import container_findings


@dataclass(frozen=True)
class Limits:
    """When unpacking stops.

    Attributes:
        unpacked_bytes: of plain text, from one file.
        ratio: how many times its own size a file may unpack to.
        free_bytes: unpacked before the ratio is looked at: small files may well be all alike.
        memory_bytes: of what a format makes us hold in memory (a workbook's shared texts).
    """

    unpacked_bytes: int = 50 * 1024**3
    ratio: int = 1000
    free_bytes: int = 100 * 1024**2
    memory_bytes: int = 1024**3


DEFAULT_LIMITS = Limits()

NO_LIMITS = Limits(unpacked_bytes=2**62, ratio=2**62, memory_bytes=2**62)
"""For a file that was accepted, whatever the limits are now: what is derived of it depends on nothing but its bytes."""


class Meter:
    """Counts what comes out of one file."""

    def __init__(self, limits: Limits, *, packed: int) -> None:
        self.total = 0
        self._packed = packed
        self._ratio = limits.ratio
        self._most = limits.unpacked_bytes
        self._by_ratio = max(limits.free_bytes, limits.ratio * packed)

    def take(self, count: int) -> None:
        """Count bytes before they are kept.

        Raises:
            Unreadable: it is too much.
        """
        self.total += count
        if self.total > self._most:
            raise Unreadable(container_findings.unpacks_too_large(limit=self._most, packed=self._packed))
        if self.total > self._by_ratio:
            raise Unreadable(
                container_findings.unpacks_too_large(limit=self._by_ratio, packed=self._packed, ratio=self._ratio)
            )
