"""One streamed pass over a JSON file (stub)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from include.conversion.csv_check import Checked
    from include.conversion.report import Reading


def check_json(blocks: Iterable[bytes]) -> Checked | None:
    """Stub."""
    raise NotImplementedError


def check_json_lines(blocks: Iterable[bytes], *, reading: Reading, named_json: bool = False) -> Checked:
    """Stub."""
    raise NotImplementedError
