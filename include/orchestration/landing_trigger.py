"""Waiting for work without holding a worker: the operator defers to a trigger that looks at what waits."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.triggers.base import BaseTrigger, TriggerEvent

from include.orchestration.runs import as_trigger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from airflow.sdk import Context

log = logging.getLogger(__name__)

OUTAGE_SECONDS = 60  # S3 or the ledger may be away this long before the watch turns red


class LandingTrigger(BaseTrigger):
    """Fires when something waits, or with nothing after `seconds`, so that changed connections take effect."""

    def __init__(self, *, poll_seconds: float, seconds: float) -> None:
        super().__init__()
        self.poll_seconds = poll_seconds
        self.seconds = seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """How Airflow stores the trigger."""
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {"poll_seconds": self.poll_seconds, "seconds": self.seconds},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Poll until something waits."""
        from asgiref.sync import sync_to_async

        from include.domain.errors import Transient
        from include.orchestration.contexts import pipeline_context
        from include.services.watching import waiting

        # Airflow's connections are read over its own event loop: asgiref leads the thread back to it.
        context = await sync_to_async(pipeline_context)()
        end = time.monotonic() + self.seconds
        well = time.monotonic()
        while time.monotonic() < end:
            try:
                found = await asyncio.to_thread(waiting, context)
                well = time.monotonic()
            except Transient as error:
                if time.monotonic() - well > OUTAGE_SECONDS:
                    raise
                log.warning("What waits cannot be listed now: %s", error)
                found = ()
            if found:
                yield TriggerEvent([asdict(work) for work in found])
                return
            await asyncio.sleep(self.poll_seconds)
        yield TriggerEvent([])


class ClaimWork(BaseOperator):
    """Defers until something waits for a run, then claims it; returns the runs to start, for `expand_kwargs`."""

    template_fields: Sequence[str] = ()

    def __init__(self, *, poll_seconds: float = 1.0, seconds: float = 600.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.poll_seconds = poll_seconds
        self.seconds = seconds

    def execute(self, context: Context) -> None:  # noqa: ARG002 -- Airflow's signature
        """Hand over to the trigger."""
        self.defer(trigger=LandingTrigger(poll_seconds=self.poll_seconds, seconds=self.seconds), method_name="resume")

    def resume(self, context: Context, event: list[dict[str, Any]]) -> list[dict[str, Any]]:  # noqa: ARG002
        """Claim what the trigger saw."""
        return claim_work(event)


def claim_work(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Claim what waits and clear away what finished uploads left; returns the runs to start, for `expand_kwargs`."""
    from include.orchestration.contexts import pipeline_context
    from include.services.landing import sweep
    from include.services.watching import Work, claim

    context = pipeline_context()
    swept = sweep(context)
    if swept:
        log.info("Took %d files of finished uploads out of landing", swept)
    claimed = [claim(context, Work(**work)) for work in found]
    return [as_trigger(run) for run in claimed if run is not None]
