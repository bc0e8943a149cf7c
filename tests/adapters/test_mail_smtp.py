"""What an SMTP server sees of a mail, and what its answers mean."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from include.adapters.mail_smtp import SmtpMailer
from include.domain.errors import Terminal, Transient
from include.ports import Mail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SENDER = "Data Uploader <data-uploader@example.org>"
MAIL = Mail(id="published:0123abcd", to="ada@example.org", subject="Published: visits", text="It is there.\n")

# aiosmtpd warns of what these tests ask it for on purpose: signing in without TLS.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@dataclass
class Post:
    """A server's memory, and what it answers to recipients and messages."""

    envelopes: list[Envelope] = field(default_factory=list)
    secret: list[bool] = field(default_factory=list)
    to_recipient: str = "250 OK"
    to_message: str = "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, _server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        self.envelopes.append(envelope)
        self.secret.append(session.ssl is not None)
        return self.to_message


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def start(post: Post) -> Iterator[Callable[..., int]]:
    """A function that starts the server on a free port and tells it."""
    running: list[Controller] = []

    def begin(**options: Any) -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        controller = Controller(post, hostname="127.0.0.1", port=port, **options)
        controller.start()
        running.append(controller)
        return port

    yield begin
    for controller in running:
        controller.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody but a test trusts, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of a test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


def mailer(port: int, **options: Any) -> SmtpMailer:
    return SmtpMailer(host="127.0.0.1", port=port, sender=SENDER, **{"starttls": False, **options})


def test_the_server_gets_the_message_for_one_recipient(post: Post, start: Callable[..., int]) -> None:
    mailer(start()).send(MAIL)

    (envelope,) = post.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("data-uploader@example.org", ["ada@example.org"])
    message = message_from_bytes(envelope.original_content or b"", policy=default)
    assert message["Subject"] == "Published: visits"
    assert message.get_content().strip() == "It is there."


def test_the_message_sent_again_has_the_same_id(post: Post, start: Callable[..., int]) -> None:
    port = start()
    mailer(port).send(MAIL)
    mailer(port).send(MAIL)

    ids = {message_from_bytes(envelope.original_content or b"")["Message-ID"] for envelope in post.envelopes}
    assert len(ids) == 1


def test_starttls_makes_the_connection_secret(
    post: Post, start: Callable[..., int], certificate: tuple[Path, Path]
) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*certificate)
    trusting = ssl.create_default_context(cafile=str(certificate[0]))

    mailer(start(tls_context=server, require_starttls=True), starttls=True, tls=trusting).send(MAIL)

    assert post.secret == [True]


def test_a_certificate_that_is_not_trusted_gets_no_mail(
    post: Post, start: Callable[..., int], certificate: tuple[Path, Path]
) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*certificate)

    with pytest.raises(Transient):
        mailer(start(tls_context=server), starttls=True).send(MAIL)

    assert post.envelopes == []


def test_a_server_that_does_not_offer_starttls_gets_no_mail(post: Post, start: Callable[..., int]) -> None:
    with pytest.raises(Terminal) as refused:
        mailer(start(), starttls=True).send(MAIL)

    assert refused.value.code == "mail_not_supported"
    assert post.envelopes == []


def authenticator(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    accepted = isinstance(data, LoginPassword) and (data.login, data.password) == (b"uploader", b"right")
    return AuthResult(success=accepted, handled=accepted)


def test_the_mailer_signs_in_when_it_has_a_name(post: Post, start: Callable[..., int]) -> None:
    port = start(authenticator=authenticator, auth_required=True, auth_require_tls=False)

    mailer(port, username="uploader", password="right").send(MAIL)

    assert len(post.envelopes) == 1


def test_a_wrong_password_is_final_and_not_shown(start: Callable[..., int]) -> None:
    port = start(authenticator=authenticator, auth_required=True, auth_require_tls=False)
    wrong = mailer(port, username="uploader", password="not this one")

    with pytest.raises(Terminal) as refused:
        wrong.send(MAIL)

    assert "not this one" not in refused.value.detail + repr(wrong)


@pytest.mark.parametrize(("answer", "kind"), [("451 later", Transient), ("550 no such user", Terminal)])
def test_a_refused_recipient_is_tried_again_only_if_that_may_help(
    post: Post, start: Callable[..., int], answer: str, kind: type[Exception]
) -> None:
    post.to_recipient = answer

    with pytest.raises(kind):
        mailer(start()).send(MAIL)


@pytest.mark.parametrize(("answer", "kind"), [("452 disk full", Transient), ("554 spam", Terminal)])
def test_a_refused_message_is_tried_again_only_if_that_may_help(
    post: Post, start: Callable[..., int], answer: str, kind: type[Exception]
) -> None:
    post.to_message = answer

    with pytest.raises(kind):
        mailer(start()).send(MAIL)


def test_a_server_that_is_not_there_is_tried_again_later() -> None:
    with pytest.raises(Transient) as failure:
        mailer(1).send(MAIL)

    assert failure.value.code == "mail_not_sent"
