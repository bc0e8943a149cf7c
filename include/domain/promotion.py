"""The promotion plan: what must change on the Analytical Platform so that it mirrors what is published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

LONDON = ZoneInfo("Europe/London")


class Action(StrEnum):
    """What happens to one partition on the Analytical Platform."""

    ADD = "add"
    REPLACE = "replace"
    REMOVE = "remove"


@dataclass(frozen=True)
class Mirrored:
    """One upload's two sides: the revision published and the one promoted; None is absent.

    `taken` is the revision that promotion last began to bring over: some of it may be there though nothing is promoted.
    """

    upload_id: str
    database: str
    table: str
    extraction_timestamp: str
    published: str | None
    promoted: str | None
    taken: str | None = None

    @property
    def action(self) -> Action | None:
        """What makes the two sides equal; None when they are."""
        if self.published is None:
            return None if self.promoted is None and self.taken is None else Action.REMOVE
        if self.published == self.promoted:
            return None
        return Action.ADD if self.promoted is None else Action.REPLACE


@dataclass(frozen=True)
class ChangedTable:
    """A note that a table's own columns may differ on the two sides, whatever its partitions do."""

    note: str
    database: str
    table: str


@dataclass(frozen=True)
class TablePlan:
    """The partitions of one table that differ, oldest first; none where only the table itself may differ."""

    database: str
    table: str
    changes: tuple[Mirrored, ...]


def plan(rows: Iterable[Mirrored], *, changed: Iterable[ChangedTable] = ()) -> tuple[TablePlan, ...]:
    """Group what differs by table, in the order of database, table, extraction_timestamp; what is equal is left out."""
    differing = sorted(
        (row for row in rows if row.action is not None),
        key=lambda row: (row.database, row.table, row.extraction_timestamp),
    )
    found = {place: tuple(rows) for place, rows in groupby(differing, key=lambda row: (row.database, row.table))}
    places = sorted({*found, *((one.database, one.table) for one in changed)})
    return tuple(TablePlan(database, table, found.get((database, table), ())) for database, table in places)


def of_upload(rows: Iterable[Mirrored], upload_id: str) -> tuple[Mirrored, ...]:
    """The change of one upload, and the table's partitions that were derived again.

    Those belong to the table's newer types: without them the table on the platform would be ahead of its partitions.
    """
    rows = tuple(rows)
    tables = {(row.database, row.table) for row in rows if row.upload_id == upload_id}
    return tuple(
        row
        for row in rows
        if row.upload_id == upload_id or (row.action is Action.REPLACE and (row.database, row.table) in tables)
    )


def nights_covered(day: date, *, last: date | None) -> tuple[date, ...]:
    """The London dates that the night of `day` stands for: those since the last one reported, and its own."""
    days = (day - last).days if last is not None and last < day else 1
    return tuple(day - timedelta(days=before) for before in reversed(range(days)))


def london_date(moment: datetime) -> date:
    """The business day that a run belongs to: the date in London at that moment."""
    return moment.astimezone(LONDON).date()
