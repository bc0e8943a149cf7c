"""The pipeline as tests feed it: files announced, landed and ingested stage by stage, on fakes or on real adapters."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from include.domain.governance import Classification, Document, Governance
from include.domain.upload import Door, State, Upload
from include.services import notices
from include.services.areas import Areas
from include.services.ingest.check import check
from include.services.ingest.convert import convert_group, decide_types, groups_to_reconvert, plan, reconvert
from include.services.ingest.publish import publish
from include.services.ingest.refuse import refuse
from include.services.ingest.stage import Verdict
from include.services.ingest.validate import validate
from include.services.landing import arrivals, claim
from include.services.table_options import bind
from include.services.widening.job import run_widening

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from include.domain.findings import Finding
    from include.domain.reading_options import ReadingOptions
    from include.services.context import PipelineContext, PromotionContext
    from tests.fakes.clock import FixedClock
    from tests.fakes.mailer import MemoryMailer
    from tests.fakes.reviewed import ReviewedPeople, ReviewedTables


def converting(context: PipelineContext, upload_id: str) -> Verdict:
    """The mapped tasks of the conversion, the last group first: their order must not matter."""
    verdicts = [convert_group(context, upload_id, group) for group in reversed(plan(context, upload_id))]
    return next((verdict for verdict in verdicts if verdict is not Verdict.GO_ON), Verdict.GO_ON)


def settling(context: PipelineContext, upload_id: str) -> Verdict:
    """The task that decides, and the mapped ones it may ask for."""
    verdict = decide_types(context, upload_id)
    if verdict is Verdict.GO_ON:
        for group in groups_to_reconvert(context, upload_id):
            assert reconvert(context, upload_id, group) is Verdict.GO_ON
    return verdict


STAGES: tuple[Callable[[PipelineContext, str], Verdict], ...] = (check, converting, settling, validate, publish)


@dataclass
class SuiteOf:
    """A Validation that finds what a test says."""

    findings: tuple[Finding, ...] = ()
    rows_seen: list[int] = field(default_factory=list)

    def validate(
        self, parts: Sequence[Path], *, lines: Sequence[Path], database: str, table: str, header: Sequence[str]
    ) -> tuple[Finding, ...]:
        import pyarrow.parquet as pq

        assert database
        assert table
        assert header
        assert len(lines) <= len(parts)
        self.rows_seen.append(sum(pq.read_metadata(part).num_rows for part in parts))
        return self.findings


@dataclass(kw_only=True)
class Pipeline:
    """A context on whatever adapters, and the ways a test feeds it."""

    context: PromotionContext
    mailer: MemoryMailer
    clock: FixedClock
    suite: SuiteOf
    reviewed: ReviewedTables
    owners: ReviewedPeople
    count: int = 0

    def announce(
        self,
        content: bytes,
        *,
        table: str = "trips",
        database: str = "travel",
        filename: str = "f.csv",
        uploader: str = "analyst@example.org",
        chosen: ReadingOptions | None = None,
        confirmed: bool = True,
    ) -> str:
        """An upload that was started and has not arrived, of somebody who is sure of the table; returns its id."""
        self.count += 1
        self.clock.advance(seconds=1)
        now = self.clock.now()
        upload_id = f"{self.count:032x}"
        bound = bind(self.context, database, table, chosen=chosen, by=uploader, at=now)
        upload = Upload(
            id=upload_id,
            database=database,
            table=table,
            extraction_timestamp=f"{now:%Y%m%dT%H%M%SZ}",
            filename=filename,
            size=len(content),
            state=State.STARTED,
            uploader=uploader,
            door=Door.API,
            governance=Governance(
                document=Document.NONE,
                reference="",
                classification=Classification.TEST,
                confirmed_by="analyst@example.org",
                confirmed_at=now,
            ),
            may_create=True,
            confirmed=confirmed,
            landing_uri="",
            created_at=now,
            updated_at=now,
            reading_options=bound.options,
            options_since=bound.since,
        )
        uri = Areas(self.context.settings).landing(upload.key, filename)
        self.context.ledger.add(replace(upload, landing_uri=uri), actor="analyst@example.org")
        return upload_id

    def land(self, content: bytes, **where: Any) -> str:
        """An announced file that has arrived, as the front leaves it; returns the upload's id."""
        upload_id = self.announce(content, **where)
        self.context.objects.write(self.upload(upload_id).landing_uri, content)
        self.context.ledger.move(upload_id, State.LANDED, actor="analyst@example.org")
        return upload_id

    def watch(self) -> list[str]:
        """One turn of the landing watch; the ids it would start runs for."""
        claimed = [claim(self.context, arrival) for arrival in arrivals(self.context)]
        return [upload.id for upload in claimed if upload is not None]

    def ingest(self, upload_id: str) -> State:
        """What one run of `ingest_upload` does, from its first task to its last."""
        for stage in STAGES:
            if stage(self.context, upload_id) is not Verdict.GO_ON:
                break
        refuse(self.context, upload_id)
        notices.notify(self.context, upload_id)
        return self.upload(upload_id).state

    def upload(self, upload_id: str) -> Upload:
        upload = self.context.ledger.get(upload_id)
        assert upload is not None
        return upload

    def publish(self, content: bytes, **where: Any) -> str:
        """Land a file, ingest it and widen its table if it waits for that; it must come out published."""
        upload_id = self.land(content, **where)
        assert upload_id in self.watch()
        if self.ingest(upload_id) is State.WIDENING:
            self.widen(upload_id)
        assert self.upload(upload_id).state is State.PUBLISHED, self.upload(upload_id).findings
        return upload_id

    def widen(self, upload_id: str) -> State:
        """What a run of `widen_table` does for the table of a waiting upload, from its first task to its last."""
        upload = self.upload(upload_id)
        run_widening(self.context, upload.database, upload.table)
        return self.upload(upload_id).state
