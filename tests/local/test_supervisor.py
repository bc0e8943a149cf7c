from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from local.running_programs import family, running
from local.supervisor import Component, ComponentFailed, NotReady, Supervisor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FOREVER = "import time; time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)
# Starts a program in a group of its own, as Airflow's task runner does, and says its pid.
WITH_A_TASK = (
    "import subprocess, sys, time;"
    "task = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], process_group=0);"
    "print(task.pid, flush=True); time.sleep(600)"
)


def a_program(name: str, code: str, *, ends: bool = False, patience: float = 5.0) -> Component:
    return Component(name, [sys.executable, "-c", code], dict(os.environ), ends=ends, patience=patience)


@pytest.fixture
def make_supervisor(tmp_path: Path) -> Iterator[Callable[[], Supervisor]]:
    made = []

    def make() -> Supervisor:
        made.append(Supervisor(root=tmp_path, logs=tmp_path / "logs", record=tmp_path / "running.json"))
        return made[-1]

    yield make
    for supervisor in made:
        supervisor.stop()


@pytest.fixture
def supervisor(make_supervisor: Callable[[], Supervisor]) -> Supervisor:
    return make_supervisor()


def said(supervisor: Supervisor, component: Component) -> str:
    deadline = time.monotonic() + 20
    while not (text := supervisor.log_of(component).read_text().strip()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return text


def test_stopping_leaves_no_program_not_even_a_task_in_a_group_of_its_own(supervisor: Supervisor) -> None:
    component = a_program("scheduler", WITH_A_TASK)
    supervisor.start(component)
    task = int(said(supervisor, component))
    assert task in running()
    supervisor.stop()
    assert task not in running()


def test_a_program_that_does_not_stop_when_asked_is_killed(supervisor: Supervisor) -> None:
    component = a_program("stubborn", STUBBORN, patience=0.5)
    supervisor.start(component)
    said(supervisor, component)
    begun = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - begun < 5


def test_what_the_others_need_is_stopped_after_them(supervisor: Supervisor, tmp_path: Path) -> None:
    note = "import signal, sys, time\ndef end(*_):\n    open({file!r}, 'a').write({name!r}); sys.exit()\n"
    note += "signal.signal(signal.SIGTERM, end); print('up', flush=True); time.sleep(600)"
    file = tmp_path / "order"
    last = Component(
        "aws", [sys.executable, "-c", note.format(file=str(file), name="aws ")], dict(os.environ), outlives=True
    )
    first = a_program("front", note.format(file=str(file), name="front "))
    for component in (last, first):
        supervisor.start(component)
        said(supervisor, component)
    supervisor.stop()
    assert file.read_text() == "front aws "


def test_a_component_that_dies_is_named_with_the_end_of_its_log(supervisor: Supervisor) -> None:
    supervisor.start(a_program("triggerer", "print('the reason'); raise SystemExit(3)"))
    with pytest.raises(ComponentFailed, match="triggerer ended with exit status 3") as failed:
        supervisor.wait_until(lambda: False, what="nothing", seconds=20)
    assert failed.value.tail == "the reason"


def test_a_component_that_ends_well_is_missed_too(supervisor: Supervisor) -> None:
    supervisor.start(a_program("triggerer", "pass"))
    with pytest.raises(ComponentFailed, match="exit status 0"):
        supervisor.wait_until(lambda: False, what="nothing", seconds=20)


def test_a_step_is_waited_for_and_its_failure_is_an_error(supervisor: Supervisor) -> None:
    good, bad = a_program("good", "pass", ends=True), a_program("bad", "raise SystemExit(1)", ends=True)
    supervisor.start(good)
    supervisor.finish(good)
    supervisor.start(bad)
    with pytest.raises(ComponentFailed, match="bad ended"):
        supervisor.finish(bad)


def test_waiting_has_an_end(supervisor: Supervisor) -> None:
    with pytest.raises(NotReady, match="the moon was not ready within 0 seconds"):
        supervisor.wait_until(lambda: False, what="the moon", seconds=0)


def test_a_later_launcher_ends_what_a_killed_one_left(make_supervisor: Callable[[], Supervisor]) -> None:
    killed, later = make_supervisor(), make_supervisor()
    component = a_program("scheduler", WITH_A_TASK)
    killed.start(component)
    task = int(said(killed, component))
    leader = running()[task].session
    os.kill(leader, signal.SIGKILL)  # its task is an orphan now
    os.waitpid(leader, 0)
    assert later.end_leftovers() == ["scheduler"]
    assert task not in running()
    killed._started.clear()


def test_a_stranger_that_was_given_a_recorded_pid_is_left_alone(supervisor: Supervisor) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", FOREVER], start_new_session=True)
    supervisor.record.write_text(f'{{"scheduler": {{"pid": {stranger.pid}, "started": "another boot 1"}}}}')
    assert supervisor.end_leftovers() == []
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_family_is_a_session_with_everything_started_from_it(supervisor: Supervisor) -> None:
    component = a_program("scheduler", WITH_A_TASK)
    supervisor.start(component)
    task = int(said(supervisor, component))
    programs = running()
    assert family(programs[task].session, programs) == {task, programs[task].parent}


def test_the_log_of_the_last_start_is_kept(make_supervisor: Callable[[], Supervisor]) -> None:
    supervisor = make_supervisor()
    for word in ("first", "second"):
        step = a_program("step", f"print({word!r})", ends=True)
        supervisor.start(step)
        supervisor.finish(step)
    assert supervisor.log_of(step).read_text() == "second\n"
    assert supervisor.log_of(step).with_suffix(".previous.log").read_text() == "first\n"
