"""Who did what, and when."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class AuditEntry:
    """One line of the trail; `details` name things and never hold values of files or secrets."""

    at: datetime
    who: str
    what: str
    details: dict[str, Any] = field(default_factory=dict)


class AuditTrail(Protocol):
    """The audit trail, read. It is written by the ledgers."""

    def entries(
        self,
        *,
        who: str | None = None,
        mentions: str | None = None,
        since: datetime | None = None,
        before: datetime | None = None,
        limit: int,
    ) -> tuple[AuditEntry, ...]:
        """What was done, the newest `limit` of it, oldest first.

        Args:
            who: only what this person or part of the service did.
            mentions: only what has this text in its details.
            since: only from then on.
            before: only until then.
            limit: how many at most.
        """
        ...
