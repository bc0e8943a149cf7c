"""Widening a table: uploads wait, older partitions are derived again, and everything flips at once."""

from __future__ import annotations

import copy
import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from include.adapters.ledger.uploads import SqlUploadLedger
from include.domain.errors import Conflict
from include.domain.upload import State
from include.services import glue_tables
from include.services.areas import Areas
from include.services.watching import Work, claim, waiting
from include.services.widening import carry_out
from include.services.widening.approval import approve, decline
from include.services.widening.derive import derive
from include.services.widening.finish import finish_all
from include.services.widening.flip import flip
from include.services.widening.job import Outcome, batches, derive_batch, end_job, flip_when_ready, run_widening
from include.services.widening.plan import plan_widening
from include.services.widening.ready import all_ready
from include.services.widening.target import taken_along

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.services.conftest import Pipeline

DATABASE = "data_eng_uploader_dev_travel"
WHERE = ("travel", "trips")


def waits(pipeline: Pipeline, content: bytes, **where: Any) -> str:
    """A file that its table is too narrow for, ingested as far as it goes."""
    upload_id = pipeline.land(content, **where)
    pipeline.watch()
    assert pipeline.ingest(upload_id) is State.WIDENING
    return upload_id


def state(pipeline: Pipeline, upload_id: str) -> State:
    return pipeline.upload(upload_id).state


def cancel(pipeline: Pipeline, upload_id: str) -> None:
    """What the front does when the uploader gives a waiting upload up."""
    pipeline.context.ledger.move(upload_id, State.CANCELLED, actor="analyst@example.org")
    pipeline.objects.delete([pipeline.upload(upload_id).landing_uri])


def types(pipeline: Pipeline) -> dict[str, str]:
    table = pipeline.catalogue.table(DATABASE, "trips")
    assert table is not None
    return dict(table.columns)


def rows(pipeline: Pipeline) -> dict[str, list[dict[str, Any]]]:
    """What is read through the catalogue: the rows of each partition, by its upload; it must fit the table."""
    found: dict[str, list[dict[str, Any]]] = {}
    table = types(pipeline)
    for entry in pipeline.catalogue.partitions(DATABASE, "trips"):
        assert {name: table[name] for name, _ in entry.columns} == dict(entry.columns)
        parts = [pipeline.objects.content[stored.uri] for stored in pipeline.objects.list(entry.location)]
        found[entry.parameters[glue_tables.UPLOAD]] = [
            row for part in parts for row in pq.read_table(_source(part)).to_pylist()
        ]
    return found


def _source(content: bytes) -> Any:
    import pyarrow as pa

    return pa.BufferReader(content)


def expect_consistent(pipeline: Pipeline) -> None:
    """No mark, no leftovers, and the ledger, the entries and the folders tell the same."""
    table = pipeline.catalogue.table(DATABASE, "trips")
    assert table is not None
    assert glue_tables.WIDENING not in table.parameters
    assert list(all_ready(pipeline.context, *WHERE)) == []
    assert taken_along(pipeline.context, *WHERE) == ()
    entries = {each.parameters[glue_tables.UPLOAD]: each for each in pipeline.catalogue.partitions(DATABASE, "trips")}
    live = {upload.id: upload for upload in pipeline.context.ledger.live(*WHERE)}
    assert entries.keys() == live.keys()
    for upload_id, entry in entries.items():
        assert entry.parameters[glue_tables.REVISION] == live[upload_id].revision
    folders = {stored.uri.rpartition("/")[0] + "/" for stored in pipeline.objects.list(table.location)}
    assert folders == {entry.location for entry in entries.values()}


def test_an_upload_that_needs_wider_types_waits_and_everything_stays_as_it_was(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    table, before = pipeline.catalogue.table(DATABASE, "trips"), rows(pipeline)
    second = waits(pipeline, b"a\nx\n")
    assert pipeline.catalogue.table(DATABASE, "trips") == table
    assert rows(pipeline) == before
    assert pipeline.objects.head(pipeline.upload(second).landing_uri) is not None
    assert not list(pipeline.objects.list(Areas(pipeline.context.settings).raw(pipeline.upload(second))))
    assert f"{second}-published" not in pipeline.mailer.sent


def test_the_job_publishes_what_waits_and_sends_its_mail_once(pipeline: Pipeline) -> None:
    first = pipeline.publish(b"a\n1\n")
    second = waits(pipeline, b"a\nx\n")
    for _ in range(2):
        assert run_widening(pipeline.context, *WHERE) is Outcome.DONE
    assert rows(pipeline) == {first: [{"a": "1"}], second: [{"a": "x"}]}
    assert f"{second}-published" in pipeline.mailer.sent
    expect_consistent(pipeline)


def test_a_wider_type_that_no_partition_has_a_value_for_is_published_at_once(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    second = pipeline.publish(b"a,b\n1,\n")
    third = pipeline.land(b"a,b\n1,x\n")
    pipeline.watch()
    assert pipeline.ingest(third) is State.PUBLISHED
    assert State.WIDENING not in [change.state for change in pipeline.context.ledger.history(third)]
    assert rows(pipeline)[second] == [{"a": 1}]


def test_a_publication_that_widens_nothing_neither_lists_partitions_nor_reads_manifests(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        pipeline.publish(f"a\n{number}\n".encode())
    read: list[str] = []
    real = pipeline.objects.read

    def listed(*_: object) -> None:
        pytest.fail("partitions were listed")

    def counted(uri: str) -> bytes:
        read.append(uri)
        return real(uri)

    monkeypatch.setattr(pipeline.catalogue, "partitions", listed)
    monkeypatch.setattr(pipeline.objects, "read", counted)
    pipeline.publish(b"b,a\nx,1\n")
    assert not [uri for uri in read if "_manifest" in uri]


def test_two_uploads_widen_at_once_and_the_target_holds_both(pipeline: Pipeline) -> None:
    first = pipeline.publish(b"a,b\n1,2\n")
    second = waits(pipeline, b"a,b\n0.5,3\n")
    third = waits(pipeline, b"a,b\n4,x\n")
    run_widening(pipeline.context, *WHERE)
    assert types(pipeline) == {"a": "double", "b": "string"}
    assert rows(pipeline) == {
        first: [{"a": 1.0, "b": "2"}],
        second: [{"a": 0.5, "b": "3"}],
        third: [{"a": 4.0, "b": "x"}],
    }
    expect_consistent(pipeline)


def test_a_second_widening_extends_the_job_of_the_first(pipeline: Pipeline) -> None:
    first = pipeline.publish(b"a,b\n1,2\n")
    second = waits(pipeline, b"a,b\n0.5,3\n")
    (batch,) = batches(pipeline.context, *WHERE, approved_by="run")
    assert derive_batch(pipeline.context, *WHERE, batch) == 1
    third = waits(pipeline, b"a,b\n4,x\n")
    assert [one.upload.id for one in flip(pipeline.context, *WHERE, holder="run").partitions] == [first]
    assert types(pipeline) == {"a": "bigint", "b": "bigint"}
    flip_when_ready(pipeline.context, *WHERE, holder="run")
    assert finish_all(pipeline.context, *WHERE, holder="run") == {second: "published", third: "published"}
    assert rows(pipeline)[first] == [{"a": 1.0, "b": "2"}]
    expect_consistent(pipeline)


def test_a_partition_that_the_second_widening_does_not_concern_is_not_derived_again(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    pipeline.publish(b"b\n2\n")
    waits(pipeline, b"a\nx\n")
    (batch,) = batches(pipeline.context, *WHERE, approved_by="run")
    derive_batch(pipeline.context, *WHERE, batch)
    waits(pipeline, b"b\ny\n")
    (left,) = plan_widening(pipeline.context, *WHERE).partitions
    assert left.partition.columns == (("b", "bigint"),)


def test_one_of_two_is_cancelled_and_the_target_shrinks(pipeline: Pipeline) -> None:
    first = pipeline.publish(b"a,b\n1,2\n")
    second = waits(pipeline, b"a,b\n0.5,3\n")
    third = waits(pipeline, b"a,b\n4,x\n")
    (batch,) = batches(pipeline.context, *WHERE, approved_by="run")
    derive_batch(pipeline.context, *WHERE, batch)
    cancel(pipeline, second)
    flip_when_ready(pipeline.context, *WHERE, holder="run")
    finish_all(pipeline.context, *WHERE, holder="run")
    assert types(pipeline) == {"a": "bigint", "b": "string"}
    assert rows(pipeline) == {first: [{"a": 1, "b": "2"}], third: [{"a": 4, "b": "x"}]}
    expect_consistent(pipeline)


def test_the_only_one_is_cancelled_and_the_job_ends_with_nothing_left_of_it(pipeline: Pipeline) -> None:
    first = pipeline.publish(b"a\n1\n")
    second = waits(pipeline, b"a\nx\n")
    (batch,) = batches(pipeline.context, *WHERE, approved_by="run")
    derive_batch(pipeline.context, *WHERE, batch)
    cancel(pipeline, second)
    flip_when_ready(pipeline.context, *WHERE, holder="run")
    assert finish_all(pipeline.context, *WHERE, holder="run") == {}
    assert types(pipeline) == {"a": "bigint"}
    assert rows(pipeline) == {first: [{"a": 1}]}
    expect_consistent(pipeline)


def test_a_cancel_between_the_last_look_and_the_flip_wins(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    first = pipeline.publish(b"a,b\n1,2\n")
    second = waits(pipeline, b"a,b\n0.5,3\n")
    third = waits(pipeline, b"a,b\n4,x\n")
    ledger = pipeline.context.ledger
    real, moves = ledger.move, 0

    def racing(upload_id: str, to: State, **changes: Any) -> Any:
        nonlocal moves
        if to is State.PUBLISHING and upload_id == second:
            moves += 1
            cancel(pipeline, second)
        return real(upload_id, to, **changes)

    (batch,) = batches(pipeline.context, *WHERE, approved_by="run")
    derive_batch(pipeline.context, *WHERE, batch)
    monkeypatch.setattr(type(ledger), "move", staticmethod(racing))
    flip_when_ready(pipeline.context, *WHERE, holder="run")
    finish_all(pipeline.context, *WHERE, holder="run")
    assert moves == 1
    assert state(pipeline, second) is State.CANCELLED
    assert types(pipeline) == {"a": "bigint", "b": "string"}
    assert rows(pipeline) == {first: [{"a": 1, "b": "2"}], third: [{"a": 4, "b": "x"}]}
    expect_consistent(pipeline)


def test_an_upload_that_was_taken_along_can_be_cancelled_no_longer(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    second = waits(pipeline, b"a\nx\n")
    flip_when_ready(pipeline.context, *WHERE, holder="run")
    with pytest.raises(Conflict):
        cancel(pipeline, second)


def test_an_upload_that_fits_is_published_meanwhile_and_joins(pipeline: Pipeline) -> None:
    first = pipeline.publish(b"a\n1\n")
    second = waits(pipeline, b"a\nx\n")
    (batch,) = batches(pipeline.context, *WHERE, approved_by="run")
    derive_batch(pipeline.context, *WHERE, batch)
    third = pipeline.land(b"a\n3\n")
    pipeline.watch()
    assert pipeline.ingest(third) is State.PUBLISHED
    assert [one.upload.id for one in flip(pipeline.context, *WHERE, holder="run").partitions] == [third]
    flip_when_ready(pipeline.context, *WHERE, holder="run")
    finish_all(pipeline.context, *WHERE, holder="run")
    assert rows(pipeline) == {first: [{"a": "1"}], second: [{"a": "x"}], third: [{"a": "3"}]}
    expect_consistent(pipeline)


def test_a_ready_partition_is_not_derived_again_and_a_damaged_one_is(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.publish(b"a\n1\n")
    waits(pipeline, b"a\nx\n")
    (outdated,) = plan_widening(pipeline.context, *WHERE).partitions
    target = plan_widening(pipeline.context, *WHERE).target
    ready = derive(pipeline.context, outdated, target)
    sent: list[str] = []
    real = pipeline.objects.send

    def counted(path: Any, uri: str) -> Any:
        sent.append(uri)
        return real(path, uri)

    monkeypatch.setattr(pipeline.objects, "send", counted)
    assert derive(pipeline.context, outdated, target) == ready
    assert sent == []
    pipeline.objects.delete([ready.entry.location + next(iter(ready.sizes))])
    assert plan_widening(pipeline.context, *WHERE).partitions == (outdated,)
    assert derive(pipeline.context, outdated, target) == ready
    assert len(sent) == 1


@dataclass
class World:
    """Everything outside the process, kept as it was at one moment."""

    pipeline: Pipeline
    database: Path
    kept: Any = None

    def keep(self) -> None:
        self._close()
        shutil.copy(self.database, self.database.with_suffix(".kept"))
        self.kept = copy.deepcopy(
            (vars(self.pipeline.objects), vars(self.pipeline.catalogue), self.pipeline.mailer.sent)
        )

    def restore(self) -> None:
        self._close()
        shutil.copy(self.database.with_suffix(".kept"), self.database)
        objects, catalogue, sent = copy.deepcopy(self.kept)
        vars(self.pipeline.objects).update(objects)
        vars(self.pipeline.catalogue).update(catalogue)
        self.pipeline.mailer.sent = sent

    def _close(self) -> None:
        ledger = self.pipeline.context.ledger
        assert isinstance(ledger, SqlUploadLedger)
        ledger.engine.dispose()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "call",
    [
        *(f"catalogue.{call}" for call in ("update_table", "update_partitions", "create_partition")),
        *(f"objects.{call}" for call in ("write", "send", "delete")),
        *(f"ledger.{call}" for call in ("move", "amend")),
    ],
)
def test_a_job_killed_at_any_of_its_calls_ends_the_same_when_it_runs_again(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, when: str
) -> None:
    first = pipeline.publish(b"a\n1\n")
    second = waits(pipeline, b"a,b\nx,1\n")
    world = World(pipeline, tmp_path / "ledger.db")
    world.keep()
    before, flipped = {first: [{"a": 1}]}, {first: [{"a": "1"}]}
    after = {first: [{"a": "1"}], second: [{"a": "x", "b": 1}]}
    port, _, method = call.partition(".")
    on = getattr(pipeline.context, port)
    real, stopped = getattr(on, method), True
    point = 0
    while stopped:
        point += 1
        world.restore()
        with monkeypatch.context() as patch:
            stopping = Stopping(real, at=point, when=when)
            patch.setattr(type(on), method, stopping)
            with suppress(Killed):
                run_widening(pipeline.context, *WHERE)
        stopped = stopping.calls == point
        table = pipeline.catalogue.table(DATABASE, "trips")
        assert table is not None
        if glue_tables.WIDENING not in table.parameters:
            assert rows(pipeline) in (before, flipped, after)
        run_widening(pipeline.context, *WHERE)
        assert state(pipeline, second) is State.PUBLISHED
        assert rows(pipeline) == after
        assert f"{second}-published" in pipeline.mailer.sent
        expect_consistent(pipeline)
    assert point > 1


class Killed(BaseException):
    """The process is gone."""


class Stopping:
    """A call at which the process is killed, before or after it took effect."""

    def __init__(self, real: Callable[..., Any], *, at: int, when: str) -> None:
        self.real, self.at, self.when, self.calls = real, at, when, 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        assert self.calls <= self.at, "it went on after it was killed"
        if self.calls < self.at:
            return self.real(*args, **kwargs)
        if self.when == "after":
            self.real(*args, **kwargs)
        raise Killed


def test_a_flip_that_was_cut_short_is_ended_by_whoever_publishes_next(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = pipeline.publish(b"a\n1\n")
    second = waits(pipeline, b"a\nx\n")

    def killed(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(pipeline.catalogue, "update_partitions", killed)
        with pytest.raises(Killed):
            run_widening(pipeline.context, *WHERE)
    table = pipeline.catalogue.table(DATABASE, "trips")
    assert table is not None
    assert glue_tables.WIDENING in table.parameters
    pipeline.clock.advance(seconds=3600)
    third = pipeline.land(b"a\n3\n")
    pipeline.watch()
    assert pipeline.ingest(third) is State.PUBLISHED
    assert rows(pipeline) == {first: [{"a": "1"}], third: [{"a": "3"}]}
    run_widening(pipeline.context, *WHERE)
    assert rows(pipeline)[second] == [{"a": "x"}]
    expect_consistent(pipeline)


def test_what_joined_after_a_flip_was_cut_short_does_not_keep_the_table_half_flipped(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = pipeline.publish(b"a,b\n1,2\n")
    waits(pipeline, b"a,b\nx,3\n")

    def killed(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(pipeline.catalogue, "update_partitions", killed)
        with pytest.raises(Killed):
            run_widening(pipeline.context, *WHERE)
    pipeline.clock.advance(seconds=3600)
    third = pipeline.land(b"a,b\n4,y\n")
    pipeline.watch()
    assert pipeline.ingest(third) is State.WIDENING
    assert [one.upload.id for one in flip(pipeline.context, *WHERE, holder="run").partitions] == [first]
    table = pipeline.catalogue.table(DATABASE, "trips")
    assert table is not None
    assert glue_tables.WIDENING not in table.parameters
    assert rows(pipeline) == {first: [{"a": "1", "b": 2}]}
    run_widening(pipeline.context, *WHERE)
    assert [sorted(found[0]) for found in rows(pipeline).values()] == [["a", "b"]] * 3
    expect_consistent(pipeline)


def test_another_writer_of_the_table_costs_the_flip_a_turn(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline.publish(b"a\n1\n")
    second = waits(pipeline, b"a\nx\n")
    real, calls = pipeline.catalogue.update_table, 0

    def race(table: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            current = pipeline.catalogue.table(DATABASE, "trips")
            assert current is not None
            real(replace(current, parameters={**current.parameters, "theirs": "kept"}))
        real(table)

    monkeypatch.setattr(pipeline.catalogue, "update_table", race)
    run_widening(pipeline.context, *WHERE)
    table = pipeline.catalogue.table(DATABASE, "trips")
    assert table is not None
    assert table.parameters["theirs"] == "kept"
    assert state(pipeline, second) is State.PUBLISHED
    expect_consistent(pipeline)


def test_partitions_are_flipped_by_the_hundred_and_the_lease_is_looked_at_before_each(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carry_out, "AT_ONCE", 2)
    for number in range(5):
        pipeline.publish(f"a\n{number}\n".encode())
    waits(pipeline, b"a\nx\n")
    sizes: list[int] = []
    real = pipeline.catalogue.update_partitions

    def counted(database: str, table: str, partitions: Any) -> None:
        sizes.append(len(partitions))
        real(database, table, partitions)

    monkeypatch.setattr(pipeline.catalogue, "update_partitions", counted)
    run_widening(pipeline.context, *WHERE)
    assert sizes == [2, 2, 1]
    assert sorted(found[0]["a"] for found in rows(pipeline).values()) == ["0", "1", "2", "3", "4", "x"]
    expect_consistent(pipeline)


def test_a_partition_that_was_put_back_by_a_late_writer_is_flipped_again(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = pipeline.publish(b"a\n1\n")
    (narrow,) = pipeline.catalogue.partitions(DATABASE, "trips")
    waits(pipeline, b"a\nx\n")
    real, late = pipeline.catalogue.update_partitions, True

    def racing(database: str, table: str, partitions: Any) -> None:
        nonlocal late
        real(database, table, partitions)
        if late:
            late = False
            real(database, table, [narrow])

    monkeypatch.setattr(pipeline.catalogue, "update_partitions", racing)
    run_widening(pipeline.context, *WHERE)
    assert rows(pipeline)[first] == [{"a": "1"}]
    expect_consistent(pipeline)


def test_uploads_that_wait_for_a_table_that_is_deleted_meanwhile_make_it_anew(pipeline: Pipeline) -> None:
    first = pipeline.publish(b"a\n1\n")
    second = waits(pipeline, b"a\nx\n")
    (batch,) = batches(pipeline.context, *WHERE, approved_by="run")
    derive_batch(pipeline.context, *WHERE, batch)
    pipeline.context.ledger.move(first, State.WITHDRAWN, actor="analyst@example.org")
    (entry,) = pipeline.catalogue.partitions(DATABASE, "trips")
    pipeline.catalogue.delete_table(DATABASE, "trips")
    pipeline.objects.delete([stored.uri for stored in pipeline.objects.list(entry.location)])
    run_widening(pipeline.context, *WHERE)
    assert rows(pipeline) == {second: [{"a": "x"}]}
    expect_consistent(pipeline)


def test_a_partition_that_is_withdrawn_while_it_is_derived_is_left_out(pipeline: Pipeline) -> None:
    first, second = pipeline.publish(b"a\n1\n"), pipeline.publish(b"a\n2\n")
    third = waits(pipeline, b"a\nx\n")
    (batch, other) = batches(pipeline.context, *WHERE, approved_by="run")
    derive_batch(pipeline.context, *WHERE, batch)
    (gone, _) = pipeline.catalogue.partitions(DATABASE, "trips")
    pipeline.context.ledger.move(first, State.WITHDRAWN, actor="analyst@example.org")
    pipeline.catalogue.delete_partitions(DATABASE, "trips", [gone.extraction_timestamp])
    pipeline.objects.delete([stored.uri for stored in pipeline.objects.list(gone.location)])
    assert derive_batch(pipeline.context, *WHERE, batch) == 0
    assert derive_batch(pipeline.context, *WHERE, other) == 1
    flip_when_ready(pipeline.context, *WHERE, holder="run")
    finish_all(pipeline.context, *WHERE, holder="run")
    assert rows(pipeline) == {second: [{"a": "2"}], third: [{"a": "x"}]}
    expect_consistent(pipeline)


def over_budget(pipeline: Pipeline) -> None:
    settings = pipeline.context.settings.model_copy(update={"widen_max_partitions": 1})
    pipeline.context = replace(pipeline.context, settings=settings)


def asked(pipeline: Pipeline) -> tuple[str, str, str]:
    """A table of two partitions, and an upload for which a person has to approve."""
    over_budget(pipeline)
    first, second = pipeline.publish(b"a\n1\n"), pipeline.publish(b"a\n2\n")
    third = waits(pipeline, b"a\nx\n")
    assert run_widening(pipeline.context, *WHERE) is Outcome.OVER_BUDGET
    assert state(pipeline, third) is State.WAITING_FOR_APPROVAL
    return first, second, third


def test_a_files_name_does_nothing_in_the_question_but_being_shown(pipeline: Pipeline) -> None:
    over_budget(pipeline)
    pipeline.publish(b"a\n1\n")
    waits(pipeline, b"a\nx\n", filename="[Approve here](evil) *x*.csv")
    assert r"* \[Approve here\]\(evil\) \*x\*\.csv (" in plan_widening(pipeline.context, *WHERE).describe()


def test_above_the_budget_nothing_is_derived_until_it_is_approved(pipeline: Pipeline) -> None:
    first, second, third = asked(pipeline)
    plan = plan_widening(pipeline.context, *WHERE)
    assert "2 partitions to derive again" in plan.describe()
    assert "again from 8 bytes of raw files" in plan.describe()
    assert "* `a`: bigint becomes string" in plan.describe()
    assert "**Decline** refuses the uploads" in plan.describe()
    flip_when_ready(pipeline.context, *WHERE, holder="run")
    assert types(pipeline) == {"a": "bigint"}
    assert approve(pipeline.context, *WHERE, by="engineer") == (third,)
    for batch in batches(pipeline.context, *WHERE, approved_by="run"):
        derive_batch(pipeline.context, *WHERE, batch)
    flip_when_ready(pipeline.context, *WHERE, holder="run")
    finish_all(pipeline.context, *WHERE, holder="run")
    assert rows(pipeline) == {first: [{"a": "1"}], second: [{"a": "2"}], third: [{"a": "x"}]}
    expect_consistent(pipeline)


def test_the_budget_counts_bytes_too(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    waits(pipeline, b"a\nx\n")
    assert not plan_widening(pipeline.context, *WHERE).over_budget
    settings = pipeline.context.settings.model_copy(update={"widen_max_bytes": 3})
    pipeline.context = replace(pipeline.context, settings=settings)
    plan = plan_widening(pipeline.context, *WHERE)
    assert plan.over_budget
    assert plan.raw_bytes == 4


def test_a_declined_widening_refuses_its_uploads_with_a_finding(pipeline: Pipeline) -> None:
    _, _, third = asked(pipeline)
    assert decline(pipeline.context, *WHERE, by="engineer") == (third,)
    upload = pipeline.upload(third)
    assert upload.state is State.REFUSED
    assert [finding.code for finding in upload.findings if finding.severity.value == "error"] == ["widening_declined"]
    assert f"{third}-refused" in pipeline.mailer.sent
    assert types(pipeline) == {"a": "bigint"}
    expect_consistent(pipeline)


def test_who_joins_while_an_approval_is_awaited_waits_for_it_too_and_may_cancel(pipeline: Pipeline) -> None:
    _, _, third = asked(pipeline)
    fourth = pipeline.land(b"a\ny\n")
    fifth = pipeline.land(b"a\nz\n")
    pipeline.watch()
    assert pipeline.ingest(fourth) is State.WAITING_FOR_APPROVAL
    assert pipeline.ingest(fifth) is State.WAITING_FOR_APPROVAL
    cancel(pipeline, fourth)
    assert approve(pipeline.context, *WHERE, by="engineer") == (third, fifth)
    cancel(pipeline, fifth)
    assert decline(pipeline.context, *WHERE, by="engineer") == ()


def test_a_table_with_waiting_uploads_asks_for_one_run_until_its_job_is_alive(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    second = waits(pipeline, b"a\nx\n")
    waits(pipeline, b"a\ny\n")
    (work,) = waiting(pipeline.context)
    assert work == Work("widening", {"database": "travel", "table": "trips"})
    run = claim(pipeline.context, work)
    assert run is not None
    assert run.dag_id == "widen_table"
    assert run.run_id.startswith(f"travel.trips__{second}__")
    assert run.conf == {"database": "travel", "table": "trips"}
    assert "2 waiting uploads" in run.note
    assert waiting(pipeline.context) == ()
    assert claim(pipeline.context, work) is None
    pipeline.clock.advance(seconds=pipeline.context.settings.claim_seconds)
    assert waiting(pipeline.context) == (work,)
    assert claim(pipeline.context, work) == run


def test_an_upload_that_waits_again_after_its_job_was_done_asks_for_another_run(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    second = waits(pipeline, b"a\nx\n")
    (work,) = waiting(pipeline.context)
    run = claim(pipeline.context, work)
    assert run is not None
    end_job(pipeline.context, *WHERE, holder=run.run_id)
    pipeline.clock.advance(seconds=5)
    pipeline.context.ledger.move(second, State.CHECKING, actor="test")
    assert pipeline.ingest(second) is State.WIDENING
    again = claim(pipeline.context, work)
    assert again is not None
    assert again.run_id != run.run_id


def test_publishing_what_the_job_publishes_at_the_same_moment_publishes_it_once(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    second = waits(pipeline, b"a\nx\n")
    run_widening(pipeline.context, *WHERE)
    assert pipeline.ingest(second) is State.PUBLISHED
    expect_consistent(pipeline)


def test_the_flip_waits_for_the_writer_of_the_table(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    waits(pipeline, b"a\nx\n")
    assert pipeline.context.ledger.acquire("publish:travel.trips", holder="another", seconds=3)
    run_widening(pipeline.context, *WHERE)
    assert pipeline.clock.slept == [1, 1, 1]
    expect_consistent(pipeline)


@pytest.mark.parametrize(
    ("earlier", "later", "column", "read"),
    [
        (b'{"a": {"x": 1}}\n', b'{"a": {"x": "t"}}\n', "struct<x:string>", {"x": "1"}),
        (b'{"a": {"x": 1}}\n', b'{"a": {"x": 0.5, "y": 2}}\n', "struct<x:double,y:bigint>", {"x": 1.0}),
        (b'{"a": [1, 2]}\n', b'{"a": [0.5]}\n', "array<double>", [1.0, 2.0]),
        (b'{"a": [{"x": [], "y": 1}]}\n', b'{"a": [{"x": [3]}]}\n', "array<struct<x:array<bigint>,y:bigint>>", None),
        (b'{"a": {"x": 1}}\n', b'{"a": 7}\n', "string", '{"x": 1}'),
    ],
)
def test_nested_columns_are_widened_like_others(
    pipeline: Pipeline, earlier: bytes, later: bytes, column: str, read: Any
) -> None:
    first = pipeline.publish(earlier, filename="f.jsonl")
    second = pipeline.publish(later, filename="f.jsonl")
    assert types(pipeline) == {"a": column}
    found = rows(pipeline)
    assert found.keys() == {first, second}
    if isinstance(read, dict):
        assert {name: value for name, value in found[first][0]["a"].items() if value is not None} == read
    elif read is not None:
        assert found[first] == [{"a": read}]


def test_a_table_of_more_than_a_thousand_columns_is_widened(pipeline: Pipeline) -> None:
    names = ",".join(f"column_{number}" for number in range(1200))
    first = pipeline.publish(f"{names}\n{','.join(['1'] * 1200)}\n".encode())
    second = pipeline.publish(f"{names}\n{','.join(['x'] * 1200)}\n".encode())
    assert set(types(pipeline).values()) == {"string"}
    assert rows(pipeline)[first] == [{f"column_{number}": "1" for number in range(1200)}]
    assert rows(pipeline).keys() == {first, second}
    expect_consistent(pipeline)
