"""Airflow's own scheduler and parser, driven through days in seconds; runs in a process of its own.

Reads stories from stdin and writes the runs that came of each: {name, begins, ends, events: [{at, what}]}. Every hour
the DAG file is parsed, and every half hour the scheduler creates what is due, as both do all the time; a run ends
before the next half hour.
"""

from __future__ import annotations

import json
import logging
import runpy
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from airflow.jobs.job import Job
from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
from airflow.models import DagModel, DagRun
from airflow.models.dagbundle import DagBundleModel
from airflow.serialization.serialized_objects import LazyDeserializedDAG
from airflow.settings import engine
from airflow.utils.db import initdb
from airflow.utils.session import create_session
from airflow.utils.sqlalchemy import prohibit_commit
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy import delete, event, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import now

BUNDLE = "dags-folder"
HALF_HOUR = timedelta(minutes=30)


@compiles(now, "sqlite")
def _the_clock(element: object, compiler: object, **more: object) -> str:
    del element, compiler, more
    return "the_clock()"  # SQLite has a clock of its own, which does not travel


def _lend_the_clock(connection: Any, record: object) -> None:
    del record
    connection.create_function("the_clock", 0, lambda: f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}")


class Days:
    """One story, from its first half hour to its last."""

    def __init__(self, dag: Any) -> None:
        self.dag = dag
        self.up = True
        self.job: Any = Job()  # type: ignore[no-untyped-call]  # Airflow's
        self.runner: Any = SchedulerJobRunner(job=self.job)

    def live(self, story: dict[str, Any]) -> list[dict[str, Any]]:
        """What runs it had, in the order they were created."""
        events = [(datetime.fromisoformat(one["at"]), one["what"]) for one in story["events"]]
        moment, ends = datetime.fromisoformat(story["begins"]), datetime.fromisoformat(story["ends"])
        seen: list[dict[str, Any]] = []
        while moment <= ends:
            with time_machine.travel(moment, tick=False):
                for what in [what for at, what in events if at == moment]:
                    getattr(self, what)()
                if self.up:
                    self._half_hour()
                seen += self._finish(moment)
            moment += HALF_HOUR
        return seen

    def _half_hour(self) -> None:
        if datetime.now(UTC).minute == 0:
            self._parse()
        self._schedule()

    def _parse(self) -> None:
        from airflow.dag_processing.collection import update_dag_parsing_results_in_db

        with create_session() as session:
            update_dag_parsing_results_in_db(
                BUNDLE, None, [LazyDeserializedDAG.from_dag(self.dag)], {}, None, set(), session
            )

    def _schedule(self) -> None:
        with create_session() as session, prohibit_commit(session) as guard:  # type: ignore[no-untyped-call]  # the same
            self.runner._create_dagruns_for_dags(guard, session)

    def _finish(self, moment: datetime) -> list[dict[str, Any]]:
        """End what is under way, as the scheduler does when the last task has ended."""
        with create_session() as session:
            runs = session.scalars(select(DagRun).where(DagRun.end_date.is_(None)).order_by(DagRun.id)).all()
            found = [
                {
                    "run_id": run.run_id,
                    "run_type": str(run.run_type.value if hasattr(run.run_type, "value") else run.run_type),
                    "run_after": run.run_after.isoformat(),
                    "created": moment.isoformat(),
                }
                for run in runs
            ]
            for run in runs:
                run.set_state(DagRunState.SUCCESS)
            session.flush()
            for model in session.scalars(select(DagModel)):
                self.runner._set_exceeds_max_active_runs(dag_model=model, session=session)
        return found

    def down(self) -> None:
        """The scheduler and all else stops."""
        self.up = False

    def comes_up(self) -> None:
        """Everything starts again."""
        self.up = True

    def comes_up_unparsed(self) -> None:
        """The scheduler starts again, and is quicker than the parser."""
        self.up = True
        self._schedule()

    def pause(self) -> None:
        """Somebody pauses the DAG in the UI."""
        self._set_paused(paused=True)

    def unpause(self) -> None:
        """Somebody unpauses it."""
        self._set_paused(paused=False)

    def _set_paused(self, *, paused: bool) -> None:
        with create_session() as session:
            for model in session.scalars(select(DagModel)):
                model.is_paused = paused

    def by_hand(self) -> None:
        """Somebody triggers a run in the UI."""
        from airflow.api.common.trigger_dag import trigger_dag

        with create_session() as session:
            trigger_dag(
                dag_id=self.dag.dag_id,
                triggered_by=DagRunTriggeredByType.UI,
                run_after=datetime.now(UTC),
                run_type=DagRunType.MANUAL,
                session=session,
            )

    def second_scheduler(self) -> None:
        """A second scheduler comes to the same slot: what is next was read before the first one moved it on."""
        with create_session() as session:
            before = {
                model.dag_id: (model.next_dagrun, model.next_dagrun_create_after)
                for model in session.scalars(select(DagModel))
            }
        self._half_hour()
        with create_session() as session:
            for model in session.scalars(select(DagModel)):
                model.next_dagrun, model.next_dagrun_create_after = before[model.dag_id]
                model.exceeds_max_non_backfill = False
        self._schedule()


def main() -> None:
    """Live all stories."""
    logging.disable(logging.CRITICAL)
    assert engine is not None
    event.listen(engine, "connect", _lend_the_clock)
    initdb()
    dag = runpy.run_path(sys.argv[1])["dag"]
    with create_session() as session:
        if session.get(DagBundleModel, BUNDLE) is None:
            session.add(DagBundleModel(name=BUNDLE))
    lived = {}
    for story in json.load(sys.stdin):
        with create_session() as session:
            session.execute(delete(DagRun))
            session.execute(delete(DagModel))
        lived[story["name"]] = Days(dag).live(story)
    print("LIVED" + json.dumps(lived))  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
