"""The front's context over fakes and a real SQL ledger, with the fakes in reach and ways to prepare a scene."""

from __future__ import annotations

import itertools
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import event

from include import bootstrap
from include.adapters.ledger.engine import make_engine
from include.adapters.ledger.identity import SqlIdentityLedger
from include.adapters.ledger.migrate import migrate
from include.adapters.ledger.publications import SqlPublicationLedger
from include.adapters.ledger.uploads import SqlUploadLedger
from include.adapters.ledger.withdrawals import SqlWithdrawalLedger
from include.adapters.parquet_rows import ParquetRows
from include.domain import names
from include.domain.append_findings import Changes, Misfit, tell
from include.domain.column_types import BigInt, String
from include.domain.evidence import Evidence
from include.domain.table_schema import Column, TableSchema
from include.domain.text_rules import Kind
from include.domain.upload import Door, State, Upload
from include.domain.wrong_table import Reason
from include.ports import Part, PartToSign, SignedPart
from include.services import api_tokens, upload_parts, uploading
from include.services.announcing import Announcement
from include.services.context import FrontContext
from include.services.glue_tables import describe
from include.services.ownership import OWNER
from include.settings import Settings
from tests.fakes.catalogue import MemoryCatalogue
from tests.fakes.clock import FixedClock
from tests.fakes.evidence import schema_of
from tests.fakes.mailer import MemoryMailer
from tests.fakes.objects import MemoryMultipart, MemoryObjects, sha256_of
from tests.fakes.reviewed import ReviewedPeople, ReviewedTables
from tests.fakes.users import MemoryUsers

ANALYST = "analyst@example.org"
COLLEAGUE = "colleague@example.org"
REVISION = "0123456789abcdef"
SCHEMA = TableSchema((Column("year", Evidence(frozenset({Kind.INTEGER}), integer_digits=4)),))


SURE = frozenset(Reason)  # everything there is to confirm of a table


def announcement(**changes: Any) -> Announcement:
    """A small CSV of test data for the new table travel.trips."""
    facts: dict[str, Any] = {
        "database": "travel",
        "table": "trips",
        "filename": "Trips January.csv",
        "size": 11,
        "document": "none",
        "reference": "",
        "classification": "test",
        "create": True,
    }
    return Announcement(**{**facts, **changes})


def to_sign(number: int, content: bytes) -> PartToSign:
    """A part with this content."""
    return PartToSign(number, len(content), sha256_of(content))


@dataclass
class Front:
    """A context and the fakes behind it."""

    context: FrontContext
    clock: FixedClock
    objects: MemoryObjects
    multipart: MemoryMultipart
    catalogue: MemoryCatalogue
    mailer: MemoryMailer
    users: MemoryUsers
    reviewed: ReviewedTables
    owners: ReviewedPeople

    def start(self, *, uploader: str = ANALYST, **changes: Any) -> Upload:
        """An upload under way."""
        return uploading.start_upload(self.context, announcement(**changes), uploader=uploader, door=Door.API)

    def land(self, content: bytes = b"year\n2013\n\n", *, uploader: str = ANALYST, **changes: Any) -> Upload:
        """An upload that has arrived."""
        upload = self.start(uploader=uploader, size=len(content), **changes)
        parts = self.send(upload, content, uploader=uploader)
        return uploading.complete_upload(self.context, upload.id, parts=parts, by=uploader)

    def sign(self, upload: Upload, *parts: PartToSign, by: str = ANALYST) -> tuple[SignedPart, ...]:
        """URLs for parts."""
        return upload_parts.sign_parts(self.context, upload.id, parts=parts, by=by)

    def send(self, upload: Upload, *contents: bytes, uploader: str = ANALYST) -> list[Part]:
        """Sign and put the first parts of an upload under way."""
        wanted = [to_sign(number, content) for number, content in enumerate(contents, start=1)]
        return [
            Part(signed.number, self.multipart.put(signed, content), sha256_of(content))
            for signed, content in zip(self.sign(upload, *wanted, by=uploader), contents, strict=True)
        ]

    def publish(
        self,
        database: str = "travel",
        table: str = "trips",
        *,
        uploader: str = ANALYST,
        columns: tuple[tuple[str, str], ...] = (("year", "bigint"),),
        **changes: Any,
    ) -> Upload:
        """A published upload of a table that is in the catalogue, as the pipeline leaves it."""
        upload = self.land(database=database, table=table, uploader=uploader, **changes)
        full = names.full_database_name(database, env=self.context.settings.env)
        if full not in self.catalogue.databases:
            self.catalogue.create_database(full, description="", parameters={OWNER: self.context.settings.env.value})
        if self.catalogue.table(full, table) is None:
            self.catalogue.create_table(
                describe(
                    SCHEMA,
                    database=full,
                    name=table,
                    location="s3://c/",
                    env="dev",
                    was=None,
                    options=upload.bound_options,
                )
            )
        for state in (State.CHECKING, State.CONVERTING, State.VALIDATING, State.PUBLISHING):
            self.context.ledger.move(upload.id, state, actor="pipeline")
        return self.context.ledger.move(
            upload.id, State.PUBLISHED, actor="pipeline", revision=REVISION, rows=1, columns=columns
        )

    def describe(
        self, database: str, table: str, types: dict[str, str], *, comments: dict[str, str] | None = None
    ) -> None:
        """Give a table in the catalogue other columns, of these types in the API's words."""
        full = names.full_database_name(database, env=self.context.settings.env)
        was = self.catalogue.tables[full, table]
        described = describe(schema_of(**types), database=full, name=table, location=was.location, env="dev", was=was)
        self.catalogue.tables[full, table] = replace(described, comments=comments or {})

    def wait(self, state: State = State.WAITING_FOR_APPROVAL, **changes: Any) -> Upload:
        """An upload that was checked and waits for its table to be made wider, as the pipeline leaves it."""
        upload = self.land(**changes)
        stored = self.objects.head(upload.landing_uri)
        assert stored is not None
        findings = tell(Changes(widened={"year": (BigInt(), String())}), {"year": Misfit(7, "unknown")})
        self.context.ledger.amend(upload.id, etag=stored.etag, findings=findings)
        steps = (State.CHECKING, State.CONVERTING, State.VALIDATING, State.PUBLISHING, State.WIDENING)
        for each in dict.fromkeys((*steps, state)):
            upload = self.context.ledger.move(upload.id, each, actor="pipeline")
        return upload

    def token(self, email: str = ANALYST) -> str:
        """An API token."""
        return api_tokens.issue_token(self.context, email, name="tests")


def make_front(folder: Path, **changes: Any) -> Front:
    """A front whose ledger is a SQLite file in this folder; `changes` are settings."""
    (folder / "ledger.db").write_bytes(_migrated())
    url = f"sqlite:///{folder / 'ledger.db'}"
    facts: dict[str, Any] = {
        "base_url": "http://testserver/uploader/",
        "ledger_url": SecretStr(url),
        "secret_key": SecretStr("a key for tests, at least 32 characters"),
        "work_dir": folder / "work",
        "mail_dir": folder / "mail",
    }
    settings = Settings(**{**facts, **changes})
    clock, objects, users = FixedClock(), MemoryObjects(), MemoryUsers({ANALYST, COLLEAGUE})
    multipart, catalogue, mailer = MemoryMultipart(objects), MemoryCatalogue(), MemoryMailer()
    reviewed, owners = ReviewedTables(), ReviewedPeople()
    engine, numbers = make_engine(url), itertools.count(1)
    # Tests need no ledger that survives a power cut, and wait for the disk at every commit otherwise.
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    context = FrontContext(
        settings=settings,
        clock=clock,
        new_id=lambda: f"{next(numbers):032x}",
        ledger=SqlUploadLedger(engine, clock=clock),
        withdrawals=SqlWithdrawalLedger(engine, clock=clock),
        publications=SqlPublicationLedger(engine),
        identity=SqlIdentityLedger(engine, clock=clock),
        users=users,
        objects=objects,
        multipart=multipart,
        catalogue=catalogue,
        rows=ParquetRows(),
        mailer=mailer,
        reviewed_options=reviewed,
        reviewed_owners=owners,
        access_templates=bootstrap.access_templates(settings),
    )
    return Front(context, clock, objects, multipart, catalogue, mailer, users, reviewed, owners)


@cache
def _migrated() -> bytes:
    """An empty ledger: made once, as migrating takes a good part of a second."""
    with tempfile.TemporaryDirectory() as folder:
        migrate(f"sqlite:///{folder}/ledger.db")
        return Path(folder, "ledger.db").read_bytes()
