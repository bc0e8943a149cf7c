"""What is kept of an upload: receipt, findings as a file, first rows; and uploading once more like it."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from include.domain.errors import NotFound
from include.domain.reading_options import DEFAULT_OPTIONS
from include.services import reading, signing_in, wrong_table
from include.services.first_rows import first_rows
from plugins.front.answers import Answers
from plugins.front.downloads import download
from plugins.front.findings_file import findings_csv
from plugins.front.links import path_of
from plugins.front.provided import Context
from plugins.front.reading_options import as_typed
from plugins.front.rendering import page
from plugins.front.upload_facts import agreement, facts_of
from plugins.front.visitors import OwnForm, SignedIn

router = APIRouter(prefix="/uploads/{upload_id}")


@router.get("/receipt", name="receipt")
def receipt(request: Request, *, context: Context, session: SignedIn, upload_id: str) -> Response:
    """Everything that is known of an upload, to print or keep."""
    reading.own_upload(context, upload_id, by=session.email)
    detail = reading.upload_detail(context, upload_id, by=session.email)
    facts = facts_of(request, context, session, detail)
    now = context.clock.now()
    return page(request, context, "receipt.html", **facts, agreement=agreement(detail.upload), now=now)


@router.get("/findings.csv", name="findings_file")
def findings_file(context: Context, session: SignedIn, upload_id: str) -> Response:
    """What was found in the file, with its values: for who sent it."""
    upload = reading.own_upload(context, upload_id, by=session.email)
    context.ledger.audit(who=session.email, what="findings downloaded", upload=upload.id)
    return download(
        findings_csv(upload.findings),
        filename=f"findings-{upload.id}.csv",
        media_type="text/csv; charset=utf-8; header=present",
    )


@router.get("/rows", name="rows")
def rows(request: Request, *, context: Context, session: SignedIn, upload_id: str) -> Response:
    """The first rows as they are in the table: for who sent them, and for the table's owner."""
    found = first_rows(context, upload_id, by=session.email)
    names = {name for name, _ in found.columns}
    missing = [name for name, _ in found.upload.columns if name not in names] if not found.left_out else []
    return page(
        request, context, "rows.html", session=session, found=found, upload=found.upload, without_values=missing
    )


@router.post("/again", name="upload_again")
def upload_again(request: Request, *, context: Context, session: OwnForm, upload_id: str) -> Response:
    """Go to step 4 with the answers that this upload was sent with."""
    upload = reading.own_upload(context, upload_id, by=session.email)
    chosen = upload.reading_options
    answers = Answers.of_upload(
        upload,
        tables=_tables(context, upload.database),
        reading=None if chosen == DEFAULT_OPTIONS else as_typed(chosen),
    )
    signing_in.take_answers(
        context, session, answers.as_dict(), what="answers of an upload taken again", upload_id=upload.id
    )
    step = answers.next_step
    if step == "check" and wrong_table.unlike_finding(upload):
        return RedirectResponse(path_of(request, "confirm_table") + f"?upload={upload.id}", HTTPStatus.SEE_OTHER)
    return RedirectResponse(path_of(request, step), HTTPStatus.SEE_OTHER)


def _tables(context: Context, database: str) -> frozenset[str]:
    """The tables of a database that can be chosen now; none when it is gone."""
    try:
        return frozenset(known.table for known in reading.tables(context, database))
    except NotFound:
        return frozenset()
