"""Sizes as people write them."""

from __future__ import annotations

import re

_UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}


def size(text: str) -> int:
    """Bytes of `100MB` or `1.5GB`.

    Raises:
        ValueError: it is no size.
    """
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([KMG]B)?", text.strip().upper())
    if not found:
        raise ValueError(f"{text} is no size; write 100MB or 1GB")
    return int(float(found[1]) * _UNITS[found[2] or ""])
