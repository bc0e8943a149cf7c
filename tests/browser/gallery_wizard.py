"""The gallery's states of the four steps: empty, filled in, with errors, for what is new and what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.browser.gallery_stage import LONG_DATABASE, LONG_TABLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.gallery_stage import Stage

GOVERNANCE = {"document": "none", "reference": "", "classification": "test"}
LONG = {"document": "dpia", "reference": "https://example.org/" + "dpia" * 40, "classification": "official"}


def _answers(*, new: bool = True, database: str = "travel", table: str = "trips", **more: Any) -> dict[str, Any]:
    return {
        "governance": GOVERNANCE,
        "database": {"name": database, "new": new},
        "table": {"name": table, "new": new},
        **more,
    }


def _governance(stage: Stage) -> None:
    stage.answer()
    stage.go("upload/governance")


def _governance_errors(stage: Stage) -> None:
    _governance(stage)
    stage.press("Continue")


def _database(stage: Stage) -> None:
    stage.answer(governance=GOVERNANCE)
    stage.go("upload/database")


def _database_errors(stage: Stage) -> None:
    _database(stage)
    stage.press("Continue")


def _database_name(stage: Stage) -> None:
    _database(stage)
    stage.page.get_by_label("Create a new database").check()
    stage.page.get_by_label("Name of the new database").fill("Travel Plans")
    stage.press("Continue")


def _table(*, new: bool) -> Callable[[Stage], None]:
    def arrive(stage: Stage) -> None:
        stage.answer(governance=GOVERNANCE, database={"name": "journeys" if new else "travel", "new": new})
        stage.go("upload/table")

    return arrive


def _table_errors(stage: Stage) -> None:
    _table(new=False)(stage)
    stage.press("Continue")


def _table_name(stage: Stage) -> None:
    _table(new=True)(stage)
    stage.page.get_by_label("Name of the new table").fill("2 trips!")
    stage.press("Continue")


def _check(**answers: Any) -> Callable[[Stage], None]:
    def arrive(stage: Stage) -> None:
        stage.answer(**_answers(**answers))
        stage.go("upload/check")

    return arrive


def _not_used_before(stage: Stage) -> None:
    stage.scenes.publish(uploader="owner@example.org", database="others", table="visits")
    _check(new=False, database="others", table="visits")(stage)
    stage.page.locator(".govuk-panel--interruption").wait_for()


def _no_file(stage: Stage) -> None:
    _check()(stage)
    stage.page.get_by_role("button", name="Upload file").click()
    stage.page.locator(".govuk-error-summary:visible").wait_for()


def _options(stage: Stage) -> None:
    _check()(stage)
    stage.page.get_by_text("Reading options").first.click()


STATES: tuple[tuple[str, str, Callable[[Stage], None]], ...] = (
    ("governance", "", _governance),
    ("governance", "errors", _governance_errors),
    ("ineligible", "", lambda stage: stage.go("upload/ineligible")),
    ("database", "", _database),
    ("database", "errors", _database_errors),
    ("database", "wrong name", _database_name),
    ("table", "of a new database", _table(new=True)),
    ("table", "existing", _table(new=False)),
    ("table", "errors", _table_errors),
    ("table", "wrong name", _table_name),
    ("confirm_table", "", _not_used_before),
    ("check", "new table", _check()),
    ("check", "existing table", _check(new=False)),
    ("check", "long names", _check(database=LONG_DATABASE, table=LONG_TABLE, governance=LONG)),
    ("check", "no file", _no_file),
    ("check", "reading options", _options),
)
