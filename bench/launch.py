"""Runs one command and writes down what it took; a small program of its own, run by path.

A child's peak memory begins with that of the process that started it, so a large one must not start what it measures.
Usage: launch.py RESULT SECONDS -- COMMAND…
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

SAMPLE_SECONDS = 0.1
PAGE = os.sysconf("SC_PAGE_SIZE")


def family_of(pid: int) -> list[int]:
    """A process and all that it started, as far as they live."""
    found, waiting = [], [pid]
    while waiting:
        each = waiting.pop()
        found.append(each)
        for children in Path(f"/proc/{each}/task").glob("*/children"):
            try:
                waiting += [int(child) for child in children.read_text(encoding="ascii").split()]
            except OSError:
                continue  # the thread ended meanwhile
    return found


def resident(pid: int) -> int:
    """Bytes of a process in memory; 0 once it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


class Watch(threading.Thread):
    """Keeps the most memory that a process and its descendants had together; one process alone counts itself."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._pid = pid
        self._ended = threading.Event()

    def run(self) -> None:
        """Look until told to stop."""
        while not self._ended.wait(SAMPLE_SECONDS):
            family = family_of(self._pid)
            if len(family) > 1:
                self.peak = max(self.peak, sum(map(resident, family)))

    def stop(self) -> int:
        """The peak in bytes."""
        self._ended.set()
        self.join()
        return self.peak


def launch(command: list[str], *, seconds: float) -> dict[str, float | int | bool]:
    """Run a command in a session of its own, at most so long."""
    begun = time.perf_counter()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    watch = Watch(child.pid)
    watch.start()
    late = threading.Event()

    def kill() -> None:
        late.set()
        os.killpg(child.pid, signal.SIGKILL)

    timer = threading.Timer(seconds, kill)
    timer.start()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - begun
    timer.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    together = watch.stop()
    return {
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": max(usage.ru_maxrss * 1024, together),
        "code": child.returncode,
        "late": late.is_set(),
        "own": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(launch(sys.argv[4:], seconds=float(sys.argv[2]))), encoding="utf-8")
