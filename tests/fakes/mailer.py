"""A mailer that keeps what it was given."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.ports import Mail


@dataclass
class MemoryMailer:
    """Mail, in the order it was sent; the same id again replaces."""

    sent: dict[str, Mail] = field(default_factory=dict)
    failure: Exception | None = None

    def send(self, mail: Mail) -> None:
        if self.failure is not None:
            raise self.failure
        self.sent[mail.id] = mail

    def last_code(self, email: str) -> str:
        """The sign-in code most recently mailed to an address."""
        text = [mail.text for mail in self.sent.values() if mail.to == email][-1]
        found = re.search(r"\b\d{6}\b", text)
        assert found is not None
        return found[0]
