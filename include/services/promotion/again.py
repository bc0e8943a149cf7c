"""Bringing over once more what the ledger has as promoted, when the platform has lost or changed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.services.context import PromotionContext

IN_DOUBT = "in doubt"  # no revision: what is on the platform is not what is published


def doubt_promoted(context: PromotionContext, *, database: str, table: str, upload_id: str | None = None) -> int:
    """Have the next promotion of a table, or of one upload of it, replace what is there; how many partitions.

    Whole copies are kept, so it costs little where little is wrong. An upload withdrawn meanwhile is left alone.
    """
    doubted = 0
    for upload in context.ledger.live(database, table):
        if upload.promoted_revision is None or upload_id not in {None, upload.id}:
            continue
        doubted += context.ledger.set_promoted(
            upload.id, was=upload.promoted_revision, now=IN_DOUBT, published=upload.revision
        )
    return doubted
