"""Mail into a folder: one `.eml` file a message, for one machine and for tests."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from include.adapters.clock import SystemClock
from include.adapters.mail_message import compose
from include.domain.errors import Transient

if TYPE_CHECKING:
    from pathlib import Path

    from include.ports import Clock, Mail


@dataclass(frozen=True)
class FolderMailer:
    """Writes mail below `directory`, which is made when it is not there; sending the same id again replaces."""

    directory: Path
    sender: str
    clock: Clock = field(default_factory=SystemClock)

    def send(self, mail: Mail) -> None:
        """Write one message; it appears only when it is whole."""
        message = compose(mail, sender=self.sender, at=self.clock.now())
        unfinished = self.directory / f".{uuid4().hex}"
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            try:
                unfinished.write_bytes(message.as_bytes())
                unfinished.replace(self.directory / file_name(mail.id))
            finally:
                unfinished.unlink(missing_ok=True)
        except OSError as error:
            raise Transient(
                f"The mail {mail.id} could not be written to {self.directory} ({type(error).__name__}).",
                code="mail_not_sent",
                title="Mail cannot be sent",
            ) from error


def file_name(mail_id: str) -> str:
    """The file of a message: readable, and another for every other id."""
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", mail_id).strip(".-")[:80]
    return f"{readable}-{hashlib.sha256(mail_id.encode()).hexdigest()[:12]}.eml"
