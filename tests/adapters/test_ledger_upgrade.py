"""What a ledger of an earlier release holds is still there after its migrations, forth and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from include.adapters.ledger.engine import make_engine
from include.adapters.ledger.identity import SqlIdentityLedger
from include.adapters.ledger.migrate import downgrade, migrate
from include.adapters.ledger.uploads import SqlUploadLedger
from include.domain.upload import State
from tests.adapters.ledger_samples import NOON
from tests.fakes.clock import FixedClock

if TYPE_CHECKING:
    from sqlalchemy import Engine

EARLIER = "0003"
WRITTEN = "2026-01-31 12:00:00.000000"
EMAIL = "ann@example.org"
GOVERNANCE = {
    "document": "dpia",
    "reference": "DPIA-7",
    "classification": "official",
    "confirmed_by": EMAIL,
    "confirmed_at": "2026-01-31T12:00:00+00:00",
}
UPLOAD: dict[str, Any] = {
    "id": f"{1:032x}",
    "database": "prisons",
    "table": "population",
    "extraction_timestamp": "20260131T120000Z",
    "filename": "Population é.csv",
    "size": 12,
    "state": "published",
    "uploader": EMAIL,
    "door": "page",
    "governance": json.dumps(GOVERNANCE),
    "may_create": True,
    "landing_uri": "s3://landing/population.csv",
    "created_at": WRITTEN,
    "updated_at": WRITTEN,
    "part_size": 12,
    "part_count": 1,
    "columns": '[["year", "bigint"]]',
    "findings": "[]",
    "revision": "r1",
    "published_at": WRITTEN,
    "attempt": 1,
}
ROWS: dict[str, dict[str, Any]] = {
    "uploads": UPLOAD,
    "sessions": {
        "token_hash": "cookie",
        "email": EMAIL,
        "csrf": "form",
        "created_at": WRITTEN,
        "seen_at": WRITTEN,
        "answers": '{"step": 2}',
    },
    "api_tokens": {"email": EMAIL, "name": "nightly", "token_hash": "token", "created_at": WRITTEN},
    "sign_in_codes": {
        "email": EMAIL,
        "code_hash": "code",
        "sent_at": WRITTEN,
        "expires_at": WRITTEN,
        "attempts": 0,
    },
}


@pytest.fixture
def earlier(empty_url: str) -> Engine:
    """A ledger as the release before had it, with a row in each table that has changed since."""
    migrate(empty_url)
    downgrade(empty_url, to=EARLIER)
    engine = make_engine(empty_url)
    with engine.begin() as connection:
        for table, row in ROWS.items():
            names = ", ".join(f'"{name}"' for name in row)
            values = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)  # noqa: S608 - our own
    return engine


def everything(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    with engine.connect() as connection:
        found = {table: connection.execute(text(f"SELECT * FROM {table}")).mappings() for table in ROWS}  # noqa: S608
        return {table: [dict(row) for row in rows] for table, rows in found.items()}


def test_what_an_earlier_release_kept_is_read_by_this_one(earlier: Engine, empty_url: str) -> None:
    migrate(empty_url)
    clock = FixedClock(NOON)
    upload = SqlUploadLedger(earlier, clock=clock).get(UPLOAD["id"])
    identity = SqlIdentityLedger(earlier, clock=clock)
    session, token = identity.session("cookie"), identity.token("token")

    assert upload is not None
    assert (upload.state, upload.filename, upload.columns) == (
        State.PUBLISHED,
        "Population é.csv",
        (("year", "bigint"),),
    )
    assert upload.confirmed  # it was taken when nobody was asked: it is not to be refused when it runs again
    assert upload.sent_sha256 is None
    assert session is not None
    assert (session.email, session.answers, session.admitted) == (EMAIL, {"step": 2}, False)
    assert identity.id_token("cookie") is None
    assert token is not None
    assert (token.email, token.token.name, token.token.expires_at) == (EMAIL, "nightly", None)
    assert identity.take_attempt(EMAIL, "any browser") is None  # a code of before is of no browser


def test_back_again_nothing_of_what_an_earlier_release_kept_is_lost(earlier: Engine, empty_url: str) -> None:
    before = everything(earlier)
    assert all(before.values())
    migrate(empty_url)
    assert everything(earlier) != before
    downgrade(empty_url, to=EARLIER)

    assert everything(earlier) == before
