"""What is disturbed: runs of the DAGs, task by task, on what went before them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from include.domain.errors import Conflict
from include.domain.upload import ARRIVING, State
from include.services import notices, watching
from include.services.ingest.check import check
from include.services.ingest.convert import convert_group, decide_types, groups_to_reconvert, plan, reconvert
from include.services.ingest.publish import publish
from include.services.ingest.refuse import refuse
from include.services.ingest.stage import Verdict
from include.services.ingest.validate import validate
from include.services.landing import sweep
from include.services.promotion.night import report_night
from include.services.promotion.outcome import Outcome
from include.services.promotion.planning import plan_promotion
from include.services.promotion.promote import promote_table
from tests.fakes.mailer import MemoryMailer
from tests.fakes.reviewed import ReviewedPeople, ReviewedTables
from tests.faults.world import World, not_yet
from tests.pipeline import Pipeline, SuiteOf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

DATABASE, TABLE = "travel", "trips"
NIGHT = datetime(2026, 2, 1, 1, 0, tzinfo=UTC)
GO_ON = Verdict.GO_ON.value

Answers = dict[str, Any]
"""What the tasks of a run answered, by name: Airflow's XCom."""


@dataclass(frozen=True)
class Step:
    """One task of a run.

    Attributes:
        run: does it; what it answers is JSON.
        patient: every error but a refusal is tried again.
        wanted: whether it runs at all after what the tasks before it answered; a skipped one answers nothing.
    """

    name: str
    run: Callable[[World, Answers], Any]
    wanted: Callable[[Answers], bool] = lambda _answers: True
    patient: bool = False


@dataclass(frozen=True)
class Run:
    """The tasks of one DAG run, and what its failure callback does."""

    steps: tuple[Step, ...]
    failed: Callable[[World], None] = lambda _world: None


@dataclass(frozen=True)
class Scenario:
    """A run to disturb, and what went before it."""

    name: str
    before: Callable[[World], None]
    run: Run
    uploads: Mapping[str, State] = field(default_factory=dict)  # how each comes out


def feeder(world: World, *, count: int) -> Pipeline:
    """The ways to announce and land files, the next upload being `count` + 1."""
    return Pipeline(
        context=world.context,
        mailer=MemoryMailer(),
        clock=world.clock,
        suite=SuiteOf(),
        reviewed=ReviewedTables(),
        owners=ReviewedPeople(),
        count=count,
    )


def numbered(number: int) -> str:
    """The id of the nth upload that is announced."""
    return f"{number:032x}"


def turn_of_the_watch(world: World) -> list[str]:
    """What `watch_landing` does once; the ids of the runs it starts."""
    found = watching.waiting(world.context)
    sweep(world.context)
    claimed = [watching.claim(world.context, work) for work in found]
    return [run.run_id for run in claimed if run is not None]


def ingestion(upload_id: str) -> Run:
    """A turn of the landing watch, and the run of `ingest_upload` it starts."""

    def watch(world: World, _answers: Answers) -> None:
        upload = world.context.ledger.get(upload_id)
        assert upload is not None
        if upload_id not in turn_of_the_watch(world) and upload.state in ARRIVING:
            raise not_yet("the file is offered again when its claim is over")

    def stage(name: str, run: Callable[[World], Any]) -> Step:
        return Step(name, lambda world, _answers: run(world), _is_going_on)

    def run_check(world: World) -> Answers:
        verdict = check(world.context, upload_id)
        return {"verdict": verdict.value, "groups": plan(world.context, upload_id) if verdict is Verdict.GO_ON else []}

    def run_convert(world: World, answers: Answers) -> Answers:
        verdicts = {convert_group(world.context, upload_id, group).value for group in answers["check"]["groups"]}
        return {"verdict": min(verdicts - {GO_ON}, default=GO_ON)}

    def run_settle(world: World) -> Answers:
        verdict = decide_types(world.context, upload_id)
        again = groups_to_reconvert(world.context, upload_id) if verdict is Verdict.GO_ON else []
        return {"verdict": verdict.value, "groups": again}

    def run_reconvert(world: World, answers: Answers) -> Answers:
        verdicts = {reconvert(world.context, upload_id, group).value for group in answers["settle_types"]["groups"]}
        return {"verdict": min(verdicts - {GO_ON}, default=GO_ON)}

    def run_failed(world: World) -> None:
        try:
            upload = world.context.ledger.move(upload_id, State.FAILED, actor="ingest_upload")
        except Conflict:
            return
        notices.send_once(world.context, notices.failed(world.context, upload))

    return Run(
        (
            Step("watch", watch),
            stage("check", run_check),
            Step("convert", run_convert, _is_going_on),
            stage("settle_types", run_settle),
            Step("reconvert", run_reconvert, lambda answers: _is_going_on(answers) and _narrow(answers)),
            stage("validate", lambda world: {"verdict": validate(world.context, upload_id).value}),
            stage("publish", lambda world: {"verdict": publish(world.context, upload_id).value}),
            Step("refuse", lambda world, _answers: refuse(world.context, upload_id).value),
            Step("notify", lambda world, _answers: notices.notify(world.context, upload_id)),
        ),
        run_failed,
    )


def _is_going_on(answers: Answers) -> bool:
    return all(answer["verdict"] == GO_ON for answer in answers.values() if isinstance(answer, dict))


def _narrow(answers: Answers) -> bool:
    return bool(answers["settle_types"]["groups"])


def promotion() -> Run:
    """The run of `promote_to_analytical_platform`."""

    def run_plan(world: World, _answers: Answers) -> list[list[str]]:
        return [[found.database, found.table] for found in plan_promotion(world.context)]

    def run_promote(world: World, answers: Answers) -> list[Any]:
        outcomes = [
            promote_table(world.context, database=database, table=table, run="night")
            for database, table in answers["plan"]
        ]
        return [outcome.to_json() for outcome in outcomes]

    def run_report(world: World, answers: Answers) -> Any:
        outcomes = [Outcome.from_json(outcome) for outcome in answers["promote"]]
        return report_night(world.context, run_id="night", run_after=NIGHT, outcomes=outcomes)["tables"]

    return Run(
        (
            Step("plan", run_plan),
            Step("promote", run_promote, patient=True),
            Step("notify", lambda world, _answers: notices.notify_promoted(world.context)),
            Step("report", run_report),
        )
    )


def _publish(world: World, files: Sequence[bytes], *, count: int = 0) -> Pipeline:
    feeding = feeder(world, count=count)
    for content in files:
        upload_id = feeding.land(content, table=TABLE, database=DATABASE)
        _carry_out(world, ingestion(upload_id))
    return feeding


def _carry_out(world: World, run: Run) -> None:
    answers: Answers = {}
    for step in run.steps:
        if step.wanted(answers):
            answers[step.name] = step.run(world, answers)


def _landing(*files: bytes) -> Callable[[World], None]:
    """Some published uploads, and one more that has landed."""

    def before(world: World) -> None:
        _publish(world, files[:-1]).land(files[-1], table=TABLE, database=DATABASE)

    return before


def _before_promotion(world: World) -> None:
    """A partition on the platform that became wider since, and one that is new."""
    _publish(world, [b"a,b\n1,x\n2,y\n"])
    _carry_out(world, promotion())
    _publish(world, [b"a,b\n1.5,x\n"], count=1)


PUBLISHED, PROMOTED = State.PUBLISHED, State.PROMOTED
FIRST, NARROW = b"a,b\n1,x\n2,y\n", b"a,b\n3,z\n"

SCENARIOS = (
    Scenario("first", _landing(FIRST), ingestion(numbered(1)), {numbered(1): PUBLISHED}),
    Scenario(
        "adds_column",
        _landing(FIRST, b"a,b,c\n4,w,2026-01-31\n"),
        ingestion(numbered(2)),
        {numbered(1): PUBLISHED, numbered(2): PUBLISHED},
    ),
    Scenario(
        "widens",
        _landing(FIRST, NARROW, b"a,b\n1.5,w\ntext,v\n"),
        ingestion(numbered(3)),
        {numbered(1): PUBLISHED, numbered(2): PUBLISHED, numbered(3): PUBLISHED},
    ),
    Scenario("refused", _landing(b"a,b\n1,2\n1,2,3\n"), ingestion(numbered(1)), {numbered(1): State.REFUSED}),
    Scenario("promotes", _before_promotion, promotion(), {numbered(1): PROMOTED, numbered(2): PROMOTED}),
)
