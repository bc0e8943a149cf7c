"""`sign-out`: ends all sessions of a person, and may revoke their API tokens."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING

from include import bootstrap
from include.domain.errors import UploaderError
from include.services.signing_out import sign_out

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.epilog = "Whoever is still in the users file, or let in by the identity provider, can sign in again."
    parser.add_argument("--email", required=True, help="whose sessions, in the users file or not")
    parser.add_argument("--tokens", action="store_true", help="revoke their API tokens too")
    parser.add_argument("--by", default=_user(), help="who does so, for the audit trail (%(default)s)")


def run(arguments: argparse.Namespace) -> int:
    """Say what ended on standard output. Needs the settings and the ledger of the service."""
    try:
        ended = sign_out(bootstrap.front(), arguments.email, by=arguments.by, tokens=arguments.tokens)
    except UploaderError as error:
        sys.stderr.write(f"{error.detail}\n")
        return 2
    sys.stdout.write(f"Sessions ended: {ended.sessions}\n")
    if arguments.tokens:
        sys.stdout.write(f"API tokens revoked: {', '.join(ended.tokens) or 'none'}\n")
    return 0


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run as a number that has no name
        return "command line"
