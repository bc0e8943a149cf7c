"""What raw_history and the ledger tell differently is found, and named with its repair."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from include.domain.upload import State
from include.services.areas import Areas
from include.services.consistency import Code, verify
from include.services.repair.rebuild_ledger import rebuild_ledger
from include.services.withdrawal.carry_out import carry_out
from tests.services.repair.test_rebuild_ledger import withdraw

if TYPE_CHECKING:
    from tests.services.conftest import Pipeline

from tests.services.consistency.scene import change_manifest, codes, mark_withdrawn, notes


def test_a_raw_file_that_is_gone_or_shorter_is_found(pipeline: Pipeline, promoted: str) -> None:
    raw = Areas(pipeline.context.settings).raw(pipeline.upload(promoted))
    pipeline.objects.write(raw, b"a,b\n1,x\n")
    assert codes(pipeline) == [Code.RAW_CHANGED]
    pipeline.objects.delete([raw])
    assert codes(pipeline) == [Code.RAW_MISSING]


def test_other_bytes_of_the_same_length_are_found_by_the_thorough_check(pipeline: Pipeline, promoted: str) -> None:
    pipeline.objects.write(Areas(pipeline.context.settings).raw(pipeline.upload(promoted)), b"a,b\n1,x\n2,z\n")
    assert codes(pipeline) == []
    assert codes(pipeline, thorough=True) == [Code.RAW_CHANGED]


def test_a_manifest_that_is_gone_or_cannot_be_read_or_differs_is_found(pipeline: Pipeline, promoted: str) -> None:
    uri = Areas(pipeline.context.settings).manifest(pipeline.upload(promoted))
    pipeline.context.ledger.amend(promoted, sha256="0" * 64)
    [found] = verify(pipeline.context)
    assert (found.code, found.what) == (Code.MANIFEST_DIFFERS, "Manifest and ledger differ in sha256.")
    change_manifest(pipeline, promoted, rows=7, upload_id="another")
    [found] = verify(pipeline.context)
    assert found.code is Code.MANIFEST_DAMAGED
    assert "rows is otherwise in the ledger" in found.what
    assert "upload_id is otherwise in the ledger" in found.what
    pipeline.objects.write(uri, b"{")
    assert codes(pipeline) == [Code.MANIFEST_UNREADABLE]
    pipeline.objects.delete([uri])
    assert codes(pipeline) == [Code.MANIFEST_MISSING]


def test_a_file_that_the_ledger_does_not_know_is_found_in_any_table(pipeline: Pipeline) -> None:
    folder = f"{pipeline.context.settings.raw_history_uri}/database_name=lost/table_name=t/"
    pipeline.objects.write(f"{folder}extraction_timestamp=20260101T000000Z/f.csv", b"a\n1\n")
    pipeline.objects.write(f"{folder}extraction_timestamp=20260101T000000Z/_manifest.json", b"{}")
    [found] = verify(pipeline.context)
    assert (found.code, found.database, found.table) == (Code.UPLOAD_UNKNOWN, "lost", "t")
    assert found.repair.dag == "rebuild_ledger"


def test_the_raw_file_of_a_refused_upload_is_a_note(pipeline: Pipeline) -> None:
    refused = pipeline.land(b"a,a\n1,2\n")
    pipeline.watch()
    pipeline.ingest(refused)
    pipeline.objects.write(Areas(pipeline.context.settings).raw(pipeline.upload(refused)), b"a,a\n1,2\n")
    assert codes(pipeline) == []
    assert notes(pipeline) == [Code.RAW_NOT_PUBLISHED]


def test_a_withdrawal_that_was_not_carried_out_is_found_once_it_had_its_time(pipeline: Pipeline, promoted: str) -> None:
    pipeline.context.ledger.move(promoted, State.WITHDRAWN, actor="test", revision=None)
    assert verify(pipeline.context) == ()
    pipeline.clock.advance(hours=1)
    found = verify(pipeline.context)
    assert sorted(one.code for one in found) == [
        Code.TABLE_WITHOUT_UPLOADS,
        Code.WITHDRAWN_MARK_MISSING,
        Code.WITHDRAWN_STILL_THERE,  # in our account
        Code.WITHDRAWN_STILL_THERE,  # and in the other
    ]
    assert {one.repair.dag for one in found if one.upload_id} == {"withdraw_upload"}


def test_what_stays_of_a_withdrawn_upload_is_looked_at_too(pipeline: Pipeline, promoted: str) -> None:
    last = pipeline.publish(b"a,b\n3,z\n")
    withdraw(pipeline, last)
    assert promoted
    areas, upload = Areas(pipeline.context.settings), pipeline.upload(last)
    raw, manifest, mark = areas.raw(upload), areas.manifest(upload), areas.withdrawn(upload)
    kept = {uri: pipeline.objects.read(uri) for uri in (raw, manifest, mark)}

    def found(uri: str, content: bytes | None, *, thorough: bool = False) -> list[Code]:
        if content is None:
            pipeline.objects.delete([uri])
        else:
            pipeline.objects.write(uri, content)
        seen = codes(pipeline, thorough=thorough)
        pipeline.objects.write(uri, kept[uri])
        return seen

    assert codes(pipeline, thorough=True) == []
    assert found(raw, None) == found(raw, b"a,b\n") == [Code.WITHDRAWN_RAW_LOST]
    assert found(raw, b"a,b\n3,y\n", thorough=True) == [Code.WITHDRAWN_RAW_LOST]
    assert found(manifest, None) == found(manifest, b"garbage") == found(manifest, b"{}")
    assert found(manifest, None) == [Code.WITHDRAWN_MANIFEST_LOST]
    renamed = json.dumps(json.loads(kept[manifest]) | {"filename": "other.csv"}).encode()
    assert found(manifest, renamed) == [Code.WITHDRAWN_MANIFEST_LOST]  # the raw file has the ledger's name
    assert found(mark, None) == [Code.WITHDRAWN_MARK_MISSING]
    assert found(mark, b"garbage") == [Code.WITHDRAWN_MARK_UNREADABLE]
    pipeline.objects.delete(list(kept))
    assert sorted(codes(pipeline)) == [
        Code.WITHDRAWN_MANIFEST_LOST,
        Code.WITHDRAWN_MARK_MISSING,
        Code.WITHDRAWN_RAW_LOST,
    ]


@pytest.mark.parametrize("content", [None, b"garbage"])
def test_carrying_a_withdrawal_out_again_writes_its_record_again(
    pipeline: Pipeline, promoted: str, content: bytes | None
) -> None:
    last = pipeline.publish(b"a,b\n3,z\n")
    withdraw(pipeline, last)
    assert promoted
    mark = Areas(pipeline.context.settings).withdrawn(pipeline.upload(last))
    pipeline.objects.delete([mark])
    if content is not None:
        pipeline.objects.write(mark, content)
    [found] = verify(pipeline.context, grace=timedelta())
    assert found.repair.dag == "withdraw_upload"
    carry_out(pipeline.context, last)
    assert verify(pipeline.context, grace=timedelta()) == ()


def test_a_row_of_a_withdrawn_upload_that_is_otherwise_than_its_manifest_is_found(
    pipeline: Pipeline, promoted: str
) -> None:
    last = pipeline.publish(b"a,b\n3,z\n")
    withdraw(pipeline, last)
    assert promoted
    pipeline.context.ledger.amend(last, uploader="other@example.org")
    [found] = verify(pipeline.context, grace=timedelta())
    assert (found.code, found.upload_id) == (Code.MANIFEST_DIFFERS, last)
    rebuild_ledger(pipeline.context, by="engineer", dry_run=False, correct=True)
    assert codes(pipeline) == []
    assert pipeline.upload(last).uploader == "analyst@example.org"


def test_a_mark_of_withdrawal_on_a_live_upload_is_found(pipeline: Pipeline, promoted: str) -> None:
    mark_withdrawn(pipeline, promoted)
    assert codes(pipeline) == [Code.WITHDRAWN_MARK_ON_LIVE]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [({"columns": (("a", "bigint"),)}, "columns"), ({"uploader": "mallory@example.org"}, "uploader")],
)
def test_a_row_that_is_otherwise_than_its_manifest_is_found_and_mended(
    pipeline: Pipeline, promoted: str, wrong: dict[str, Any], named: str
) -> None:
    before = pipeline.upload(promoted)
    pipeline.context.ledger.amend(promoted, **wrong)
    [found] = verify(pipeline.context)
    assert (found.code, found.what) == (Code.MANIFEST_DIFFERS, f"Manifest and ledger differ in {named}.")
    rebuild_ledger(pipeline.context, by="engineer", dry_run=False, correct=True)
    assert verify(pipeline.context) == ()
    assert pipeline.upload(promoted) == before


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"database": "animals"}, "database"),
        ({"table": "others"}, "table"),
        ({"extraction_timestamp": "20200101T000000Z"}, "extraction_timestamp"),
        ({"columns": [["a", "bigint"]]}, "columns"),
        ({"columns": "all"}, "columns"),
    ],
)
def test_a_manifest_that_its_place_or_its_evidence_gives_the_lie_is_damaged(
    pipeline: Pipeline, promoted: str, said: dict[str, Any], named: str
) -> None:
    change_manifest(pipeline, promoted, **said)
    [found] = verify(pipeline.context)
    assert (found.code, found.repair.dag) == (Code.MANIFEST_DAMAGED, "withdraw_upload")
    assert f"{named} is otherwise in the ledger" in found.what


def test_an_early_manifest_without_columns_agrees(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a,b\n1,\n2,\n")
    uri = Areas(pipeline.context.settings).manifest(pipeline.upload(upload_id))
    document = json.loads(pipeline.objects.read(uri))
    del document["columns"]
    pipeline.objects.write(uri, json.dumps(document).encode())
    assert codes(pipeline) == []
    report = rebuild_ledger(pipeline.context, by="engineer", dry_run=True)
    assert report.differing == {}
