"""What 200 people find: a ledger with their sessions and a year of uploads, and the tables of a Glue catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import yaml

from include.domain.upload import State
from include.services import glue_tables, signing_in
from include.services.areas import Areas
from include.services.ownership import OWNER
from tests.adapters.ledger_samples import an_upload
from tests.fakes.front import REVISION, SCHEMA

if TYPE_CHECKING:
    from pathlib import Path

    from include.services.context import FrontContext

DATABASES = 20
TABLES = 5  # in each database
UPLOADS = 1_000


@dataclass(frozen=True)
class Person:
    """One of the 200: the secret of their session, and an upload of theirs."""

    cookie: str
    upload_id: str


def people_file(folder: Path, count: int) -> Path:
    """A users file of that many people."""
    path = folder / "users.yaml"
    path.write_text(yaml.safe_dump({"users": [{"email": email(number)} for number in range(count)]}))
    return path


def email(person: int) -> str:
    """The address of a person."""
    return f"person{person:03}@example.org"


def prepare(context: FrontContext, count: int) -> list[Person]:
    """Fill ledger and catalogue, and sign everybody in."""
    _tables(context)
    uploads = [_upload(context, number, people=count) for number in range(max(UPLOADS, count))]
    return [Person(_sign_in(context, email(number)), uploads[number]) for number in range(count)]


def _tables(context: FrontContext) -> None:
    areas, env = Areas(context.settings), context.settings.env.value
    for number in range(DATABASES):
        database = areas.database(database_name(number))
        context.catalogue.create_database(database, description="", parameters={OWNER: env})
        for table in range(TABLES):
            location = areas.table(database_name(number), table_name(table))
            made = glue_tables.describe(
                SCHEMA, database=database, name=table_name(table), location=location, env=env, was=None
            )
            context.catalogue.create_table(made)


def database_name(number: int) -> str:
    """The short name of a database."""
    return f"survey_{number:02}"


def table_name(number: int) -> str:
    """The name of a table."""
    return f"answers_{number}"


def _upload(context: FrontContext, number: int, *, people: int) -> str:
    moment = context.clock.now() - timedelta(minutes=number)
    upload = an_upload(
        number,
        database=database_name(number % DATABASES),
        table=table_name(number // DATABASES % TABLES),
        extraction_timestamp=f"{moment:%Y%m%dT%H%M%SZ}",
        uploader=email(number % people),
        state=State.PUBLISHED,
        created_at=moment,
        updated_at=moment,
        published_at=moment,
        revision=REVISION,
        rows=1,
        columns=(("year", "bigint"),),
    )
    context.ledger.add(upload, actor=upload.uploader)
    return upload.id


def _sign_in(context: FrontContext, address: str) -> str:
    return signing_in.begin_session(context, address, by="code").token
