"""Faults on order: what a test wants to go wrong at the next requests of an operation."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from tests.strict_aws.refusals import Refusal


@dataclass
class Fault:
    """Something that happens to the next `times` requests of one operation.

    Attributes:
        refusal: answered instead of asking moto; None lets the request through.
        cut_after: bytes of the answer after which the connection breaks; None sends it whole.
        released: when the request goes on; None at once.
    """

    operation: str
    refusal: Refusal | None = None
    cut_after: int | None = None
    released: threading.Event | None = None
    times: int = 1


@dataclass
class Faults:
    """The faults still to come.

    Attributes:
        dark: whether nothing is reached: every connection breaks before its answer.
    """

    waiting: list[Fault] = field(default_factory=list)
    dark: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def refuse(self, operation: str, code: str, *, status: int = 400, times: int = 1) -> None:
        """Answer the next requests of an operation with an error of AWS."""
        self.waiting.append(Fault(operation, Refusal(code, f"{code} on order", status), times=times))

    def cut(self, operation: str, *, after: int, times: int = 1) -> None:
        """Break the connection in the middle of the next answers of an operation."""
        self.waiting.append(Fault(operation, cut_after=after, times=times))

    def hold(self, operation: str, *, times: int = 1000) -> threading.Event:
        """Let the next requests of an operation wait until this event is set."""
        released = threading.Event()
        self.waiting.append(Fault(operation, released=released, times=times))
        return released

    def let_through(self, operation: str, times: int) -> None:
        """Do nothing to the next requests of an operation, so that what is ordered afterwards comes later."""
        self.waiting.append(Fault(operation, times=times))

    def take(self, operation: str) -> Fault | None:
        """The fault that happens to this request."""
        with self.lock:
            for fault in self.waiting:
                if fault.operation == operation:
                    fault.times -= 1
                    if fault.times == 0:
                        self.waiting.remove(fault)
                    return fault
        return None
