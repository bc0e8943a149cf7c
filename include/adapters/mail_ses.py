"""Mail through Amazon SES."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from include.adapters.aws_errors import translated
from include.adapters.clock import SystemClock
from include.adapters.mail_message import compose

if TYPE_CHECKING:
    from mypy_boto3_ses import SESClient

    from include.ports import Clock, Mail


@dataclass(frozen=True)
class SesMailer:
    """Hands mail to SES. SES sets a Message-ID of its own: only the ledger keeps a message from being repeated."""

    client: SESClient
    sender: str
    clock: Clock = field(default_factory=SystemClock)

    def send(self, mail: Mail) -> None:
        """Hand one message to SES."""
        message = compose(mail, sender=self.sender, at=self.clock.now())
        with translated(f"ses:SendRawEmail of the mail {mail.id}"):
            self.client.send_raw_email(RawMessage={"Data": message.as_bytes()})
