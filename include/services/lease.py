"""Named leases: the right to work on one thing alone, kept while the work is long, not believed once it ran out."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from include.domain.errors import Transient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.services.context import PipelineContext

LEASE_SECONDS = 300  # how long a dead holder keeps the others out; its own retry takes the lease over at once
RENEW_SECONDS = 60.0


class Lease:
    """A lease of the ledger, once it was taken; two threads may renew it.

    Attributes:
        name: what is leased, `<work>:<database>.<table>`.
        holder: who has it; the same for every attempt of one piece of work.
    """

    def __init__(self, context: PipelineContext, *, name: str, holder: str) -> None:
        self.name = name
        self.holder = holder
        self._context = context
        self._over = context.clock.now()
        self._lock = Lock()

    def take(self) -> bool:
        """Take or renew it; False while another has it."""
        with self._lock:
            now = self._context.clock.now()
            if not self._context.ledger.acquire(self.name, holder=self.holder, seconds=LEASE_SECONDS):
                return False
            self._over = now + timedelta(seconds=LEASE_SECONDS)
            return True

    def hold(self) -> None:
        """Renew it; Transient if it ran out, for then another may have done its work and given it back."""
        if self._context.clock.now() >= self._over or not self.take():
            raise Transient(f"Another took over {self.name}.", code="table_busy")

    def keep(self, stop: Event) -> None:
        """Renew it until told to stop; what is lost here is found by the next `hold` of the holder."""
        while not stop.wait(RENEW_SECONDS):
            try:
                self.hold()
            except Transient:
                # The ledger may be back by the next turn. A lease that ran out stays so: `hold` never takes it anew.
                continue

    def give_back(self) -> None:
        """Let the next one in."""
        self._context.ledger.release(self.name, holder=self.holder)


@contextmanager
def held(
    context: PipelineContext, *, name: str, holder: str, wait_seconds: int = 0, leave: bool = False
) -> Iterator[Lease]:
    """Wait for a lease and renew it meanwhile, however long the work takes; Transient if another has it for longer.

    With `leave` it is not given back afterwards: the holder's work goes on in another process.
    """
    lease, waited = Lease(context, name=name, holder=holder), 0
    while not lease.take():
        if waited >= wait_seconds:
            raise Transient(f"Another is at work: {name}.", code="table_busy")
        context.clock.sleep(1)
        waited += 1
    stop = Event()
    keeper = Thread(target=lease.keep, args=(stop,), name="lease", daemon=True)
    keeper.start()
    try:
        yield lease
    finally:
        stop.set()
        keeper.join()
        if not leave:
            lease.give_back()
