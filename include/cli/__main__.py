"""`python -m include.cli COMMAND`: which commands there are."""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "check": "check and convert local files, with no service running",
    "upload": "upload a file through the API of a running service",
    "withdraw": "take a published upload out of its table again",
    "token": "make an API token for a person in the users file",
    "sign-out": "end all sessions of a person, and revoke their API tokens if asked to",
    "audit": "show who did what, and when",
    "verify": "compare raw files, ledger, Parquet and both catalogues, and name the repairs",
    "migrate": "bring the ledger's tables to the newest version",
}
"""Each is a module of this package, `-` being `_`, with `add_arguments(parser)` and `run(arguments) -> exit code`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(prog="python -m include.cli", description="Data Uploader on the command line.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, purpose in COMMANDS.items():
        command = commands.add_parser(name, help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}.")
        if name in words[:1]:  # only the command that runs is imported: starting must be fast
            _module(name).add_arguments(command)
    parsed = parser.parse_args(words)
    code: int = _module(parsed.command).run(parsed)
    return code


def _module(command: str) -> Any:
    return importlib.import_module(f"include.cli.{command.replace('-', '_')}")


class _NoPandas:
    """Hides pandas from pyarrow, which imports it if it can: most of a second that no command here has a use for."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Refuse pandas; leave every other module to the next finder."""
        del path, target
        if name == "pandas":
            raise ModuleNotFoundError(name)


if __name__ == "__main__":
    sys.meta_path.insert(0, _NoPandas)
    sys.exit(main())
