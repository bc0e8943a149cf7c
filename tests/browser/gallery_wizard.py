"""The gallery's states of steps 1 to 3: empty, filled in, with errors, for what is new and what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.sessions import TEST_DATA
from tests.fakes.front import COLLEAGUE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.gallery_stage import Stage


def _governance(stage: Stage) -> None:
    stage.answer()
    stage.go("upload/governance")


def _governance_errors(stage: Stage) -> None:
    _governance(stage)
    stage.press("Continue")


def _database(stage: Stage) -> None:
    stage.answer(governance=TEST_DATA)
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
        stage.answer(governance=TEST_DATA, database={"name": "journeys" if new else "travel", "new": new})
        stage.go("upload/table")

    return arrive


def _table_errors(stage: Stage) -> None:
    _table(new=False)(stage)
    stage.press("Continue")


def _table_name(stage: Stage) -> None:
    _table(new=True)(stage)
    stage.page.get_by_label("Name of the new table").fill("2 trips!")
    stage.press("Continue")


def _many(stage: Stage) -> None:
    for number in range(12):
        stage.scenes.publish(database=f"survey_{number:03}", table="answers")
    _database(stage)
    stage.page.get_by_label("Add to an existing database").check()
    stage.page.get_by_label("Filter the list").fill("survey_00")


def _restricted(stage: Stage) -> None:
    stage.scenes.publish(database="courts", table="listings", uploader=COLLEAGUE)
    stage.answer(governance=TEST_DATA, database={"name": "courts", "new": False})
    stage.go("upload/table")
    stage.page.get_by_label("Add to an existing table").check()
    stage.page.get_by_label("Table", exact=True).select_option("listings")
    stage.press("Continue")


STATES: tuple[tuple[str, str, Callable[[Stage], None]], ...] = (
    ("governance", "", _governance),
    ("governance", "errors", _governance_errors),
    ("ineligible", "", lambda stage: stage.go("upload/ineligible")),
    ("database", "", _database),
    ("database", "errors", _database_errors),
    ("database", "wrong name", _database_name),
    ("database", "many", _many),
    ("table", "of a new database", _table(new=True)),
    ("table", "existing", _table(new=False)),
    ("table", "errors", _table_errors),
    ("table", "wrong name", _table_name),
    ("table", "restricted", _restricted),
)
