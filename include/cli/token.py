"""`token`: makes an API token for a person on the users list, and shows it this once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from include import bootstrap
from include.domain.errors import Refused, UploaderError
from include.services.api_tokens import issue_token

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--email", required=True, help="whose token; must be in the users file")
    parser.add_argument("--name", required=True, help="what it is for; a new token of the same name replaces the old")
    parser.add_argument("--days", type=int, help="how long it works, 0 for ever (as DATA_UPLOADER_API_TOKEN_DAYS says)")


def run(arguments: argparse.Namespace) -> int:
    """Print the token on standard output. Needs the settings and the ledger of the service."""
    try:
        token = issue_token(bootstrap.front(), arguments.email, name=arguments.name, days=arguments.days)
    except Refused as refused:
        sys.stderr.write(f"{refused.detail}\n")
        return 1
    except UploaderError as error:
        sys.stderr.write(f"{error.detail}\n")
        return 2
    sys.stdout.write(token + "\n")
    return 0
