"""`audit`: shows who did what, and when."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from include import bootstrap
from include.domain.errors import UploaderError
from include.services.auditing import trail, trail_of_upload
from include.settings import Settings

if TYPE_CHECKING:
    import argparse

    from include.ports import AuditEntry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--upload", metavar="ID", help="only what was done with this upload, its states between")
    parser.add_argument("--who", help="only what this person (address) or part of the service did")
    parser.add_argument(
        "--since", type=moment, metavar="TIME", help="only from then on: 2026-01-31 or with T12:00, UTC"
    )
    parser.add_argument("--before", type=moment, metavar="TIME", help="only until then")
    parser.add_argument("--limit", type=int, default=200, help="the newest so many (200)")
    parser.add_argument("--json", action="store_true", help="a JSON object for each line")


def moment(text: str) -> datetime:
    """A moment in UTC unless it says otherwise."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def run(arguments: argparse.Namespace) -> int:
    """Print them, oldest first. Needs the settings and the ledger of the service."""
    settings = Settings()
    audit = bootstrap.audit_trail(settings)
    try:
        if arguments.upload:
            entries = trail_of_upload(audit, bootstrap.ledger(settings), arguments.upload, limit=arguments.limit)
            entries = tuple(entry for entry in entries if _is_wanted(entry, arguments))
        else:
            entries = trail(
                audit, who=arguments.who, since=arguments.since, before=arguments.before, limit=arguments.limit
            )
    except UploaderError as error:
        sys.stderr.write(f"{error.detail}\n")
        return 1
    for entry in entries:
        sys.stdout.write(f"{_as_json(entry) if arguments.json else _as_line(entry)}\n")
    return 0


def _is_wanted(entry: AuditEntry, arguments: argparse.Namespace) -> bool:
    return (
        (arguments.who is None or entry.who.lower() == arguments.who.lower())
        and (arguments.since is None or entry.at >= arguments.since)
        and (arguments.before is None or entry.at < arguments.before)
    )


def _as_line(entry: AuditEntry) -> str:
    details = " ".join(f"{name}={_plain(value)}" for name, value in entry.details.items() if value not in (None, ""))
    return f"{_time(entry)}  {_plain(entry.who)}  {_plain(entry.what)}  {details}".rstrip()


def _as_json(entry: AuditEntry) -> str:
    return json.dumps({"at": _time(entry), "who": entry.who, "what": entry.what, "details": entry.details})


def _time(entry: AuditEntry) -> str:
    return entry.at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _plain(value: Any) -> str:
    # What people typed must not move a terminal's cursor or make a line of its own.
    text = value if isinstance(value, str) else json.dumps(value)
    return text if text.isprintable() else json.dumps(text)
