"""What a mail is on every transport: one message, to one address, with safe headers and a stable id."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

import pytest

from include.adapters.mail_folder import FolderMailer
from include.adapters.mail_message import compose
from include.adapters.mail_ses import SesMailer
from include.domain.errors import Terminal, Transient
from include.ports import Mail
from tests.fakes.clock import FixedClock

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    from tests.strict_aws.server import StrictAws

SENDER = "Data Uploader <data-uploader@example.org>"
MAIL = Mail(id="published:0123abcd", to="ada@example.org", subject="Published: visits", text="It is there.\nRows: 3\n")


def composed(mail: Mail) -> EmailMessage:
    sent = compose(mail, sender=SENDER, at=FixedClock().now()).as_bytes()
    read = message_from_bytes(sent, policy=default)
    assert read.get_content_type() == "text/plain"
    return read


def test_a_message_has_the_headers_and_the_text_of_its_mail() -> None:
    message = composed(MAIL)

    assert message["From"] == SENDER
    assert message["To"] == "ada@example.org"
    assert message["Subject"] == "Published: visits"
    assert message["Date"] == "Sat, 31 Jan 2026 12:00:00 +0000"
    assert message.get_content().replace("\r\n", "\n") == MAIL.text


def test_a_message_keeps_every_letter() -> None:
    mail = Mail(id="1", to="ada@example.org", subject="Veröffentlicht: 表", text="naïve ✓ 表\n" + "x" * 2000 + "\n")

    message = composed(mail)

    assert message["Subject"] == mail.subject
    assert message.get_content().replace("\r\n", "\n") == mail.text


def test_the_message_id_follows_from_the_id_alone() -> None:
    again = Mail(id=MAIL.id, to="ada@example.org", subject="Another subject", text="")
    other = Mail(id="published:0123abce", to=MAIL.to, subject=MAIL.subject, text=MAIL.text)

    assert composed(MAIL)["Message-ID"] == composed(again)["Message-ID"]
    assert composed(MAIL)["Message-ID"] != composed(other)["Message-ID"]
    assert str(composed(MAIL)["Message-ID"]).endswith("@example.org>")


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("ada@example.org", "Hello\r\nBcc: eve@example.org"),
        ("ada@example.org", "Hello\nBcc: eve@example.org"),
        ("ada@example.org\r\nBcc: eve@example.org", "Hello"),
        ("ada@example.org, eve@example.org", "Hello"),
        ("Ada <ada@example.org>", "Hello"),
        ("", "Hello"),
        ("nobody", "Hello"),
        ("@example.org", "Hello"),
    ],
)
def test_nothing_in_a_mail_adds_a_header_or_a_recipient(to: str, subject: str) -> None:
    with pytest.raises(Terminal) as refused:
        compose(Mail(id="1", to=to, subject=subject, text=""), sender=SENDER, at=FixedClock().now())

    assert refused.value.code == "mail_not_composed"
    assert "eve" not in refused.value.detail


def test_a_line_in_the_text_that_looks_like_a_header_stays_text() -> None:
    message = composed(Mail(id="1", to="ada@example.org", subject="s", text="Bcc: eve@example.org\n\n.\n"))

    assert message["Bcc"] is None
    assert message.get_content().startswith("Bcc: eve")


def test_a_folder_gets_one_file_a_message(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there" / "yet"
    mailer = FolderMailer(folder, sender=SENDER)

    mailer.send(MAIL)
    mailer.send(Mail(id="refused:0123abcd", to=MAIL.to, subject="Refused", text=""))

    files = sorted(folder.iterdir())
    assert [path.suffix for path in files] == [".eml", ".eml"]
    assert message_from_bytes(files[0].read_bytes(), policy=default)["Subject"] == "Published: visits"


def test_a_mail_sent_again_replaces_its_file(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path, sender=SENDER)

    mailer.send(MAIL)
    mailer.send(MAIL)

    assert len(list(tmp_path.iterdir())) == 1


def test_ids_of_any_form_become_file_names_of_their_own_inside_the_folder(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path / "mail", sender=SENDER)
    ids = ["../../a", "/a", "a", "a/", "..", "A b", "x" * 500, "表"]

    for mail_id in ids:
        mailer.send(Mail(id=mail_id, to=MAIL.to, subject="s", text=""))

    assert [path.name for path in tmp_path.iterdir()] == ["mail"]
    assert len(list((tmp_path / "mail").iterdir())) == len(ids)


def test_a_folder_that_cannot_be_written_to_is_tried_again_later(tmp_path: Path) -> None:
    (tmp_path / "mail").write_bytes(b"a file where the folder should be")

    with pytest.raises(Transient) as failure:
        FolderMailer(tmp_path / "mail", sender=SENDER).send(MAIL)

    assert failure.value.code == "mail_not_sent"


@pytest.mark.aws
def test_ses_gets_the_message(aws: StrictAws) -> None:
    client = aws.client("ses")
    client.verify_email_identity(EmailAddress="data-uploader@example.org")

    SesMailer(client, sender=SENDER).send(MAIL)

    assert client.get_send_quota()["SentLast24Hours"] == 1.0
    assert aws.requests["ses", "SendRawEmail"] == 1


@pytest.mark.aws
def test_a_sender_that_ses_does_not_know_is_an_error(aws: StrictAws) -> None:
    with pytest.raises(Terminal):
        SesMailer(aws.client("ses"), sender=SENDER).send(MAIL)
