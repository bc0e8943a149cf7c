"""The tasks of the repairs: forms become arguments, what was done becomes the task's answer and its log."""

from __future__ import annotations

import json
import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

from include.orchestration.contexts import pipeline_context, promotion_context
from include.orchestration.faults import faults
from include.orchestration.runs import as_trigger, asked_by

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)

SHOWN = 100  # of a long list, in a task's answer; the log has all of it
NAME_THEM = "name them"
TAKE_WHAT_WAS_FOUND = "take what was found"
AS_BEFORE = "as before"
AS_THE_TABLE_NOW = "as files of the table are read now"


def rebuild_ledger(params: Mapping[str, Any]) -> dict[str, Any]:
    """Add to the ledger what manifests and reports know; the answer counts it and names what differs."""
    from include.services.repair.rebuild_ledger import Scope
    from include.services.repair.rebuild_ledger import rebuild_ledger as rebuild

    with faults():
        report = rebuild(
            promotion_context(),
            by=asked_by(),
            dry_run=params["dry_run"],
            correct=params["differing"] == TAKE_WHAT_WAS_FOUND,
            scope=Scope(database=params.get("database") or None, table=params.get("table") or None),
        )
    log.info("Ledger report: %s", json.dumps(report.as_dict()))
    for problem in report.problems:
        log.warning("%s", problem)
    return {
        "dry_run": report.dry_run,
        "added": dict(Counter(report.added.values())),
        "unchanged": report.unchanged,
        "corrected": report.corrected[:SHOWN],
        "differing": dict(list(report.differing.items())[:SHOWN]),
        "problems": report.problems[:SHOWN],
    }


def bring_back(params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Bring a refused file back to landing; the run to start, for `expand_kwargs`."""
    from include.services.repair.reingest import reingest
    from include.services.watching import ingestion_run

    context = pipeline_context()
    with faults():
        upload = reingest(
            context,
            params["upload_id"],
            reason=params["reason"],
            by=asked_by(),
            rebind=params["read"] == AS_THE_TABLE_NOW,
        )
    log.info("Upload %s is ingested again, attempt %d", upload.id, upload.attempt)
    return [as_trigger(ingestion_run(context, upload))]
