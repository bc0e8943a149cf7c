"""A mail as the transports send it: one RFC 5322 message, its headers safe and its Message-ID derived from its id."""

from __future__ import annotations

import hashlib
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING

from include.domain.errors import Terminal

if TYPE_CHECKING:
    from datetime import datetime

    from include.ports import Mail


def compose(mail: Mail, *, sender: str, at: datetime) -> EmailMessage:
    """The message, from `sender` (`Name <address>`), to exactly one address.

    Terminal (code `mail_not_composed`) when an address or the subject cannot be a header; the standard library's
    policy refuses line breaks, so nothing in a mail can add a header or a recipient.
    """
    message = EmailMessage(policy=SMTP)
    try:
        origin = _address(sender)
        message["From"] = origin
        message["To"] = Address(addr_spec=mail.to)
        message["Subject"] = mail.subject
    except (ValueError, HeaderParseError, IndexError) as error:
        raise Terminal(
            f"The mail {mail.id} cannot be composed: its subject or an address is not permitted in a header.",
            code="mail_not_composed",
            title="A mail cannot be composed",
        ) from error
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(mail.id, domain=origin.domain)
    # Written by a program: vacation replies are not wanted (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message


def message_id(mail_id: str, *, domain: str) -> str:
    """The same for the same id, so that mail programs show a repeated message once."""
    return f"<{hashlib.sha256(mail_id.encode()).hexdigest()[:32]}@{domain}>"


def _address(text: str) -> Address:
    name, address = parseaddr(text)
    return Address(display_name=name, addr_spec=address)
