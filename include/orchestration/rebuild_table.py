"""The tasks of `rebuild_table`: what differs is shown, approved, derived and flipped to."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from include.orchestration.contexts import pipeline_context
from include.orchestration.faults import faults
from include.orchestration.runs import asked_by
from include.orchestration.unanswered import answered_by

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from include.services.repair.table_target import Request

log = logging.getLogger(__name__)

WHAT_DIFFERS = "what differs"
EVERYTHING = "everything"


def plan_table(params: Mapping[str, Any], *, run: str) -> dict[str, Any]:
    """Compare the table with what its uploads make it; the difference, and in words as `markdown`."""
    from include.services.repair.rebuild_table import prepare

    with faults():
        shown = prepare(pipeline_context(), _request(params), run=run)
    log.info("%s", shown.markdown())
    log.info("Difference: %s", json.dumps(shown.as_dict()))
    return {**shown.as_dict(), "markdown": shown.markdown()}


def wants_approval(shown: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    """Whether there is something to do, and it is to be done."""
    return bool(_difference(shown)) and not params["dry_run"]


def divide_rebuild(shown: Mapping[str, Any]) -> list[list[str]]:
    """The extraction timestamps of the partitions to derive, in batches."""
    from include.services.repair.rebuild_table import batches

    return batches(_difference(shown))


def derive_rebuild(params: Mapping[str, Any], timestamps: Sequence[str], *, run: str) -> int:
    """Derive a batch; the mapped task is listed under its partitions. Returns how many are ready."""
    from airflow.sdk import get_current_context

    from include.services.repair.rebuild_table import derive_batch

    first, last = timestamps[0], timestamps[-1]
    label = first if len(timestamps) == 1 else f"{first} to {last}, {len(timestamps)} partitions"
    get_current_context()["label"] = label  # type: ignore[typeddict-unknown-key]
    with faults():
        return derive_batch(pipeline_context(), _request(params), timestamps, run=run)


def flip_rebuild(params: Mapping[str, Any], *, run: str) -> dict[str, Any]:
    """Make the table what was derived; what that changed. On record is who approved it, and who had asked for it."""
    from include.services.repair.rebuild_table import flip

    with faults():
        by = answered_by("approve") or "a data engineer"  # the task was marked as a success by hand
        return flip(pipeline_context(), _request(params), run=run, by=by, asked_by=asked_by()).as_dict()


def _request(params: Mapping[str, Any]) -> Request:
    from include.services.repair.table_target import Request

    return Request(
        database=params["database"],
        table=params["table"],
        extraction_timestamp=params.get("extraction_timestamp") or None,
        take_types_back=params["take_types_back"],
        everything=params["derive"] == EVERYTHING,
    )


def _difference(shown: Mapping[str, Any]) -> Any:
    from include.services.repair.table_difference import Difference

    return Difference.from_dict({name: value for name, value in shown.items() if name != "markdown"})
