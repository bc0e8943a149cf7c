"""Mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One plain-text message. `id` is stable: sending the same one again replaces or repeats it, never another."""

    id: str
    to: str
    subject: str
    text: str


class Mailer(Protocol):
    """Sends mail; raises Transient when the transport did not take it."""

    def send(self, mail: Mail) -> None:
        """Hand one message to the transport."""
        ...
