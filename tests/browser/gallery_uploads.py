"""The gallery's states of uploads: each state of one, many findings, withdrawals, and lists of none and of many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.domain.findings import Finding, Severity
from include.domain.upload import Door, State
from include.domain.withdrawal import Approval
from include.services import uploading
from include.services.withdrawal.request import request_withdrawal
from tests.browser.gallery_stage import LONG_DATABASE, LONG_FILE, LONG_TABLE
from tests.browser.scenes import WORKING
from tests.fakes.front import ANALYST, REVISION

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.domain.upload import Upload
    from tests.browser.gallery_stage import Stage

FINDINGS = (
    Finding(
        code="column_name_characters", title="Column names contain special characters", severity=Severity.ERROR,
        column="Sample Number", lines=(1,), examples=("Sample Number",),
        message="The column name 'Sample Number' has a space. Use sample_number instead.",
    ),
    *(
        Finding(
            code="ragged_rows", title="Rows with a different number of fields", severity=Severity.WARNING,
            lines=tuple(range(1_000_000, 1_000_020)), examples=("word " * 60, "x" * 300, "<script>alert(1)</script>"),
            message="20 rows have fewer fields than the header has.", column="c" * 255,
        )
        for _ in range(12)
    ),
)  # fmt: skip

_MORE = {
    State.CHECKING: (State.CHECKING,),
    State.CONVERTING: (State.CHECKING, State.CONVERTING),
    State.VALIDATING: (State.CHECKING, State.CONVERTING, State.VALIDATING),
    State.PUBLISHING: WORKING,
    State.WIDENING: (*WORKING, State.WIDENING),
    State.WAITING_FOR_APPROVAL: (*WORKING, State.WAITING_FOR_APPROVAL),
    State.FAILED: (State.CHECKING, State.FAILED),
    State.REFUSED: (State.CHECKING, State.REFUSED),
}


def _show(stage: Stage, upload: Upload, part: str = "") -> None:
    stage.go(f"uploads/{upload.id}{part}")


def _landed(part: str = "") -> Callable[[Stage], None]:
    return lambda stage: _show(stage, stage.scenes.land(), part)


def _started(part: str = "") -> Callable[[Stage], None]:
    def arrive(stage: Stage) -> None:
        announced = stage.scenes.announcement()
        _show(stage, uploading.start_upload(stage.service.context, announced, uploader=ANALYST, door=Door.PAGE), part)

    return arrive


def _cancelled(stage: Stage) -> None:
    announced = stage.scenes.announcement()
    upload = uploading.start_upload(stage.service.context, announced, uploader=ANALYST, door=Door.PAGE)
    _show(stage, uploading.cancel_upload(stage.service.context, upload.id, by=ANALYST))


def _in(state: State) -> Callable[[Stage], None]:
    return lambda stage: _show(stage, stage.scenes.move(stage.scenes.land(), *_MORE[state]))


def _findings(stage: Stage) -> None:
    upload = stage.scenes.land(database=LONG_DATABASE, table=LONG_TABLE, filename=LONG_FILE)
    _show(stage, stage.scenes.move(upload, State.CHECKING, State.REFUSED, findings=FINDINGS))


def _published(part: str = "", **changes: Any) -> Callable[[Stage], None]:
    return lambda stage: _show(stage, stage.scenes.publish(**changes), part)


def _rows(stage: Stage) -> None:
    upload = stage.scenes.publish()
    long = {f"a_question_of_a_survey_{number}": [None, "an answer " * 30, "x" * 300] for number in range(20)}
    stage.scenes.write_rows(upload, year=[2013, None, 2014], spot=[{"x": [1, 2]}, None, {"x": []}], **long)
    _show(stage, upload, "/rows")


def _promoted(part: str = "") -> Callable[[Stage], None]:
    return lambda stage: _show(stage, _on_the_platform(stage), part)


def _on_the_platform(stage: Stage) -> Upload:
    upload, ledger = stage.scenes.publish(), stage.service.context.ledger
    assert ledger.take(upload.id, published=REVISION)
    return ledger.move(upload.id, State.PROMOTED, actor="pipeline", promoted_revision=REVISION)


def _reason_missing(stage: Stage) -> None:
    _promoted("/withdraw")(stage)
    stage.press("Ask to withdraw this upload")


def _asked(stage: Stage) -> None:
    upload = _on_the_platform(stage)
    request_withdrawal(stage.service.context, upload.id, by=ANALYST, reason="These are the rows of last year")
    _show(stage, upload)


def _declined(stage: Stage) -> None:
    upload = _on_the_platform(stage)
    request_withdrawal(stage.service.context, upload.id, by=ANALYST, reason="These are the rows of last year")
    withdrawals = stage.service.context.withdrawals
    withdrawals.decide(upload.id, run_id=upload.id, by="a data engineer", approval=Approval.DECLINED)
    _show(stage, upload)


def _withdrawn(stage: Stage) -> None:
    upload = stage.scenes.publish()
    request_withdrawal(stage.service.context, upload.id, by=ANALYST, reason="")
    stage.service.context.withdrawals.done(upload.id)
    _show(stage, upload)


def _many(stage: Stage) -> None:
    for _ in range(21):
        stage.scenes.land()
    stage.go("uploads")


STATES: tuple[tuple[str, str, Callable[[Stage], None]], ...] = (
    ("uploads", "none", lambda stage: stage.go("uploads")),
    ("upload", "started", _started()),
    ("continue_upload", "", _started("/continue")),
    ("upload", "cancelled", _cancelled),
    ("upload", "landed", _landed()),
    *(("upload", state.value.replace("_", " "), _in(state)) for state in _MORE),
    ("upload", "many findings and long names", _findings),
    ("upload", "published", _published()),
    ("upload", "promoted", _promoted()),
    ("upload", "withdrawal asked for", _asked),
    ("upload", "withdrawal declined", _declined),
    ("upload", "withdrawn", _withdrawn),
    ("complete", "", _landed("/complete")),
    ("receipt", "", _published("/receipt")),
    ("rows", "", _rows),
    ("withdraw", "before promotion", _published("/withdraw")),
    ("withdraw", "after promotion", _promoted("/withdraw")),
    ("withdraw", "no reason", _reason_missing),
    ("uploads", "many", _many),
)
