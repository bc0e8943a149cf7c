"""A table made again from raw_history: whatever of it was lost, damaged or wider than it has to be."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select, text

from include.adapters.ledger.engine import make_engine
from include.adapters.ledger.tables import audit_trail
from include.domain.errors import Conflict, NotFound, Refused, Terminal, Transient
from include.domain.reading_options import choose
from include.domain.upload import State
from include.domain.withdrawal import Approval
from include.services import glue_tables
from include.services.areas import Areas
from include.services.consistency import verify
from include.services.promotion.promote import promote_table
from include.services.repair import rebuild_table as steps
from include.services.repair.table_difference import Difference, difference
from include.services.repair.table_plan import plan_rebuild
from include.services.repair.table_target import Request
from include.services.widening.job import Outcome, run_widening
from include.services.withdrawal.carry_out import carry_out as carry_out_withdrawal
from tests.services.repair.test_rebuild_ledger import withdraw

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from include.domain.upload import Upload
    from include.ports import CataloguePartition
    from tests.pipeline import Pipeline
    from tests.services.conftest import Pipeline as MemoryPipeline
    from tests.strict_aws.server import StrictAws

DATABASE = "data_eng_uploader_dev_travel"


def request(**changes: Any) -> Request:
    return Request(**({"database": "travel", "table": "trips"} | changes))


def rebuild(pipeline: Pipeline, *, run: str = "manual__1", **changes: Any) -> Difference:
    """Everything that the DAG does once somebody has approved it; what was shown."""
    asked = request(**changes)
    shown = steps.prepare(pipeline.context, asked, run=run)
    for batch in steps.batches(shown):
        steps.derive_batch(pipeline.context, asked, batch, run=run)
    steps.flip(pipeline.context, asked, run=run, by="engineer", asked_by="analyst")
    return shown


def seen(pipeline: Pipeline, **changes: Any) -> Difference:
    return difference(plan_rebuild(pipeline.context, request(**changes)))


def types(pipeline: Pipeline) -> dict[str, str]:
    table = pipeline.context.catalogue.table(DATABASE, "trips")
    assert table is not None
    return dict(table.columns)


def entry_of(pipeline: Pipeline, upload_id: str) -> CataloguePartition:
    upload = pipeline.upload(upload_id)
    entry = pipeline.context.catalogue.partition(DATABASE, "trips", upload.extraction_timestamp)
    assert entry is not None
    return entry


def rows(pipeline: Pipeline) -> dict[str, list[dict[str, Any]]]:
    """What is read through the catalogue, by upload; each partition must fit the table."""
    found: dict[str, list[dict[str, Any]]] = {}
    table = types(pipeline)
    for entry in pipeline.context.catalogue.partitions(DATABASE, "trips"):
        assert {name: table[name] for name, _ in entry.columns} == dict(entry.columns)
        parts = [pipeline.context.objects.read(one.uri) for one in pipeline.context.objects.list(entry.location)]
        found[entry.parameters[glue_tables.UPLOAD]] = [
            row for part in parts for row in pq.read_table(pa.BufferReader(part)).to_pylist()
        ]
    return found


def expect_consistent(pipeline: Pipeline) -> None:
    assert verify(pipeline.context, grace=timedelta()) == ()
    assert not seen(pipeline)


def two_promoted(pipeline: Pipeline) -> tuple[str, str]:
    """A table of two partitions, the first of which was derived again for the second."""
    first, second = pipeline.publish(b"a,b\n1,2024-01-01\n"), pipeline.publish(b"b,a,c\n2024-01-02,1.5,x\n")
    promote_table(pipeline.context, database="travel", table="trips")
    return first, second


def lose_table(pipeline: Pipeline, upload_id: str) -> None:
    assert upload_id
    pipeline.context.catalogue.delete_table(DATABASE, "trips")


def lose_partition(pipeline: Pipeline, upload_id: str) -> None:
    pipeline.context.catalogue.delete_partitions(DATABASE, "trips", [pipeline.upload(upload_id).extraction_timestamp])


def lose_evidence(pipeline: Pipeline, upload_id: str) -> None:
    assert upload_id
    table = pipeline.context.catalogue.table(DATABASE, "trips")
    assert table is not None
    kept = {name: value for name, value in table.parameters.items() if not name.startswith(glue_tables.SCHEMA)}
    pipeline.context.catalogue.update_table(replace(table, parameters=kept))


def lose_files(pipeline: Pipeline, upload_id: str) -> None:
    found = pipeline.context.objects.list(entry_of(pipeline, upload_id).location)
    pipeline.context.objects.delete([stored.uri for stored in found])


def damage_file(pipeline: Pipeline, upload_id: str) -> None:
    (stored,) = pipeline.context.objects.list(entry_of(pipeline, upload_id).location)
    pipeline.context.objects.write(stored.uri, pipeline.context.objects.read(stored.uri)[:-9])


def mix_in_other_files(pipeline: Pipeline, upload_id: str) -> None:
    pipeline.context.objects.write(entry_of(pipeline, upload_id).location + "notes.txt", b"x")


def point_elsewhere(pipeline: Pipeline, upload_id: str) -> None:
    entry = replace(entry_of(pipeline, upload_id), location="s3://elsewhere/trips/")
    pipeline.context.catalogue.update_partitions(DATABASE, "trips", [entry])


def lose_parameters(pipeline: Pipeline, upload_id: str) -> None:
    entry = replace(entry_of(pipeline, upload_id), parameters={})
    pipeline.context.catalogue.update_partitions(DATABASE, "trips", [entry])


def misinform_ledger(pipeline: Pipeline, upload_id: str) -> None:
    pipeline.context.ledger.amend(upload_id, revision="0" * 16)


def leave_mark(pipeline: Pipeline, upload_id: str) -> None:
    assert upload_id
    table = pipeline.context.catalogue.table(DATABASE, "trips")
    assert table is not None
    pipeline.context.catalogue.update_table(
        replace(table, parameters={**table.parameters, glue_tables.WIDENING: "true"})
    )


LOSSES = (
    lose_table,
    lose_partition,
    lose_evidence,
    lose_files,
    damage_file,
    mix_in_other_files,
    point_elsewhere,
    lose_parameters,
    misinform_ledger,
    leave_mark,
)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("which", [0, 1])
def test_whatever_is_lost_is_made_again_as_it_was(
    pipeline: MemoryPipeline, loss: Callable[[Pipeline, str], None], which: int
) -> None:
    uploads = two_promoted(pipeline)
    expect_consistent(pipeline)
    before, columns = rows(pipeline), types(pipeline)
    revisions = [pipeline.upload(upload_id).revision for upload_id in uploads]
    loss(pipeline, uploads[which])
    assert seen(pipeline)
    rebuild(pipeline)
    expect_consistent(pipeline)
    assert (rows(pipeline), types(pipeline)) == (before, columns)
    assert [pipeline.upload(upload_id).revision for upload_id in uploads] == revisions
    assert pipeline.context.ledger.mirror() == ()


@pytest.mark.parametrize("loss", [lose_table, lose_partition, lose_evidence, lose_files])
def test_it_is_so_on_aws_too(aws: StrictAws, tmp_path: Path, loss: Callable[[Pipeline, str], None]) -> None:
    from tests.aws_pipeline import make_aws_pipeline

    pipeline = make_aws_pipeline(aws, tmp_path)
    uploads = two_promoted(pipeline)
    before = rows(pipeline)
    loss(pipeline, uploads[0])
    rebuild(pipeline)
    expect_consistent(pipeline)
    assert rows(pipeline) == before


def everything(pipeline: Pipeline) -> dict[str, bytes]:
    """All objects that are there, but for staging."""
    settings = pipeline.context.settings
    areas = (settings.raw_history_uri, settings.curated_uri, settings.analytical_platform_uri)
    listed = [stored.uri for area in areas for stored in pipeline.context.objects.list(f"{area}/")]
    return {uri: pipeline.context.objects.read(uri) for uri in listed}


WRONG_PLACES: tuple[Callable[[Areas, Upload, Upload], str], ...] = (
    lambda areas, own, _: areas.manifest(own).rpartition("/")[0] + "/",
    lambda areas, own, _: areas.raw_table(own.database, own.table),
    lambda areas, own, _: areas.table(own.database, own.table),
    lambda areas, own, _: areas.partition(own.key),
    lambda areas, own, _: areas.ap_revision(own.key, own.revision or ""),
    lambda areas, _, other: areas.revision(other.key, other.revision or ""),
    lambda areas, own, _: areas.partition(own.key) + "rev=",
    lambda areas, own, _: areas.partition(own.key) + "rev=a/b/",
)


@pytest.mark.parametrize("widens", [False, True], ids=["rebuilt", "widened"])
@pytest.mark.parametrize("place", WRONG_PLACES)
def test_what_lies_where_a_partition_was_pointed_to_by_hand_is_never_deleted(
    pipeline: MemoryPipeline, place: Callable[[Areas, Upload, Upload], str], *, widens: bool
) -> None:
    first, second = two_promoted(pipeline)
    own, other = pipeline.upload(first), pipeline.upload(second)
    wrong = replace(entry_of(pipeline, first), location=place(Areas(pipeline.context.settings), own, other))
    pipeline.context.catalogue.update_partitions(DATABASE, "trips", [wrong])
    before = everything(pipeline)
    if widens:
        pipeline.publish(b"a,b\nx,2024-01-01\n")
        lost = set(before) - set(everything(pipeline))
        revision = Areas(pipeline.context.settings).revision(other.key, other.revision or "")
        assert all(uri.startswith(revision) for uri in lost)  # of the one that was right, and is derived again
    else:
        rebuild(pipeline)
        assert before.items() <= everything(pipeline).items()
        expect_consistent(pipeline)


@pytest.mark.parametrize("loss", [lose_partition, lose_files, damage_file, mix_in_other_files, point_elsewhere])
def test_one_partition_is_rebuilt_alone(pipeline: MemoryPipeline, loss: Callable[[Pipeline, str], None]) -> None:
    first, second = two_promoted(pipeline)
    before = rows(pipeline)
    for upload_id in (first, second):
        loss(pipeline, upload_id)
    rebuild(pipeline, extraction_timestamp=pipeline.upload(first).extraction_timestamp)
    assert [one.upload_id for one in verify(pipeline.context, grace=timedelta()) if one.upload_id == first] == []
    left = seen(pipeline)
    assert {*left.derive, *left.register} == {pipeline.upload(second).extraction_timestamp}
    rebuild(pipeline, extraction_timestamp=pipeline.upload(second).extraction_timestamp)
    expect_consistent(pipeline)
    assert rows(pipeline) == before


@pytest.mark.parametrize("loss", [lose_table, lose_evidence])
def test_one_partition_is_not_rebuilt_where_the_table_itself_has_to_be(
    pipeline: MemoryPipeline, loss: Callable[[Pipeline, str], None]
) -> None:
    first, _ = two_promoted(pipeline)
    loss(pipeline, first)
    with pytest.raises(Refused) as caught:
        seen(pipeline, extraction_timestamp=pipeline.upload(first).extraction_timestamp)
    assert caught.value.code == "whole_table_needed"


def test_types_and_columns_go_back_after_a_withdrawal_if_that_is_asked_for(pipeline: MemoryPipeline) -> None:
    first, second = two_promoted(pipeline)
    third = pipeline.publish(b"a,b,d\nn/k,unknown,true\n")
    assert types(pipeline) == {"a": "string", "b": "string", "c": "string", "d": "boolean"}
    withdraw(pipeline, third)
    withdraw(pipeline, second)
    assert types(pipeline) == {"a": "string", "b": "string"}
    assert not seen(pipeline)
    shown = rebuild(pipeline, take_types_back=True)
    assert shown.changed == (("a", "string", "bigint"), ("b", "string", "date"))
    assert shown.derive == (pipeline.upload(first).extraction_timestamp,)
    assert shown.raw_bytes == pipeline.upload(first).size
    assert "`a`: string becomes bigint" in shown.markdown()
    assert types(pipeline) == {"a": "bigint", "b": "date"}
    assert [row["a"] for row in rows(pipeline)[first]] == [1]
    promote_table(pipeline.context, database="travel", table="trips")
    expect_consistent(pipeline)
    assert not seen(pipeline, take_types_back=True)


def test_columns_keep_the_order_that_they_are_in(pipeline: MemoryPipeline) -> None:
    first = pipeline.publish(b'{"s": {"x": 1, "y": 2}, "b": 1}\n', filename="f.jsonl")
    pipeline.publish(b'{"c": 1, "b": 2, "s": {"z": 1, "y": "t", "x": 1}}\n', filename="f.jsonl")
    order = types(pipeline)
    withdraw(pipeline, first)
    rebuild(pipeline, take_types_back=True)
    assert list(types(pipeline)) == list(order) == ["s", "b", "c"]
    assert types(pipeline)["s"] == "struct<x:bigint,y:string,z:bigint>"
    expect_consistent(pipeline)


def test_lost_evidence_is_not_made_narrower_unless_somebody_says_so(pipeline: MemoryPipeline) -> None:
    two_promoted(pipeline)
    withdraw(pipeline, pipeline.publish(b"a\nn/k\n"))
    lose_evidence(pipeline, "it")
    with pytest.raises(Refused) as caught:
        seen(pipeline)
    assert caught.value.code == "evidence_lost"
    shown = rebuild(pipeline, take_types_back=True)
    assert shown.changed == (("a", "string", "double"),)
    promote_table(pipeline.context, database="travel", table="trips")
    expect_consistent(pipeline)


def test_everything_is_derived_again_on_request(pipeline: MemoryPipeline) -> None:
    first, second = two_promoted(pipeline)
    before = rows(pipeline)
    (stored,) = pipeline.objects.list(entry_of(pipeline, first).location)
    content = pipeline.objects.read(stored.uri)
    flipped = content[:20] + bytes([content[20] ^ 1]) + content[21:]  # nothing in the footer tells
    pipeline.objects.write(stored.uri, flipped)
    assert not seen(pipeline)
    shown = rebuild(pipeline, everything=True)
    assert set(shown.derive) == {pipeline.upload(each).extraction_timestamp for each in (first, second)}
    assert pipeline.objects.read(stored.uri) == content
    assert rows(pipeline) == before
    expect_consistent(pipeline)


def test_the_newest_choice_of_how_to_read_wins_and_a_withdrawn_one_goes(pipeline: MemoryPipeline) -> None:
    pipeline.publish(b"a;b\n1;2\n", chosen=choose(delimiter="semicolon"))
    newest = pipeline.publish(b"a\tb\n1\t2\n", chosen=choose(delimiter="tab"))

    def options() -> str | None:
        table = pipeline.catalogue.table(DATABASE, "trips")
        assert table is not None
        bound = glue_tables.read_options(table)
        assert bound is not None
        return bound.options.delimiter

    lose_table(pipeline, newest)
    rebuild(pipeline)
    assert options() == "\t"
    withdraw(pipeline, newest)
    rebuild(pipeline)
    assert options() == "\t"
    rebuild(pipeline, take_types_back=True)
    assert options() == ";"
    expect_consistent(pipeline)


def test_a_partition_of_a_withdrawn_upload_is_taken_out_and_one_of_an_unknown_is_a_fault(
    pipeline: MemoryPipeline,
) -> None:
    first, second = two_promoted(pipeline)
    entry = entry_of(pipeline, second)
    pipeline.context.withdrawals.request(second, by="analyst@example.org", reason="wrong")
    pipeline.context.withdrawals.decide(second, run_id=second, by="engineer", approval=Approval.GIVEN)
    assert seen(pipeline).unregister == (entry.extraction_timestamp,)
    rebuild(pipeline)
    assert set(rows(pipeline)) == {first}
    carry_out_withdrawal(pipeline.context, second)
    stranger = replace(entry, parameters={**entry.parameters, glue_tables.UPLOAD: "f" * 32})
    pipeline.catalogue.create_partition(DATABASE, "trips", stranger)
    assert seen(pipeline).unregister == (entry.extraction_timestamp,)  # its place is another's
    rebuild(pipeline)
    pipeline.catalogue.create_partition(DATABASE, "trips", replace(stranger, extraction_timestamp="20200101T000000Z"))
    with pytest.raises(Terminal) as caught:
        seen(pipeline)
    assert caught.value.code == "upload_unknown"


def test_what_is_marked_as_withdrawn_is_never_brought_back(pipeline: MemoryPipeline) -> None:
    first, _ = two_promoted(pipeline)
    pipeline.objects.write(Areas(pipeline.context.settings).withdrawn(pipeline.upload(first)), b"{}")
    lose_partition(pipeline, first)
    with pytest.raises(Conflict) as caught:
        seen(pipeline)
    assert caught.value.code == "withdrawn_mark_on_live"


def test_a_table_without_uploads_goes(pipeline: MemoryPipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    table = pipeline.catalogue.table(DATABASE, "trips")
    assert table is not None
    withdraw(pipeline, upload_id)
    pipeline.catalogue.create_table(table)
    assert "deleted from Glue" in rebuild(pipeline).markdown()
    assert pipeline.catalogue.table(DATABASE, "trips") is None
    with pytest.raises(NotFound):
        seen(pipeline)


def test_a_table_of_somebody_else_is_refused(pipeline: MemoryPipeline) -> None:
    pipeline.publish(b"a\n1\n")
    pipeline.catalogue.tables[DATABASE, "trips"] = replace(pipeline.catalogue.tables[DATABASE, "trips"], parameters={})
    with pytest.raises(Refused) as caught:
        seen(pipeline)
    assert caught.value.code == "not_ours"


def test_what_was_published_since_the_plan_is_in_the_table_too(pipeline: MemoryPipeline) -> None:
    first, second = two_promoted(pipeline)
    lose_files(pipeline, first)
    steps.prepare(pipeline.context, request(), run="r")
    third = pipeline.publish(b"a,c\n7,y\n")
    steps.flip(pipeline.context, request(), run="r", by="engineer", asked_by="analyst")
    assert set(rows(pipeline)) == {first, second, third}
    promote_table(pipeline.context, database="travel", table="trips")
    expect_consistent(pipeline)


def test_more_than_was_shown_is_not_taken_from_readers(pipeline: MemoryPipeline) -> None:
    two_promoted(pipeline)
    last = pipeline.publish(b"a\nn/k\n")
    steps.prepare(pipeline.context, request(take_types_back=True), run="r")
    withdraw(pipeline, last)
    before = pipeline.catalogue.table(DATABASE, "trips")
    with pytest.raises(Conflict) as caught:
        steps.flip(pipeline.context, request(take_types_back=True), run="r", by="engineer", asked_by="analyst")
    assert caught.value.code == "difference_changed"
    assert pipeline.catalogue.table(DATABASE, "trips") == before


def test_an_upload_whose_publication_was_cut_short_keeps_its_place(pipeline: MemoryPipeline) -> None:
    first, second = two_promoted(pipeline)
    third = pipeline.publish(b"a\nn/k\n")
    pipeline.context.ledger.amend(third, published_at=None)
    engine = make_engine(pipeline.context.settings.ledger_url.get_secret_value())
    with engine.begin() as connection:
        connection.execute(text("UPDATE uploads SET state = 'publishing' WHERE id = :id"), {"id": third})
    engine.dispose()
    assert not seen(pipeline, take_types_back=True)
    assert set(rows(pipeline)) == {first, second, third}


def test_only_one_job_changes_a_tables_types_at_a_time(pipeline: MemoryPipeline) -> None:
    first, _ = two_promoted(pipeline)
    lose_files(pipeline, first)
    steps.prepare(pipeline.context, request(), run="r")
    pipeline.context.ledger.acquire("widen:travel.trips", holder="another", seconds=300)
    with pytest.raises(Transient):
        steps.flip(pipeline.context, request(), run="r", by="engineer", asked_by="analyst")


WRITES = 20  # of the rebuild that is killed at each of them


class KilledError(Exception):
    """Stands for a kill."""


@pytest.mark.parametrize("last", range(1, WRITES + 2))
def test_killed_at_any_write_and_run_again_it_ends_the_same(pipeline: MemoryPipeline, last: int) -> None:
    first, second = two_promoted(pipeline)
    withdraw(pipeline, pipeline.publish(b"a,d\nn/k,1\n"))
    lose_partition(pipeline, second)
    lose_files(pipeline, first)
    left = [last]

    def dying(call: Callable[..., Any]) -> Callable[..., Any]:
        def die_or(*args: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise KilledError
            return call(*args, **named)

        return die_or

    writes: dict[str, tuple[str, ...]] = {
        "catalogue": ("update_table", "update_partitions", "create_partition"),
        "objects": ("send", "write", "delete"),
        "ledger": ("amend", "audit"),
    }
    for port, names in writes.items():
        adapter = getattr(pipeline.context, port)
        for name in names:
            object.__setattr__(adapter, name, dying(getattr(adapter, name)))
    try:
        rebuild(pipeline, take_types_back=True)
        assert (last, left) == (WRITES + 1, [1])  # the one that nothing happens to
    except KilledError:
        assert left[0] == 0
        rebuild(pipeline, run="manual__2", take_types_back=True)
    promote_table(pipeline.context, database="travel", table="trips")
    expect_consistent(pipeline)
    assert types(pipeline) == {"a": "double", "b": "date", "c": "string"}
    assert set(rows(pipeline)) == {first, second}


def test_who_approved_which_rebuild_is_in_the_audit_trail_and_an_answer_fits_into_xcom(
    pipeline: MemoryPipeline,
) -> None:
    first, _ = two_promoted(pipeline)
    lose_files(pipeline, first)
    shown = rebuild(pipeline)
    assert Difference.from_dict(json.loads(json.dumps(shown.as_dict()))) == shown
    engine = make_engine(pipeline.context.settings.ledger_url.get_secret_value())
    with engine.connect() as connection:
        (entry,) = connection.execute(select(audit_trail).where(audit_trail.c.what == "table_rebuilt")).mappings()
    engine.dispose()
    assert (entry["who"], entry["details"]["asked_by"]) == ("engineer", "analyst")
    assert entry["details"]["derive"] == list(shown.derive)


def test_uploads_under_way_do_not_see_their_table_deleted(pipeline: MemoryPipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    table = pipeline.catalogue.table(DATABASE, "trips")
    assert table is not None
    withdraw(pipeline, upload_id)
    pipeline.catalogue.create_table(table)
    under_way = pipeline.land(b"a\n2\n")
    assert not seen(pipeline)
    pipeline.watch()
    assert pipeline.ingest(under_way) is State.PUBLISHED


def test_an_upload_that_waits_for_wider_types_gets_them_after_types_went_back(pipeline: MemoryPipeline) -> None:
    first, second = two_promoted(pipeline)
    withdraw(pipeline, pipeline.publish(b"a\nn/k\n"))
    waiting = pipeline.land(b"a,b\n1,unknown\n")
    pipeline.watch()
    assert pipeline.ingest(waiting) is State.WIDENING
    assert rebuild(pipeline, take_types_back=True).changed == (("a", "string", "double"),)
    assert pipeline.upload(waiting).state is State.WIDENING
    assert run_widening(pipeline.context, "travel", "trips") is Outcome.DONE
    assert pipeline.upload(waiting).state is State.PUBLISHED
    assert types(pipeline) == {"a": "double", "b": "string", "c": "string"}
    promote_table(pipeline.context, database="travel", table="trips")
    expect_consistent(pipeline)
    assert set(rows(pipeline)) == {first, second, waiting}


def test_a_rebuild_after_a_killed_flip_leaves_what_was_taken_along_to_its_job(pipeline: MemoryPipeline) -> None:
    first, second = two_promoted(pipeline)
    waiting = pipeline.land(b"a,b\nn/k,unknown\n")
    pipeline.watch()
    assert pipeline.ingest(waiting) is State.WIDENING
    update = pipeline.catalogue.update_partitions

    def killed(*_: Any) -> None:
        raise KilledError

    pipeline.catalogue.update_partitions = killed  # type: ignore[method-assign,assignment]
    with pytest.raises(KilledError):
        run_widening(pipeline.context, "travel", "trips")
    pipeline.catalogue.update_partitions = update  # type: ignore[method-assign]
    assert pipeline.upload(waiting).state is State.PUBLISHING
    rebuild(pipeline, take_types_back=True)
    assert types(pipeline) == {"a": "double", "b": "date", "c": "string"}
    assert set(rows(pipeline)) == {first, second}
    run_widening(pipeline.context, "travel", "trips")
    assert pipeline.upload(waiting).state is State.PUBLISHED
    promote_table(pipeline.context, database="travel", table="trips")
    expect_consistent(pipeline)
    assert types(pipeline) == {"a": "string", "b": "string", "c": "string"}


def test_a_plan_that_is_gone_is_said_so(pipeline: MemoryPipeline) -> None:
    two_promoted(pipeline)
    with pytest.raises(NotFound) as caught:
        steps.flip(pipeline.context, request(), run="r", by="engineer", asked_by="analyst")
    assert caught.value.code == "plan_gone"
