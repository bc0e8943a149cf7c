"""Where a file may go: which databases and tables exist, which are ours, and which names may be created."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain import names
from include.domain.errors import Conflict, NotFound
from include.services.areas import MANIFEST, Areas
from include.services.ownership import refuse_foreign

if TYPE_CHECKING:
    from include.domain.partition_key import PartitionKey
    from include.services.context import FrontContext

_LONGEST_PART = "part-00000-00000.parquet"


def check_database(context: FrontContext, database: str, *, create: bool) -> None:
    """Raise unless a file may go into this database: well named, listed (or to be created), and ours."""
    settings = context.settings
    listed = database in context.ledger.databases()
    check_name = names.check_new_database_name if create and not listed else names.check_database_name
    check_name(database, env=settings.env)
    if not create and not listed:
        short = names.without_prefix(database, env=settings.env)
        hint = "" if short == database else f" Give its short name, without the prefix: {short}."
        raise NotFound(
            f"There is no database {database} here.{hint} Databases are listed once their first upload is published. "
            f"To create it with this upload, ask for a new database (API: create = true).",
            code="database_not_found",
            title="Database not found",
            field="database",
        )
    full_name = names.full_database_name(database, env=settings.env)
    refuse_foreign(context.catalogue, full_name, env=settings.env)


def check_table(context: FrontContext, database: str, table: str, *, create: bool) -> None:
    """Raise unless a file may go into this table of a database that may be used."""
    settings = context.settings
    names.check_table_name(table)
    if not create and not any(known.table == table for known in context.ledger.tables(database)):
        raise NotFound(
            f"There is no table {table} in the database {database}. Tables are listed once their first upload is "
            f"published. To create it with this upload, ask for a new table (API: create = true).",
            code="table_not_found",
            title="Table not found",
            field="table",
        )
    full_name = names.full_database_name(database, env=settings.env)
    refuse_foreign(context.catalogue, full_name, table, env=settings.env)


def check_new_database(context: FrontContext, database: str) -> None:
    """Raise unless this database may be created: as `check_database`, and not listed already."""
    check_database(context, database, create=True)
    if database in context.ledger.databases():
        raise Conflict(
            f"The database {database} exists already. Choose it from the list, or enter another name.",
            code="database_exists",
            title="Database exists already",
            field="database",
        )


def check_new_table(context: FrontContext, database: str, table: str) -> None:
    """Raise unless this table may be created: as `check_table`, and not listed already."""
    check_table(context, database, table, create=True)
    if any(known.table == table for known in context.ledger.tables(database)):
        raise Conflict(
            f"The table {table} exists already in {database}. Choose it from the list, or enter another name.",
            code="table_exists",
            title="Table exists already",
            field="table",
        )


def check_keys(areas: Areas, key: PartitionKey, filename: str) -> None:
    """Raise Refused if a key that this upload leads to would be longer than S3 allows, in whichever area."""
    safe = names.safe_filename(filename)
    settings = areas.settings
    revision = "0" * 16
    for uri in (
        areas.landing(key, filename),
        f"{settings.raw_history_uri}/{key.file(safe)}",
        f"{settings.raw_history_uri}/{key.file(MANIFEST)}",
        f"{settings.fail_uri}/{'0' * 32}/{safe}",
        areas.revision(key, revision) + _LONGEST_PART,
        areas.ap_revision(key, revision) + _LONGEST_PART,
    ):
        names.check_key(uri.removeprefix("s3://").partition("/")[2])
