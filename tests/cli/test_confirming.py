"""What the command line says when a table must be confirmed, and what it reads of a file before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.cli.confirming import confirm_words, seen_columns

if TYPE_CHECKING:
    from pathlib import Path


def test_the_reasons_the_owner_and_the_last_uploads_are_said_in_words() -> None:
    said = confirm_words(
        {
            "database": "travel",
            "table": "trips",
            "owner": "ann@example.org",
            "reasons": [{"code": "not_used_before", "message": "You have not added to travel.trips before."}],
            "last_uploads": [{"uploader": "ann@example.org", "published_at": "2026-01-31T12:00:00Z"}],
        }
    )
    assert said == [
        "Nothing was sent. Please confirm the table:",
        "  You have not added to travel.trips before.",
        "  Owner of travel.trips: ann@example.org",
        "  Uploaded 2026-01-31 12:00 UTC by ann@example.org",
        "If the file belongs there, run the same command with --confirm. Otherwise choose another table.",
    ]


def test_columns_are_read_with_the_options_of_the_command(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"Year;place\n2013;x\n")
    assert seen_columns(file, {"delimiter": "semicolon"}) == ["year", "place"]
    assert seen_columns(file, None) == []
    assert seen_columns(file, {"delimiter": "semicolon", "sheet": ""}) == []
