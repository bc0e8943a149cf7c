"""Step 4: check answers, how the file is read, choose a file, and the form that sends it without JavaScript."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from include.domain.errors import Refused
from include.domain.option_words import in_words as options_in_words
from include.domain.reading_options import ReadingOptions
from include.ports import Session
from include.services import first_look, reading, signing_in, table_options, uploading, wrong_table
from include.services.announcing import Announcement, in_words
from include.services.context import FrontContext
from include.services.wrong_table import ConfirmNeeded
from plugins.front.answers import Answers
from plugins.front.links import path_of
from plugins.front.pages.given import GivenAnswers
from plugins.front.pages.wrong_table import interruption, unanswered, unlike_columns
from plugins.front.protection import FORM_FILE_MAX
from plugins.front.provided import Context
from plugins.front.reading_options import PLACE, Choice, TypedOptions, as_typed, choice_of
from plugins.front.rendering import InputError, page
from plugins.front.visitors import OwnForm, SignedIn

router = APIRouter()


@router.get("/upload/check", name="check")
def check(request: Request, *, context: Context, session: SignedIn, answers: GivenAnswers) -> Response:
    """Step 4: the answers with Change links, and the form for the file."""
    if not answers.may_see("check"):
        return RedirectResponse(path_of(request, answers.next_step), HTTPStatus.SEE_OTHER)
    if unanswered(context, session, answers):
        return RedirectResponse(path_of(request, "confirm_table"), HTTPStatus.SEE_OTHER)
    return _check_page(request, context, session, answers)


@router.post("/upload/file", name="upload_file")
def take_file(
    request: Request,
    *,
    context: Context,
    session: OwnForm,
    answers: GivenAnswers,
    typed: TypedOptions,
    file: Annotated[UploadFile | None, File()] = None,
    save: Annotated[str, Form()] = "",
    database: Annotated[str, Form()] = "",
    table: Annotated[str, Form()] = "",
) -> Response:
    """The form without JavaScript: the file comes through the server, held on disk, never in memory."""
    if answers.governance is None or answers.database is None or answers.table is None:
        return RedirectResponse(path_of(request, answers.next_step), HTTPStatus.SEE_OTHER)
    if (database, table) != (answers.database.name, answers.table.name):
        error = InputError("file", "The answers were changed in another window. Check them, then select the file again")
        return _check_page(request, context, session, answers, errors=[error])
    kept = replace(answers, reading=typed or answers.reading)
    if kept != answers:
        what = "reading options chosen"
        signing_in.take_answers(context, session, kept.as_dict(), what=what, database=database, table=table)
    how = table_options.of_table(context, database, table)
    said = kept.reading if typed or how.may_choose(session.email) else None
    choice = choice_of(said) if said else Choice(None)
    if save and not choice.errors:
        return RedirectResponse(path_of(request, "check"), HTTPStatus.SEE_OTHER)
    errors = [*([] if save else _file_errors(file)), *choice.errors]
    if errors or file is None:
        return _check_page(request, context, session, kept, errors=errors)
    announced = Announcement(
        database=answers.database.name,
        table=answers.table.name,
        filename=(file.filename or "").replace("%22", '"'),  # browsers write a quote so; all else as it is
        size=file.size or 0,
        document=answers.governance.document,
        reference=answers.governance.reference,
        classification=answers.governance.classification,
        create=answers.creates,
        reading=choice.options,
    )
    try:
        upload_id = _send(context, announced, file, usual=how.options, answers=kept, by=session.email)
    except Refused as refused:
        return _refused_page(request, context, session, kept, refused)
    return RedirectResponse(path_of(request, "complete", upload_id=upload_id), HTTPStatus.SEE_OTHER)


def _refused_page(
    request: Request, context: FrontContext, session: Session, answers: Answers, refused: Refused
) -> Response:
    if isinstance(refused, ConfirmNeeded):
        # The file is not kept: until somebody has said where it belongs, it should lie nowhere.
        if columns := unlike_columns(refused.question):
            signing_in.keep_answers(context, session, answers.with_asked(columns).as_dict())
        return interruption(request, context, session, refused.question)
    place = PLACE if refused.field == table_options.FIELD else "file"
    return _check_page(request, context, session, answers, errors=[InputError(place, refused.detail)])


def _file_errors(file: UploadFile | None) -> list[InputError]:
    if file is None or not file.filename:
        return [InputError("file", "Select a file")]
    if (file.size or 0) > FORM_FILE_MAX:
        text = f"The selected file must be {in_words(FORM_FILE_MAX)} or smaller when JavaScript is off"
        return [InputError("file", text)]
    return []


def _send(
    context: FrontContext,
    announced: Announcement,
    file: UploadFile,
    *,
    usual: ReadingOptions,
    answers: Answers,
    by: str,
) -> str:
    # A file of this size is on disk already, but nameless; what sends objects reads a file by its path.
    with tempfile.NamedTemporaryFile(dir=_work_dir(context)) as copy:
        shutil.copyfileobj(file.file, copy)
        copy.flush()
        path = Path(copy.name)
        columns = first_look.columns_of(path, filename=announced.filename, options=announced.reading or usual)
        known = replace(
            announced,
            columns=columns,
            confirmed=answers.confirmed_reasons(columns),
            confirmed_columns=answers.confirmed_columns,
        )
        return uploading.send_file(context, known, path=path, uploader=by).id


def _work_dir(context: FrontContext) -> Path | None:
    folder = context.settings.work_dir
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def _check_page(
    request: Request, context: FrontContext, session: Session, answers: Answers, *, errors: Sequence[InputError] = ()
) -> Response:
    how = table_options.of_table(context, *answers.destination)
    usual, may_choose = as_typed(how.options), how.may_choose(session.email)
    typed = answers.reading or usual
    return page(
        request,
        context,
        "check.html",
        session=session,
        answers=answers,
        how=how,
        may_choose=may_choose,
        usual=usual,
        usual_reading=options_in_words(how.options),
        typed=typed if may_choose else replace(usual, sheet=typed.sheet if how.may_choose_sheet else usual.sheet),
        refused=wrong_table.refused_for_columns(context, *answers.destination, by=session.email),
        unfinished=reading.unfinished(context, *answers.destination, by=session.email),
        form_file_max=FORM_FILE_MAX,
        api=path_of(request, "api", path="").rstrip("/"),
        errors=errors,
    )
