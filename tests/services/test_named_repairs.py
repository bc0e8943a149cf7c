"""What breaks, the repair that its disagreement names with the form it names, and agreement after it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from include.adapters.ledger.engine import make_engine
from include.adapters.ledger.tables import uploads
from include.domain.errors import Terminal
from include.domain.upload import State
from include.services import glue_tables
from include.services.areas import Areas
from include.services.consistency import Code, Disagreement, examine, verify
from include.services.consistency.disagreement import (
    INGEST,
    PROMOTE,
    REBUILD_LEDGER,
    REBUILD_TABLE,
    TAKE_WHAT_WAS_FOUND,
)
from include.services.ownership import OWNER
from include.services.promotion.again import doubt_promoted
from include.services.promotion.promote import promote_table
from include.services.promotion.strays import clear_strays
from include.services.repair.rebuild_ledger import Scope, rebuild_ledger
from include.services.withdrawal.carry_out import carry_out
from tests.services.repair.test_rebuild_ledger import withdraw
from tests.services.repair.test_rebuild_table import rebuild

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.services.conftest import Pipeline

DATABASE = "data_eng_uploader_dev_travel"
WHERE = (DATABASE, "trips")
COPY = "20200101T000000Z"  # of no upload


@pytest.fixture
def two(pipeline: Pipeline) -> tuple[str, str]:
    """Two uploads on the Analytical Platform."""
    first, second = pipeline.publish(b"a,b\n1,x\n2,y\n"), pipeline.publish(b"a,b\n3,z\n")
    promote_table(pipeline.context, database="travel", table="trips")
    return first, second


def found(pipeline: Pipeline) -> tuple[Disagreement, ...]:
    return verify(pipeline.context, thorough=True, grace=timedelta())


def codes(pipeline: Pipeline) -> set[Code]:
    return {one.code for one in found(pipeline)}


def carry_repair(pipeline: Pipeline, wrong: Disagreement, *, run: str) -> None:
    context, form = pipeline.context, dict(wrong.repair.form)
    where: dict[str, Any] = {"database": form["database"], "table": form["table"]}
    match wrong.repair.dag:
        case "rebuild_table":
            assert wrong.repair.dag == REBUILD_TABLE
            rebuild(pipeline, run=run, **where)
        case "rebuild_ledger":
            assert wrong.repair.dag == REBUILD_LEDGER
            correct = form.get("differing") == TAKE_WHAT_WAS_FOUND
            rebuild_ledger(context, by="engineer", dry_run=False, correct=correct, scope=Scope(**where))
        case _:
            assert (wrong.repair.dag, form["again"]) == (PROMOTE, True)
            clear_strays(context, **where)
            doubt_promoted(context, **where)
            promote_table(context, **where)


def mend(pipeline: Pipeline, *expected: Code) -> None:
    """Each named repair once; then all agrees."""
    wrong = found(pipeline)
    assert {one.code for one in wrong} == set(expected)
    done = {json.dumps([one.repair.dag, dict(one.repair.form)], sort_keys=True): one for one in wrong}
    for number, one in enumerate(done.values()):
        carry_repair(pipeline, one, run=f"manual__{number}")
    assert found(pipeline) == ()


def areas(pipeline: Pipeline) -> Areas:
    return Areas(pipeline.context.settings)


def timestamp_of(pipeline: Pipeline, upload_id: str) -> str:
    return pipeline.upload(upload_id).extraction_timestamp


def change_manifest(pipeline: Pipeline, upload_id: str, change: Callable[[dict[str, Any]], None]) -> bytes:
    """Returns what it was."""
    uri = areas(pipeline).manifest(pipeline.upload(upload_id))
    was = pipeline.objects.read(uri)
    document = json.loads(was)
    change(document)
    pipeline.objects.write(uri, json.dumps(document).encode())
    return was


def test_an_upload_registered_twice_is_taken_out_where_it_does_not_belong(
    pipeline: Pipeline, two: tuple[str, str]
) -> None:
    for catalogue in (pipeline.catalogue, pipeline.ap_catalogue):
        entry = catalogue.entries[WHERE][timestamp_of(pipeline, two[0])]
        catalogue.create_partition(*WHERE, replace(entry, extraction_timestamp=COPY))
    mend(pipeline, Code.PARTITION_NOT_PUBLISHED, Code.PLATFORM_PARTITION_NOT_PUBLISHED)
    for catalogue in (pipeline.catalogue, pipeline.ap_catalogue):
        assert set(catalogue.entries[WHERE]) == {timestamp_of(pipeline, upload_id) for upload_id in two}


def test_an_upload_registered_in_a_withdrawn_ones_place_is_taken_out_there(
    pipeline: Pipeline, two: tuple[str, str]
) -> None:
    withdraw(pipeline, two[1])
    for catalogue in (pipeline.catalogue, pipeline.ap_catalogue):
        entry = catalogue.entries[WHERE][timestamp_of(pipeline, two[0])]
        catalogue.create_partition(*WHERE, replace(entry, extraction_timestamp=timestamp_of(pipeline, two[1])))
    mend(pipeline, Code.PARTITION_NOT_PUBLISHED, Code.PLATFORM_PARTITION_NOT_PUBLISHED)


def test_an_upload_registered_in_another_ones_place_makes_room_for_it(pipeline: Pipeline, two: tuple[str, str]) -> None:
    for catalogue in (pipeline.catalogue, pipeline.ap_catalogue):
        entry = catalogue.entries[WHERE][timestamp_of(pipeline, two[0])]
        catalogue.update_partitions(*WHERE, [replace(entry, extraction_timestamp=timestamp_of(pipeline, two[1]))])
    assert Code.PARTITION_DIFFERS in codes(pipeline)
    mend(
        pipeline,
        Code.PARTITION_DIFFERS,
        Code.FILES_DIFFER,
        Code.PLATFORM_PARTITION_DIFFERS,
        Code.PLATFORM_FILES_DIFFER,
    )


@pytest.mark.parametrize("name", ["deeper/part-00000.parquet", "deeper/part-00009.parquet"])
def test_parquet_in_a_deeper_folder_is_read_by_engines_and_goes(
    pipeline: Pipeline, two: tuple[str, str], name: str
) -> None:
    for catalogue in (pipeline.catalogue, pipeline.ap_catalogue):
        location = catalogue.entries[WHERE][timestamp_of(pipeline, two[0])].location
        [part] = list(pipeline.objects.list(location))
        pipeline.objects.write(location + name, pipeline.objects.read(part.uri))
    mend(pipeline, Code.FILES_DIFFER, Code.PLATFORM_FILES_DIFFER)


def test_what_glue_no_longer_calls_parquet_is_put_right(pipeline: Pipeline, two: tuple[str, str]) -> None:
    for catalogue in (pipeline.catalogue, pipeline.ap_catalogue):
        catalogue.tables[WHERE] = replace(catalogue.tables[WHERE], stored_otherwise=True)
        entry = catalogue.entries[WHERE][timestamp_of(pipeline, two[0])]
        catalogue.update_partitions(*WHERE, [replace(entry, stored_otherwise=True)])
    mend(
        pipeline,
        Code.COLUMNS_DIFFER,
        Code.PARTITION_DIFFERS,
        Code.PLATFORM_COLUMNS_DIFFER,
        Code.PLATFORM_PARTITION_DIFFERS,
    )


def test_a_table_that_lies_elsewhere_by_glue_is_put_right(pipeline: Pipeline, two: tuple[str, str]) -> None:
    assert two
    for catalogue in (pipeline.catalogue, pipeline.ap_catalogue):
        catalogue.tables[WHERE] = replace(catalogue.tables[WHERE], location="s3://elsewhere/")
    mend(pipeline, Code.COLUMNS_DIFFER, Code.PLATFORM_COLUMNS_DIFFER)


def test_a_database_that_lost_its_owner_is_named(pipeline: Pipeline, two: tuple[str, str]) -> None:
    assert two
    for catalogue in (pipeline.catalogue, pipeline.ap_catalogue):
        catalogue.databases[DATABASE] = {}
    wrong = found(pipeline)
    assert {one.code for one in wrong} == {Code.DATABASE_FOREIGN, Code.PLATFORM_DATABASE_FOREIGN}
    assert all(OWNER in one.repair.first for one in wrong)
    for catalogue in (pipeline.catalogue, pipeline.ap_catalogue):
        catalogue.databases[DATABASE] = {OWNER: "dev"}
    assert found(pipeline) == ()


def test_files_of_what_was_withdrawn_leave_the_platform(pipeline: Pipeline, two: tuple[str, str]) -> None:
    [part] = list(pipeline.objects.list(areas(pipeline).ap_partition(pipeline.upload(two[1]).key)))
    content = pipeline.objects.read(part.uri)
    withdraw(pipeline, two[1])
    pipeline.objects.write(part.uri, content)
    mend(pipeline, Code.PLATFORM_FILES_LEFT)
    assert pipeline.objects.head(part.uri) is None


def test_the_platforms_table_stays_though_it_has_lost_all_partitions_of_what_is_or_comes_there(
    pipeline: Pipeline, two: tuple[str, str]
) -> None:
    table = pipeline.ap_catalogue.table(*WHERE)
    assert table is not None
    pipeline.ap_catalogue.update_table(replace(table, description="Trips, by the travel team."))
    pipeline.ap_catalogue.delete_partitions(*WHERE, [timestamp_of(pipeline, upload_id) for upload_id in two])
    assert clear_strays(pipeline.context, database="travel", table="trips") == 0
    mend(pipeline, Code.PLATFORM_PARTITION_MISSING)
    table = pipeline.ap_catalogue.table(*WHERE)
    assert table is not None
    assert table.description == "Trips, by the travel team."


def test_a_promotion_that_the_ledger_forgot_is_told_again(pipeline: Pipeline, two: tuple[str, str]) -> None:
    before = pipeline.upload(two[0])
    pipeline.context.ledger.amend(two[0], promoted_revision=None, taken_revision=None, promoted_at=None)
    mend(pipeline, Code.PLATFORM_PROMOTION_UNKNOWN)
    after = pipeline.upload(two[0])
    assert (after.state, after.promoted_revision) == (State.PROMOTED, before.promoted_revision)
    assert after.taken_revision == before.taken_revision


def test_a_promoted_upload_that_the_ledger_has_as_failed_is_published_and_promoted_again(
    pipeline: Pipeline, two: tuple[str, str]
) -> None:
    with make_engine(pipeline.context.settings.ledger_url.get_secret_value()).begin() as connection:  # an old backup
        forgotten = {"promoted_revision": None, "taken_revision": None, "promoted_at": None, "published_at": None}
        change = update(uploads).where(uploads.c.id == two[0])
        connection.execute(change.values(state=State.FAILED, revision=None, **forgotten))
    [wrong] = found(pipeline)
    assert wrong.code is Code.PLATFORM_PROMOTION_UNKNOWN
    assert (wrong.repair.dag, dict(wrong.repair.form)) == (INGEST, {"run_id": two[0]})
    assert pipeline.ingest(two[0]) is State.PUBLISHED
    promote_table(pipeline.context, database="travel", table="trips")
    assert found(pipeline) == ()
    assert pipeline.upload(two[0]).state is State.PROMOTED


def test_what_a_failed_upload_has_on_the_platform_is_replaced_once_it_is_published(
    pipeline: Pipeline, two: tuple[str, str]
) -> None:
    failed = pipeline.land(b"a,b\n4,x\n")
    pipeline.watch()
    pipeline.context.ledger.move(failed, State.FAILED, actor="test")
    entry = pipeline.ap_catalogue.entries[WHERE][timestamp_of(pipeline, two[0])]
    wrong = {**entry.parameters, glue_tables.UPLOAD: failed}
    pipeline.ap_catalogue.create_partition(
        *WHERE, replace(entry, extraction_timestamp=timestamp_of(pipeline, failed), parameters=wrong)
    )
    assert [(one.code, one.repair.dag) for one in found(pipeline)] == [(Code.PLATFORM_PROMOTION_UNKNOWN, INGEST)]
    assert pipeline.ingest(failed) is State.PUBLISHED
    promote_table(pipeline.context, database="travel", table="trips")
    assert found(pipeline) == ()


def test_a_partition_of_a_refused_upload_leaves_the_platform(pipeline: Pipeline, two: tuple[str, str]) -> None:
    refused = pipeline.land(b"a,a\n1,2\n")
    pipeline.watch()
    assert pipeline.ingest(refused) is State.REFUSED
    entry = pipeline.ap_catalogue.entries[WHERE][timestamp_of(pipeline, two[0])]
    wrong = replace(
        entry,
        extraction_timestamp=timestamp_of(pipeline, refused),
        parameters={**entry.parameters, glue_tables.UPLOAD: refused},
    )
    pipeline.ap_catalogue.create_partition(*WHERE, wrong)
    mend(pipeline, Code.PLATFORM_PARTITION_NOT_PUBLISHED)


@pytest.mark.parametrize("mark", [b"", b"{}", b'{"upload_id": "x"', b"[1]"])
def test_a_withdrawal_whose_record_says_nothing_is_carried_out(
    pipeline: Pipeline, two: tuple[str, str], mark: bytes
) -> None:
    uri = areas(pipeline).withdrawn(pipeline.upload(two[0]))
    pipeline.objects.write(uri, mark)
    [wrong] = found(pipeline)
    assert wrong.code is Code.WITHDRAWN_MARK_ON_LIVE
    carry_repair(pipeline, wrong, run="manual__1")
    assert pipeline.upload(two[0]).state is State.WITHDRAWN
    assert [one.upload_id for one in pipeline.context.withdrawals.open()] == [two[0]]
    carry_out(pipeline.context, two[0])
    assert found(pipeline) == ()
    assert json.loads(pipeline.objects.read(uri))["upload_id"] == two[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda document: document.update(rows=99), "rows"),
        (lambda document: document.update(reading_options={"delimiter": ";"}), "reading_options"),
        (lambda document: document["evidence"]["columns"].pop(), "columns b"),
    ],
)
def test_a_damaged_manifest_is_named_and_never_taken_into_the_ledger(
    pipeline: Pipeline, two: tuple[str, str], change: Callable[[dict[str, Any]], None], said: str
) -> None:
    before = pipeline.upload(two[0])
    was = change_manifest(pipeline, two[0], change)
    [wrong] = found(pipeline)
    assert wrong.code is Code.MANIFEST_DAMAGED
    assert said in wrong.what
    assert "Restore the object" in wrong.repair.first
    rebuild_ledger(pipeline.context, by="engineer", dry_run=False, correct=True)
    assert pipeline.upload(two[0]).rows == before.rows
    pipeline.objects.write(areas(pipeline).manifest(before), was)
    assert found(pipeline) == ()


def test_types_are_not_taken_back_by_a_manifest_that_lost_evidence(pipeline: Pipeline) -> None:
    first = pipeline.publish(b"a\n1.5\n")
    pipeline.publish(b"a\n2\n")
    promote_table(pipeline.context, database="travel", table="trips")

    def forget_points(document: dict[str, Any]) -> None:
        document["evidence"]["columns"] = [["a", {"kinds": ["integer"], "integer_digits": 1}]]

    was = change_manifest(pipeline, first, forget_points)
    report = examine(pipeline.context, grace=timedelta())
    assert report.disagreements == ()
    [note] = report.notes
    assert note.code is Code.TYPES_WIDER_THAN_NEEDED
    assert "derivation_differs" in note.repair.first
    form = {name: value for name, value in note.repair.form.items() if name != "dry_run"}
    with pytest.raises(Terminal, match=rf"{first}.*Column a holds double.*Restore the manifest") as stopped:
        rebuild(pipeline, **form)
    assert stopped.value.code == "derivation_differs"
    pipeline.objects.write(areas(pipeline).manifest(pipeline.upload(first)), was)
    report = examine(pipeline.context, grace=timedelta())
    assert (report.disagreements, report.notes) == ((), ())


def test_an_upload_under_another_tables_name_comes_back(pipeline: Pipeline, two: tuple[str, str]) -> None:
    key = pipeline.upload(two[0]).key
    assert pipeline.context.ledger.put_back(two[0], replace(key, table="other"))
    mend(pipeline, Code.UPLOAD_MISPLACED)
    assert pipeline.upload(two[0]).key == key
    assert not pipeline.context.ledger.put_back(two[0], pipeline.upload(two[1]).key)
