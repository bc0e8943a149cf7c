"""The access pack: the files with which people ask to read a database, filled in with what the service knows."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from include.domain import names
from include.domain.errors import NotFound, Terminal
from include.domain.governance import IN_WORDS, NOT_RECORDED
from include.domain.promotion import LONDON
from include.services import reading
from include.services.table_owners import owner_of_published

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from include.ports import ConfirmedGovernance, PublishedTable
    from include.services.context import FrontContext

log = logging.getLogger(__name__)

REVIEW = timedelta(days=365)
FILES = ("project", "database", "readme")
_BROKEN = (
    "The template of this file cannot be used as it is. The reason is in the log of the service; the team that runs it "
    "has to mend the template."
)


@dataclass(frozen=True, kw_only=True)
class PackFile:
    """One file of the pack: `which` of them, what it is saved as, its text, or why there is none."""

    which: str
    filename: str
    text: str | None
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class AccessPack:
    """Everything about reading a database (short name)."""

    database: str
    glue_database: str
    tables: tuple[PublishedTable, ...]
    files: tuple[PackFile, ...]


def access_pack(context: FrontContext, database: str) -> AccessPack:
    """The pack of a database; NotFound when it has no published upload."""
    tables = reading.tables(context, database)
    facts = _facts(context, database, tables)
    return AccessPack(
        database=database,
        glue_database=facts["glue_database"],
        tables=tables,
        files=tuple(_file(context, which, facts) for which in FILES),
    )


def pack_file(context: FrontContext, database: str, which: str) -> PackFile:
    """One file of the pack, to be saved; NotFound when there is no such file."""
    if which not in FILES:
        raise NotFound("The access pack has no such file.", code="file_not_found", title="Page not found")
    return _file(context, which, _facts(context, database, reading.tables(context, database)))


def _file(context: FrontContext, which: str, facts: Mapping[str, Any]) -> PackFile:
    filename = {
        "project": f"{facts['project_id']}.yaml",
        "database": f"{facts['glue_database']}.yaml",
        "readme": "README.md",
    }[which]
    try:
        return PackFile(which=which, filename=filename, text=context.access_templates.render(which, facts))
    except Terminal as broken:
        log.exception("%s", broken.detail)
        return PackFile(which=which, filename=filename, text=None, problem=_BROKEN)


def _facts(context: FrontContext, database: str, tables: Iterable[PublishedTable]) -> dict[str, Any]:
    """What a template may use: plain texts, numbers, lists and mappings."""
    env, now = context.settings.env, context.clock.now()
    owned = [(table, owner_of_published(context, table)) for table in tables]
    first = min((table for table, _ in owned), key=lambda table: table.first_published_at)
    return {
        "env": env.value,
        "database": database,
        "glue_database": names.full_database_name(database, env=env),
        "project_id": f"data_uploader_{database}",
        "today": _day(now),
        "review_date": _day(now + REVIEW),
        "first_uploader": first.creator,
        "first_published_on": _day(first.first_published_at),
        "owners": list(dict.fromkeys(owner for _, owner in owned)),
        "tables": [
            {
                "name": table.table,
                "athena_reference": names.athena_reference(database, table.table, env=env),
                "owner": owner,
                "partitions": table.partitions,
                "last_published_on": _day(table.last_published_at),
            }
            for table, owner in owned
        ],
        "documents": [_document(confirmed) for confirmed in context.publications.governance(database)],
    }


def _document(confirmed: ConfirmedGovernance) -> dict[str, Any]:
    return {
        "kind": IN_WORDS[confirmed.document] if confirmed.document else NOT_RECORDED,
        "reference": confirmed.reference,
        "classification": IN_WORDS[confirmed.classification] if confirmed.classification else NOT_RECORDED,
        "tables": list(confirmed.tables),
        "uploads": confirmed.uploads,
    }


def _day(moment: datetime) -> str:
    return moment.astimezone(LONDON).date().isoformat()
