"""The file that was claimed for an upload: where its bytes lie by now, and how a stage ends if they are nowhere."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from include.domain.errors import Conflict, NotFound
from include.domain.taking_findings import replaced_while_read
from include.domain.upload import FINISHED, State
from include.services.areas import Areas
from include.services.ingest.stage import Verdict, conclude

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.domain.upload import Upload
    from include.ports import StoredObject
    from include.services.context import PipelineContext

    Rest = ParamSpec("Rest")
    Stage = Callable[Concatenate[PipelineContext, str, Rest], Verdict]

GONE = frozenset({"object_changed", "object_not_found"})


def claimed_file(context: PipelineContext, upload: Upload) -> StoredObject:
    """The bytes that were claimed; Conflict (`object_changed`) if they are neither in landing nor in raw_history."""
    stored = find_claimed_file(context, upload)
    if stored is None:
        raise Conflict(f"{upload.landing_uri} is not the object that was claimed.", code="object_changed")
    return stored


def find_claimed_file(context: PipelineContext, upload: Upload) -> StoredObject | None:
    """The object in landing if it is the one that was claimed, else the copy that a publication cut short has made.

    With that copy an upload goes on to its end: its partition may be registered already.
    """
    stored = context.objects.head(upload.landing_uri)
    if stored is not None and stored.etag == upload.etag:
        return stored
    if upload.extraction_timestamp == upload.id:  # it has no place in raw_history
        return None
    kept = context.objects.head(Areas(context.settings).raw(upload))
    return kept if kept is not None and kept.size == upload.size else None


def of_claimed_file(stage: Stage[Rest]) -> Stage[Rest]:
    """Refuse an upload whose file was replaced before a stage had read it: running it again cannot mend that."""

    @wraps(stage)
    def answer(context: PipelineContext, upload_id: str, /, *args: Rest.args, **options: Rest.kwargs) -> Verdict:
        try:
            return stage(context, upload_id, *args, **options)
        except (Conflict, NotFound) as error:
            upload = context.ledger.get(upload_id)
            # One without an ETag is being brought back to landing by `reingest_upload`, which may be run again.
            if error.code not in GONE or upload is None or upload.etag is None:
                raise
            if find_claimed_file(context, upload) is not None:
                raise
            if upload.state in FINISHED:  # another run of this stage came first
                return Verdict.FINISHED
            return conclude(context, upload, [replaced_while_read()], stage=State.CHECKING)

    return answer
