"""The audit trail of a front, for tests to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.adapters.ledger.audit import SqlAuditTrail

if TYPE_CHECKING:
    from include.ports import AuditEntry
    from tests.fakes.front import Front


def trail_of(front: Front) -> tuple[AuditEntry, ...]:
    """Everything that was done so far, oldest first."""
    return SqlAuditTrail(front.context.ledger.engine).entries(limit=10_000)  # type: ignore[attr-defined]
