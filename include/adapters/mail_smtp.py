"""Mail over SMTP: which answers of the server pass, and which are final."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from include.adapters.clock import SystemClock
from include.adapters.mail_message import compose
from include.domain.errors import Terminal, Transient, UploaderError

if TYPE_CHECKING:
    from email.message import EmailMessage

    from include.ports import Clock, Mail

TIMEOUT = 30  # seconds without an answer
_FINAL = 500  # SMTP's 5xx: the same message will be refused again


@dataclass(frozen=True, kw_only=True)
class SmtpMailer:
    """Hands mail to one SMTP server, a connection for each message.

    Attributes:
        starttls: whether the connection is made secret before anything is sent; a server that cannot is refused.
        tls: how the server's certificate is checked; None is the system's trusted authorities.
    """

    host: str
    port: int
    sender: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    starttls: bool = True
    tls: ssl.SSLContext | None = None
    clock: Clock = field(default_factory=SystemClock)

    def send(self, mail: Mail) -> None:
        """Hand one message to the server; Transient when it did not take it now, Terminal when it never will."""
        message = compose(mail, sender=self.sender, at=self.clock.now())
        try:
            self._deliver(message)
        except smtplib.SMTPRecipientsRefused as error:
            code = max(answer for answer, _ in error.recipients.values())
            raise _refused(mail, code=code) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(mail, code=error.smtp_code) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Terminal(
                f"The mail server {self.host}:{self.port} does not offer what the settings ask for: {error}.",
                code="mail_not_supported",
                title="The mail server is not the one the settings describe",
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Transient(
                f"The mail server {self.host}:{self.port} cannot be reached ({type(error).__name__}).",
                code="mail_not_sent",
                title="Mail cannot be sent",
            ) from error

    def _deliver(self, message: EmailMessage) -> None:
        with smtplib.SMTP(self.host, self.port, timeout=TIMEOUT) as server:
            if self.starttls:
                server.starttls(context=self.tls or ssl.create_default_context())
            if self.username is not None:
                server.login(self.username, self.password or "")
            server.send_message(message)


def _refused(mail: Mail, *, code: int) -> UploaderError:
    kind = Terminal if code >= _FINAL else Transient
    return kind(
        f"The mail server answered {code} to the mail {mail.id}.", code="mail_not_sent", title="Mail cannot be sent"
    )
