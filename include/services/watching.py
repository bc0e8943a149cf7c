"""What the watch starts runs for: every kind of work that waits, how one is claimed, and the run that it asks for."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from include.services import landing
from include.services.widening import waiting as widening

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.domain.upload import Upload
    from include.services.context import PipelineContext


# A withdrawal waits for its approval for days, and each offer of it costs a turn of the watch that starts nothing.
WITHDRAWAL_OFFER_SECONDS = 300


@dataclass(frozen=True)
class Work:
    """Something that waits for a run: its kind, one of `KINDS`, and what that kind needs to claim it, as JSON."""

    kind: str
    what: Mapping[str, Any]


@dataclass(frozen=True)
class Run:
    """A run to be started. Its id follows from the work, so that work which is offered twice has one run."""

    dag_id: str
    run_id: str
    note: str
    conf: Mapping[str, Any] = field(default_factory=dict)


class Kind(Protocol):
    """One kind of work. What is claimed and has no run after a while must be found waiting again."""

    def waiting(self, context: PipelineContext) -> tuple[Mapping[str, Any], ...]:
        """All of it that waits now, as JSON."""
        ...

    def claim(self, context: PipelineContext, what: Mapping[str, Any]) -> Run | None:
        """Take one; None if it waits no longer, or another has claimed it."""
        ...


def ingestion_run(context: PipelineContext, upload: Upload) -> Run:
    """The run of an upload's attempt; it is called like the upload."""
    note = (
        f"{upload.database}.{upload.table} from {upload.filename}, uploaded by {upload.uploader}. "
        f"Status: {context.settings.base_url.rstrip('/')}/uploads/{upload.id}"
    )
    return Run("ingest_upload", upload.run_id, note, {"upload_id": upload.id})


class Arrivals:
    """Files in landing: `ingest_upload` for each."""

    def waiting(self, context: PipelineContext) -> tuple[Mapping[str, Any], ...]:
        """The files, with what was listed of them."""
        return tuple(asdict(arrival) for arrival in landing.arrivals(context))

    def claim(self, context: PipelineContext, what: Mapping[str, Any]) -> Run | None:
        """Lease the file."""
        upload = landing.claim(context, landing.Arrival(**what))
        return None if upload is None else ingestion_run(context, upload)


class Withdrawals:
    """Requests to withdraw an upload: `withdraw_upload` for each, until it is done or declined."""

    def waiting(self, context: PipelineContext) -> tuple[Mapping[str, Any], ...]:
        """The open ones, by upload and run."""
        return tuple(
            {"upload_id": asked.upload_id, "run_id": asked.run_id}
            for asked in context.withdrawals.open()
            if not context.ledger.leased(_withdrawal_lease(asked.run_id))
        )

    def claim(self, context: PipelineContext, what: Mapping[str, Any]) -> Run | None:
        """Lease the offer; the run is called as the request says."""
        upload_id, run_id = what["upload_id"], what["run_id"]
        upload, lease = context.ledger.get(upload_id), _withdrawal_lease(run_id)
        if upload is None or not context.ledger.acquire(lease, holder=uuid4().hex, seconds=WITHDRAWAL_OFFER_SECONDS):
            return None
        note = (
            f"{upload.database}.{upload.table}, {upload.extraction_timestamp}, uploaded by {upload.uploader}. "
            f"Status: {context.settings.base_url.rstrip('/')}/uploads/{upload.id}"
        )
        return Run("withdraw_upload", run_id, note, {"upload_id": upload_id})


def _withdrawal_lease(run_id: str) -> str:
    return f"withdraw:{run_id}"


class Widenings:
    """Tables for which uploads wait: `widen_table` for each."""

    def waiting(self, context: PipelineContext) -> tuple[Mapping[str, Any], ...]:
        """Database and table of each."""
        return tuple({"database": database, "table": table} for database, table in widening.tables_to_widen(context))

    def claim(self, context: PipelineContext, what: Mapping[str, Any]) -> Run | None:
        """Lease the table for its job."""
        database, table = what["database"], what["table"]
        job = widening.claim_table(context, database, table)
        if job is None:
            return None
        note = f"{database}.{table}, for {job.uploads} waiting upload{'s' if job.uploads != 1 else ''}."
        return Run("widen_table", job.holder, note, {"database": database, "table": table})


KINDS: Mapping[str, Kind] = MappingProxyType(
    {"arrival": Arrivals(), "widening": Widenings(), "withdrawal": Withdrawals()}
)


def waiting(context: PipelineContext) -> tuple[Work, ...]:
    """Everything that waits for a run now, in the order of the kinds."""
    return tuple(Work(name, what) for name, kind in KINDS.items() for what in kind.waiting(context))


def claim(context: PipelineContext, work: Work) -> Run | None:
    """Take what waits; None if it does so no longer."""
    return KINDS[work.kind].claim(context, work.what)
