"""Runs of the DAGs as they are played: each task as its DAG calls it, and the turns of the watch that start them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from include.domain.errors import Conflict, Transient
from include.domain.upload import ARRIVING, WAITING, State
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
from include.services.widening.finish import finish_all
from include.services.widening.job import batches, derive_batch, end_job, flip_when_ready, job_lease, prepare
from include.services.withdrawal import run as withdrawing
from include.services.withdrawal.mails import notify_withdrawal
from tests.faults.world import World, not_yet

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.services.context import PipelineContext

NIGHT = datetime(2026, 2, 1, 1, 0, tzinfo=UTC)
WATCH = "watch_landing"
GO_ON = Verdict.GO_ON.value

Answers = dict[str, Any]
"""What the tasks of a run answered, by name: Airflow's XCom."""


def _always(_answers: Answers) -> bool:
    return True


@dataclass(frozen=True)
class Step:
    """One task.

    Attributes:
        dag: of whose run it is a task; a turn of the watch is cleared with no other.
        run: does it; what it answers is JSON.
        wanted: whether it runs at all after what the tasks before it answered; a skipped one answers nothing.
        retries: as many as the DAG gives it.
        patient: every error but a refusal is tried again.
        disturbed: whether things go wrong in it; elsewhere the same task is.
    """

    dag: str
    name: str
    run: Callable[[World, Answers], Any]
    wanted: Callable[[Answers], bool] = _always
    retries: int = 3
    patient: bool = False
    disturbed: bool = True


@dataclass(frozen=True)
class Run:
    """The tasks of one DAG run or of several, one after the other.

    Attributes:
        failed: the failure callback.
        meanwhile: what somebody else does while it runs; then this happens at every call, and nothing goes wrong.
        looked_at: a reader looks at the table whenever what it reads may have changed.
    """

    steps: tuple[Step, ...]
    failed: Callable[[World], None] = lambda _world: None
    meanwhile: Callable[[World], None] | None = None
    looked_at: bool = False


def turn_of_the_watch(world: World) -> list[str]:
    """What `watch_landing` does once; the ids of the runs it starts."""
    found = watching.waiting(world.context)
    sweep(world.context)
    claimed = [watching.claim(world.context, work) for work in found]
    return [run.run_id for run in claimed if run is not None]


def ingestion(upload_id: str) -> Run:
    """A turn of the watch, and the run of `ingest_upload` it starts."""
    dag = "ingest_upload"

    def watch(world: World, _answers: Answers) -> None:
        upload = world.context.ledger.get(upload_id)
        assert upload is not None
        if upload_id not in turn_of_the_watch(world) and upload.state in ARRIVING:
            raise not_yet("the file is offered again when its claim is over")

    def run_check(world: World, _answers: Answers) -> Answers:
        verdict = check(world.context, upload_id)
        return {"verdict": verdict.value, "groups": plan(world.context, upload_id) if verdict is Verdict.GO_ON else []}

    def run_convert(world: World, answers: Answers) -> Answers:
        return _worst(convert_group(world.context, upload_id, group) for group in answers["check"]["groups"])

    def run_settle(world: World, _answers: Answers) -> Answers:
        verdict = decide_types(world.context, upload_id)
        again = groups_to_reconvert(world.context, upload_id) if verdict is Verdict.GO_ON else []
        return {"verdict": verdict.value, "groups": again}

    def run_reconvert(world: World, answers: Answers) -> Answers:
        return _worst(reconvert(world.context, upload_id, group) for group in answers["settle_types"]["groups"])

    def failed(world: World) -> None:
        try:
            upload = world.context.ledger.move(upload_id, State.FAILED, actor=dag)
        except Conflict:
            return
        notices.send_once(world.context, notices.failed(world.context, upload))

    return Run(
        (
            Step(WATCH, "watch", watch),
            Step(dag, "check", run_check),
            Step(dag, "convert", run_convert, _is_going_on),
            Step(dag, "settle_types", run_settle, _is_going_on),
            Step(dag, "reconvert", run_reconvert, _is_narrow),
            Step(
                dag,
                "validate",
                lambda world, _: {"verdict": validate(world.context, upload_id).value},
                _is_going_on,
            ),
            Step(dag, "publish", lambda world, _: {"verdict": publish(world.context, upload_id).value}, _is_going_on),
            Step(dag, "refuse", lambda world, _: refuse(world.context, upload_id).value),
            Step(dag, "notify", lambda world, _: notices.notify(world.context, upload_id)),
        ),
        failed,
    )


def _worst(verdicts: Any) -> Answers:
    return {"verdict": min({verdict.value for verdict in verdicts} - {GO_ON}, default=GO_ON)}


def _is_going_on(answers: Answers) -> bool:
    return all(answer["verdict"] == GO_ON for answer in answers.values() if isinstance(answer, dict))


def _is_narrow(answers: Answers) -> bool:
    return _is_going_on(answers) and bool(answers["settle_types"]["groups"])


def widening(database: str, table: str) -> Run:
    """A turn of the watch, and the run of `widen_table` it starts."""
    dag = "widen_table"

    def watch(world: World, _answers: Answers) -> str | None:
        found = [run for run in turn_of_the_watch(world) if run.startswith(f"{database}.{table}__")]
        if not found and world.context.ledger.in_states(WAITING, database=database, table=table):
            raise not_yet("the table is offered again when its claim is over")
        return found[0] if found else None

    def under_lease(task: Callable[..., Any]) -> Callable[[World, Answers], Any]:
        def run(world: World, answers: Answers) -> Any:
            holder = answers["watch_widening"]
            with job_lease(world.context, database, table, holder=holder):
                return task(world.context, database, table, holder=holder)

        return run

    def run_plan(world: World, answers: Answers) -> bool:
        try:
            under_lease(prepare)(world, answers)
        except Transient as error:
            if error.code != "table_busy":
                raise
            return False
        return True

    def run_derive(world: World, answers: Answers) -> int:
        with job_lease(world.context, database, table, holder=answers["watch_widening"]):
            return sum(derive_batch(world.context, database, table, batch) for batch in answers["divide"])

    def run_finish(world: World, answers: Answers) -> dict[str, str]:
        states = under_lease(finish_all)(world, answers)
        end_job(world.context, database, table, holder=answers["watch_widening"])
        return {upload_id: str(state) for upload_id, state in states.items()}

    return Run(
        (
            Step(WATCH, "watch_widening", watch),
            Step(dag, "plan_widening", run_plan, lambda answers: answers["watch_widening"] is not None),
            Step(dag, "divide", under_lease(_batches), _is_planned),
            Step(dag, "derive", run_derive, lambda answers: _is_planned(answers) and bool(answers["divide"])),
            Step(dag, "flip", under_lease(flip_when_ready), _is_planned),
            Step(dag, "finish", run_finish, _is_planned),
        )
    )


def _batches(context: PipelineContext, database: str, table: str, *, holder: str) -> list[list[str]]:
    del holder
    return batches(context, database, table, approved_by="engineer")


def _is_planned(answers: Answers) -> bool:
    return bool(answers.get("plan_widening"))


def promotion(night: str = "night") -> Run:
    """A scheduled run of `promote_to_analytical_platform`, called `night`."""
    dag, planned, promoted = "promote_to_analytical_platform", f"plan {night}", f"promote {night}"

    def run_plan(world: World, _answers: Answers) -> list[list[str]]:
        return [[found.database, found.table] for found in plan_promotion(world.context)]

    def run_promote(world: World, answers: Answers) -> list[Any]:
        outcomes = [
            promote_table(world.context, database=database, table=table, run=night)
            for database, table in answers[planned]
        ]
        return [outcome.to_json() for outcome in outcomes]

    def run_report(world: World, answers: Answers) -> Any:
        outcomes = [Outcome.from_json(outcome) for outcome in answers[promoted]]
        return report_night(world.context, run_id=night, run_after=NIGHT, outcomes=outcomes)["tables"]

    return Run(
        (
            Step(dag, planned, run_plan, retries=7),
            Step(dag, promoted, run_promote, retries=7, patient=True),
            Step(dag, f"notify {night}", lambda world, _: notices.notify_promoted(world.context), retries=7),
            Step(dag, f"report {night}", run_report, retries=7),
        )
    )


def withdrawal(upload_id: str) -> Run:
    """A turn of the watch, and the run of `withdraw_upload` it starts, with a data engineer who approves."""
    dag = "withdraw_upload"

    def watch(world: World, _answers: Answers) -> str | None:
        asked = world.context.withdrawals.get(upload_id)
        assert asked is not None
        if asked.run_id not in turn_of_the_watch(world) and asked.done_at is None:
            raise not_yet("the request is offered again when its claim is over")
        return asked.run_id

    def run_check(world: World, answers: Answers) -> str:
        run_id = answers["watch_withdrawal"]
        return withdrawing.begin(world.context, upload_id, run_id=run_id, by="engineer", reason="").value

    def run_withdraw(world: World, answers: Answers) -> bool:
        run_id = answers["watch_withdrawal"]
        return withdrawing.approve(world.context, upload_id, run_id=run_id, by="engineer")

    def stands(answers: Answers) -> bool:
        return bool(answers["check_withdrawal"] != withdrawing.Step.NOTHING)

    return Run(
        (
            Step(WATCH, "watch_withdrawal", watch),
            Step(dag, "check_withdrawal", run_check),
            Step(dag, "withdraw", run_withdraw, stands, retries=30),
            Step(dag, "notify_withdrawal", lambda world, _: notify_withdrawal(world.context, upload_id), stands),
        )
    )
