"""Where the service is and how the command line signs in to it: options, environment, or the local service's file."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LOCAL = Path(__file__).resolve().parents[2] / ".run" / "local.json"


@dataclass(frozen=True)
class Connection:
    """The front's address, with its slash, and an API token."""

    url: str
    token: str = field(repr=False)


def find_connection(*, url: str | None, token: str | None) -> Connection:
    """What the options say, else the environment, else the service that runs on this machine."""
    local = local_service()
    where = url or os.environ.get("DATA_UPLOADER_URL") or local.get("uploader_url")
    secret = token or os.environ.get("DATA_UPLOADER_TOKEN") or local.get("api_token")
    if not where or not secret:
        what = "the address: give --url or set DATA_UPLOADER_URL" if not where else "a token: set DATA_UPLOADER_TOKEN"
        raise FileNotFoundError(f"this needs {what} (no service runs here: {LOCAL} is not there)")
    return Connection(where.rstrip("/") + "/", secret)


def local_service() -> dict[str, Any]:
    """What the service that runs on this machine says of itself; empty if none runs."""
    document: dict[str, Any] = json.loads(LOCAL.read_text(encoding="utf-8")) if LOCAL.exists() else {}
    return document
