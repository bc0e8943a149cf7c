"""What the pages of one upload say of it: the facts that status, complete page and receipt share."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from include.domain.queries import queries_of
from include.domain.upload import CANCELLABLE, LIVE, State, Upload
from include.domain.withdrawal import Withdrawal, may_be_asked
from include.ports import Session
from include.services import reading
from include.services.areas import Areas
from include.services.context import FrontContext
from include.services.notices import next_promotion
from include.services.reading import UploadDetail
from plugins.front.links import path_of
from plugins.front.rendering import moment
from plugins.front.stages import stages_of
from plugins.front.states import is_under_way, said_of


def facts_of(request: Request, context: FrontContext, session: Session, detail: UploadDetail) -> dict[str, Any]:
    """The facts by their names in the templates."""
    upload, withdrawal = detail.upload, detail.withdrawal
    settings = context.settings
    glue_database = Areas(settings).database(upload.database)
    promotion = moment(next_promotion(context.clock.now()))
    return {
        "session": session,
        "detail": detail,
        "upload": upload,
        "glue_database": glue_database,
        "new_database": upload.database not in reading.databases(context),
        "under_way": is_under_way(upload.state, withdrawal),
        "said": said_of(upload.state, withdrawal),
        "stages": stages_of(upload, detail.history),
        "withdrawal": withdrawal,
        "answers_yet": answers_yet(upload, withdrawal, promotion=promotion),
        "may_withdraw": detail.own and may_be_asked(upload, withdrawal),
        "may_repeat": detail.own,
        "may_see_rows": upload.state in LIVE,
        "cancellable": detail.own and upload.state in CANCELLABLE,
        "promotion": promotion,
        "queries": queries_of(
            glue_database=glue_database,
            table=upload.table,
            extraction_timestamp=upload.extraction_timestamp,
            region=settings.aws_region,
        )
        if upload.state in LIVE
        else None,
        "api": path_of(request, "api", path="").rstrip("/"),
    }


def answers_yet(upload: Upload, withdrawal: Withdrawal | None, *, promotion: str) -> str:
    """Whether the Athena reference answers with these rows by now."""
    match upload.state:
        case State.PROMOTED:
            wider = f". Column types have become wider since; it answers with those after {promotion}"
            return "Yes, for everybody who may read this table" + (
                "" if upload.promoted_revision == upload.revision else wider
            )
        case State.PUBLISHED:
            return f"Not yet. The rows are in the service's own table, and on the Analytical Platform after {promotion}"
        case State.WITHDRAWN:
            going = withdrawal is not None and withdrawal.done_at is None
            return "Until its rows are taken out, which is under way" if going else "No, its rows were taken out"
        case State.REFUSED | State.CANCELLED:
            return "No, nothing was added"
        case _:
            return "Not yet, nothing is added"


def agreement(upload: Upload) -> str:
    """Whether the service received the bytes that the sender read, as both computed them."""
    if upload.sent_sha256 is None:
        return "The sender did not compute a SHA-256 of its own"
    if upload.sha256 is None:
        return f"The sender computed {upload.sent_sha256}; the service has not computed its own yet"
    if upload.sent_sha256 == upload.sha256:
        return "Yes: the sender computed the same SHA-256"
    return f"No: the sender computed {upload.sent_sha256}"
