"""Rows: a look into the files that people query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from include.ports.objects import StoredFile


@dataclass(frozen=True)
class SampledRows:
    """The beginning of a file: the names of all its columns, and rows of Python's own values, None for NULL.

    Long texts are cut; instead of a value that is too large to be looked at there is a text that says so.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class RowSampler(Protocol):
    """Reads the beginning of a file of a table."""

    def first(self, file: StoredFile, *, rows: int, columns: int) -> SampledRows:
        """The first rows, of the first columns only; of a large file just what that takes is read."""
        ...
