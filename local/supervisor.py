"""The service's components as programs of this launcher: started, recorded, watched, and ended without remains."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from local.private_files import read_private, write_private
from local.running_programs import end, is_left, running

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

TAIL_LINES = 30


@dataclass(frozen=True)
class Component:
    """One program of the service: what to call it, what to run, with which environment, and how it ends."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    ends: bool = False  # a step, which ends by itself
    outlives: bool = False  # stopped after the others, which need it
    patience: float = 10.0  # seconds it may take to stop before it is killed


class ComponentFailed(RuntimeError):
    """A component ended by itself, or a step did not succeed; carries the end of its log."""

    def __init__(self, name: str, code: int, log: Path) -> None:
        super().__init__(f"{name} ended with exit status {code}")
        self.log = log
        self.tail = tail(log)


class NotReady(RuntimeError):
    """Something did not become ready in the time it was given."""


def tail(log: Path, lines: int = TAIL_LINES) -> str:
    """The last lines of a log."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return "\n".join(text.splitlines()[-lines:])


@dataclass
class Supervisor:
    """Starts components in sessions of their own and writes down which they are, for a launcher that comes after."""

    root: Path
    logs: Path
    record: Path
    _started: list[tuple[Component, subprocess.Popen[bytes]]] = field(default_factory=list)

    def end_leftovers(self) -> list[str]:
        """End what an earlier launcher that was killed has left running; the names of what was found."""
        programs = running()
        left = {
            name: kept["pid"]
            for name, kept in read_private(self.record).items()
            if is_left(kept["pid"], kept["started"], programs)
        }
        end(list(left.values()), patience=10)
        self.record.unlink(missing_ok=True)
        return sorted(left)

    def start(self, component: Component) -> None:
        """Start a component; its output goes to a log of its own, and the log of its last start is kept beside it."""
        self.logs.mkdir(parents=True, exist_ok=True)
        path = self.log_of(component)
        if path.exists():
            path.replace(path.with_suffix(".previous.log"))
        with path.open("wb") as log:
            program = subprocess.Popen(
                list(component.command),
                cwd=self.root,
                env=dict(component.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._started.append((component, program))
        self._write_record()

    def log_of(self, component: Component) -> Path:
        """Where a component's output goes."""
        return self.logs / f"{component.name}.log"

    def finish(self, step: Component) -> None:
        """Wait for a started step to end; anything but success is an error."""
        program = next(program for started, program in self._started if started is step)
        while program.poll() is None:
            self.check()
            time.sleep(0.05)
        self.check()
        self.forget(step)

    def forget(self, step: Component) -> None:
        """Stop watching a step that has ended."""
        self._started = [(started, program) for started, program in self._started if started is not step]
        self._write_record()

    def check(self) -> None:
        """Raise for the first component that ended and was not to, or that failed."""
        for component, program in self._started:
            code = program.poll()
            if code is not None and not (component.ends and code == 0):
                raise ComponentFailed(component.name, code, self.log_of(component))

    def wait_until(self, ready: Callable[[], bool], *, what: str, seconds: float) -> None:
        """Wait for something, as long as every component lives."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise NotReady(f"{what} was not ready within {seconds:.0f} seconds")
            time.sleep(0.25)

    def stop(self) -> None:
        """End every component and whatever it started; those that outlive the others last."""
        for outlives in (False, True):
            batch = [(component, program) for component, program in self._started if component.outlives is outlives]
            patience = max((component.patience for component, _ in batch), default=0)
            end([program.pid for _, program in batch], patience=patience)
            for _, program in batch:
                program.wait()
        self._started.clear()
        self.record.unlink(missing_ok=True)

    def _write_record(self) -> None:
        programs = running()
        record = {
            component.name: {"pid": program.pid, "started": programs[program.pid].started}
            for component, program in self._started
            if program.pid in programs
        }
        write_private(self.record, record)
