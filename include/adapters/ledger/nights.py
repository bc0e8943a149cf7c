"""Nights in SQL: one report for each London date, whoever writes it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from include.adapters.ledger.engine import reading, writing
from include.adapters.ledger.tables import promotion_nights as nights
from include.ports import Night

if TYPE_CHECKING:
    from sqlalchemy import Engine


@dataclass(frozen=True)
class SqlNightLedger:
    """`NightLedger` over SQLite or PostgreSQL."""

    engine: Engine

    def night(self, london_date: date) -> Night | None:
        """The report of a London date, or None."""
        query = select(nights).where(nights.c.london_date == london_date.isoformat())
        with reading(self.engine) as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            return None
        return Night(
            london_date=date.fromisoformat(row["london_date"]),
            run_id=row["run_id"],
            covers=tuple(date.fromisoformat(day) for day in row["covers"]),
            outcomes=tuple(row["outcomes"]),
            reported_at=row["reported_at"],
        )

    def last_before(self, london_date: date) -> date | None:
        """The latest London date before this one that was reported, or None."""
        query = select(func.max(nights.c.london_date)).where(nights.c.london_date < london_date.isoformat())
        with reading(self.engine) as connection:
            found = connection.execute(query).scalar()
        return None if found is None else date.fromisoformat(found)

    def report(self, night: Night) -> None:
        """Keep a report, in place of an earlier one of the same London date."""
        key = night.london_date.isoformat()
        values = {
            "run_id": night.run_id,
            "covers": [day.isoformat() for day in night.covers],
            "outcomes": list(night.outcomes),
            "reported_at": night.reported_at,
        }
        again = update(nights).where(nights.c.london_date == key).values(values)
        with writing(self.engine) as connection:
            if connection.execute(again).rowcount:
                return
        try:
            with writing(self.engine) as connection:
                connection.execute(insert(nights).values(london_date=key, **values))
        except IntegrityError:  # somebody reported it between the two
            with writing(self.engine) as connection:
                connection.execute(again)
