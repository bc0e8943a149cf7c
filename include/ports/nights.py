"""The reports of the nights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class Night:
    """The report of one scheduled promotion.

    `covers` are the London dates it stands for, the last its own; `outcomes` the JSON objects of its tables.
    """

    london_date: date
    run_id: str
    covers: tuple[date, ...]
    outcomes: tuple[dict[str, Any], ...]
    reported_at: datetime


class NightLedger(Protocol):
    """The reports of the scheduled promotions, one for each London date."""

    def night(self, london_date: date) -> Night | None:
        """The report of a London date, or None."""
        ...

    def last_before(self, london_date: date) -> date | None:
        """The latest London date before this one that was reported, or None."""
        ...

    def report(self, night: Night) -> None:
        """Keep a report, in place of an earlier one of the same London date."""
        ...
