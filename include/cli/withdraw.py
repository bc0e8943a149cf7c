"""`withdraw`: takes a published upload out of its table again, and may wait until that is done."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

import httpx

from include.cli.api import Api, ApiError
from include.cli.connection import find_connection

if TYPE_CHECKING:
    import argparse

DONE, REFUSED, COULD_NOT = 0, 1, 2

_WORDS = {
    "withdrawn": "Withdrawn: its rows are no longer in the table.",
    "withdrawing": "Withdrawn: its rows are being taken out of the table.",
    "waiting_for_approval": "Asked for: a data engineer has to approve it. You will get an email.",
    "declined": "Not withdrawn: a data engineer declined it.",
}
_REFUSALS = {409, 422}
_PAUSE = 2.0  # seconds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.epilog = (
        "Exit code: 0 withdrawn or asked for, 1 refused or declined, 2 could not. The address and the token come from "
        "the options, else from DATA_UPLOADER_URL and DATA_UPLOADER_TOKEN, else from .run/local.json."
    )
    parser.add_argument("upload_id", metavar="UPLOAD_ID", help="what `upload` printed")
    parser.add_argument("--reason", default="", help="needed once its promotion has begun; a data engineer reads it")
    parser.add_argument("--wait", action="store_true", help="wait until its rows are gone or it was declined")
    parser.add_argument("--wait-minutes", type=float, default=60, metavar="N", help="give up waiting (default 60)")
    parser.add_argument("--url", help="address of the front, like https://uploader.example.org/uploader/")
    parser.add_argument("--token", help="an API token; safer in DATA_UPLOADER_TOKEN, where other people cannot see it")
    parser.add_argument("--json", action="store_true", help="print the upload as the API has it")


def run(arguments: argparse.Namespace) -> int:
    """Ask; print what became of it on standard output, problems on standard error."""
    place = f"uploads/{arguments.upload_id}"
    try:
        with Api(find_connection(url=arguments.url, token=arguments.token)) as api:
            upload = api.post(f"{place}/withdraw", {"reason": arguments.reason})
            if arguments.wait:
                upload = _wait(api, place, minutes=arguments.wait_minutes)
    except ApiError as error:
        sys.stderr.write(f"{error.title}: {error.detail}\n")
        return REFUSED if error.status in _REFUSALS else COULD_NOT
    except (OSError, httpx.HTTPError) as error:
        sys.stderr.write(f"Could not withdraw: {error}\n")
        return COULD_NOT
    progress = upload["withdrawal"]["progress"]
    sys.stdout.write((json.dumps(upload, indent=2) if arguments.json else _WORDS[progress]) + "\n")
    if arguments.wait and progress in {"withdrawing", "waiting_for_approval"}:
        return COULD_NOT
    return REFUSED if progress == "declined" else DONE


def _wait(api: Api, place: str, *, minutes: float) -> dict[str, Any]:
    """The upload once its withdrawal has ended, or as it is when patience does."""
    until = time.monotonic() + 60 * minutes
    while True:
        upload = api.get(place)
        if upload["withdrawal"]["progress"] in {"withdrawn", "declined"} or time.monotonic() > until:
            return upload
        time.sleep(_PAUSE)
