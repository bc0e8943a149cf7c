"""What the Analytical Platform has otherwise than was promoted is found, and named with its repair."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from include.domain.upload import State
from include.services import glue_tables
from include.services.areas import Areas
from include.services.consistency import Code, verify
from include.services.promotion.again import doubt_promoted
from include.services.promotion.promote import promote_table
from include.services.repair.rebuild_ledger import rebuild_ledger
from tests.services.repair.test_rebuild_ledger import withdraw

if TYPE_CHECKING:
    from tests.services.conftest import Pipeline

from tests.services.consistency.scene import WHERE, change_row, codes, entry_of, files_of, mark_withdrawn, timestamp_of


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
