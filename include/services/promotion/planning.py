"""What differs between published and promoted, from the ledger alone: no listing, no watermark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.promotion import TablePlan, of_upload, plan

if TYPE_CHECKING:
    from include.services.context import PromotionContext


def plan_promotion(
    context: PromotionContext, *, database: str | None = None, table: str | None = None, upload_id: str | None = None
) -> tuple[TablePlan, ...]:
    """What differs between published and promoted now: all of it, or of one database, table or upload.

    With an upload comes what its table needs to stay whole: see `of_upload`.
    """
    rows = context.ledger.mirror(database=database, table=table)
    return plan(rows if upload_id is None else of_upload(rows, upload_id))
