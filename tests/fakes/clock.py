"""A clock that moves only when told to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass
class FixedClock:
    """Starts at `moment`; sleeping moves it on at once."""

    moment: datetime = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds=seconds)

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0) -> None:
        self.moment += timedelta(seconds=seconds, minutes=minutes, hours=hours)
