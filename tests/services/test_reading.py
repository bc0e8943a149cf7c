"""What a person may see of databases, tables and uploads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include.domain.append_findings import Changes, Misfit, tell
from include.domain.column_types import BigInt, String
from include.domain.errors import NotFound, Refused
from include.domain.upload import State
from include.services import reading, tables, uploading
from tests.fakes.front import ANALYST, COLLEAGUE, REVISION, SURE, Front, make_front

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return make_front(tmp_path)


def test_a_database_is_listed_once_something_in_it_is_published(front: Front) -> None:
    front.land()
    assert reading.databases(front.context) == ()

    front.publish("travel")
    front.publish("animals", "penguins")
    assert reading.databases(front.context) == ("animals", "travel")


def test_a_name_whose_only_upload_was_cancelled_is_free_again(front: Front) -> None:
    uploading.cancel_upload(front.context, front.start().id, by=ANALYST)

    assert reading.databases(front.context) == ()
    assert front.start().database == "travel"


@pytest.mark.parametrize("database", ["other", "", "a\0b", "é", "../x"])
def test_the_tables_of_an_unlisted_database_are_not_found(front: Front, database: str) -> None:
    with pytest.raises(NotFound) as missing:
        reading.tables(front.context, database)
    assert missing.value.code == "database_not_found"


def test_the_partitions_of_a_table_come_newest_first_and_by_the_page(front: Front) -> None:
    for _ in range(5):
        front.publish()

    pages, cursor = [], None
    while True:
        detail = tables.table(front.context, "travel", "trips", by=ANALYST, cursor=cursor, limit=2)
        pages.append([partition.extraction_timestamp[-3:-1] for partition in detail.partitions])
        cursor = detail.next_cursor
        if cursor is None:
            break

    assert pages == [["04", "03"], ["02", "01"], ["00"]]
    assert detail.partition_count == 5


def test_a_partition_says_whether_it_is_on_the_analytical_platform(front: Front) -> None:
    first, second, third = front.publish(), front.publish(), front.publish()
    ledger = front.context.ledger
    ledger.move(first.id, State.PROMOTED, actor="pipeline", promoted_revision=REVISION)
    ledger.move(second.id, State.PROMOTED, actor="pipeline", promoted_revision="f" * 16)

    detail = tables.table(front.context, "travel", "trips", by=ANALYST)

    assert [partition.promotion for partition in detail.partitions] == ["waiting", "changed", "promoted"]
    assert detail.partitions[0].extraction_timestamp == third.extraction_timestamp


def test_a_cursor_that_no_page_gave_is_refused(front: Front) -> None:
    front.publish()

    with pytest.raises(Refused) as refused:
        tables.table(front.context, "travel", "trips", by=ANALYST, cursor="x")
    assert refused.value.code == "bad_cursor"


def test_an_unlisted_table_is_not_found(front: Front) -> None:
    front.publish()

    with pytest.raises(NotFound) as missing:
        tables.table(front.context, "travel", "other", by=ANALYST)
    assert missing.value.code == "table_not_found"


def test_an_upload_is_seen_by_its_uploader_alone(front: Front) -> None:
    upload = front.publish()

    detail = reading.upload_detail(front.context, upload.id, by=ANALYST)
    assert detail.athena_reference == "data_eng_uploader_dev_travel.trips"
    assert detail.s3_path == (
        "s3://analytical-platform/uploader/data_eng_uploader_dev_travel/trips/extraction_timestamp=20260131T120000Z/"
    )
    with pytest.raises(NotFound):
        reading.upload_detail(front.context, upload.id, by=COLLEAGUE)


def test_my_uploads_are_mine(front: Front) -> None:
    mine = front.start()
    front.start(uploader=COLLEAGUE, confirmed=SURE)

    assert [upload.id for upload in reading.my_uploads(front.context, by=ANALYST).uploads] == [mine.id]


def test_the_owner_of_a_table_sees_an_upload_that_changed_it_and_none_of_its_values(front: Front) -> None:
    front.publish()
    upload = front.publish(uploader=COLLEAGUE, confirmed=SURE)
    with pytest.raises(NotFound):
        reading.upload_detail(front.context, upload.id, by=ANALYST)  # it changed nothing
    findings = tell(Changes(widened={"year": (BigInt(), String())}), {"year": Misfit(7, "unknown")})
    front.context.ledger.amend(upload.id, findings=findings)

    seen = reading.upload_detail(front.context, upload.id, by=ANALYST)
    assert not seen.own
    assert [(each.code, each.lines, each.examples) for each in seen.upload.findings] == [("widens_columns", (7,), ())]
    own = reading.upload_detail(front.context, upload.id, by=COLLEAGUE)
    assert own.own
    assert own.upload.findings[0].examples == ("unknown",)
    with pytest.raises(NotFound):
        uploading.cancel_upload(front.context, upload.id, by=ANALYST)


def test_an_upload_that_waits_is_nobodys_to_see_but_its_uploaders(front: Front) -> None:
    front.publish()
    upload = front.wait(uploader=COLLEAGUE, confirmed=SURE)
    with pytest.raises(NotFound):
        reading.upload_detail(front.context, upload.id, by=ANALYST)
