"""Examining everything or one table: what disagrees, found twice, and what is only worth knowing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from include.domain import names
from include.domain.errors import NotFound
from include.domain.partition_key import folder_names
from include.services.consistency.disagreement import NOTES, Disagreement
from include.services.consistency.facts import read_facts
from include.services.consistency.own_side import own_disagreements
from include.services.consistency.platform_side import platform_disagreements
from include.services.consistency.raw_side import raw_disagreements
from include.services.consistency.under_way import landing_disagreements, stuck_uploads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from include.services.consistency.facts import TableFacts
    from include.services.context import PromotionContext

GRACE = timedelta(minutes=15)  # for what follows at once: a withdrawal carried out, landing swept, a file claimed


@dataclass(frozen=True, kw_only=True)
class Report:
    """What an examination looked at and found.

    Attributes:
        tables: all of them.
        partitions: in our Glue, of those that nobody wrote to.
        files: whose footers were compared.
        busy: tables on which somebody was at work, which were looked at only in part.
        disagreements: what has to be repaired.
        notes: what is only worth knowing.
    """

    tables: int
    partitions: int
    files: int
    busy: tuple[str, ...]
    disagreements: tuple[Disagreement, ...]
    notes: tuple[Disagreement, ...]

    def as_dict(self, *, most: int | None = None) -> dict[str, Any]:
        """A JSON object; `most` disagreements and notes are listed, all are counted."""
        return {
            "tables": self.tables,
            "partitions": self.partitions,
            "files": self.files,
            "busy": list(self.busy),
            "disagreeing": len(self.disagreements),
            "noted": len(self.notes),
            "disagreements": [one.as_dict() for one in self.disagreements[:most]],
            "notes": [one.as_dict() for one in self.notes[:most]],
        }


def verify(
    context: PromotionContext,
    *,
    database: str | None = None,
    table: str | None = None,
    thorough: bool = False,
    grace: timedelta = GRACE,
) -> tuple[Disagreement, ...]:
    """Everything that disagrees, of all tables, of a database (short name) or of one table; none is the rule."""
    return examine(context, database=database, table=table, thorough=thorough, grace=grace).disagreements


def examine(
    context: PromotionContext,
    *,
    database: str | None = None,
    table: str | None = None,
    thorough: bool = False,
    grace: timedelta = GRACE,
) -> Report:
    """Compare all places that tell of a table, table by table.

    Args:
        context: with read access to both accounts.
        database: short name; None is all of them.
        table: of that database; None is all of them.
        thorough: read every byte of the raw files too, to compare their SHA-256.
        grace: how long what follows by itself may take before it counts.

    A table in which something disagrees is read a second time: what changed under the first look is no disagreement.
    A denied read is an error, as everywhere. NotFound (`no_such_table`) if no place tells of what is named: a misspelt
    name is not a table in which everything agrees.
    """
    found: list[Disagreement] = []
    tables = partitions = files = 0
    told = database is None and table is None
    busy = []
    for short, name in _table_names(context, database=database, table=table):
        first, facts = _look(context, short, name, thorough=thorough, grace=grace)
        looks = [facts]
        told = told or facts.is_told_of or (short, name) in context.ledger.table_names(database=short)
        if first:
            second, facts = _look(context, short, name, thorough=thorough, grace=grace)
            again = {one.about for one in second}
            found += [one for one in first if one.about in again]
            looks.append(facts)
        tables += 1
        if not any(look.writing for look in looks):
            partitions += len(facts.own.partitions)
            files += len(facts.own.footers)
        if not any(look.promoting for look in looks):
            files += len(facts.platform.footers)
        if any(look.writing or look.promoting for look in looks):
            busy.append(f"{short}.{name}")
    if not told:
        named = ".".join(name for name in (database, table) if name is not None)
        raise NotFound(
            f"Nothing tells of {named}. Short names are meant, such as travel and trips.", code="no_such_table"
        )
    found += landing_disagreements(context, database=database, table=table, grace=grace)
    found += stuck_uploads(context, database=database, table=table, grace=grace)
    return Report(
        tables=tables,
        partitions=partitions,
        files=files,
        busy=tuple(busy),
        disagreements=_sorted(one for one in found if one.code not in NOTES),
        notes=_sorted(one for one in found if one.code in NOTES),
    )


def _look(
    context: PromotionContext, database: str, table: str, *, thorough: bool, grace: timedelta
) -> tuple[tuple[Disagreement, ...], TableFacts]:
    facts = read_facts(context, database, table, grace=grace)
    found = (
        *raw_disagreements(facts, context.objects, thorough=thorough),
        *own_disagreements(facts, context.settings),
        *platform_disagreements(facts, context.settings),
    )
    return found, facts


def _table_names(context: PromotionContext, *, database: str | None, table: str | None) -> Iterator[tuple[str, str]]:
    """Short database name and table of all that any place tells of, sorted."""
    if database is not None and table is not None:
        yield database, table
        return
    found = set(context.ledger.table_names(database=database))
    found.update(_in_raw_history(context, database))
    prefix = names.database_prefix(context.settings.env.value)
    for catalogue in (context.catalogue, context.ap_catalogue):
        holders = catalogue.database_names(prefix) if database is None else [prefix + database]
        for full in holders:
            found.update((full.removeprefix(prefix), one.name) for one in catalogue.tables_of(full))
    yield from sorted(one for one in found if table in {None, one[1]})


def _in_raw_history(context: PromotionContext, database: str | None) -> Iterator[tuple[str, str]]:
    root = context.settings.raw_history_uri + "/"
    for stored in context.objects.list(root + ("" if database is None else f"database_name={database}/")):
        where = folder_names(stored.uri.removeprefix(root))
        if where != ("", ""):
            yield where


def _sorted(found: Iterable[Disagreement]) -> tuple[Disagreement, ...]:
    return tuple(
        sorted(found, key=lambda one: (one.database, one.table, one.extraction_timestamp or "", one.code.value))
    )
