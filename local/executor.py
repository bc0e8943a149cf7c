"""Airflow's LocalExecutor, which never has one task under way twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.executors.local_executor import LocalExecutor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.executors.workloads import ExecutorWorkload
    from airflow.executors.workloads.types import WorkloadKey
    from airflow.models.taskinstance import TaskInstance


class OnceLocalExecutor(LocalExecutor):
    """Starts a task again only when the end of its process before is known.

    A task that waits for an answer ends its process; the answer starts another. Airflow 3.3's LocalExecutor forgets
    what it has started. On a busy machine the end of the first process is then taken for the end of the second: the
    scheduler finds a "state mismatch", and the task begins anew, its answer lost.

    Source: https://github.com/apache/airflow/issues/67287, https://github.com/apache/airflow/issues/72716.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]  # Airflow's is not typed
        # Not `running`: that counts against the slots, and the scheduler would hand over only what can run at once.
        self._under_way: set[WorkloadKey] = set()

    def has_task(self, task_instance: TaskInstance) -> bool:
        """Whether a task waits here, or the end of its process is not known."""
        return super().has_task(task_instance) or task_instance.key in self._under_way

    def change_state(self, key: WorkloadKey, *args: Any, **kwargs: Any) -> None:
        """Note how a process ended: this executor tells of nothing else."""
        self._under_way.discard(key)
        super().change_state(key, *args, **kwargs)

    def _get_workloads_to_schedule(self, open_slots: int) -> list[tuple[WorkloadKey, ExecutorWorkload]]:
        waiting = super()._get_workloads_to_schedule(open_slots + len(self._under_way))
        return [(key, workload) for key, workload in waiting if key not in self._under_way][:open_slots]

    def _process_workloads(self, workload_list: Sequence[ExecutorWorkload]) -> None:
        super()._process_workloads(workload_list)  # type: ignore[no-untyped-call]  # Airflow's is not typed
        self._under_way.update(workload.key for workload in workload_list)
