"""What our Glue and curated tell otherwise than the ledger is found, and named with its repair."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from include.domain.errors import Terminal
from include.domain.reading_options import choose
from include.domain.upload import State
from include.services import glue_tables
from include.services.areas import Areas
from include.services.consistency import Code, examine, verify
from include.services.table_options import of_table
from tests.services.repair.test_rebuild_ledger import withdraw

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.ports import CataloguePartition
    from tests.services.conftest import Pipeline

from tests.services.consistency.scene import (
    DATABASE,
    WHERE,
    change_manifest,
    change_row,
    change_table,
    codes,
    entry_of,
    files_of,
    lose_options,
    mark_withdrawn,
    notes,
    rebuild_whole_table,
    timestamp_of,
)


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
