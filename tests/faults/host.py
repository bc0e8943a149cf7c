"""A process that is the AWS of one world, and the children that work in it: it forks, and has one thread to do so."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import threading
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.serving import make_server

from tests.strict_aws.behind import Moto
from tests.strict_aws.server import QuietHandler, StrictAws

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.serving import BaseWSGIServer

PATIENCE = 1200  # seconds that a child may work in one world
ALLOCATOR = "jemalloc_bg_thd"  # a thread of Arrow's allocator, which starts it anew in a child by itself


@dataclass(frozen=True)
class Ended:
    """How a child ended: what it returned, or the signal that ended it."""

    answer: Any = None
    signal: int | None = None


def assert_single_threaded() -> None:
    """A fork copies the thread that forks and no other: whatever lock another one holds stays held for ever."""
    tasks = [(task / "comm").read_text().strip() for task in Path("/proc/self/task").iterdir()]
    others = [name for name in tasks if name != ALLOCATOR]
    assert len(others) == 1, f"forking with threads {others}"
    assert threading.active_count() == 1, f"forking with threads {threading.enumerate()}"


def fork(work: Callable[[], Any], *, patience: int = 0) -> tuple[int, int]:
    """Do some work in a child; its process id, and a pipe that gives its answer as JSON and ends when it ends.

    `patience` in seconds: a child that takes longer has hung and is ended; 0 waits for ever.
    """
    assert_single_threaded()
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    os.close(reading)
    signal.alarm(patience)
    try:
        with os.fdopen(writing, "w", encoding="utf-8") as answer:
            json.dump(work(), answer)
    except BaseException:  # noqa: BLE001 -- whatever it is must not climb into the parent's code
        traceback.print_exc()
        os._exit(1)
    os._exit(0)  # nothing of the parent's is to be tidied up twice


def collect(child: int, reading: int) -> Ended:
    """Wait for a child's end."""
    with os.fdopen(reading, encoding="utf-8") as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return Ended(signal=os.WTERMSIG(status))
    assert os.WEXITSTATUS(status) == 0, f"a child ended with {os.WEXITSTATUS(status)}"
    return Ended(answer=json.loads(text))


class Host:
    """An AWS in this process, and the folder with the ledger and the mail that belong to it.

    It answers requests only while a child works for it, in this very thread; so it may fork at any time between, and
    the fork has everything that was stored until then.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.aws = StrictAws(Moto())
        self.seconds = 0.0  # since the beginning
        self._server: BaseWSGIServer | None = None

    def listen(self) -> None:
        """Listen on a port of its own."""
        self._server = make_server("127.0.0.1", 0, self.aws, threaded=False, request_handler=QuietHandler)
        self.aws.endpoint_url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.server_close()
            self._server = None

    def work(self, work: Callable[[], Any]) -> Ended:
        """Let a child work, and answer its requests until it ends."""
        server = self._server
        assert server is not None, "nothing listens"
        child, reading = fork(work, patience=PATIENCE)
        # A blocked pipe would stop the child: its answers are smaller than what a pipe holds.
        while True:
            ready, _, _ = select.select([server.fileno(), reading], [], [])
            if server.fileno() in ready:
                server.handle_request()
            elif ready:
                return collect(child, reading)

    def become_a_copy(self, folder: Path) -> None:
        """In a child of the host: be another world, equal to the one until now, in a folder of its own."""
        shutil.copytree(self.folder, folder)
        self.folder = folder
        self.close()  # the child's copy of the host's port
        self.listen()
