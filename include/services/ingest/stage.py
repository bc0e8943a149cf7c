"""What all stages share: entering a state, the documents they hand on, and what they answer."""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.domain.errors import Conflict, Terminal
from include.domain.findings import Finding, Severity, refuses
from include.domain.upload import FINISHED, State, Upload
from include.services.areas import Areas

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from include.domain.errors import UploaderError
    from include.services.context import PipelineContext

ACTOR = "ingest_upload"
CHECKED = "check.json"
REFUSAL = "refusal.json"
FINDINGS = "findings.json"
STAGES = (State.CHECKING, State.CONVERTING, State.VALIDATING, State.PUBLISHING)  # that find something


class Verdict(StrEnum):
    """What a stage answers."""

    GO_ON = "go_on"
    REFUSED = "refused"  # the refusal is written down; `refuse` carries it out
    WAITING = "waiting"  # for the table to be widened; that publishes the upload
    FINISHED = "finished"  # the upload was finished before: there is nothing to do


@dataclass(frozen=True)
class Staging:
    """The documents of one ingestion, in the staging area."""

    context: PipelineContext
    upload_id: str

    def uri(self, name: str) -> str:
        """Where a document or a staged file lies."""
        return Areas(self.context.settings).staging(self.upload_id, name)

    def write(self, name: str, document: dict[str, Any]) -> None:
        """Keep a JSON document."""
        self.context.objects.write(self.uri(name), json.dumps(document).encode())

    def read(self, name: str) -> dict[str, Any]:
        """Read a JSON document back; NotFound if its stage has not run."""
        document: dict[str, Any] = json.loads(self.context.objects.read(self.uri(name)))
        return document

    def has(self, name: str) -> bool:
        """Whether a document is there."""
        return self.context.objects.head(self.uri(name)) is not None

    def drop(self, name: str) -> None:
        """Take a document away."""
        self.context.objects.delete([self.uri(name)])


def enter(context: PipelineContext, upload_id: str, state: State) -> Upload | None:
    """Move the upload into a stage's state; None when it is finished already (cleared, cancelled, or run twice)."""
    upload = context.ledger.get(upload_id)
    if upload is None:
        raise Terminal(f"The ledger has no upload {upload_id}.", code="upload_unknown")
    if upload.state in FINISHED:
        return None
    try:
        return context.ledger.move(upload_id, state, actor=ACTOR)
    except Conflict:
        # A cancel may have come between reading and moving; it wins.
        now = context.ledger.get(upload_id)
        if now is not None and now.state in FINISHED:
            return None
        raise


def conclude(context: PipelineContext, upload: Upload, findings: Sequence[Finding], *, stage: State) -> Verdict:
    """Put a stage's findings in the place of those it had before, and say whether the file is refused by now.

    What later stages found stays, and refuses the file, until they run again; it does not keep them from doing so.
    """
    found = _found_by_stage(context, upload) | {stage: tuple(findings)}
    Staging(context, upload.id).write(
        FINDINGS, {each.value: [finding.as_dict() for finding in found[each]] for each in STAGES if each in found}
    )
    everything = _joined(found, STAGES)
    context.ledger.amend(upload.id, findings=everything)
    if refuses(everything):
        Staging(context, upload.id).write(REFUSAL, {"findings": [finding.as_dict() for finding in everything]})
    else:
        Staging(context, upload.id).drop(REFUSAL)
    until_now = _joined(found, STAGES[: STAGES.index(stage) + 1])
    return Verdict.REFUSED if refuses(until_now) else Verdict.GO_ON


def _found_by_stage(context: PipelineContext, upload: Upload) -> dict[State, tuple[Finding, ...]]:
    staging = Staging(context, upload.id)
    if not staging.has(FINDINGS):
        return {State.CHECKING: upload.findings}
    return {
        State(stage): tuple(Finding.from_dict(finding) for finding in found)
        for stage, found in staging.read(FINDINGS).items()
    }


def _joined(found: Mapping[State, tuple[Finding, ...]], stages: Sequence[State]) -> tuple[Finding, ...]:
    """The findings of these stages in their order, each once."""
    each = [finding for stage in stages for finding in found.get(stage, ())]
    return tuple({json.dumps(finding.as_dict(), sort_keys=True): finding for finding in each}.values())


def as_finding(error: UploaderError) -> Finding:
    """A rule that was broken, as a finding of the file."""
    return Finding(code=error.code, title=error.title, severity=Severity.ERROR, message=error.detail)


@contextmanager
def workspace(context: PipelineContext) -> Iterator[Path]:
    """A folder for one stage's local files, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="data-uploader-", dir=context.settings.work_dir) as folder:
        yield Path(folder)
