"""The gallery's states of step 4: the answers, the check of a file in the browser, and the question of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from include.domain.upload import State
from include.domain.wrong_table import columns_unlike_table, differences
from tests.browser.gallery_stage import LONG_DATABASE, LONG_FILE, LONG_TABLE
from tests.browser.sessions import answers_for
from tests.fakes.front import COLLEAGUE

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.domain.upload import Upload
    from tests.browser.gallery_stage import Stage

LONG = {"document": "dpia", "reference": "https://example.org/" + "dpia" * 40, "classification": "official"}
GOOD = "year,town,note\n2013,Ely,<b>bold</b>\n2014,NA,\n"
RAGGED = "a,b\n1,2\n3\n4,5,6\n"
WIDER = "year,town\n2013,Ely\nunknown,York\n"
DAY_FIRST = "day,n\n31/01/2026,1\n01/02/2026,2\n"
WIDE = ",".join(f"a_question_of_a_survey_{number}" for number in range(60)) + "\n" + ",".join(["x" * 300] * 60) + "\n"
UNLIKE = columns_unlike_table(differences([f"species_{number}" for number in range(30)], ["year"]))


def _check(**answers: Any) -> Callable[[Stage], None]:
    def arrive(stage: Stage) -> None:
        stage.answer(**answers_for(**answers))
        stage.go("upload/check")

    return arrive


def _existing(stage: Stage) -> None:
    stage.scenes.publish()
    _check(new=False)(stage)


def _no_file(stage: Stage) -> None:
    _check()(stage)
    stage.page.get_by_role("button", name="Upload file").click()
    stage.page.locator(".govuk-error-summary:visible").wait_for()


def _options(stage: Stage) -> None:
    _existing(stage)
    stage.page.get_by_text("Reading options").first.click()


def _checked(
    content: str, heading: str, *, name: str = "Trips.csv", before: Callable[[Stage], None] | None = None
) -> Callable[[Stage], None]:
    def arrive(stage: Stage) -> None:
        (before or _check(database="survey", table="answers"))(stage)
        file = stage.folder / name
        file.write_text(content)
        stage.page.get_by_label("Choose a file").set_input_files(file)
        expect(stage.page.locator("#preview-heading")).to_have_text(heading)

    return arrive


def _reading(stage: Stage) -> None:
    _check(database="survey", table="answers")(stage)
    file = stage.folder / "large.csv"
    with file.open("wb") as whole:
        whole.truncate(1024**3 + 1)  # so large that the check may be skipped at once
    stage.page.route("**/preview", lambda _: None, times=1)  # and what it found is never answered
    with stage.page.expect_request("**/preview"):
        stage.page.get_by_label("Choose a file").set_input_files(file)
    expect(stage.page.get_by_role("button", name="Upload without checking here")).to_be_visible()


def _ticked(stage: Stage) -> None:
    _checked(WIDER, "The file was checked", before=_existing)(stage)
    stage.page.get_by_label("I want column year of the table to change its type").check()


def _of_a_colleague(stage: Stage) -> Upload:
    return stage.scenes.publish(database="penguins", table="islands", uploader=COLLEAGUE)


def _not_used(stage: Stage) -> None:
    _of_a_colleague(stage)
    stage.answer(**answers_for("penguins", "islands", new=False))
    stage.go("upload/check")
    stage.page.wait_for_url("**/upload/table/confirm")


def _refused_as_unlike(stage: Stage) -> Upload:
    stage.scenes.publish(database=LONG_DATABASE, table=LONG_TABLE)
    upload = stage.scenes.land(database=LONG_DATABASE, table=LONG_TABLE, filename=LONG_FILE)
    stage.scenes.move(upload, State.CHECKING, State.REFUSED, findings=(UNLIKE,))
    stage.answer(**answers_for(LONG_DATABASE, LONG_TABLE, new=False))
    return upload


def _unlike(stage: Stage) -> None:
    stage.go(f"upload/table/confirm?upload={_refused_as_unlike(stage).id}")


def _refused_before(stage: Stage) -> None:
    _refused_as_unlike(stage)
    stage.go("upload/check")


def _confirmed(stage: Stage) -> None:
    _unlike(stage)
    stage.press("Yes, add to this table")


CHECKED = "The file was checked"

STATES: tuple[tuple[str, str, Callable[[Stage], None]], ...] = (
    ("check", "new table", _check()),
    ("check", "existing table", _existing),
    ("check", "long names", _check(database=LONG_DATABASE, table="_".join(["t" * 12] * 15), governance=LONG)),
    ("check", "no file", _no_file),
    ("check", "reading options", _options),
    ("check", "file being read", _reading),
    ("check", "an Excel file by a wrong name", _checked("PK\x03\x04", "The file cannot be uploaded as it is")),
    ("check", "JSON", _checked('[{"year": 2013, "at": {"gate": "B4"}}]', CHECKED, name="trips.json")),
    ("check", "good file", _checked(GOOD, CHECKED)),
    ("check", "ragged file", _checked(RAGGED, "The file cannot be uploaded as it is")),
    ("check", "dates with the day first", _checked(DAY_FIRST, CHECKED)),
    ("check", "semicolons", _checked("a;b\n1;2\n", "The file cannot be uploaded as it is")),
    ("check", "wide file", _checked(WIDE, CHECKED, name=LONG_FILE)),
    ("check", "widening", _checked(WIDER, CHECKED, before=_existing)),
    ("check", "widening ticked", _ticked),
    ("check", "unlike columns", _checked("species,island\nAdelie,Dream\n", CHECKED, before=_existing)),
    ("check", "format that is not checked", _checked("{}\n", "Check of the file", name="trips.xlsx")),
    ("check", "refused before for its columns", _refused_before),
    ("check", "columns confirmed", _confirmed),
    ("confirm_table", "not used before", _not_used),
    ("confirm_table", "unlike columns", _unlike),
)
"""By name of the route: what is special, and how to come there."""
