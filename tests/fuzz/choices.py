"""Decisions read off a string of bytes, so that a fuzzer that changes bytes changes what is built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

_T = TypeVar("_T")


@dataclass
class Choices:
    """Each decision takes a byte, or two where there is much to choose from; where none are left it is the first."""

    data: bytes
    at: int = 0

    @property
    def left(self) -> bool:
        return self.at < len(self.data)

    def below(self, limit: int) -> int:
        """A number from 0, less than the limit."""
        size = 1 if limit <= 1 << 8 else 2
        taken = self.data[self.at : self.at + size]
        self.at += size
        return int.from_bytes(taken, "little") % limit

    def one(self, options: Sequence[_T]) -> _T:
        return options[self.below(len(options))]

    def rarely(self) -> bool:
        """True for one byte in sixteen."""
        return self.below(16) == 1
