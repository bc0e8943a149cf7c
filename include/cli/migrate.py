"""`migrate`: brings the ledger's tables to the newest version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include import bootstrap

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes nothing: the ledger is the one of the settings."""
    del parser


def run(arguments: argparse.Namespace) -> int:
    """Do it; harmless when there is nothing to do."""
    del arguments
    bootstrap.migrate()
    return 0
