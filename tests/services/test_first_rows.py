"""First rows: who is shown them, out of which files, and what is kept of that."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from include.adapters.ledger.tables import audit_trail
from include.domain.errors import NotFound
from include.domain.upload import State
from include.domain.wrong_table import Reason
from include.services.areas import Areas
from include.services.first_rows import COLUMNS, ROWS, first_rows
from tests.fakes.front import ANALYST, COLLEAGUE, Front, make_front

if TYPE_CHECKING:
    from pathlib import Path

    from include.domain.upload import Upload


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return make_front(tmp_path)


def stored(front: Front, upload: Upload, **parts: dict[str, list[Any]]) -> Upload:
    folder = Areas(front.context.settings).revision(upload.key, upload.revision or "")
    for number, columns in enumerate(parts.values()):
        stream = io.BytesIO()
        pq.write_table(pa.table(columns), stream)
        front.objects.write(f"{folder}part-{number:05d}.parquet", stream.getvalue())
    return upload


def looks(front: Front) -> list[tuple[str, Any]]:
    ledger: Any = front.context.ledger
    with ledger.engine.connect() as connection:
        found = connection.execute(select(audit_trail.c.who, audit_trail.c.what, audit_trail.c.details))
        return [(who, details) for who, what, details in found if what == "rows shown"]


def test_the_uploader_sees_the_published_rows_and_that_is_in_the_audit_trail(front: Front) -> None:
    upload = stored(front, front.publish(), one={"year": [2013, None]})
    found = first_rows(front.context, upload.id, by=ANALYST)

    assert (found.columns, found.rows, found.own) == ((("year", "bigint"),), (("2013",), (None,)), True)
    ((who, details),) = looks(front)
    assert who == ANALYST
    assert details == {"upload": upload.id, "database": "travel", "table": "trips", "own": True}


def test_the_owner_of_the_table_sees_what_others_add_to_it_and_nobody_else_does(front: Front) -> None:
    front.publish(uploader=COLLEAGUE)
    front.clock.advance(seconds=1)
    added = stored(front, front.publish(confirmed=frozenset({Reason.NOT_USED_BEFORE})), one={"year": [2014]})

    assert first_rows(front.context, added.id, by=COLLEAGUE).own is False
    with pytest.raises(NotFound) as error:
        first_rows(front.context, added.id, by="third@example.org")
    assert error.value.code == "upload_not_found"
    assert len(looks(front)) == 1


def test_one_uploader_does_not_see_the_rows_of_another_in_the_others_table(front: Front) -> None:
    theirs = stored(front, front.publish(uploader=COLLEAGUE), one={"year": [2013]})

    with pytest.raises(NotFound):
        first_rows(front.context, theirs.id, by=ANALYST)
    assert looks(front) == []


def test_rows_come_from_further_files_until_there_are_enough(front: Front) -> None:
    upload = stored(front, front.publish(), one={"n": [*range(60)]}, two={"n": [*range(60, 999)]}, three={"n": [0]})
    rows = first_rows(front.context, upload.id, by=ANALYST).rows

    assert [row[0] for row in rows] == [str(number) for number in range(ROWS)]


def test_of_a_wide_file_the_first_columns_are_shown(front: Front) -> None:
    upload = stored(front, front.publish(), one={f"c{number}": [number] for number in range(COLUMNS + 3)})
    found = first_rows(front.context, upload.id, by=ANALYST)

    assert (len(found.columns), found.left_out, len(found.rows[0])) == (COLUMNS, 3, COLUMNS)


@pytest.mark.parametrize("prepare", [Front.land, Front.publish])
def test_what_is_in_no_table_has_no_rows_to_show(front: Front, prepare: Any) -> None:
    upload = prepare(front)  # a published one whose files are gone: replaced or withdrawn meanwhile

    with pytest.raises(NotFound) as error:
        first_rows(front.context, upload.id, by=ANALYST)
    assert error.value.code == "rows_not_there"
    assert looks(front) == []


@pytest.mark.parametrize("by", [ANALYST, COLLEAGUE], ids=["the uploader", "the table's owner"])
def test_what_was_withdrawn_is_not_shown_though_its_files_are_still_there(front: Front, by: str) -> None:
    upload = stored(front, front.publish(), one={"year": [2013]})
    front.owners.owners["travel", "trips"] = COLLEAGUE
    assert first_rows(front.context, upload.id, by=by).rows == (("2013",),)
    withdrawn = front.context.ledger.move(upload.id, State.WITHDRAWN, actor=ANALYST)

    assert withdrawn.revision == upload.revision
    with pytest.raises(NotFound):
        first_rows(front.context, upload.id, by=by)
    assert len(looks(front)) == 1
