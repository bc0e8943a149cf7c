"""Rebuilding a table from raw_history: derive what differs beside what people read, then flip to it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from include.domain.errors import Conflict, NotFound, Transient
from include.domain.table_schema import TableSchema
from include.services import glue_tables
from include.services.areas import Areas
from include.services.ingest.lease import table_writer
from include.services.ingest.manifest import read_manifest
from include.services.lease import held
from include.services.ownership import OWNER
from include.services.repair.table_difference import Difference, difference
from include.services.repair.table_plan import Step, plan_rebuild, wanted_entry
from include.services.repair.table_target import Published, stored_options, without_options
from include.services.widening.carry_out import carry_out, drop_replaced
from include.services.widening.derive import derive
from include.services.widening.flip import CHANGED, TRIES
from include.services.widening.outdated import Outdated
from include.services.widening.ready import document_uri
from include.services.widening.waiting import lease_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from include.ports import CatalogueTable
    from include.services.context import PipelineContext
    from include.services.lease import Lease
    from include.services.repair.table_plan import RebuildPlan
    from include.services.repair.table_target import Request

BATCHES = 100  # most tasks that the derivation is divided among
MADE_ANEW = frozenset({"table_exists", "database_exists", "partition_exists"})


def prepare(context: PipelineContext, request: Request, *, run: str) -> Difference:
    """Plan, and keep for the steps of this run what the plan is for and which files were looked at."""
    plan = plan_rebuild(context, request)
    if request.everything:
        # What was derived for another run is not taken for this one's.
        context.objects.delete([document_uri(context, item.outdated, plan.target) for item in plan.items])
        plan = plan_rebuild(context, request)
    kept = [item.entry.location for item in plan.with_step(Step.KEEP)]
    document = {"target": plan.target.to_json(), "trusted": kept, "approved": difference(plan).as_dict()}
    context.objects.write(_document(context, request, run), json.dumps(document).encode())
    return difference(plan)


def batches(shown: Difference) -> list[list[str]]:
    """The extraction timestamps of the partitions to derive, divided among tasks."""
    size = -(-len(shown.derive) // BATCHES) or 1
    return [list(shown.derive[start : start + size]) for start in range(0, len(shown.derive), size)]


def derive_batch(context: PipelineContext, request: Request, timestamps: Sequence[str], *, run: str) -> int:
    """Derive these partitions for what was planned; what is ready is kept. Returns how many are."""
    areas = Areas(context.settings)
    target = TableSchema.from_json(_read(context, request, run)["target"])
    found = [context.ledger.find(request.database, request.table, timestamp) for timestamp in timestamps]
    uploads = [upload for upload in found if upload is not None]
    for upload in uploads:
        published = Published(upload, read_manifest(context.objects, areas.manifest(upload)))
        registered = context.catalogue.partition(
            areas.database(request.database), request.table, upload.extraction_timestamp
        )
        own = registered is not None and registered.parameters.get(glue_tables.UPLOAD, upload.id) == upload.id
        # What is registered nowhere takes the place of nothing but itself.
        takes_place_of = registered if registered and own else wanted_entry(context, published, target)
        derive(context, Outdated(upload, takes_place_of, published.manifest), target)
    return len(uploads)


def flip(context: PipelineContext, request: Request, *, run: str, by: str, asked_by: str) -> Difference:
    """Make the table what its uploads make it now, deriving before what came since the plan. `by` approved it.

    Killed anywhere and run again it ends the same. Conflict (`difference_changed`) if it would take from readers what
    the plan did not name.
    """
    kept = _read(context, request, run)
    approved = Difference.from_dict(kept["approved"])
    database, table = request.database, request.table
    with (
        held(context, name=lease_of(database, table), holder=run),
        table_writer(context, database, table, holder=run) as lease,
    ):
        for _ in range(TRIES):
            plan = _derived(context, request, approved, trusted=kept["trusted"])
            try:
                _carry_out(context, plan, lease=lease)
            except (Conflict, NotFound) as error:
                if error.code not in CHANGED | MADE_ANEW:
                    raise
                continue
            if request.extraction_timestamp is None and not plan.drops_table:
                context.ledger.note_changed_table(database, table)
            context.ledger.audit(who=by, what="table_rebuilt", asked_by=asked_by, run=run, **approved.as_dict())
            return difference(plan)
    raise Transient(f"The table {database}.{table} kept changing.", code="table_busy")


def _derived(
    context: PipelineContext, request: Request, approved: Difference, *, trusted: Collection[str]
) -> RebuildPlan:
    """The plan as it is now, with nothing left to be derived."""
    while True:
        plan = plan_rebuild(context, request, trusted=trusted)
        if not difference(plan).is_within(approved):
            raise Conflict(
                f"The rebuild of {approved.table} would change more by now than was shown. Start it again.",
                code="difference_changed",
            )
        missing = plan.with_step(Step.DERIVE)
        if not missing:
            return plan
        for item in missing:
            derive(context, item.outdated, plan.target)


def _carry_out(context: PipelineContext, plan: RebuildPlan, *, lease: Lease) -> None:
    request = plan.request
    database = Areas(context.settings).database(request.database)
    lease.hold()
    if plan.drops_table:
        context.catalogue.delete_table(database, request.table)
        return
    if plan.strays:
        context.catalogue.delete_partitions(
            database, request.table, [each.extraction_timestamp for each in plan.strays]
        )
    wrong = plan.with_step(Step.REGISTER)
    there = [item for item in wrong if item.partition is not None]
    if request.extraction_timestamp is None:
        known = _with_options(context, plan, plan.known or _create_table(context, plan))
        carry_out(context, request.database, known, plan.target, [item.ready for item in there], lease=lease)
    else:
        context.catalogue.update_partitions(database, request.table, [item.entry for item in there])
    for item in wrong:
        if item.partition is None:
            lease.hold()
            context.catalogue.create_partition(database, request.table, item.entry)
    _follow(context, plan)


def _create_table(context: PipelineContext, plan: RebuildPlan) -> CatalogueTable:
    areas, env = Areas(context.settings), context.settings.env.value
    database, table = areas.database(plan.request.database), plan.request.table
    if context.catalogue.database_parameters(database) is None:
        context.catalogue.create_database(database, description="Made by the Data Uploader.", parameters={OWNER: env})
    context.catalogue.create_table(
        glue_tables.describe(
            plan.target,
            database=database,
            name=table,
            location=areas.table(plan.request.database, table),
            env=env,
            was=None,
            options=plan.options,
        )
    )
    return _reread(context, database, table)


def _with_options(context: PipelineContext, plan: RebuildPlan, known: CatalogueTable) -> CatalogueTable:
    """The table, lying and stored as ours do, and read with what the plan says from now on."""
    if stored_options(known) == plan.options and not plan.misplaced:
        return known
    new = glue_tables.describe(
        plan.target,
        database=known.database,
        name=known.name,
        location=plan.location,
        env=context.settings.env.value,
        was=without_options(known),
        options=plan.options,
        widening=True,  # its partitions follow
    )
    context.catalogue.update_table(new)
    return _reread(context, known.database, known.name)


def _reread(context: PipelineContext, database: str, table: str) -> CatalogueTable:
    known = context.catalogue.table(database, table)
    if known is None:
        raise Transient(f"The table {database}.{table} is gone again.", code="table_busy")
    return known


def _follow(context: PipelineContext, plan: RebuildPlan) -> None:
    """Tell the ledger the revisions, forget what was ready, and delete what was replaced where that is asked for."""
    for item in plan.items:
        if item.ledger_differs:
            context.ledger.amend(item.published.upload.id, revision=item.entry.parameters[glue_tables.REVISION])
    registered = plan.with_step(Step.REGISTER)
    context.objects.delete([document_uri(context, item.outdated, plan.target) for item in registered])
    drop_replaced(context, plan.request.database, plan.request.table, [item.ready for item in registered])


def _document(context: PipelineContext, request: Request, run: str) -> str:
    name = hashlib.sha256(run.encode()).hexdigest()[:16]
    return Areas(context.settings).widening(request.database, request.table, f"rebuild/{name}.json")


def _read(context: PipelineContext, request: Request, run: str) -> dict[str, Any]:
    uri = _document(context, request, run)
    if context.objects.head(uri) is None:
        raise NotFound("The plan of this run is gone with old staging. Start the rebuild again.", code="plan_gone")
    document: dict[str, Any] = json.loads(context.objects.read(uri))
    return document
