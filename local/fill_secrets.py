"""`make .env`: the composed stack's choices from .env.example, with every empty secret filled in."""

from __future__ import annotations

import base64
import os
import secrets
import sys
from pathlib import Path


def filled(example: str) -> str:
    """The example with a fresh secret behind every name that has none."""
    return "\n".join(_filled_line(line) for line in example.splitlines()) + "\n"


def _filled_line(line: str) -> str:
    name, equals, value = line.partition("=")
    if line.startswith("#") or not equals or value:
        return line
    fresh = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode() if "FERNET" in name else secrets.token_hex(32)
    return f"{name}={fresh}"


def main() -> int:
    """Write .env beside .env.example, readable by its owner alone; an existing one is left as it is."""
    root = Path(__file__).resolve().parent.parent
    try:
        file = os.open(root / ".env", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        sys.stderr.write(".env is there already; nothing was changed.\n")
        return 0
    with os.fdopen(file, "w", encoding="utf-8") as written:
        written.write(filled((root / ".env.example").read_text(encoding="utf-8")))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
