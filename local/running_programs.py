"""The programs running on this machine: who started whom, since when, and how to end a whole family of them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Program:
    """One running program; `started` tells it from a later one with the same pid."""

    pid: int
    parent: int
    group: int
    session: int
    started: str


def running() -> dict[int, Program]:
    """Every running program by pid; what has ended and was not yet waited for is left out."""
    return _from_proc() if (PROC / "self" / "stat").exists() else _from_ps()


def _from_proc() -> dict[int, Program]:
    boot = (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    found = {}
    for folder in PROC.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we were looking
        # The name, in brackets, may hold anything, brackets and spaces too.
        state, parent, group, session, *rest = stat.rpartition(")")[2].split()
        if state not in "ZX":
            pid = int(folder.name)
            found[pid] = Program(pid, int(parent), int(group), int(session), f"{boot} {rest[15]}")
    return found


def _from_ps() -> dict[int, Program]:
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,pgid=,stat=,lstart="], capture_output=True, text=True, check=True
    )
    found = {}
    for line in listed.stdout.splitlines():
        pid, parent, group, state, started = line.split(None, 4)
        if not state.startswith("Z"):
            found[int(pid)] = Program(int(pid), int(parent), int(group), int(group), started)
    return found


def family(leader: int, programs: dict[int, Program]) -> set[int]:
    """The pids of a session's leader, its session and its groups, and everything that any of them started."""
    members = {pid for pid, program in programs.items() if leader in (pid, program.session, program.group)}
    grown = True
    while grown:
        children = {pid for pid, program in programs.items() if program.parent in members} - members
        members |= children
        grown = bool(children)
    return members


def is_left(leader: int, started: str, programs: dict[int, Program]) -> bool:
    """Whether the leader recorded with that start, or anything of its session, is still running."""
    if leader in programs:
        return programs[leader].started == started
    # A session's number is not given again while the session has members, until the machine starts anew.
    boot = started.split(maxsplit=1)[0]
    return any(program.session == leader and program.started.startswith(f"{boot} ") for program in programs.values())


def end(leaders: list[int], *, patience: float) -> None:
    """Ask the families of these leaders to stop; what is still there after `patience` seconds is killed."""
    for leader in leaders:
        _signal_group(leader, signal.SIGTERM)
    _wait_gone(leaders, patience)
    deadline = time.monotonic() + 10
    while remaining := _members(leaders):
        for pid in remaining:
            _signal(pid, signal.SIGKILL)
        time.sleep(0.05)
        if time.monotonic() > deadline:
            raise RuntimeError(f"programs that do not end: {sorted(remaining)}")


def _members(leaders: list[int]) -> set[int]:
    programs = running()
    return {pid for leader in leaders for pid in family(leader, programs)} - {os.getpid()}


def _wait_gone(leaders: list[int], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while _members(leaders) and time.monotonic() < deadline:
        time.sleep(0.1)


def _signal_group(leader: int, number: signal.Signals) -> None:
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return  # it has gone already


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return  # it has gone already
