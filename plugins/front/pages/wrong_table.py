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
from plugins.front.provided import Context
from plugins.front.rendering import page
from plugins.front.visitors import OwnForm, SignedIn

router = APIRouter(prefix="/upload/table")


@router.get("/confirm", name="confirm_table")
def ask(request: Request, *, context: Context, session: SignedIn, upload: str = "") -> Response:
    """What there is to ask of the chosen table; with `upload`, of the columns for which that one was refused."""
    answers = Answers.of(session.answers)
    asked = _question(context, session, answers, upload)
    if asked is None:
        return _to_check(request)
    return interruption(request, context, session, asked)


@router.post("/confirm")
def take(
    request: Request,
    *,
    context: Context,
    session: OwnForm,
    database: Annotated[str, Form()] = "",
    table: Annotated[str, Form()] = "",
    columns: Annotated[str, Form(pattern="^([0-9a-f]{64})?$")] = "",
    reasons: Annotated[list[Reason] | None, Form()] = None,
) -> Response:
    """Keep the confirmation: for this table and, where they were shown, these columns."""
    answers = Answers.of(session.answers)
    if (database, table) == answers.destination and reasons:
        signing_in.keep_answers(context, session, answers.with_confirmed(columns).as_dict())
        wrong_table.audit_confirmed(context, database, table, by=session.email, reasons=reasons)
    return _to_check(request)


def interruption(request: Request, context: FrontContext, session: Session, asked: Question) -> Response:
    """The page in place of the one that would have gone on."""
    unlike = Reason.COLUMNS_UNLIKE in asked.reasons and asked.differences is not None
    return page(
        request,
        context,
        "wrong_table.html",
        session=session,
        asked=asked,
        unlike=unlike,
        sentences=sentences(asked.differences) if asked.differences else (),
        table_columns=() if asked.differences else wrong_table.columns_of(context, asked.database, asked.table),
        columns=fingerprint(asked.differences.file) if unlike and asked.differences else "",
    )


def unanswered(context: FrontContext, session: Session, answers: Answers) -> Question | None:
    """What is still to be asked of the chosen table before a file is chosen."""
    asked = wrong_table.question(context, *answers.destination, by=session.email)
    return None if asked is None or answers.confirmed_reasons(()).issuperset(asked.reasons) else asked


def _question(context: FrontContext, session: Session, answers: Answers, upload_id: str) -> Question | None:
    if "" in answers.destination:
        return None
    if upload_id:
        return wrong_table.question_of_refused(context, upload_id, by=session.email, destination=answers.destination)
    return unanswered(context, session, answers)


def _to_check(request: Request) -> RedirectResponse:
    return RedirectResponse(path_of(request, "check"), HTTPStatus.SEE_OTHER)
