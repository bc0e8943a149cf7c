"""Promotion: making the Analytical Platform equal to what is published, partition by partition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from include.domain.errors import Conflict, Terminal, Transient, UploaderError
from include.domain.promotion import Action, Mirrored, TablePlan, plan
from include.domain.upload import State
from include.services import glue_tables
from include.services.areas import Areas
from include.services.ownership import OWNER, refuse_foreign

if TYPE_CHECKING:
    from include.domain.partition_key import PartitionKey
    from include.ports import CataloguePartition, CatalogueTable
    from include.services.context import PromotionContext

LEASE_SECONDS = 900


@dataclass(frozen=True)
class Outcome:
    """What promoting one table did; `error` is a sentence when it did not end well."""

    database: str
    table: str
    added: int = 0
    replaced: int = 0
    removed: int = 0
    error: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The JSON object of the night's report."""
        return {
            "database": self.database,
            "table": self.table,
            "added": self.added,
            "replaced": self.replaced,
            "removed": self.removed,
            "error": self.error,
        }


def plan_promotion(
    context: PromotionContext, *, database: str | None = None, table: str | None = None, upload_id: str | None = None
) -> tuple[TablePlan, ...]:
    """What differs between published and promoted now: all of it, or of one database, table or upload."""
    rows = context.ledger.mirror(database=database, table=table)
    return plan(row for row in rows if upload_id is None or row.upload_id == upload_id)


def promote_table(context: PromotionContext, *, database: str, table: str, upload_id: str | None = None) -> Outcome:
    """Mirror one table; another promotion of it at the same time is Transient."""
    lease = f"promote:{database}.{table}"
    holder = f"{context.clock.now().isoformat()}-{id(context)}"
    if not context.ledger.acquire(lease, holder=holder, seconds=LEASE_SECONDS):
        raise Transient(f"{database}.{table} is being promoted already.", code="table_busy")
    try:
        counts = dict.fromkeys(Action, 0)
        # Planned again under the lease: what another run did meanwhile is not done twice.
        for found in plan_promotion(context, database=database, table=table, upload_id=upload_id):
            for change in found.changes:
                if change.action is not None and _mirror(context, change):
                    counts[change.action] += 1
        return Outcome(database, table, counts[Action.ADD], counts[Action.REPLACE], counts[Action.REMOVE])
    finally:
        context.ledger.release(lease, holder=holder)


def describe_failure(database: str, table: str, error: UploaderError) -> Outcome:
    """The report's line of a table that was not promoted."""
    return Outcome(database, table, error=f"{error.title}: {error.detail}")


def _mirror(context: PromotionContext, change: Mirrored) -> bool:
    """Bring one partition over, or take it away; False if it changed meanwhile and the next run has to do it."""
    if change.action is Action.REMOVE:
        _remove(context, change)
        return context.ledger.set_promoted(change.upload_id, was=change.promoted, now=None, published=None)
    upload = context.ledger.get(change.upload_id)
    if upload is None or change.published is None:
        raise Terminal(f"The ledger has no upload {change.upload_id}.", code="upload_unknown")
    areas = Areas(context.settings)
    database = areas.database(change.database)
    ours = context.catalogue.table(database, change.table)
    entry = context.catalogue.partition(database, change.table, change.extraction_timestamp)
    if ours is None or entry is None:
        raise Terminal(
            f"{database}.{change.table}, partition {change.extraction_timestamp}, is published by the ledger but not "
            "in the catalogue.",
            code="catalogue_differs",
        )
    if glue_tables.WIDENING in ours.parameters or entry.parameters.get(glue_tables.REVISION) != change.published:
        raise Transient(f"{database}.{change.table} is being widened.", code="table_busy")
    location = _copy(context, upload.key, change.published, entry)
    _write_ap_table(context, ours, areas.ap_table(change.database, change.table))
    old = context.ap_catalogue.partition(database, change.table, change.extraction_timestamp)
    _register(context, database, change.table, replace(entry, location=location))
    if not context.ledger.set_promoted(
        change.upload_id, was=change.promoted, now=change.published, published=change.published
    ):
        _undo_if_withdrawn(context, change)
        return False
    if old is not None and old.location != location and context.settings.remove_superseded_at_once:
        context.ap_objects.delete([stored.uri for stored in context.ap_objects.list(old.location)])
    return True


def _copy(context: PromotionContext, key: PartitionKey, revision: str, entry: CataloguePartition) -> str:
    """Copy a revision's Parquet to the platform's area, on the server's side; returns its folder there."""
    location = Areas(context.settings).ap_revision(key, revision)
    wanted = set()
    for stored in context.objects.list(entry.location):
        target = location + stored.name
        wanted.add(target)
        if context.ap_objects.copy(stored, target).size != stored.size:
            raise Transient(f"The copy of {target} is not whole.", code="copy_incomplete")
    if not wanted:
        raise Terminal(f"There is no Parquet at {entry.location}.", code="revision_empty")
    context.ap_objects.delete([left.uri for left in context.ap_objects.list(location) if left.uri not in wanted])
    return location


def _write_ap_table(context: PromotionContext, ours: CatalogueTable, location: str) -> None:
    """Make the platform's table what ours is, but for where it lies."""
    env = context.settings.env.value
    refuse_foreign(context.ap_catalogue, ours.database, ours.name, env=env)
    if context.ap_catalogue.database_parameters(ours.database) is None:
        try:
            context.ap_catalogue.create_database(
                ours.database, description="Promoted by the Data Uploader.", parameters={OWNER: env}
            )
        except Conflict as conflict:
            if conflict.code != "database_exists":
                raise
    theirs = context.ap_catalogue.table(ours.database, ours.name)
    kept = {key: value for key, value in (theirs.parameters if theirs else {}).items() if not key.startswith(OWNER)}
    wanted = replace(
        ours,
        location=location,
        parameters={**ours.parameters, **kept},
        version=theirs.version if theirs else None,
    )
    if theirs is None:
        context.ap_catalogue.create_table(wanted)
    elif wanted != theirs:
        context.ap_catalogue.update_table(wanted)


def _register(context: PromotionContext, database: str, table: str, entry: CataloguePartition) -> None:
    try:
        context.ap_catalogue.create_partition(database, table, entry)
    except Conflict as conflict:
        if conflict.code != "partition_exists":
            raise
        context.ap_catalogue.update_partitions(database, table, [entry])


def _remove(context: PromotionContext, change: Mirrored) -> None:
    """Unregister first, so that no reader meets a partition without files."""
    areas = Areas(context.settings)
    database = areas.database(change.database)
    there = context.ap_catalogue.partition(database, change.table, change.extraction_timestamp)
    if there is not None:
        context.ap_catalogue.delete_partitions(database, change.table, [change.extraction_timestamp])
    upload = context.ledger.get(change.upload_id)
    if upload is not None:
        folder = areas.ap_partition(upload.key)
        context.ap_objects.delete([stored.uri for stored in context.ap_objects.list(folder)])


def _undo_if_withdrawn(context: PromotionContext, change: Mirrored) -> None:
    """What was withdrawn while it was being copied must not stay on the platform."""
    upload = context.ledger.get(change.upload_id)
    if upload is None or upload.state is State.WITHDRAWN:
        _remove(context, change)
