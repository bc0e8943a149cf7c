"""The ledger's uploads made again from manifests, reports and both catalogues."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from include.domain.errors import Conflict, NotFound
from include.domain.upload import FINISHED, LIVE, State
from include.services import glue_tables, notices
from include.services.areas import WITHDRAWN, Areas
from include.services.repair.records import Record, Unreadable, manifests, reports
from include.services.withdrawal.record import restore_withdrawal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from include.domain.upload import Upload
    from include.ports import Catalogue, CataloguePartition
    from include.services.context import PromotionContext

ACTOR = "rebuild_ledger"
COMPARED = (
    "database",
    "table",
    "extraction_timestamp",
    "filename",
    "size",
    "sha256",
    "rows",
    "uploader",
    "columns",
    "state",
    "revision",
    "promoted_revision",
)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What to look at: one table by its short database name, a database, or (by default) everything."""

    database: str | None = None
    table: str | None = None

    @property
    def below(self) -> str:
        """Where its manifests begin in raw_history."""
        if self.database is None:
            return ""
        return f"database_name={self.database}/" + (f"table_name={self.table}/" if self.table else "")

    def has(self, upload: Upload) -> bool:
        """Whether an upload is in it."""
        return self.database in {None, upload.database} and self.table in {None, upload.table}


@dataclass
class LedgerReport:
    """What a rebuild did, or would do.

    Attributes:
        added: upload id to the state it was added in.
        differing: upload id to "field: what the ledger says, what was found".
        corrected: ids of the differing ones that were given what was found.
        problems: sentences, each about something that only a person can settle.
    """

    dry_run: bool
    added: dict[str, str] = field(default_factory=dict)
    differing: dict[str, list[str]] = field(default_factory=dict)
    corrected: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unchanged: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The JSON object that the task returns."""
        return asdict(self)


def rebuild_ledger(
    context: PromotionContext, *, by: str, dry_run: bool, correct: bool = False, scope: Scope = Scope()
) -> LedgerReport:
    """Add every upload that manifests and reports know and the ledger does not; say where the two differ.

    With `correct` a row that differs is given what was found. Its state changes only to `withdrawn`: everything else
    that a state says, the ledger knows better, so a row whose state differs otherwise is left and is a problem.
    """
    report = LedgerReport(dry_run=dry_run)
    for found in _recorded(context, scope, report):
        known = context.ledger.get(found.id)
        if known is None:
            _add(context, found, report)
        elif differences := _differences(known, found):
            report.differing[found.id] = differences
            if correct and not dry_run:
                if problem := _correct(context, known, found, by=by):
                    report.problems.append(problem)
                else:
                    report.corrected.append(found.id)
        else:
            report.unchanged += 1
        if not dry_run and found.state is State.WITHDRAWN:
            problem = restore_withdrawal(context, found)
            report.problems += [problem] if problem else []
    if not dry_run:
        context.ledger.audit(
            who=by,
            what="ledger_rebuilt",
            added=len(report.added),
            differing=report.differing,
            corrected=report.corrected,
            problems=report.problems,
        )
    return report


def _recorded(context: PromotionContext, scope: Scope, report: LedgerReport) -> Iterator[Upload]:
    """Every upload of which something lies beside its file, in the state that everything together says."""
    areas = Areas(context.settings)
    refused = {each.upload.id: each.upload for each in _readable(reports(context.objects, areas), report)}
    accepted = _readable(manifests(context.objects, areas, below=scope.below), report)
    for (database, table), records in groupby(accepted, key=lambda each: (each.upload.database, each.upload.table)):
        ours = _partitions(context.catalogue, areas.database(database), table)
        theirs = _partitions(context.ap_catalogue, areas.database(database), table)
        for record in records:
            timestamp = record.upload.extraction_timestamp
            own = _of_upload(ours.pop(timestamp, None), record, report)
            found = _settle(context, record, own, theirs.get(timestamp), refused.pop(record.upload.id, None))
            yield found
        report.problems += [
            f"{areas.database(database)}.{table} has a partition {timestamp} without a manifest in raw_history."
            for timestamp in ours
        ]
    yield from filter(scope.has, refused.values())


def _settle(
    context: PromotionContext,
    record: Record,
    own: CataloguePartition | None,
    there: CataloguePartition | None,
    refused: Upload | None,
) -> Upload:
    """The row of an upload that has a manifest, from everything that is known of it."""
    upload = record.upload
    mirrored = there if there is not None and there.parameters.get(glue_tables.UPLOAD) == upload.id else None
    promoted = mirrored.parameters.get(glue_tables.REVISION) if mirrored else None
    if own is None and not record.withdrawn:
        # The manifest is written before the partition, so a file that is still in landing was on its way, or had to
        # go back and was refused.
        if refused is not None and (upload.published_at is None or refused.updated_at >= upload.published_at):
            return refused
        stored = context.objects.head(upload.landing_uri)
        if stored is not None and upload.etag in {None, stored.etag} and mirrored is None:
            return replace(upload, state=State.LANDED, revision=None, published_at=None, findings=())
    if record.withdrawn:
        return replace(upload, state=State.WITHDRAWN, revision=None, **_on_platform(mirrored, upload))
    # A partition that is lost keeps a revision in the ledger: with none, promotion would take it for withdrawn and
    # remove it from the Analytical Platform too.
    revision = own.parameters.get(glue_tables.REVISION) if own else promoted or upload.revision
    state = State.PUBLISHED if promoted is None else State.PROMOTED
    return replace(upload, state=state, revision=revision, **_on_platform(mirrored, upload))


def _on_platform(mirrored: CataloguePartition | None, upload: Upload) -> dict[str, Any]:
    if mirrored is None:
        return {}
    promoted = mirrored.parameters.get(glue_tables.REVISION)
    return {
        "promoted_revision": promoted,
        "taken_revision": promoted,
        "promoted_at": mirrored.created_at or upload.published_at,
    }


def _readable(records: Iterable[Record | Unreadable], report: LedgerReport) -> Iterator[Record]:
    for record in records:
        if isinstance(record, Unreadable):
            report.problems.append(f"{record.uri} cannot be read ({record.problem}).")
        else:
            yield record


def _partitions(catalogue: Catalogue, database: str, table: str) -> dict[str, CataloguePartition]:
    try:
        return {each.extraction_timestamp: each for each in catalogue.partitions(database, table)}
    except NotFound:  # the table is lost, or was never promoted
        return {}


def _of_upload(partition: CataloguePartition | None, record: Record, report: LedgerReport) -> CataloguePartition | None:
    """The partition, if it is this upload's own."""
    if partition is None or partition.parameters.get(glue_tables.UPLOAD) == record.upload.id:
        return partition
    upload = record.upload
    report.problems.append(
        f"Partition {upload.extraction_timestamp} of {upload.database}.{upload.table} is not that of upload "
        f"{upload.id}, whose manifest lies in raw_history."
    )
    return None


def _add(context: PromotionContext, upload: Upload, report: LedgerReport) -> None:
    if (taken := context.ledger.find(*_reservation(upload))) is not None:
        report.problems.append(f"The partition of upload {upload.id} is reserved by upload {taken.id} in the ledger.")
        return
    if not report.dry_run:
        # What people were told before is not told again.
        for mail in notices.sent_by(upload):
            context.ledger.record_mail(mail, to=upload.uploader)
        try:
            context.ledger.add(upload, actor=ACTOR)
        except Conflict as conflict:  # an upload came between looking and adding
            report.problems.append(f"Upload {upload.id} was not added: {conflict.detail}")
            return
    report.added[upload.id] = upload.state.value


def _reservation(upload: Upload) -> tuple[str, str, str]:
    return upload.database, upload.table, upload.extraction_timestamp


def _differences(known: Upload, found: Upload) -> list[str]:
    """Where a row of the ledger and what was found disagree; one of an upload under way is not compared."""
    if known.state not in FINISHED:
        return []
    # A promotion begins with it: without it what is there was never brought.
    untaken = known.state in LIVE and known.taken_revision is None and found.promoted_revision is not None
    compared = (*COMPARED, *(["taken_revision"] if untaken else []))
    both = ((name, getattr(known, name), getattr(found, name)) for name in compared)
    return [f"{name}: {ours} in the ledger, {theirs} found" for name, ours, theirs in both if ours != theirs]


def _correct(context: PromotionContext, known: Upload, found: Upload, *, by: str) -> str:
    """Give a row what was found; what stands against that instead, in words."""
    if not _states_agree(known, found):
        return (
            f"Upload {found.id} is {known.state} in the ledger, and {found.state} by what was found. Its row stays as "
            "it is. The consistency check says what has to be done."
        )
    if _rows_registered(context, found) == known.rows != found.rows:
        return (
            f"The manifest of upload {found.id} says {found.rows} rows, Glue and the ledger {known.rows}: it is "
            "damaged. Restore it from the bucket's versions."
        )
    if found.key != known.key and not context.ledger.put_back(known.id, found.key):
        return f"The partition of upload {found.id} is reserved by another upload in the ledger."
    keep = {"database", "table", "extraction_timestamp", "state", "promoted_revision"}
    context.ledger.amend(known.id, **{name: getattr(found, name) for name in COMPARED if name not in keep})
    if found.state is State.WITHDRAWN and known.state in LIVE:
        context.ledger.move(known.id, State.WITHDRAWN, actor=ACTOR, note=f"there is a {WITHDRAWN}; asked for by {by}")
    elif known.state in LIVE and found.promoted_revision is not None:
        _note_promoted(context, known, found)
        return ""
    context.ledger.amend(known.id, promoted_revision=found.promoted_revision)
    return ""


def _states_agree(known: Upload, found: Upload) -> bool:
    """Whether a row may be given what was found; without its state a revision would say what is not so."""
    if known.state in LIVE:
        return found.state in {*LIVE, State.WITHDRAWN}
    return known.state is found.state


def _note_promoted(context: PromotionContext, known: Upload, found: Upload) -> None:
    """What is on the platform is promoted, and cannot be withdrawn without an approval."""
    if known.taken_revision is None:
        context.ledger.amend(known.id, taken_revision=found.taken_revision)
    if known.promoted_revision != found.promoted_revision or known.state is not State.PROMOTED:
        context.ledger.set_promoted(
            known.id, was=known.promoted_revision, now=found.promoted_revision, published=found.revision
        )
        context.ledger.amend(known.id, promoted_at=known.promoted_at or found.promoted_at)  # it came there before


def _rows_registered(context: PromotionContext, upload: Upload) -> int | None:
    """How many rows the upload's partition in our Glue says it has."""
    database = Areas(context.settings).database(upload.database)
    entry = context.catalogue.partition(database, upload.table, upload.extraction_timestamp)
    if entry is None or entry.parameters.get(glue_tables.UPLOAD) != upload.id:
        return None
    said = entry.parameters.get(glue_tables.ROWS, "")
    return int(said) if said.isdecimal() else None
