"""The interruption page: a person says whether their file belongs into a table that is there, before it is sent."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from include.domain.wrong_table import Reason, fingerprint, sentences
from include.ports import Session
from include.services import signing_in, wrong_table
from include.services.context import FrontContext
from include.services.wrong_table import Question
from plugins.front.answers import Answers
from plugins.front.links import path_of
from plugins.front.pages.errors import error_page
from plugins.front.pages.given import GivenAnswers
from plugins.front.provided import Context
from plugins.front.rendering import page
from plugins.front.visitors import OwnForm, SignedIn

router = APIRouter(prefix="/upload/table")


@router.get("/confirm", name="confirm_table")
def ask(
    request: Request,
    *,
    context: Context,
    session: SignedIn,
    answers: GivenAnswers,
    upload: str = "",
    database: str = "",
    table: str = "",
) -> Response:
    """What there is to ask of the chosen table; with `upload`, of the columns for which that one was refused.

    `database` and `table` are those of the page that leads here: another tab may have chosen others since.
    """
    if (database or table) and (database, table) != answers.destination:
        return _changed(request, answers)
    asked = _question(context, session, answers, upload)
    if asked is None:
        return _to_check(request)
    return interruption(request, context, session, asked, upload=upload)


@router.post("/confirm")
def take(
    request: Request,
    *,
    context: Context,
    session: OwnForm,
    answers: GivenAnswers,
    database: Annotated[str, Form()] = "",
    table: Annotated[str, Form()] = "",
    columns: Annotated[str, Form(pattern="^([0-9a-f]{64})?$")] = "",
    reasons: Annotated[list[Reason] | None, Form()] = None,
    upload: Annotated[str, Form()] = "",
) -> Response:
    """Keep the confirmation: for this table and, where they were shown, these columns.

    The form says which question it answers; what it does not say is what was asked, which the service knows itself.
    """
    if (database, table) != answers.destination:
        return _changed(request, answers)
    answered = _asked_reasons(context, session, answers, upload, columns) & frozenset(reasons or ())
    if answered:
        shown = columns if Reason.COLUMNS_UNLIKE in answered else ""
        signing_in.keep_answers(context, session, answers.with_confirmed(answered, columns=shown).as_dict())
        in_order = [reason for reason in Reason if reason in answered]
        wrong_table.audit_confirmed(context, database, table, by=session.email, reasons=in_order)
    return _to_check(request)


def interruption(
    request: Request, context: FrontContext, session: Session, asked: Question, *, upload: str = ""
) -> Response:
    """The page in place of the one that would have gone on; `upload` is the one that was refused, if one was."""
    columns = unlike_columns(asked)
    return page(
        request,
        context,
        "wrong_table.html",
        session=session,
        asked=asked,
        unlike=bool(columns),
        unused=Reason.NOT_USED_BEFORE in asked.reasons,
        sentences=sentences(asked.differences) if asked.differences else (),
        table_columns=() if asked.differences else wrong_table.columns_of(context, asked.database, asked.table),
        columns=columns,
        upload=upload,
    )


def unlike_columns(asked: Question) -> str:
    """The fingerprint of the file's columns if the question is about them; else empty."""
    unlike = Reason.COLUMNS_UNLIKE in asked.reasons and asked.differences is not None
    return fingerprint(asked.differences.file) if unlike and asked.differences else ""


def unanswered(context: FrontContext, session: Session, answers: Answers) -> Question | None:
    """What is still to be asked of the chosen table before a file is chosen."""
    asked = wrong_table.question(context, *answers.destination, by=session.email)
    return None if asked is None or answers.confirmed_reasons().issuperset(asked.reasons) else asked


def _question(context: FrontContext, session: Session, answers: Answers, upload_id: str) -> Question | None:
    if "" in answers.destination:
        return None
    if upload_id:
        return wrong_table.question_of_refused(context, upload_id, by=session.email, destination=answers.destination)
    return unanswered(context, session, answers)


def _asked_reasons(
    context: FrontContext, session: Session, answers: Answers, upload_id: str, columns: str
) -> frozenset[Reason]:
    """What there is to ask now: of these columns if they are those of the upload, or of a file that was interrupted."""
    if upload_id:
        asked = _question(context, session, answers, upload_id)
        return frozenset(asked.reasons) if asked and unlike_columns(asked) == columns else frozenset()
    about_table = wrong_table.question(context, *answers.destination, by=session.email)
    unlike = {Reason.COLUMNS_UNLIKE} if columns in answers.asked_columns else set()
    return frozenset(about_table.reasons if about_table else ()) | unlike


def _changed(request: Request, answers: Answers) -> Response:
    """Instead of going on with a table that the person did not see on their page."""
    database, table = answers.destination
    now = f"They are for the table {database}.{table} now. " if database and table else ""
    return error_page(
        request,
        HTTPStatus.CONFLICT,
        title="Your answers were changed in another tab or window",
        detail=f"{now}Nothing was uploaded. Check your answers, then select the file again.",
        to_check=True,
    )


def _to_check(request: Request) -> RedirectResponse:
    return RedirectResponse(path_of(request, "check"), HTTPStatus.SEE_OTHER)
