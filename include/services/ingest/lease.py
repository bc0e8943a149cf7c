"""One writer per table at a time, however long it works: no partition is registered narrow while another widens."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from include.domain.errors import Transient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.domain.upload import Upload
    from include.services.context import PipelineContext

LEASE_SECONDS = 300  # of one writer per table; a dead writer's own retry takes it over at once
LEASE_WAIT_SECONDS = 600
RENEW_SECONDS = 60.0


class WriterLease:
    """The right to write a table, once it was taken; two threads may renew it."""

    def __init__(self, context: PipelineContext, upload: Upload) -> None:
        self._context = context
        self._upload = upload
        self._name = f"publish:{upload.database}.{upload.table}"
        self._over = context.clock.now()
        self._lock = Lock()

    def take(self) -> bool:
        """Take or renew it; False while another upload has it."""
        with self._lock:
            now = self._context.clock.now()
            if not self._context.ledger.acquire(self._name, holder=self._upload.id, seconds=LEASE_SECONDS):
                return False
            self._over = now + timedelta(seconds=LEASE_SECONDS)
            return True

    def hold(self) -> None:
        """Renew it; Transient if it ran out, for then another may have written the table and given it back."""
        if self._context.clock.now() >= self._over or not self.take():
            raise Transient(f"Another upload took over publishing to {self._upload.table}.", code="table_busy")

    def keep(self, stop: Event) -> None:
        """Renew it until told to stop; what is lost here is found by the next `hold` of the writer."""
        while not stop.wait(RENEW_SECONDS):
            try:
                self.hold()
            except Transient:
                # The ledger may be back by the next turn. A lease that ran out stays so: `hold` never takes it anew.
                continue

    def give_back(self) -> None:
        """Let the next one in."""
        self._context.ledger.release(self._name, holder=self._upload.id)


@contextmanager
def sole_writer(context: PipelineContext, upload: Upload) -> Iterator[WriterLease]:
    """Wait for the table's lease and renew it meanwhile, however long the work takes."""
    lease, waited = WriterLease(context, upload), 0
    while not lease.take():
        if waited >= LEASE_WAIT_SECONDS:
            raise Transient(f"Another upload is being published to {upload.table}.", code="table_busy")
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
        lease.give_back()
