"""The other ending: a refused file goes to fail/ with its report, and out of landing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from include.domain import names
from include.domain.errors import Terminal
from include.domain.findings import Finding
from include.domain.upload import FINISHED, Door, State
from include.services.areas import REPORT, SIDECAR, Areas
from include.services.ingest.aftermath import leave_table
from include.services.ingest.changes import CHANGES
from include.services.ingest.claimed import find_claimed_file
from include.services.ingest.clear import clear_away, clear_left_behind
from include.services.ingest.manifest import facts_of
from include.services.ingest.stage import ACTOR, REFUSAL, Staging, Verdict

if TYPE_CHECKING:
    from include.domain.upload import Upload
    from include.services.context import PipelineContext


def refuse(context: PipelineContext, upload_id: str) -> Verdict:
    """Carry out a refusal that a stage wrote down; FINISHED when there is none to carry out."""
    staging = Staging(context, upload_id)
    upload = context.ledger.get(upload_id)
    if upload is None:
        raise Terminal(f"The ledger has no upload {upload_id}.", code="upload_unknown")
    if upload.state in FINISHED:
        clear_left_behind(context, upload_id)
        return Verdict.FINISHED
    if not staging.has(REFUSAL):
        return Verdict.FINISHED
    findings = tuple(Finding.from_dict(document) for document in staging.read(REFUSAL)["findings"])
    areas = Areas(context.settings)
    now = context.clock.now()
    leave_table(context, upload)
    kept = _keep_file(context, upload)
    if not kept:
        # It can never be ingested again, so its partition is free for what was put in its place.
        upload = replace(upload, extraction_timestamp=upload.id)
    report = {
        **facts_of(replace(upload, findings=findings)),
        "refused_at": now.isoformat(),
        **({} if kept else {"file_removed_at": now.isoformat()}),
    }
    if upload.door is Door.LANDING:
        _keep_sidecar(context, upload)
    context.objects.write(areas.failed(upload, REPORT), json.dumps(report, indent=1).encode())
    staging.drop(CHANGES)  # it changed nothing after all; another attempt may find another table
    context.ledger.move(upload_id, State.REFUSED, actor=ACTOR, free=not kept, findings=findings)
    clear_away(context, upload_id)
    return Verdict.REFUSED


def _keep_file(context: PipelineContext, upload: Upload) -> bool:
    """Copy the file to fail/, if this was not done before; False if it was replaced or taken away in landing."""
    place = Areas(context.settings).failed(upload, names.safe_filename(upload.filename))
    stored = find_claimed_file(context, upload)
    if stored is None:
        return context.objects.head(place) is not None
    context.objects.copy(stored, place)
    return True


def _keep_sidecar(context: PipelineContext, upload: Upload) -> None:
    """What lay beside a dropped file is a part of it: another attempt needs it too."""
    sidecar = context.objects.head(f"{upload.landing_uri.rpartition('/')[0]}/{SIDECAR}")
    if sidecar is not None:
        context.objects.copy(sidecar, Areas(context.settings).failed(upload, SIDECAR))
