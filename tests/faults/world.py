"""The world a task runs in: the service wired as in production, its clients and its ledger under watch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from pydantic import SecretStr

from include import bootstrap
from include.adapters.aws_clients import client_config
from include.adapters.ledger.nights import SqlNightLedger
from include.adapters.ledger.uploads import SqlUploadLedger
from include.adapters.ledger.withdrawals import SqlWithdrawalLedger
from include.adapters.mail_message import compose
from include.domain.errors import Transient
from include.settings import Settings
from tests.aws_pipeline import AP_ACCOUNT
from tests.fakes.clock import FixedClock
from tests.faults.interception import Interception
from tests.faults.kinds import OWN, PLATFORM
from tests.strict_aws.presign import SECRET
from tests.strict_aws.server import OWN_ACCOUNT, REGION

if TYPE_CHECKING:
    from pathlib import Path

    from include.ports import Clock, Mail, Mailer
    from include.services.context import PromotionContext

BEGINNING = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
SENT = "sent.txt"  # a line for every message handed over: the mail's id and its Message-ID


@dataclass(frozen=True)
class World:
    """What a task is given."""

    context: PromotionContext
    clock: FixedClock
    interception: Interception


@dataclass(frozen=True)
class LoggingMailer:
    """Hands on, and keeps a line of each message: a repeated one must be told by its Message-ID."""

    mailer: Mailer
    clock: Clock
    folder: Path

    def send(self, mail: Mail) -> None:
        message = compose(mail, sender="faults@example.org", at=self.clock.now())
        self.mailer.send(mail)
        with (self.folder / SENT).open("a", encoding="utf-8") as log:
            log.write(f"{mail.id} {message['Message-ID']}\n")


def settings_in(folder: Path) -> Settings:
    """One deployment whose ledger, mail and scratch space are in a folder."""
    return Settings(
        ledger_url=SecretStr(f"sqlite:///{folder / 'ledger.db'}"), mail_dir=folder / "mail", work_dir=folder
    )


@cache
def aws_session() -> Any:
    """The session that makes all clients: it holds what it read of AWS's models, also in the children."""
    return boto3.session.Session(region_name=REGION)


def make_world(endpoint_url: str, folder: Path, *, seconds: float) -> World:
    """The service on an AWS that listens there, `seconds` after the beginning."""
    interception = Interception()

    def clients(account: str, word: str) -> bootstrap.ClientFactory:
        def client(service: str) -> Any:
            made = aws_session().client(
                service,
                endpoint_url=endpoint_url,
                aws_access_key_id=account,
                aws_secret_access_key=SECRET,
                config=client_config(),
            )
            return interception.attach(made, account=word)

        return client

    clock = FixedClock(BEGINNING)
    clock.advance(seconds=seconds)
    context = bootstrap.promotion(
        clients(OWN_ACCOUNT, OWN),
        analytical_platform=clients(AP_ACCOUNT, PLATFORM),
        settings=settings_in(folder),
    )
    ledger = context.ledger
    if not isinstance(ledger, SqlUploadLedger):
        raise TypeError("the ledger is not the one whose commits are counted")
    interception.attach_engine(ledger.engine)
    context = replace(
        context,
        clock=clock,
        ledger=replace(ledger, clock=clock),
        nights=SqlNightLedger(ledger.engine),
        withdrawals=SqlWithdrawalLedger(ledger.engine, clock=clock),
        mailer=LoggingMailer(context.mailer, clock, folder),
    )
    return World(context, clock, interception)


def not_yet(what: str) -> Transient:
    """Something that a later turn of the same task does."""
    return Transient(what, code="not_yet")
