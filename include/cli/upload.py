"""`upload`: sends a local file through the API of a running service, and may wait until it is in its table."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from include.cli.api import Api, ApiError
from include.cli.confirming import confirm_words, seen_columns
from include.cli.connection import find_connection
from include.cli.reading import add_reading_arguments, chosen_reading
from include.cli.sending import send_parts

if TYPE_CHECKING:
    import argparse

ACCEPTED, REFUSED, COULD_NOT, CONFIRM_NEEDED = 0, 1, 2, 3

_DONE = {"published": ACCEPTED, "promoted": ACCEPTED, "refused": REFUSED}
_STOPPED = {"failed", "cancelled", "withdrawn"}
_WAITS = {
    "widening": "The table is made wider for this file, then the file is added.",
    "waiting_for_approval": "The table would have to be made wider for this file, which a data engineer decides.",
}
_REFUSALS = {413, 422}  # the file, its name or what was said of it breaks a rule
_SLOWEST_POLL = 5.0  # seconds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.epilog = (
        "Exit code: 0 published (or landed, without --wait), 1 refused, 2 could not, 3 nothing was sent because the "
        "table must be confirmed first (--confirm). The address and the token come from the options, else from "
        "DATA_UPLOADER_URL and DATA_UPLOADER_TOKEN, else from .run/local.json."
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV, JSON, JSON Lines, Excel or Parquet")
    parser.add_argument("--database", required=True, help="short name of the database, without its prefix")
    parser.add_argument("--table", required=True)
    parser.add_argument("--create", action="store_true", help="create the database or table if it does not exist")
    parser.add_argument(
        "--confirm",
        action="store_true",
        help="the file belongs into this table, though you have not used it before or its columns are others",
    )
    parser.add_argument("--wait", action="store_true", help="wait until it is published, refused or has failed")
    parser.add_argument("--wait-minutes", type=float, default=60, metavar="N", help="give up waiting (default 60)")
    parser.add_argument("--document", choices=("dpia", "movement_form", "none"), default="none")
    parser.add_argument("--reference", default="", help="of the DPIA or data movement form")
    parser.add_argument("--classification", choices=("test", "official", "official_sensitive"), default="test")
    parser.add_argument("--url", help="address of the front, like https://uploader.example.org/uploader/")
    parser.add_argument("--token", help="an API token; safer in DATA_UPLOADER_TOKEN, where other people cannot see it")
    parser.add_argument("--json", action="store_true", help="print the upload as the API has it")
    add_reading_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Upload; print the result on standard output, progress and problems on standard error."""
    try:
        connection = find_connection(url=arguments.url, token=arguments.token)
        size = arguments.file.stat().st_size
        with Api(connection) as api:
            upload = _send(api, arguments, size=size)
            if arguments.wait:
                upload = _wait(api, upload["upload_id"], minutes=arguments.wait_minutes)
    except ApiError as error:
        if error.code == "confirm_needed":
            _say("\n".join(confirm_words(error.problem.get("confirm", {}))))
            return CONFIRM_NEEDED
        _say(f"{error.title}: {error.detail}")
        return REFUSED if error.status in _REFUSALS else COULD_NOT
    except (OSError, httpx.HTTPError) as error:
        _say(f"Could not upload: {error}")
        return COULD_NOT
    except KeyboardInterrupt:
        _say("Cancelled.")
        return COULD_NOT
    _print(upload, as_json=arguments.json)
    return _exit_code(upload["state"], waited=arguments.wait)


def _send(api: Api, arguments: argparse.Namespace, *, size: int) -> dict[str, Any]:
    """Announce, send and complete; what fails or is interrupted is cancelled, so that nothing is left behind."""
    reading = chosen_reading(arguments)
    seen = seen_columns(arguments.file, reading)
    started = api.post(
        "uploads",
        {
            "database": arguments.database,
            "table": arguments.table,
            "filename": arguments.file.name,
            "size": size,
            "create": arguments.create,
            "confirm": arguments.confirm,
            **({"columns": seen} if seen else {}),
            "governance": {
                "document": arguments.document,
                "reference": arguments.reference,
                "classification": arguments.classification,
            },
            **({"reading_options": reading} if reading is not None else {}),
        },
        key=uuid4().hex,
    )
    place = f"uploads/{started['upload_id']}"
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    try:
        with Progress(*columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal) as progress:
            task = progress.add_task(arguments.file.name, total=size)
            sent = send_parts(
                api,
                place,
                arguments.file,
                size=size,
                part_size=started["part_size"],
                on_sent=lambda count: progress.advance(task, count),
            )
        return api.post(f"{place}/complete", sent)
    except BaseException:
        api.cancel(place)
        raise


def _wait(api: Api, upload_id: str, *, minutes: float) -> dict[str, Any]:
    """The upload once it is published, refused or has stopped, or as it is when patience ends."""
    until, pause, said = time.monotonic() + 60 * minutes, 0.5, ""
    while True:
        upload = api.get(f"uploads/{upload_id}")
        if upload["state"] in _WAITS and upload["state"] != said:
            said = upload["state"]
            _say_why_it_waits(upload)
        if upload["state"] in {*_DONE, *_STOPPED} or time.monotonic() > until:
            return upload
        time.sleep(pause)
        pause = min(_SLOWEST_POLL, pause * 1.3)


def _say_why_it_waits(upload: dict[str, Any]) -> None:
    _say(_WAITS[upload["state"]])
    for finding in upload["findings"]:
        if finding["code"] == "widens_columns":
            _say(f"  {finding['message']}")


def _exit_code(state: str, *, waited: bool) -> int:
    if state in _STOPPED:
        return COULD_NOT
    return _DONE.get(state, COULD_NOT if waited else ACCEPTED)


def _print(upload: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(upload, indent=2) + "\n")
        return
    rows = "" if upload["rows"] is None else f", {upload['rows']:,} row{'' if upload['rows'] == 1 else 's'}"
    lines = [
        f"{upload['state']}: {upload['filename']}{rows}",
        f"Athena reference:     {upload['athena_reference']}",
        f"extraction_timestamp: {upload['extraction_timestamp']}",
        f"S3 path:              {upload['s3_path']}",
        f"Upload id:            {upload['upload_id']}",
        *(f"{finding['severity']}: {finding['title']}. {finding['message']}" for finding in upload["findings"]),
    ]
    sys.stdout.write("\n".join(lines) + "\n")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
