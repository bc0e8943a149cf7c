"""The steps before an upload: data governance, database, table, check answers."""

from __future__ import annotations

from dataclasses import asdict, replace
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from include.domain import names
from include.domain.errors import Refused
from include.ports import Session
from include.services import destinations, reading, restrictions, signing_in
from include.services.context import FrontContext
from plugins.front.answers import Answers, GovernanceAnswer, NameAnswer
from plugins.front.links import path_of
from plugins.front.pages.given import GivenAnswers
from plugins.front.pages.governance import Ineligible, governance_errors, ineligible
from plugins.front.provided import Context
from plugins.front.rendering import InputError, page
from plugins.front.visitors import OwnForm, SignedIn

router = APIRouter(prefix="/upload")

Text = Annotated[str, Form()]


@router.get("", name="begin")
def begin(request: Request, session: SignedIn) -> Response:
    """Begin anew: answering step 1 forgets what was answered for an earlier file, which a mere look at it does not."""
    del session
    return _to(request, "governance", new="yes")


@router.get("/governance", name="governance")
def ask_governance(
    request: Request, *, context: Context, session: SignedIn, answers: GivenAnswers, change: str = "", new: str = ""
) -> Response:
    """Step 1."""
    given = asdict(answers.governance) if answers.governance and not new else {}
    return page(request, context, "governance.html", session=session, change=change, new=new, given=given)


@router.post("/governance")
def take_governance(
    request: Request,
    *,
    context: Context,
    session: OwnForm,
    answers: GivenAnswers,
    document: Text = "",
    reference: Text = "",
    classification: Text = "",
    responsible: Text = "",
    change: Text = "",
    new: Text = "",
) -> Response:
    """Keep step 1; of a new upload it alone, so that an earlier file's answers do not lead to the wrong table."""
    if new:
        answers = Answers()
    answer = GovernanceAnswer(document, reference.strip(), classification)
    if because := ineligible(context, answer, by=session.email):
        # What was confirmed earlier, perhaps for other data, does not cover these.
        kept = replace(answers, governance=None).as_dict()
        signing_in.take_answers(context, session, kept, what="data are not eligible", because=because)
        return _to(request, "ineligible", because=because, **({"change": change} if change else {}))
    errors = governance_errors(context, answer, by=session.email, responsible=bool(responsible))
    if errors:
        given = {**asdict(answer), "responsible": bool(responsible)}
        return page(
            request, context, "governance.html", session=session, change=change, new=new, given=given, errors=errors
        )
    return _keep(request, context, session, replace(answers, governance=answer), after="governance", change=change)


@router.get("/ineligible", name="ineligible")
def stop(
    request: Request, *, context: Context, session: SignedIn, because: Ineligible | None = None, change: str = ""
) -> Response:
    """The data may not be uploaded, and what to do about it."""
    return page(request, context, "ineligible.html", session=session, because=because, change=change)


@router.get("/database", name="database")
def ask_database(
    request: Request, *, context: Context, session: SignedIn, answers: GivenAnswers, change: str = ""
) -> Response:
    """Step 2."""
    if not answers.may_see("database"):
        return _to(request, answers.next_step)
    return _database_page(request, context, session, given=answers.database, change=change)


@router.post("/database")
def take_database(
    request: Request,
    *,
    context: Context,
    session: OwnForm,
    answers: GivenAnswers,
    kind: Text = "",
    existing: Text = "",
    name: Text = "",
    change: Text = "",
) -> Response:
    """Keep step 2."""
    answer = NameAnswer(name.strip() if kind == "new" else existing, new=kind == "new")
    if error := _kind_error(kind, answer, what="database"):
        return _database_page(request, context, session, given=answer, change=change, kind=kind, error=error)
    try:
        if answer.new:
            destinations.check_new_database(context, answer.name)
        else:
            destinations.check_database(context, answer.name, create=False)
    except Refused as refused:
        error = InputError("name" if answer.new else "existing", refused.detail)
        return _database_page(request, context, session, given=answer, change=change, kind=kind, error=error)
    answers = answers.with_database(answer)
    table = answers.table
    if table and (error := _table_error(context, session, answer, table)):
        # Step 3 is shown here: a redirect to it could not say what is wrong.
        _keep(request, context, session, replace(answers, table=None, reading=None), after="database", change=change)
        return _table_page(request, context, session, answer, given=table, change="", error=error)
    return _keep(request, context, session, answers, after="database", change=change)


@router.get("/table", name="table")
def ask_table(
    request: Request, *, context: Context, session: SignedIn, answers: GivenAnswers, change: str = ""
) -> Response:
    """Step 3."""
    if answers.database is None or not answers.may_see("table"):
        return _to(request, answers.next_step)
    return _table_page(request, context, session, answers.database, given=answers.table, change=change)


@router.post("/table")
def take_table(
    request: Request,
    *,
    context: Context,
    session: OwnForm,
    answers: GivenAnswers,
    kind: Text = "",
    existing: Text = "",
    name: Text = "",
    change: Text = "",
) -> Response:
    """Keep step 3."""
    database = answers.database
    if database is None:
        return _to(request, answers.next_step)
    kind = "new" if database.new else kind  # a new database has no table yet
    answer = NameAnswer(name.strip() if kind == "new" else existing, new=kind == "new")
    if error := _kind_error(kind, answer, what="table"):
        return _table_page(request, context, session, database, given=answer, change=change, kind=kind, error=error)
    if error := _table_error(context, session, database, answer):
        return _table_page(request, context, session, database, given=answer, change=change, kind=kind, error=error)
    return _keep(request, context, session, answers.with_table(answer), after="table", change=change)


def _table_error(
    context: FrontContext, session: Session, database: NameAnswer, answer: NameAnswer
) -> InputError | None:
    """What is wrong with a table in this database."""
    try:
        if answer.new:
            destinations.check_new_table(context, database.name, answer.name)
        else:
            destinations.check_table(context, database.name, answer.name, create=False)
        restrictions.refuse_restricted(context, database.name, answer.name, by=session.email)
    except Refused as refused:
        return InputError("name" if answer.new else "existing", refused.detail)
    return None


def _database_page(
    request: Request,
    context: FrontContext,
    session: Session,
    *,
    given: NameAnswer | None,
    change: str,
    kind: str | None = None,
    error: InputError | None = None,
) -> Response:
    databases = reading.databases(context)
    return page(
        request,
        context,
        "database.html",
        session=session,
        databases=databases,
        database_max=names.DATABASE_MAX,
        given=given,
        kind=_kind(kind, given) or ("" if databases else "new"),
        change=change,
        errors=[error] if error else [],
    )


def _table_page(
    request: Request,
    context: FrontContext,
    session: Session,
    database: NameAnswer,
    *,
    given: NameAnswer | None,
    change: str,
    kind: str | None = None,
    error: InputError | None = None,
) -> Response:
    tables = () if database.new else context.ledger.tables(database.name)
    return page(
        request,
        context,
        "table.html",
        session=session,
        database=database,
        table_max=names.TABLE_MAX,
        tables=tables,
        closed=[
            known.table
            for known in tables
            if not restrictions.may_append(context, database.name, known.table, by=session.email)
        ],
        given=given,
        kind=_kind(kind, given),
        change=change,
        errors=[error] if error else [],
    )


def _kind(kind: str | None, given: NameAnswer | None) -> str:
    if kind is not None:
        return kind
    return "" if given is None else "new" if given.new else "existing"


def _kind_error(kind: str, answer: NameAnswer, *, what: str) -> InputError | None:
    if kind not in {"existing", "new"}:
        return InputError("kind", f"Select whether the {what} exists already or is new")
    if kind == "existing" and not answer.name:
        return InputError("existing", f"Select a {what}")
    return None


def _keep(
    request: Request, context: FrontContext, session: Session, answers: Answers, *, after: str, change: str
) -> Response:
    """Remember the answers and go on: to the step after this one, or back to the check when only this one changed."""
    what = {"governance": "data governance confirmed"}.get(after, f"{after} chosen")
    signing_in.take_answers(context, session, answers.as_dict(), what=what, **answers.told_in(after))
    following = {"governance": "database", "database": "table", "table": "check"}[after]
    return _to(request, answers.next_step if change or not answers.may_see(following) else following)


def _to(request: Request, step: str, **query: str) -> RedirectResponse:
    asked = f"?{urlencode(query)}" if query else ""
    return RedirectResponse(path_of(request, step) + asked, HTTPStatus.SEE_OTHER)
