"""Housekeeping's tasks: one step each, its removals in the task's log, and the sum of all."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from include.orchestration.contexts import housekeeping_context

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)


def run_step(step: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Carry out one step, or only say what it would do; every removal is in the log, the first are in the answer."""
    from airflow.sdk.exceptions import AirflowFailException

    from include.domain.errors import Refused, Terminal
    from include.services.housekeeping.removal import Removal, tidy
    from include.services.housekeeping.steps import STEPS

    def tell(removal: Removal) -> None:
        log.info("%s: %s (%d objects, %d bytes)", removal.what, removal.why, len(removal.uris), removal.size)

    try:
        done = tidy(housekeeping_context(), STEPS[step], dry_run=bool(params.get("dry_run")), tell=tell)
    except (Refused, Terminal) as error:
        raise AirflowFailException(f"{error.code}: {error.detail}") from error
    log.info("%s: %d removed, %d left for later, %d bytes", done.step, done.removed, done.left, done.size)
    return done.as_dict()


def sum_up(steps: list[dict[str, Any]]) -> dict[str, Any]:
    """What all steps did together."""
    return {
        "removed": {one["step"]: one["removed"] for one in steps},
        "left": sum(one["left"] for one in steps),
        "bytes": sum(one["size"] for one in steps),
        "dry_run": any(one["dry_run"] for one in steps),
    }
