"""A task whose process has not ended is not started again: with real processes, which wait for the test."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast
from uuid import uuid4

import pytest
from airflow.executors.base_executor import BaseExecutor
from airflow.executors.workloads import ExecuteTask
from airflow.executors.workloads.base import BundleInfo
from airflow.executors.workloads.task import TaskInstanceDTO
from airflow.utils.state import TaskInstanceState
from sqlalchemy.orm import Session

from local.executor import OnceLocalExecutor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow.models.taskinstance import TaskInstance
    from airflow.models.taskinstancekey import TaskInstanceKey

SECONDS = 30


def a_task(task_id: str, *, try_number: int = 1) -> ExecuteTask:
    """A task with what an executor asks of one."""
    ti = TaskInstanceDTO(
        id=uuid4(),
        dag_version_id=uuid4(),
        dag_id="widen_table",
        task_id=task_id,
        run_id="a_run",
        try_number=try_number,
        map_index=-1,
        pool_slots=1,
        queue="default",
        priority_weight=1,
    )
    bundle = BundleInfo(name="dags-folder", version=None)
    return ExecuteTask(ti=ti, dag_rel_path=Path("widen_table.py"), token="", bundle_info=bundle, log_path=None)


def hand_over(executor: OnceLocalExecutor, task: ExecuteTask) -> None:
    """As the scheduler does with a task that is due."""
    executor.queue_workload(task, session=Session())


def has(executor: OnceLocalExecutor, task: ExecuteTask) -> bool:
    """What the scheduler asks when it takes the end of a process; without a yes, it calls a task in line lost."""
    return executor.has_task(cast("TaskInstance", task.ti))


def until(happened: Callable[[], bool], executor: OnceLocalExecutor) -> None:
    """Turn the scheduler's loop until something happened."""
    end = time.monotonic() + SECONDS
    while not happened():
        assert time.monotonic() < end
        executor.heartbeat()
        time.sleep(0.01)


class Processes:
    """What the executor's processes do: count themselves, and wait to be let go."""

    def __init__(self) -> None:
        self.begun = multiprocessing.Value("i", 0)
        self.let_go = multiprocessing.Semaphore(0)

    def run(self, *_: object, **__: object) -> None:
        with self.begun.get_lock():
            self.begun.value += 1
        assert self.let_go.acquire(timeout=SECONDS)


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Processes:
    made = Processes()
    monkeypatch.setattr(BaseExecutor, "run_workload", made.run)
    return made


@pytest.fixture
def executor(processes: Processes) -> Iterator[OnceLocalExecutor]:
    """An executor of two processes, forked with what `processes` put in the place of tasks."""
    assert processes.begun.value == 0
    made = OnceLocalExecutor(parallelism=2)
    made.start()
    yield made
    made.end()


def ended(executor: OnceLocalExecutor, key: TaskInstanceKey) -> Callable[[], bool]:
    return lambda: executor.get_event_buffer().get(key) == (TaskInstanceState.SUCCESS, None)


def test_a_task_that_is_resumed_before_its_end_is_known_waits_for_it(
    executor: OnceLocalExecutor, processes: Processes
) -> None:
    first, resumed = a_task("ask"), a_task("ask")
    hand_over(executor, first)
    until(lambda: processes.begun.value == 1, executor)

    hand_over(executor, resumed)
    executor.heartbeat()
    assert list(executor.queued_tasks) == [resumed.key]
    assert not executor.get_event_buffer()

    processes.let_go.release()
    until(ended(executor, first.key), executor)
    assert has(executor, resumed)

    until(lambda: processes.begun.value == 2, executor)
    assert has(executor, resumed)
    processes.let_go.release()
    until(ended(executor, resumed.key), executor)
    assert not has(executor, resumed)


def test_a_task_that_waits_for_its_own_end_holds_up_no_other(executor: OnceLocalExecutor, processes: Processes) -> None:
    hand_over(executor, a_task("ask"))
    until(lambda: processes.begun.value == 1, executor)
    hand_over(executor, a_task("ask"))
    hand_over(executor, a_task("other"))
    hand_over(executor, a_task("ask", try_number=2))
    executor.trigger_tasks(2)  # two slots: the one that must wait takes none of them
    assert [(key.task_id, key.try_number) for key in executor.queued_tasks] == [("ask", 1)]
    for _ in range(4):
        processes.let_go.release()
    until(lambda: processes.begun.value == 4, executor)
