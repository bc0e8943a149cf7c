"""`verify`: compares raw files, ledger, Parquet and both catalogues, and names the repair for what disagrees."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from include import bootstrap
from include.cli.connection import local_service
from include.domain.errors import UploaderError
from include.settings import Settings

if TYPE_CHECKING:
    import argparse

    from include.services.consistency import Report
    from include.services.context import PromotionContext


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes. Settings, ledger and areas are the service's own."""
    parser.epilog = (
        "Exit code: 0 all agrees, 1 something disagrees, 2 could not look. Settings come from DATA_UPLOADER_…; without "
        "profiles and DATA_UPLOADER_LEDGER_URL it looks at the service of .run/local.json."
    )
    parser.add_argument("--database", help="short database name; all, if it is not given")
    parser.add_argument("--table", help="table; all, if it is not given")
    parser.add_argument("--thorough", action="store_true", help="read every raw file, to compare its SHA-256")
    parser.add_argument("--profile", help="AWS profile of the service's own account")
    parser.add_argument("--analytical-platform-profile", help="AWS profile of the Analytical Platform's account")
    parser.add_argument("--json", action="store_true", help="print the whole report as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print what disagrees. Returns 0 if nothing does, 1 if something does, 2 if it could not be looked at."""
    from include.services.consistency import examine

    context = _context(profile=arguments.profile, analytical_platform_profile=arguments.analytical_platform_profile)
    try:
        report = examine(context, database=arguments.database, table=arguments.table, thorough=arguments.thorough)
    except UploaderError as error:
        sys.stderr.write(f"{error.detail}\n")
        return 2
    sys.stdout.write(json.dumps(report.as_dict(), indent=1) + "\n" if arguments.json else _text(report))
    return 1 if report.disagreements else 0


def _context(*, profile: str | None, analytical_platform_profile: str | None) -> PromotionContext:
    """By profiles and the environment's settings, or else those of the service that runs on this machine."""
    local = local_service()
    named = profile or analytical_platform_profile or "DATA_UPLOADER_LEDGER_URL" in os.environ
    if named or "settings" not in local:
        return bootstrap.promotion_from_profiles(
            profile=profile, analytical_platform_profile=analytical_platform_profile, settings=Settings()
        )
    chosen = {name.removeprefix("DATA_UPLOADER_").lower(): value for name, value in local["settings"].items()}
    ours, theirs = (
        {name: account[name] for name in ("aws_access_key_id", "aws_secret_access_key")}
        for account in (local, local["analytical_platform"])
    )
    return bootstrap.promotion_from_keys(uploader=ours, analytical_platform=theirs, settings=Settings(**chosen))


def _text(report: Report) -> str:
    from include.services.consistency.mail import lines_of, not_looked_at

    said = [lines_of(one) for one in report.disagreements]
    said += [f"{lines_of(one)}\n  This is a note, and no fault." for one in report.notes]
    looked = f"{report.tables} tables, {report.partitions} partitions, {report.files} files: "
    looked += f"{len(report.disagreements)} disagreements, {len(report.notes)} notes."
    if report.busy:
        looked += f" {not_looked_at(report.busy)}"
    return "\n\n".join([*said, looked]) + "\n"
