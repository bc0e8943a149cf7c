"""How a table's widening stands between tasks: whose job it is, for which uploads, what is approved, when one ended."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from include.services.areas import Areas

if TYPE_CHECKING:
    from collections.abc import Iterable

    from include.domain.upload import Upload
    from include.services.context import PipelineContext

JOB = "job.json"
ENDED = "ended.json"


@dataclass(frozen=True)
class Standing:
    """The job of a table from its plan to its end.

    Attributes:
        run: the run whose job it is; the one that asks, while uploads wait for an approval.
        planned: ids of the uploads that it was planned for.
        approved: ids of those among them for which a person has approved it.
    """

    run: str
    planned: tuple[str, ...] = ()
    approved: tuple[str, ...] = ()

    def is_approved_for(self, uploads: Iterable[Upload]) -> bool:
        """Whether a person has approved it for one of these: the answer is for the table, while one of them is left."""
        return any(upload.id in self.approved for upload in uploads)


NOBODY = Standing(run="")


def read_standing(context: PipelineContext, database: str, table: str) -> Standing:
    """The job that the table has; `NOBODY`'s if it has none."""
    document = _read(context, database, table, JOB)
    if document is None:
        return NOBODY
    return Standing(document["run"], tuple(document["planned"]), tuple(document["approved"]))


def write_standing(context: PipelineContext, database: str, table: str, standing: Standing) -> None:
    """Note whose job it is, under the job's lease."""
    context.objects.write(_uri(context, database, table, JOB), json.dumps(asdict(standing)).encode())


def note_end(context: PipelineContext, database: str, table: str, *, run: str) -> None:
    """Note that a run ended: what still waits, or waits by now, asks for another one."""
    moment = f"{context.clock.now():%Y%m%dT%H%M%S%fZ}"
    context.objects.write(_uri(context, database, table, ENDED), json.dumps({"at": moment, "run": run}).encode())
    if read_standing(context, database, table).run == run:
        context.objects.delete([_uri(context, database, table, JOB)])


def last_end(context: PipelineContext, database: str, table: str) -> str:
    """When a run for this table last ended, to the microsecond; empty before the first."""
    document = _read(context, database, table, ENDED)
    return "" if document is None else document["at"]


def _read(context: PipelineContext, database: str, table: str, name: str) -> dict[str, Any] | None:
    uri = _uri(context, database, table, name)
    if context.objects.head(uri) is None:
        return None
    document: dict[str, Any] = json.loads(context.objects.read(uri))
    return document


def _uri(context: PipelineContext, database: str, table: str, name: str) -> str:
    return Areas(context.settings).widening(database, table, name)
