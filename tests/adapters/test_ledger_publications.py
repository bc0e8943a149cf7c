"""What was published, from the ledger: in which order, with which columns, confirmed by what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from include.adapters.ledger.engine import reading
from include.adapters.ledger.publications import SqlPublicationLedger, digest_of
from include.adapters.ledger.tables import IS_PUBLISHED, uploads
from include.adapters.ledger.uploads import SqlUploadLedger
from include.adapters.ledger.withdrawals import SqlWithdrawalLedger
from include.domain.findings import Finding, Severity
from include.domain.governance import Classification, Document, not_recorded
from include.domain.upload import State
from include.ports import ConfirmedGovernance, PublishedDatabase
from tests.adapters.ledger_samples import NOON, an_upload, publish
from tests.fakes.clock import FixedClock

if TYPE_CHECKING:
    from sqlalchemy import Engine

NARROW = (("id", "bigint"), ("name", "string"))
WIDE = (("name", "string"), ("id", "double"))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON + timedelta(hours=1))


@pytest.fixture
def ledger(ledger_engine: Engine, clock: FixedClock) -> SqlUploadLedger:
    return SqlUploadLedger(ledger_engine, clock=clock)


@pytest.fixture
def published(ledger_engine: Engine) -> SqlPublicationLedger:
    return SqlPublicationLedger(ledger_engine)


def test_a_digest_knows_columns_and_types_but_not_their_order() -> None:
    assert digest_of(NARROW) == digest_of(tuple(reversed(NARROW)))
    assert len({digest_of(columns) for columns in (NARROW, WIDE, NARROW[:1], ())}) == 4


def test_publications_come_in_order_with_the_columns_they_had(
    ledger: SqlUploadLedger, published: SqlPublicationLedger, clock: FixedClock
) -> None:
    for number, columns in ((3, NARROW), (1, NARROW), (2, WIDE)):
        clock.advance(minutes=1)
        publish(ledger, an_upload(number, columns=columns))
    publish(ledger, an_upload(4, table="another"))
    ledger.add(an_upload(5), actor="a")
    found = published.publications("prisons", "population")
    assert [(int(each.upload_id, 16), each.columns, each.gone_at) for each in found] == [
        (3, NARROW, None),
        (1, NARROW, None),
        (2, WIDE, None),
    ]
    assert found[0].digest == found[1].digest != found[2].digest
    assert (found[2].published_at, found[2].uploader) == (clock.now(), "ann@example.org")
    assert published.publications("prisons", "none") == ()


def test_the_columns_that_were_noted_last_count(ledger: SqlUploadLedger, published: SqlPublicationLedger) -> None:
    upload = publish(ledger, an_upload(columns=NARROW))
    ledger.amend(upload.id, columns=WIDE)
    ledger.amend(upload.id, rows=7)
    (found,) = published.publications("prisons", "population")
    assert (found.columns, found.digest) == (WIDE, digest_of(WIDE))


def test_a_withdrawn_upload_is_told_with_when_it_had_left(
    ledger: SqlUploadLedger, published: SqlPublicationLedger, ledger_engine: Engine, clock: FixedClock
) -> None:
    withdrawals = SqlWithdrawalLedger(ledger_engine, clock=clock)
    for number in (1, 2):
        publish(ledger, an_upload(number))
        withdrawals.request(an_upload(number).id, by="a", reason="")
    clock.advance(minutes=5)
    withdrawals.done(an_upload(1).id)
    assert [each.gone_at for each in published.publications("prisons", "population")] == [clock.now(), None]


def test_a_page_of_partitions_is_newest_first_and_only_of_what_is_published(
    ledger: SqlUploadLedger, published: SqlPublicationLedger
) -> None:
    for number in range(1, 6):
        publish(ledger, an_upload(number))
    ledger.move(an_upload(4).id, State.WITHDRAWN, actor="a")
    ledger.add(an_upload(6), actor="a")
    first = published.live_page("prisons", "population", limit=2)
    assert [upload.id[-1] for upload in first] == ["5", "3"]
    rest = published.live_page("prisons", "population", before=first[-1].extraction_timestamp, limit=9)
    assert [upload.id[-1] for upload in rest] == ["2", "1"]
    assert rest[0] == ledger.get(rest[0].id)


def test_databases_say_how_many_tables_they_have_and_when_the_last_upload_came(
    ledger: SqlUploadLedger, published: SqlPublicationLedger, clock: FixedClock
) -> None:
    publish(ledger, an_upload(1))
    clock.advance(minutes=1)
    publish(ledger, an_upload(2, table="another"))
    publish(ledger, an_upload(3, database="b"))
    publish(ledger, an_upload(4, database="c"))
    assert published.databases({"prisons", "b", "none"}) == (
        PublishedDatabase("b", 1, clock.now()),
        PublishedDatabase("prisons", 2, clock.now()),
    )


def test_findings_are_found_by_upload(ledger: SqlUploadLedger, published: SqlPublicationLedger) -> None:
    finding = Finding(code="adds_columns", title="t", severity=Severity.WARNING, message="m")
    for number in (1, 2, 3):
        publish(ledger, an_upload(number))
    ledger.amend(an_upload(2).id, findings=(finding,))
    ids = {an_upload(1).id, an_upload(2).id, "nothing"}
    assert published.findings(ids) == {an_upload(1).id: (), an_upload(2).id: (finding,)}
    assert published.findings(set()) == {}


def test_governance_is_told_once_for_each_document_and_classification(
    ledger: SqlUploadLedger, published: SqlPublicationLedger
) -> None:
    usual = an_upload().governance
    sensitive = replace(usual, classification=Classification.OFFICIAL_SENSITIVE)
    for number in (1, 2):
        publish(ledger, an_upload(number))
    publish(ledger, an_upload(3, table="staff"))
    publish(ledger, an_upload(4, governance=sensitive))
    publish(ledger, an_upload(5, table="staff", governance=not_recorded(by="landing", at=NOON, env="dev")))
    publish(ledger, an_upload(6, database="other", governance=replace(usual, reference="DPIA-8")))
    ledger.add(an_upload(7, governance=replace(usual, reference="DPIA-9")), actor="a")
    of_staff = ConfirmedGovernance(document=None, reference="", classification=None, tables=("staff",), uploads=1)
    official = ConfirmedGovernance(
        document=Document.DPIA,
        reference="DPIA-7",
        classification=Classification.OFFICIAL,
        tables=("population", "staff"),
        uploads=3,
    )
    of_population = replace(
        official, classification=Classification.OFFICIAL_SENSITIVE, tables=("population",), uploads=1
    )
    assert published.governance("prisons") == (official, of_staff, of_population)
    assert of_staff in published.governance("prisons", table="staff")
    assert len(published.governance("prisons", table="staff")) == 2


def test_the_history_of_a_table_is_read_from_an_index_alone(ledger: SqlUploadLedger) -> None:
    columns = (uploads.c.id, uploads.c.published_at, uploads.c.state, uploads.c.uploader, uploads.c.columns_digest)
    query = select(*columns).where(IS_PUBLISHED, uploads.c.database == "a", uploads.c.table == "b")
    sql = str(
        query.order_by(uploads.c.published_at, uploads.c.id).compile(
            ledger.engine, compile_kwargs={"literal_binds": True}
        )
    )
    with reading(ledger.engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            plan = str(connection.exec_driver_sql(f"EXPLAIN {sql}").all())
            assert "Sort" not in plan
        else:
            plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}").all())
            assert "COVERING INDEX" in plan
            assert "TEMP B-TREE" not in plan
    assert "ix_uploads_published" in plan
