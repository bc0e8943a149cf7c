"""Before an upload into a table that is there: the columns of the file, and what the service asks, in words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from include.domain.errors import Refused
from include.domain.reading_options import DEFAULT_OPTIONS, choose

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def seen_columns(file: Path, reading: Mapping[str, Any] | None) -> list[str]:
    """The names of a file's columns as far as they are known before it is sent; none for options that are refused."""
    from include import conversion

    try:
        options = choose(**reading) if reading else DEFAULT_OPTIONS
    except Refused:
        return []  # the service says what is wrong with them
    return list(conversion.columns_of(file, filename=file.name, options=options))


def confirm_words(asked: Mapping[str, Any]) -> list[str]:
    """What the service wants to be confirmed, a line for each fact, and how to go on."""
    return [
        "Nothing was sent. Please confirm the table:",
        *(f"  {reason['message']}" for reason in asked.get("reasons", ())),
        f"  Owner of {asked.get('database')}.{asked.get('table')}: {asked.get('owner')}",
        *(
            f"  Uploaded {_moment(last['published_at'])} by {last['uploader']}"
            for last in asked.get("last_uploads", ())
        ),
        "If the file belongs there, run the same command with --confirm. Otherwise choose another table.",
    ]


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M} UTC"
