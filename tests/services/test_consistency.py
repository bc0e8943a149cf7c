"""The consistency check: nothing to say of a clean pipeline; each thing that can differ is named with its repair."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from include.adapters.ledger.engine import make_engine
from include.adapters.ledger.tables import uploads
from include.domain.errors import NotFound, Terminal
from include.domain.reading_options import choose
from include.domain.upload import State
from include.services import glue_tables
from include.services.areas import Areas
from include.services.consistency import Code, Disagreement, examine, verify
from include.services.consistency.disagreement import NOTES, REPAIRS
from include.services.consistency.mail import agreement_of, tell_team
from include.services.promotion.again import doubt_promoted
from include.services.promotion.promote import promote_table
from include.services.repair import rebuild_table
from include.services.repair.rebuild_ledger import rebuild_ledger
from include.services.repair.table_target import Request
from include.services.table_options import of_table
from include.services.widening.job import job_lease, leave_job, prepare
from include.services.widening.waiting import claim_table
from include.services.withdrawal.carry_out import carry_out
from include.services.withdrawal.record import WithdrawnRecord
from include.settings import PROJECT_ROOT
from tests.services.repair.test_rebuild_ledger import withdraw

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.ports import CataloguePartition, CatalogueTable
    from tests.services.conftest import Pipeline

DATABASE = "data_eng_uploader_dev_travel"
WHERE = (DATABASE, "trips")


@pytest.fixture
def promoted(pipeline: Pipeline) -> str:
    """One upload on the Analytical Platform; its id."""
    upload_id = pipeline.publish(b"a,b\n1,x\n2,y\n")
    promote_table(pipeline.context, database="travel", table="trips")
    return upload_id


def codes(pipeline: Pipeline, *, thorough: bool = False) -> list[Code]:
    return [one.code for one in verify(pipeline.context, thorough=thorough, grace=timedelta())]


def notes(pipeline: Pipeline) -> list[Code]:
    return [one.code for one in examine(pipeline.context).notes]


def timestamp_of(pipeline: Pipeline, upload_id: str) -> str:
    return pipeline.upload(upload_id).extraction_timestamp


def entry_of(pipeline: Pipeline, upload_id: str) -> CataloguePartition:
    return pipeline.catalogue.entries[WHERE][timestamp_of(pipeline, upload_id)]


def change_table(pipeline: Pipeline, change: Callable[[CatalogueTable], CatalogueTable]) -> None:
    pipeline.catalogue.tables[WHERE] = change(pipeline.catalogue.tables[WHERE])


def change_manifest(pipeline: Pipeline, of: str, **facts: object) -> None:
    uri = Areas(pipeline.context.settings).manifest(pipeline.upload(of))
    document = json.loads(pipeline.objects.read(uri)) | facts
    pipeline.objects.write(uri, json.dumps(document).encode())


def files_of(pipeline: Pipeline, location: str) -> list[str]:
    return [stored.uri for stored in pipeline.objects.list(location)]


def mark_withdrawn(pipeline: Pipeline, upload_id: str) -> None:
    uri = Areas(pipeline.context.settings).manifest(pipeline.upload(upload_id)).replace("_manifest", "_withdrawn")
    record = WithdrawnRecord(
        upload_id=upload_id,
        requested_by="analyst@example.org",
        requested_at="2026-01-01T00:00:00+00:00",
        reason="wrong",
        approved_by=None,
        approved_at=None,
    )
    pipeline.objects.write(uri, json.dumps(asdict(record)).encode())


def test_a_service_with_nothing_in_it_agrees(pipeline: Pipeline) -> None:
    report = examine(pipeline.context)
    assert report.disagreements == report.notes == ()
    assert report.tables == 0


def test_what_was_published_widened_refused_and_promoted_agrees(pipeline: Pipeline) -> None:
    pipeline.publish(b"a,b\n1,x\n2,y\n")
    pipeline.publish(b'[{"who": {"name": "x", "seen": ["2026-01-01"]}, "n": 1.5}]', filename="f.json", table="people")
    promote_table(pipeline.context, database="travel", table="trips")
    pipeline.publish(b"a,c\nz,2026-01-01T00:00:00Z\n")
    refused = pipeline.land(b"a,a\n1,2\n")
    pipeline.watch()
    assert pipeline.ingest(refused) is State.REFUSED
    pipeline.announce(b"a\n1\n", table="later")
    report = examine(pipeline.context, thorough=True, grace=timedelta())
    assert report.disagreements == report.notes == ()
    assert (report.tables, report.partitions) == (3, 3)
    promote_table(pipeline.context, database="travel", table="trips")
    promote_table(pipeline.context, database="travel", table="people")
    assert verify(pipeline.context, thorough=True, grace=timedelta()) == ()


def test_what_waits_for_its_promotion_is_no_disagreement(pipeline: Pipeline, promoted: str) -> None:
    pipeline.publish(b"a,b,c\nw,y,1\n")
    assert pipeline.upload(promoted).revision != pipeline.upload(promoted).promoted_revision
    assert codes(pipeline) == []


def test_only_the_table_that_was_asked_for_is_looked_at(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    pipeline.publish(b"a\n1\n", database="animals")
    for where in list(pipeline.catalogue.tables):
        pipeline.catalogue.delete_table(*where)
    found = verify(pipeline.context, database="animals")
    assert {(one.code, one.database) for one in found} == {
        (Code.TABLE_MISSING, "animals"),
    }
    pipeline.publish(b"a\n1\n", table="other")
    assert verify(pipeline.context, database="travel", table="other") == ()


@pytest.mark.parametrize(
    "named", [{"database": "travel", "table": "tripz"}, {"database": "travvel"}, {"table": "tripz"}]
)
def test_a_misspelt_name_is_refused_and_agrees_in_nothing(
    pipeline: Pipeline, promoted: str, named: dict[str, Any]
) -> None:
    assert promoted
    with pytest.raises(NotFound, match=r"tripz|travvel") as error:
        examine(pipeline.context, **named)
    assert error.value.code == "no_such_table"


def test_what_any_one_place_tells_of_is_looked_at_by_name(pipeline: Pipeline) -> None:
    pipeline.announce(b"a\n1\n", table="later")
    assert examine(pipeline.context, database="travel", table="later").tables == 1
    areas = Areas(pipeline.context.settings)
    pipeline.objects.write(areas.raw_table("travel", "raw") + "extraction_timestamp=20260101T000000Z/f.csv", b"a\n")
    pipeline.context.ap_objects.write(areas.ap_table("travel", "theirs") + "x.csv", b"a\n")
    assert verify(pipeline.context, database="travel", table="raw") != ()
    assert verify(pipeline.context, database="travel", table="theirs") != ()


def test_a_disagreement_names_its_partition_and_the_repair(pipeline: Pipeline, promoted: str) -> None:
    pipeline.catalogue.delete_partitions(*WHERE, [timestamp_of(pipeline, promoted)])
    [found] = verify(pipeline.context)
    assert (found.database, found.table) == ("travel", "trips")
    assert (found.extraction_timestamp, found.upload_id) == (timestamp_of(pipeline, promoted), promoted)
    assert found.repair.dag == "rebuild_table"
    assert found.repair.form == {"database": "travel", "table": "trips", "dry_run": False}
    assert json.loads(json.dumps(found.as_dict()))["code"] == "partition_missing"


def test_what_is_not_found_twice_is_not_reported(pipeline: Pipeline, promoted: str) -> None:
    timestamp = timestamp_of(pipeline, promoted)
    entry = pipeline.catalogue.entries[WHERE].pop(timestamp)
    seen = pipeline.catalogue.partitions

    def and_comes_back(database: str, table: str) -> object:
        yield from list(seen(database, table))
        pipeline.catalogue.entries[WHERE][timestamp] = entry

    pipeline.catalogue.partitions = and_comes_back  # type: ignore[method-assign,assignment]
    assert codes(pipeline) == []


def test_a_table_that_is_being_written_is_named_as_busy(pipeline: Pipeline, promoted: str) -> None:
    pipeline.catalogue.delete_partitions(*WHERE, [timestamp_of(pipeline, promoted)])
    assert pipeline.context.ledger.acquire("widen:travel.trips", holder="a job", seconds=60)
    report = examine(pipeline.context)
    assert report.disagreements == ()
    assert report.busy == ("travel.trips",)
    assert report.partitions == 0


def test_a_table_that_was_not_looked_at_is_not_said_to_agree(pipeline: Pipeline, promoted: str) -> None:
    assert promoted
    pipeline.publish(b"a\n1\n", table="others")
    agree = "2 tables with 2 partitions and 3 files agree."
    assert agreement_of(examine(pipeline.context).as_dict()) == agree
    assert pipeline.context.ledger.acquire("widen:travel.trips", holder="a job", seconds=60)
    assert agreement_of(examine(pipeline.context).as_dict()) == (
        "1 tables with 1 partitions and 2 files agree. "
        "1 being written to meanwhile, so looked at only in part: travel.trips."
    )
    report = replace(examine(pipeline.context), busy=tuple(f"travel.t{number}" for number in range(22)), tables=22)
    assert agreement_of(report.as_dict()).endswith("travel.t19 and 2 more.")


def test_a_table_that_was_taken_between_the_two_looks_was_looked_at_in_part(
    pipeline: Pipeline, promoted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.catalogue.delete_partitions(*WHERE, [timestamp_of(pipeline, promoted)])
    seen = pipeline.catalogue.partitions

    def and_somebody_begins(database: str, table: str) -> object:
        yield from list(seen(database, table))
        pipeline.context.ledger.acquire("widen:travel.trips", holder="a job", seconds=60)

    monkeypatch.setattr(pipeline.catalogue, "partitions", and_somebody_begins)
    report = examine(pipeline.context)
    assert (report.disagreements, report.busy) == ((), ("travel.trips",))


@pytest.mark.parametrize("budget", [0, 200])
def test_a_table_is_looked_at_while_uploads_wait_and_nobody_works(
    pipeline: Pipeline, promoted: str, budget: int
) -> None:
    where = ("travel", "trips")
    settings = pipeline.context.settings.model_copy(update={"widen_max_partitions": budget})
    pipeline.context = replace(pipeline.context, settings=settings)
    waiting = pipeline.land(b"a,b\nz,x\n")
    pipeline.watch()
    assert pipeline.ingest(waiting) is State.WIDENING
    run = claim_table(pipeline.context, *where)
    assert run is not None
    with job_lease(pipeline.context, *where, holder=run.holder):
        prepare(pipeline.context, *where, holder=run.holder)
    if budget:
        leave_job(pipeline.context, *where, holder=run.holder)  # the run is red
    pipeline.catalogue.entries[WHERE].clear()
    for _ in range(3):
        report = examine(pipeline.context)
        assert [(one.code, one.upload_id) for one in report.disagreements] == [(Code.PARTITION_MISSING, promoted)]
        assert report.busy == ()
        pipeline.clock.advance(seconds=300)
        claim_table(pipeline.context, *where)
    pipeline.clock.advance(hours=25)
    claim_table(pipeline.context, *where)
    stuck = [Code.WIDENING_STUCK] if budget else []
    assert sorted(codes(pipeline)) == sorted([Code.PARTITION_MISSING, *stuck])


def test_denied_is_an_error_and_never_nothing_to_say(pipeline: Pipeline, promoted: str) -> None:
    def denied(database: str, table: str) -> None:
        raise Terminal(f"{database}.{table}", code="access_denied")

    assert promoted
    pipeline.ap_catalogue.table = denied  # type: ignore[method-assign]
    with pytest.raises(Terminal):
        verify(pipeline.context)


# --- raw_history and the ledger ----------------------------------------------------------------------------------


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


# --- our Glue and curated ----------------------------------------------------------------------------------------


def test_a_table_that_is_gone_or_foreign_is_found(pipeline: Pipeline, promoted: str) -> None:
    assert promoted
    table = pipeline.catalogue.tables[WHERE]
    change_table(pipeline, lambda was: replace(was, parameters={"made_by": "hand"}))
    assert codes(pipeline) == [Code.TABLE_FOREIGN]
    pipeline.catalogue.tables[WHERE] = table
    pipeline.catalogue.delete_table(*WHERE)
    assert codes(pipeline) == [Code.TABLE_MISSING]


def test_a_foreign_table_under_our_prefix_is_a_note(pipeline: Pipeline, promoted: str) -> None:
    table = replace(pipeline.catalogue.tables[WHERE], name="theirs", parameters={})
    pipeline.catalogue.create_table(table)
    pipeline.ap_catalogue.create_table(table)
    assert promoted
    assert codes(pipeline) == []
    assert notes(pipeline) == [Code.FOREIGN_TABLE, Code.FOREIGN_TABLE]


def test_a_table_of_ours_without_uploads_is_found(pipeline: Pipeline, promoted: str) -> None:
    assert promoted
    table = replace(pipeline.catalogue.tables[WHERE], name="empty")
    pipeline.catalogue.create_table(table)
    location = Areas(pipeline.context.settings).ap_table("travel", "empty")
    pipeline.ap_catalogue.create_table(replace(table, location=location))
    found = verify(pipeline.context)
    assert [(one.code, one.table) for one in found] == [
        (Code.PLATFORM_TABLE_UNKNOWN, "empty"),
        (Code.TABLE_WITHOUT_UPLOADS, "empty"),
    ]


def test_a_new_table_whose_first_upload_is_on_its_way_is_not_without_uploads(pipeline: Pipeline) -> None:
    first = pipeline.publish(b"a\n1\n")
    change_row(pipeline, first, state="publishing")  # killed between registering and noting so
    assert codes(pipeline) == []
    change_row(pipeline, first, state="cancelled")
    assert Code.TABLE_WITHOUT_UPLOADS in codes(pipeline)


def test_lost_evidence_is_found(pipeline: Pipeline, promoted: str) -> None:
    assert promoted
    change_table(pipeline, lambda was: replace(was, parameters={"data_uploader": "dev"}))
    assert codes(pipeline) == [Code.EVIDENCE_LOST]


def test_columns_and_location_that_are_not_what_the_evidence_says_are_found(pipeline: Pipeline, promoted: str) -> None:
    assert promoted
    change_table(pipeline, lambda was: replace(was, columns=(*was.columns, ("extra", "string"))))
    assert set(codes(pipeline)) == {Code.COLUMNS_DIFFER, Code.PLATFORM_COLUMNS_DIFFER}
    change_table(pipeline, lambda was: replace(was, columns=was.columns[:-1], location="s3://elsewhere/"))
    assert codes(pipeline) == [Code.COLUMNS_DIFFER]


OPTIONS_LOST = {
    "gone": None,
    "no JSON": "{not json",
    "no object": "[]",
    "no such option": json.dumps({"options": {"taste": "sweet"}, "since": "2026-01-01T00:00:00+00:00"}),
    "no moment": json.dumps({"options": {}, "since": "yesterday"}),
    "chosen by nobody": json.dumps({"options": {"delimiter": ","}, "since": "2030-01-01T00:00:00+00:00"}),
    "a moment of nowhere": json.dumps({"options": {"delimiter": ","}, "since": "2030-01-01T00:00:00"}),
}


@pytest.mark.parametrize("text", OPTIONS_LOST.values(), ids=OPTIONS_LOST.keys())
def test_reading_options_that_are_lost_or_changed_are_found_and_mended_by_a_rebuild(
    pipeline: Pipeline, text: str | None
) -> None:
    chosen = choose(delimiter="semicolon", text_columns=["code"])
    pipeline.publish(b"code;n\n07;1\n", chosen=choose(delimiter="semicolon"))
    pipeline.clock.advance(seconds=60)
    pipeline.publish(b"code;n\n07;2\n", chosen=chosen)
    assert codes(pipeline) == []
    lose_options(pipeline, text)
    assert codes(pipeline) == [Code.TABLE_OPTIONS_LOST]
    rebuild_whole_table(pipeline)
    assert codes(pipeline) == []
    assert of_table(pipeline.context, "travel", "trips").options == chosen


def test_an_older_choice_than_the_last_is_found(pipeline: Pipeline) -> None:
    pipeline.publish(b"code;n\n07;1\n", chosen=choose(delimiter="semicolon"))
    before = pipeline.catalogue.tables[WHERE].parameters[glue_tables.OPTIONS]
    pipeline.clock.advance(seconds=60)
    pipeline.publish(b"code,n\n07,2\n", chosen=choose(delimiter="comma"))
    lose_options(pipeline, before)
    assert codes(pipeline) == [Code.TABLE_OPTIONS_LOST]


def test_what_a_withdrawn_upload_chose_for_its_table_stays_and_agrees(pipeline: Pipeline) -> None:
    pipeline.publish(b"code;n\n07;1\n", chosen=choose(delimiter="semicolon"))
    pipeline.clock.advance(seconds=60)
    last = pipeline.publish(b"code,n\n07,2\n", chosen=choose(delimiter="comma"))
    withdraw(pipeline, last)
    assert codes(pipeline) == []
    lose_options(pipeline, None)
    assert codes(pipeline) == [Code.TABLE_OPTIONS_LOST]


def test_a_table_from_before_there_were_options_has_lost_none(pipeline: Pipeline, promoted: str) -> None:
    change_manifest(pipeline, promoted, reading_options_since=None)
    pipeline.context.ledger.amend(promoted, options_since=None)
    lose_options(pipeline, None)
    assert codes(pipeline) == []


def test_a_file_is_not_taken_for_a_table_of_which_nobody_can_tell_how_it_is_read(
    pipeline: Pipeline, promoted: str
) -> None:
    assert promoted
    lose_options(pipeline, "{not json")
    with pytest.raises(Terminal, match="rebuild the table") as error:
        pipeline.announce(b"a,b\n1,x\n")
    assert error.value.code == "table_options_lost"


def lose_options(pipeline: Pipeline, text: str | None) -> None:
    """Put this in the place of what the table says of how its files are read."""
    said = {} if text is None else {glue_tables.OPTIONS: text}

    def change(table: CatalogueTable) -> CatalogueTable:
        kept = {name: value for name, value in table.parameters.items() if name != glue_tables.OPTIONS}
        return replace(table, parameters=kept | said)

    change_table(pipeline, change)


def rebuild_whole_table(pipeline: Pipeline) -> None:
    """What `rebuild_table` does."""
    request = Request(database="travel", table="trips")
    rebuild_table.prepare(pipeline.context, request, run="manual__1")
    rebuild_table.flip(pipeline.context, request, run="manual__1", by="engineer", asked_by="engineer")


def test_evidence_that_lacks_what_an_upload_has_shown_is_found(pipeline: Pipeline, promoted: str) -> None:
    assert promoted
    narrow = pipeline.catalogue.tables[WHERE]
    pipeline.publish(b"a,b\n1,x\n,\n\\N,z\nzz,1\n")
    wide = pipeline.catalogue.tables[WHERE]
    change_table(pipeline, lambda was: replace(narrow, version=was.version))
    assert Code.EVIDENCE_TOO_NARROW in codes(pipeline)
    change_table(pipeline, lambda was: replace(wide, version=was.version))
    assert codes(pipeline) == []


def test_a_widening_that_nobody_goes_on_with_is_found(pipeline: Pipeline, promoted: str) -> None:
    assert promoted
    change_table(pipeline, lambda was: replace(was, parameters={**was.parameters, glue_tables.WIDENING: "true"}))
    assert codes(pipeline) == [Code.WIDENING_INTERRUPTED]
    upload_id = pipeline.land(b"a,b\n1,x\n")
    pipeline.watch()
    pipeline.context.ledger.move(upload_id, State.CHECKING, actor="test")
    assert codes(pipeline) == []


def test_a_partition_that_is_unknown_or_not_published_is_found(pipeline: Pipeline, promoted: str) -> None:
    entry = entry_of(pipeline, promoted)
    other = replace(
        entry, extraction_timestamp="20260101T000000Z", parameters={**entry.parameters, glue_tables.UPLOAD: "nobody"}
    )
    pipeline.catalogue.create_partition(*WHERE, other)
    assert codes(pipeline) == [Code.PARTITION_UNKNOWN]
    pipeline.catalogue.delete_partitions(*WHERE, [other.extraction_timestamp])
    refused = pipeline.land(b"a,a\n1,2\n")
    pipeline.watch()
    pipeline.ingest(refused)
    mine = {**entry.parameters, glue_tables.UPLOAD: refused}
    pipeline.catalogue.create_partition(
        *WHERE, replace(entry, extraction_timestamp=timestamp_of(pipeline, refused), parameters=mine)
    )
    assert codes(pipeline) == [Code.PARTITION_NOT_PUBLISHED]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda was: replace(was, location="s3://elsewhere/"), "instead of"),
        (
            lambda was: replace(was, parameters={**was.parameters, glue_tables.REVISION: "0" * 16}),
            "its revision is 0",
        ),
        (lambda was: replace(was, parameters={**was.parameters, glue_tables.ROWS: "3"}), "it has 3 rows"),
        (lambda was: replace(was, parameters={**was.parameters, glue_tables.UPLOAD: "b"}), "for upload b"),
        (lambda was: replace(was, columns=(*was.columns, ("new", "date"))), "the table lacks its columns new"),
    ],
)
def test_a_partition_that_differs_from_the_ledger_is_found(
    pipeline: Pipeline, promoted: str, change: Callable[[CataloguePartition], CataloguePartition], said: str
) -> None:
    entry = entry_of(pipeline, promoted)
    pipeline.catalogue.update_partitions(*WHERE, [change(entry)])
    found = [one for one in verify(pipeline.context) if one.code is Code.PARTITION_DIFFERS]
    assert len(found) == 1
    assert said in found[0].what


def test_a_partition_too_narrow_for_its_table_is_found(pipeline: Pipeline, promoted: str) -> None:
    narrow = entry_of(pipeline, promoted)
    pipeline.publish(b"a,b\nx,y\n")
    entry = entry_of(pipeline, promoted)
    pipeline.catalogue.update_partitions(*WHERE, [replace(entry, columns=narrow.columns)])
    found = [one for one in verify(pipeline.context) if one.code is Code.PARTITION_TOO_NARROW]
    assert [one.upload_id for one in found] == [promoted]
    assert "a" in found[0].what


def test_files_that_are_missing_or_broken_or_others_are_found(pipeline: Pipeline, promoted: str) -> None:
    [part] = files_of(pipeline, entry_of(pipeline, promoted).location)
    own = {Code.FILES_DIFFER, Code.PLATFORM_FILES_DIFFER}  # the copy on the platform is no longer like it
    content = pipeline.objects.read(part)
    pipeline.objects.write(part, content[:-4] + b"NOPE")
    assert codes(pipeline) == [Code.FILES_DIFFER]
    pipeline.objects.write(part, b"")
    assert set(codes(pipeline)) == own
    pipeline.objects.write(part, content)
    pipeline.objects.write(part.replace("part-00000", "part-00001"), content)
    assert set(codes(pipeline)) == own
    pipeline.objects.delete([part, part.replace("part-00000", "part-00001")])
    assert codes(pipeline) == [Code.FILES_DIFFER]


def test_what_is_wrong_with_a_file_is_said(pipeline: Pipeline, promoted: str) -> None:
    location = entry_of(pipeline, promoted).location
    [part] = files_of(pipeline, location)
    content = pipeline.objects.read(part)

    def said() -> str:
        [found] = [one for one in verify(pipeline.context) if one.code is Code.FILES_DIFFER]
        return found.what

    pipeline.objects.write(part, content[:-4])
    name = part.removeprefix(location)
    assert f"{name} cannot be read (" in said()
    assert "other columns" not in said()
    pipeline.objects.delete([part])
    pipeline.objects.write(f"{location}below/{name}", content)
    assert said() == f"The partition's files: below/{name} lies deeper than the partition's files do."


def test_files_of_other_columns_than_the_partition_says_are_found(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a,b\n1,x\n2,y\n")
    other = pipeline.publish(b"a,b\nz,x\nz,y\n", table="other")
    [part] = files_of(pipeline, entry_of(pipeline, upload_id).location)
    wide = pipeline.catalogue.entries[DATABASE, "other"][timestamp_of(pipeline, other)]
    [theirs] = files_of(pipeline, wide.location)
    pipeline.objects.write(part, pipeline.objects.read(theirs))
    [found] = verify(pipeline.context)
    assert found.code is Code.FILES_DIFFER
    assert "part-00000.parquet has other columns than the partition" in found.what


def test_anything_but_parquet_below_a_table_is_found(pipeline: Pipeline, promoted: str) -> None:
    location = entry_of(pipeline, promoted).location
    pipeline.objects.write(location + "_SUCCESS", b"")
    pipeline.objects.write(Areas(pipeline.context.settings).ap_table("travel", "trips") + "notes.txt", b"")
    assert set(codes(pipeline)) == {Code.NOT_PARQUET, Code.PLATFORM_NOT_PARQUET}


@pytest.mark.parametrize(
    "path",
    [
        "part-0.parquet",
        "extraction_timestamp=20200101T000000Z/rev=0000000000000000/part-0.parquet",
        "{own}/part-0.parquet",
        "old/{own}/rev=0000000000000000/part-0.parquet",
    ],
)
@pytest.mark.parametrize("code", [Code.FILES_UNKNOWN, Code.PLATFORM_FILES_UNKNOWN])
def test_parquet_in_no_partition_is_found(pipeline: Pipeline, promoted: str, code: Code, path: str) -> None:
    areas, own = Areas(pipeline.context.settings), f"extraction_timestamp={timestamp_of(pipeline, promoted)}"
    objects, root = (
        (pipeline.objects, areas.table("travel", "trips"))
        if code is Code.FILES_UNKNOWN
        else (pipeline.context.ap_objects, areas.ap_table("travel", "trips"))
    )
    where = path.format(own=own)
    objects.write(root + where, b"PAR1")
    [found] = verify(pipeline.context)
    assert (found.code, found.repair.dag) == (code, None)
    assert where in found.what


def test_what_was_derived_or_superseded_is_not_called_unknown(pipeline: Pipeline, promoted: str) -> None:
    areas, key = Areas(pipeline.context.settings), pipeline.upload(promoted).key
    pipeline.objects.write(areas.revision(key, "0" * 16) + "part-0.parquet", b"PAR1")
    pipeline.context.ap_objects.write(areas.ap_revision(key, "0" * 16) + "part-0.parquet", b"PAR1")
    assert codes(pipeline) == []


def test_more_than_an_uploads_own_files_in_raw_history_is_found(pipeline: Pipeline, promoted: str) -> None:
    areas = Areas(pipeline.context.settings)
    beside = areas.manifest(pipeline.upload(promoted)).replace("_manifest.json", "other.csv")
    pipeline.objects.write(beside, b"a,b\n")
    [found] = verify(pipeline.context)
    assert (found.code, found.upload_id) == (Code.RAW_FILES_UNKNOWN, promoted)
    assert "other.csv" in found.what
    pipeline.objects.delete([beside])
    for name in ("stray.csv", "extraction_timestamp=20200101T000000Z"):
        pipeline.objects.write(areas.raw_table("travel", "trips") + name, b"a,b\n")
        [found] = verify(pipeline.context)
        assert (found.code, found.upload_id) == (Code.RAW_FILES_UNKNOWN, None)
        assert name in found.what
        pipeline.objects.delete([areas.raw_table("travel", "trips") + name])


def test_types_wider_than_the_uploads_need_are_a_note(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    wide = pipeline.publish(b"a,b\nx,1\n")
    pipeline.context.ledger.move(wide, State.WITHDRAWN, actor="test", revision=None)
    pipeline.catalogue.delete_partitions(*WHERE, [timestamp_of(pipeline, wide)])
    mark_withdrawn(pipeline, wide)
    assert codes(pipeline) == []
    [note] = examine(pipeline.context).notes
    assert note.code is Code.TYPES_WIDER_THAN_NEEDED
    assert "2 columns" in note.what
    assert note.repair.dag == "rebuild_table"


def test_types_are_not_called_too_wide_while_not_everything_is_known(pipeline: Pipeline) -> None:
    manifest = Areas(pipeline.context.settings).manifest(pipeline.upload(pipeline.publish(b"a\n1\n")))
    pipeline.publish(b"a\n3\n")
    withdraw(pipeline, pipeline.publish(b"a\nx\n"))
    assert notes(pipeline) == [Code.TYPES_WIDER_THAN_NEEDED]
    content = pipeline.objects.read(manifest)
    pipeline.objects.write(manifest, b"{")
    assert notes(pipeline) == []
    pipeline.objects.write(manifest, content)
    coming = pipeline.land(b"a\n2\n")
    pipeline.context.ledger.move(coming, State.CHECKING, actor="test")
    assert notes(pipeline) == []
    pipeline.context.ledger.move(coming, State.REFUSED, actor="test")
    assert notes(pipeline) == [Code.TYPES_WIDER_THAN_NEEDED]


# --- the Analytical Platform -------------------------------------------------------------------------------------


def test_what_is_missing_on_the_platform_is_found(pipeline: Pipeline, promoted: str) -> None:
    pipeline.ap_catalogue.delete_partitions(*WHERE, [timestamp_of(pipeline, promoted)])
    [found] = verify(pipeline.context)
    assert (found.code, found.repair.dag) == (Code.PLATFORM_PARTITION_MISSING, "promote_to_analytical_platform")
    pipeline.ap_catalogue.delete_table(*WHERE)
    assert codes(pipeline) == [Code.PLATFORM_TABLE_MISSING]


def test_a_table_of_others_in_our_place_on_the_platform_is_found(pipeline: Pipeline, promoted: str) -> None:
    assert promoted
    pipeline.ap_catalogue.tables[WHERE] = replace(pipeline.ap_catalogue.tables[WHERE], parameters={})
    assert codes(pipeline) == [Code.PLATFORM_TABLE_FOREIGN]


def test_what_was_never_promoted_is_found_on_the_platform(pipeline: Pipeline, promoted: str) -> None:
    entry = pipeline.ap_catalogue.entries[WHERE][timestamp_of(pipeline, promoted)]
    later = pipeline.publish(b"a,b\n1,x\n")
    for timestamp, upload_id in ((timestamp_of(pipeline, later), later), ("20260101T000000Z", "nobody")):
        pipeline.ap_catalogue.create_partition(
            *WHERE,
            replace(
                entry, extraction_timestamp=timestamp, parameters={**entry.parameters, glue_tables.UPLOAD: upload_id}
            ),
        )
    assert codes(pipeline) == [Code.PLATFORM_PARTITION_UNKNOWN, Code.PLATFORM_PROMOTION_UNKNOWN]


@pytest.mark.parametrize("wrong", [{"taken_revision": None}, {"state": "published"}])
def test_a_row_that_no_promotion_can_have_left_is_found_and_mended(
    pipeline: Pipeline, promoted: str, wrong: dict[str, Any]
) -> None:
    before = pipeline.upload(promoted)
    change_row(pipeline, promoted, **wrong)
    [found] = verify(pipeline.context)
    assert (found.code, found.upload_id) == (Code.PLATFORM_PROMOTION_UNKNOWN, promoted)
    assert found.repair.form["differing"] == "take what was found"
    rebuild_ledger(pipeline.context, by="engineer", dry_run=False, correct=True)
    assert verify(pipeline.context) == ()
    after = pipeline.upload(promoted)
    assert (after.state, after.taken_revision) == (State.PROMOTED, before.taken_revision)


def change_row(pipeline: Pipeline, upload_id: str, **values: object) -> None:
    """What no code of ours writes into the ledger."""
    folder = pipeline.context.settings.work_dir
    engine = make_engine(f"sqlite:///{folder}/ledger.db")
    with engine.begin() as connection:
        connection.execute(update(uploads).where(uploads.c.id == upload_id).values(**values))
    engine.dispose()


def test_a_promotion_that_is_cut_short_is_no_disagreement(pipeline: Pipeline, promoted: str) -> None:
    entry = pipeline.ap_catalogue.entries[WHERE][timestamp_of(pipeline, promoted)]
    later = pipeline.publish(b"a,b\n1,x\n")
    revision = pipeline.upload(later).revision
    assert revision is not None
    assert pipeline.context.ledger.take(later, published=revision)
    pipeline.ap_catalogue.create_partition(
        *WHERE,
        replace(
            entry,
            extraction_timestamp=timestamp_of(pipeline, later),
            parameters={**entry.parameters, glue_tables.UPLOAD: later, glue_tables.REVISION: revision},
        ),
    )
    assert codes(pipeline) == []


def test_a_withdrawal_that_is_under_way_on_the_platform_is_no_disagreement(pipeline: Pipeline, promoted: str) -> None:
    other = pipeline.publish(b"a,b\n3,z\n")
    promote_table(pipeline.context, database="travel", table="trips")
    pipeline.context.ledger.move(other, State.WITHDRAWN, actor="test", revision=None)
    mark_withdrawn(pipeline, other)
    pipeline.catalogue.delete_partitions(*WHERE, [timestamp_of(pipeline, other)])
    pipeline.ap_catalogue.delete_partitions(*WHERE, [timestamp_of(pipeline, other)])
    assert pipeline.upload(other).promoted_revision is not None  # noted last
    assert verify(pipeline.context) == ()
    assert promoted


def test_columns_may_differ_while_the_platform_may_have_something_of_a_withdrawn_upload(
    pipeline: Pipeline, promoted: str
) -> None:
    other = pipeline.publish(b"a,b,c\n3,z,1\n")
    assert pipeline.context.ledger.take(other, published=pipeline.upload(other).revision or "")
    pipeline.context.ledger.amend(promoted, revision=pipeline.upload(promoted).promoted_revision)
    pipeline.context.ledger.move(other, State.WITHDRAWN, actor="test", revision=None)
    assert Code.PLATFORM_COLUMNS_DIFFER not in codes(pipeline)
    pipeline.context.ledger.amend(other, taken_revision=None)
    assert Code.PLATFORM_COLUMNS_DIFFER in codes(pipeline)


def test_files_of_a_withdrawn_upload_on_the_platform_have_their_time_to_go(pipeline: Pipeline, promoted: str) -> None:
    other = pipeline.publish(b"a,b\n3,z\n")
    withdraw(pipeline, other)
    left = Areas(pipeline.context.settings).ap_revision(pipeline.upload(other).key, "0" * 16) + "part-00000.parquet"
    pipeline.context.ap_objects.write(left, b"PAR1")
    assert promoted
    assert verify(pipeline.context) == ()
    pipeline.clock.advance(hours=1)
    assert [one.code for one in verify(pipeline.context)] == [Code.PLATFORM_FILES_LEFT]


def test_another_revision_or_place_than_was_promoted_is_found(pipeline: Pipeline, promoted: str) -> None:
    timestamp = timestamp_of(pipeline, promoted)
    entry = pipeline.ap_catalogue.entries[WHERE][timestamp]
    ours = entry_of(pipeline, promoted)
    pipeline.ap_catalogue.update_partitions(
        *WHERE, [replace(ours, parameters={**entry.parameters, glue_tables.REVISION: "0" * 16})]
    )
    found = [one for one in verify(pipeline.context) if one.code is Code.PLATFORM_PARTITION_DIFFERS]
    assert len(found) == 1
    assert "its revision is 0000000000000000" in found[0].what
    assert "it lies at" in found[0].what


def test_a_partition_narrower_than_the_platforms_table_is_found(pipeline: Pipeline, promoted: str) -> None:
    timestamp = timestamp_of(pipeline, promoted)
    narrow = pipeline.ap_catalogue.entries[WHERE][timestamp]
    pipeline.publish(b"a,b\nx,y\n")
    promote_table(pipeline.context, database="travel", table="trips")
    entry = pipeline.ap_catalogue.entries[WHERE][timestamp]
    pipeline.ap_catalogue.update_partitions(*WHERE, [replace(entry, columns=narrow.columns)])
    found = [one for one in verify(pipeline.context) if one.code is Code.PLATFORM_PARTITION_DIFFERS]
    assert len(found) == 1
    assert "cannot be read under the table's types: a" in found[0].what


def test_files_on_the_platform_that_are_not_as_in_curated_are_found(pipeline: Pipeline, promoted: str) -> None:
    [copy] = files_of(pipeline, pipeline.ap_catalogue.entries[WHERE][timestamp_of(pipeline, promoted)].location)
    pipeline.objects.write(copy, pipeline.objects.read(copy) + b"more")
    [found] = verify(pipeline.context)
    assert found.code is Code.PLATFORM_FILES_DIFFER
    assert "1 are not as in curated: part-00000.parquet" in found.what
    pipeline.objects.delete([copy])
    assert codes(pipeline) == [Code.PLATFORM_FILES_DIFFER]


def test_lost_evidence_on_the_platform_is_found(pipeline: Pipeline, promoted: str) -> None:
    assert promoted
    table = pipeline.ap_catalogue.tables[WHERE]
    pipeline.ap_catalogue.tables[WHERE] = replace(table, parameters={"data_uploader": "dev"})
    assert codes(pipeline) == [Code.PLATFORM_COLUMNS_DIFFER]


# --- under way ---------------------------------------------------------------------------------------------------


def test_a_file_that_a_finished_upload_left_in_landing_is_found(pipeline: Pipeline, promoted: str) -> None:
    upload = pipeline.upload(promoted)
    pipeline.objects.write(upload.landing_uri, b"a,b\n1,x\n2,y\n")
    assert verify(pipeline.context) == ()
    pipeline.clock.advance(hours=1)
    [found] = verify(pipeline.context)
    assert (found.code, found.repair.dag) == (Code.LANDING_LEFT, "watch_landing")
    pipeline.publish(b"a\n1\n", database="other")
    assert verify(pipeline.context, database="other") == ()


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (State.LANDED, Code.LANDED_UNCLAIMED),
        (State.CONVERTING, Code.INGESTION_STUCK),
        (State.WIDENING, Code.WIDENING_STUCK),
    ],
)
def test_an_upload_that_nobody_goes_on_with_is_found(pipeline: Pipeline, state: State, code: Code) -> None:
    upload_id = pipeline.land(b"a\n1\n")
    if state is not State.LANDED:
        pipeline.context.ledger.move(upload_id, State.CHECKING, actor="test")
        pipeline.context.ledger.move(upload_id, state, actor="test")
    assert verify(pipeline.context) == ()
    pipeline.clock.advance(hours=25)
    [found] = verify(pipeline.context)
    assert (found.code, found.upload_id) == (code, upload_id)
    assert pipeline.context.ledger.acquire("publish:travel.trips", holder="another", seconds=60)
    assert verify(pipeline.context) == ()


def test_an_upload_that_waits_for_a_person_is_not_stuck_and_a_failed_one_is_a_note(pipeline: Pipeline) -> None:
    waiting = pipeline.land(b"a\n1\n")
    pipeline.context.ledger.move(waiting, State.CHECKING, actor="test")
    pipeline.context.ledger.move(waiting, State.WAITING_FOR_APPROVAL, actor="test")
    failed = pipeline.land(b"a\n1\n")
    pipeline.context.ledger.move(failed, State.FAILED, actor="test")
    pipeline.clock.advance(hours=100)
    report = examine(pipeline.context)
    assert report.disagreements == ()
    [note] = report.notes
    assert (note.code, note.upload_id) == (Code.INGESTION_FAILED, failed)
    assert (note.repair.dag, dict(note.repair.form)) == ("ingest_upload", {"run_id": failed})
    pipeline.context.ledger.amend(failed, attempt=2)
    [note] = examine(pipeline.context).notes
    assert dict(note.repair.form) == {"run_id": f"{failed}__2"}


def test_every_code_has_a_repair_or_something_for_a_person_to_do() -> None:
    assert set(REPAIRS) == set(Code)
    for code in Code:
        repair = REPAIRS[code]("travel", "trips", "f" * 32)
        assert repair.dag or repair.first
    assert set(Code) > NOTES


def test_the_report_counts_all_and_lists_some(pipeline: Pipeline) -> None:
    for _ in range(3):
        pipeline.publish(b"a\n1\n")
    pipeline.catalogue.entries[WHERE].clear()
    report = examine(pipeline.context).as_dict(most=2)
    assert report["disagreeing"] == 3
    assert len(report["disagreements"]) == 2
    assert json.loads(json.dumps(report)) == report


def test_a_disagreement_is_the_same_wherever_it_was_found() -> None:
    from include.services.consistency.disagreement import disagreement

    one, other = (disagreement(Code.RAW_MISSING, "d", "t", "Gone.", upload_id="u") for _ in range(2))
    assert isinstance(one, Disagreement)
    assert one.about == other.about


# --- telling and mending -----------------------------------------------------------------------------------------


def test_agreement_sends_no_mail(pipeline: Pipeline, promoted: str) -> None:
    assert promoted
    assert tell_team(pipeline.context, examine(pipeline.context), run_id="manual__1") is None


def test_a_disagreement_is_mailed_to_the_team_once_a_run_with_its_repair(pipeline: Pipeline, promoted: str) -> None:
    pipeline.catalogue.entries[WHERE].clear()
    report = examine(pipeline.context)
    mail = tell_team(pipeline.context, report, run_id="manual__1")
    assert mail is not None
    assert tell_team(pipeline.context, report, run_id="manual__1") is None
    assert tell_team(pipeline.context, report, run_id="manual__2") is not None
    sent = pipeline.mailer.sent[mail]
    assert sent.to == pipeline.context.settings.team_email
    assert "Repair: rebuild_table with database=travel, table=trips, dry_run=False" in sent.text
    assert f"(upload {promoted})" in sent.text


def test_of_many_disagreements_the_mail_lists_some(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("include.services.consistency.mail.MOST_MAILED", 2)
    for _ in range(3):
        pipeline.publish(b"a\n1\n")
    pipeline.catalogue.entries[WHERE].clear()
    mail = tell_team(pipeline.context, examine(pipeline.context), run_id="scheduled__1")
    assert mail is not None
    text = pipeline.mailer.sent[mail].text
    assert text.count("Repair: ") == 2
    assert "… and 1 more, in the log of the run." in text


@pytest.mark.parametrize("damage", ["table", "partition", "files", "columns"])
def test_promoting_again_mends_what_the_platform_has_lost(pipeline: Pipeline, promoted: str, damage: str) -> None:
    theirs, timestamp = pipeline.ap_catalogue, timestamp_of(pipeline, promoted)
    [copy] = files_of(pipeline, theirs.entries[WHERE][timestamp].location)
    table = theirs.tables[WHERE]
    match damage:
        case "table":
            theirs.delete_table(*WHERE)
        case "partition":
            theirs.delete_partitions(*WHERE, [timestamp])
        case "files":
            pipeline.objects.write(copy, b"no Parquet")
            pipeline.objects.write(copy + "2.parquet", b"nor this")
        case _:
            theirs.tables[WHERE] = replace(table, columns=table.columns[:1])
    assert codes(pipeline)
    assert doubt_promoted(pipeline.context, database="travel", table="trips") == 1
    assert pipeline.upload(promoted).state is State.PROMOTED
    promote_table(pipeline.context, database="travel", table="trips")
    assert codes(pipeline, thorough=True) == []
    assert pipeline.upload(promoted).promoted_revision == pipeline.upload(promoted).revision


def test_what_is_withdrawn_while_it_is_promoted_again_leaves_the_platform(pipeline: Pipeline, promoted: str) -> None:
    assert doubt_promoted(pipeline.context, database="travel", table="trips") == 1
    pipeline.context.ledger.move(promoted, State.WITHDRAWN, actor="test", revision=None)
    promote_table(pipeline.context, database="travel", table="trips")
    assert pipeline.ap_catalogue.partition(*WHERE, timestamp_of(pipeline, promoted)) is None
    assert doubt_promoted(pipeline.context, database="travel", table="trips") == 0


def test_the_documentation_lists_every_code() -> None:
    text = (PROJECT_ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    table = text.partition("### What the consistency check finds")[2].partition("### ")[0]
    assert set(re.findall(r"`([a-z_]+)`", table)) >= {code.value for code in Code}
