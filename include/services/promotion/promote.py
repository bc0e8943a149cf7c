"""Promoting one table: removals, copies, the table, its partitions, and last what the ledger says of each upload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.errors import Terminal, Transient, UploaderError
from include.domain.promotion import Action, Mirrored
from include.domain.upload import LIVE
from include.services.areas import Areas
from include.services.promotion.copies import Copied, copy_partitions
from include.services.promotion.left_behind import LEFT_BEHIND
from include.services.promotion.outcome import Outcome
from include.services.promotion.partitions import expect_own_partitions, register
from include.services.promotion.planning import plan_promotion
from include.services.promotion.removal import clear_partition, note_removed, sole_promotion
from include.services.promotion.table import mirror_table, settled_table
from include.services.withdrawal.mend import mend_platform
from include.services.withdrawal.own_table import shrink

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from include.domain.promotion import ChangedTable
    from include.ports import CatalogueTable
    from include.services.context import PromotionContext
    from include.services.lease import Lease

ROUNDS = 5  # of copying: each widening that is flipped meanwhile costs one


def promote_table(
    context: PromotionContext, *, database: str, table: str, upload_id: str | None = None, run: str = ""
) -> Outcome:
    """Mirror one table, or one upload of it; run again it goes on where it was.

    `run` names the piece of work: its attempts take over from each other, another promotion of the table meanwhile is
    Transient, and so is a table that is being widened.
    """
    with sole_promotion(context, database=database, table=table, run=run) as lease:
        noted = context.ledger.changed_tables(database=database, table=table)  # before the table is read
        # Planned again under the lease: what another run did meanwhile is not done twice.
        changes = _changes(context, database=database, table=table, upload_id=upload_id)
        removals = [change for change in changes if change.action is Action.REMOVE]
        gone = [change for change in removals if _remove(context, change.upload_id, run=run)]
        emptied = [change.upload_id for change in removals if _shrinks_to_nothing(context, change, lease=lease)]
        done: list[Mirrored] = []
        if len(removals) < len(changes):
            begun: set[str] = set()
            try:
                copies = _bring_over(context, lease, begun, database=database, table=table, upload_id=upload_id)
                done = [copied.change for copied in copies if _conclude(context, copied)]
            except UploaderError:
                _clear_withdrawn(context, begun)
                raise
        followed = bool(noted) and _follow_table(context, lease, noted, database=database, table=table)
    for upload in filter(None, map(context.ledger.get, emptied[:1])):
        mend_platform(context, upload, run=run)
    return Outcome(
        database=database,
        table=table,
        added=_timestamps(change for change in done if change.action is Action.ADD),
        replaced=_timestamps(change for change in done if change.action is Action.REPLACE),
        removed=_timestamps(gone),
        table_changed=followed,
    )


def _bring_over(
    context: PromotionContext, lease: Lease, begun: set[str], *, database: str, table: str, upload_id: str | None
) -> list[Copied]:
    """Files first, then the table, then the partitions; returns what is registered now, and adds to `begun`."""
    ours, copies = _copy(context, begun, database=database, table=table, upload_id=upload_id)
    copies = [copied for copied in copies if _is_published(context, copied)]
    if copies:
        expect_own_partitions(context, database=database, table=table, copies=copies)
        lease.hold()
        mirror_table(context, ours, location=Areas(context.settings).ap_table(database, table))
        lease.hold()
        register(context, database=database, table=table, copies=copies)
    return copies


def _follow_table(
    context: PromotionContext, lease: Lease, noted: Sequence[ChangedTable], *, database: str, table: str
) -> bool:
    """Make the platform's table what ours is though none of its partitions asks for it; whether it was another.

    What has to be replaced goes first, or the table would be ahead of its partitions: until then it stays noted.
    """
    ours = settled_table(context, database=database, table=table)
    if any(change.action is Action.REPLACE for change in _changes(context, database=database, table=table)):
        return False
    changed = False
    if ours is not None and context.ap_catalogue.table(ours.database, table) is not None:
        lease.hold()
        changed = mirror_table(context, ours, location=Areas(context.settings).ap_table(database, table))
    context.ledger.forget_changed_tables(noted)
    return changed


def _copy(
    context: PromotionContext, begun: set[str], *, database: str, table: str, upload_id: str | None
) -> tuple[CatalogueTable, list[Copied]]:
    """Copies of all changes, and our table as they belong to it: a widening flipped meanwhile is followed."""
    copied: dict[str, Copied] = {}
    for number in range(ROUNDS):
        before = _our_table(context, database=database, table=table)
        changes = _changes(context, database=database, table=table, upload_id=None if number else upload_id)
        begun |= {one.upload_id for one in changes if number == 0 or one.action is Action.REPLACE}
        missing = [
            one
            for one in changes
            if one.published is not None
            and one.upload_id in begun
            and (one.upload_id not in copied or copied[one.upload_id].change.published != one.published)
            and context.ledger.take(one.upload_id, published=one.published)
        ]
        copied |= {one.change.upload_id: one for one in copy_partitions(context, missing)}
        after = _our_table(context, database=database, table=table)
        if after.columns == before.columns:
            return after, list(copied.values())
    raise Transient(f"{after.database}.{table} kept changing.", code="table_busy")


def _our_table(context: PromotionContext, *, database: str, table: str) -> CatalogueTable:
    ours = settled_table(context, database=database, table=table)
    if ours is None:
        name = Areas(context.settings).database(database)
        raise Terminal(f"{name}.{table} is published by the ledger but not in the catalogue.", code="catalogue_differs")
    return ours


def _is_published(context: PromotionContext, copied: Copied) -> bool:
    """False for what was withdrawn while it was copied: its files go again."""
    upload = context.ledger.get(copied.change.upload_id)
    if upload is None or upload.state in LIVE:
        return upload is not None
    _remove(context, upload.id)
    return False


def _clear_withdrawn(context: PromotionContext, begun: Iterable[str]) -> None:
    """After a fault. Whoever withdrew it may have waited for this promotion's lease in vain and be done already."""
    for upload_id in sorted(begun):
        upload = context.ledger.get(upload_id)
        if upload is not None and upload.state not in LIVE:
            clear_partition(context, upload)


def _conclude(context: PromotionContext, copied: Copied) -> bool:
    """Tell the ledger; False for what was withdrawn since it was copied, which is taken away at once.

    What was derived again is left to the next run, with what is there noted: readers of the platform see it.
    """
    change, revision = copied.change, copied.change.published
    if not context.ledger.set_promoted(change.upload_id, was=change.promoted, now=revision, published=revision):
        row = context.ledger.get(change.upload_id)
        if row is None or row.state not in LIVE:
            _remove(context, change.upload_id)
            return False
        context.ledger.set_promoted(change.upload_id, was=row.promoted_revision, now=revision, published=row.revision)
    if context.settings.remove_superseded_at_once:
        _remove_superseded(context, copied)
    return True


def _remove(context: PromotionContext, upload_id: str, *, run: str | None = None) -> bool:
    """Take a withdrawn upload away; whether anything of it was to be seen. `run` is to be told of it."""
    upload = context.ledger.get(upload_id)
    if upload is None:
        raise Terminal(f"The ledger has no upload {upload_id}.", code="upload_unknown")
    seen = clear_partition(context, upload, promotion=run)
    note_removed(context, upload_id)
    return seen


def _shrinks_to_nothing(context: PromotionContext, change: Mirrored, *, lease: Lease) -> bool:
    """Do over again what a withdrawal had done to the table, if it was undone; whether there is no table now."""
    upload = context.ledger.get(change.upload_id) if change.taken == LEFT_BEHIND else None
    return upload is not None and shrink(context, context.ap_catalogue, upload, lease=lease)


def _remove_superseded(context: PromotionContext, copied: Copied) -> None:
    partition = copied.entry.location.rstrip("/").rpartition("/")[0] + "/"
    older = [one.uri for one in context.ap_objects.list(partition) if not one.uri.startswith(copied.entry.location)]
    context.ap_objects.delete(older)


def _changes(
    context: PromotionContext, *, database: str, table: str, upload_id: str | None = None
) -> tuple[Mirrored, ...]:
    plans = plan_promotion(context, database=database, table=table, upload_id=upload_id)
    return tuple(change for plan in plans for change in plan.changes)


def _timestamps(changes: Iterable[Mirrored]) -> tuple[str, ...]:
    return tuple(change.extraction_timestamp for change in changes)
