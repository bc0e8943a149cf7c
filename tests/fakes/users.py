"""A users list in memory."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class MemoryUsers:
    """People who may sign in, in lower case."""

    emails: set[str] = field(default_factory=set)

    def knows(self, email: str) -> bool:
        return email.strip().lower() in self.emails
