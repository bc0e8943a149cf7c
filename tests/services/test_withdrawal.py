"""What a withdrawal takes away, what stays, and that it ends the same wherever it was killed."""

from __future__ import annotations

import copy
import sqlite3
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from include.domain.errors import NotFound, Refused, Terminal, Transient
from include.domain.markdown import as_text
from include.domain.upload import State
from include.domain.withdrawal import Approval
from include.services import glue_tables
from include.services.areas import Areas
from include.services.consistency import verify
from include.services.promotion.planning import plan_promotion
from include.services.promotion.promote import promote_table
from include.services.withdrawal.carry_out import carry_out
from include.services.withdrawal.record import read_record
from include.services.withdrawal.run import Step, approve, begin, decline, question

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.services.context import PromotionContext
    from tests.services.conftest import Pipeline

DATABASE = "data_eng_uploader_dev_travel"
ANALYST = "analyst@example.org"


def promote(pipeline: Pipeline) -> None:
    promote_table(pipeline.context, database="travel", table="trips")


def withdraw(pipeline: Pipeline, upload_id: str, *, reason: str = "The wrong file") -> None:
    """Everything that a request brings about, approved if need be."""
    asked = pipeline.context.withdrawals.request(upload_id, by=ANALYST, reason=reason)
    approve(pipeline.context, upload_id, run_id=asked.run_id, by="eve")


def names_of(columns: tuple[tuple[str, str], ...]) -> list[str]:
    return [name for name, _ in columns]


def columns(pipeline: Pipeline) -> tuple[list[str], list[str]]:
    """The columns of our table and of the platform's; none where there is no table."""
    return tuple(
        names_of(table.columns) if (table := catalogue.table(DATABASE, "trips")) else []
        for catalogue in (pipeline.catalogue, pipeline.ap_catalogue)
    )  # type: ignore[return-value]


def partitions(pipeline: Pipeline) -> tuple[int, int]:
    """How many there are of our table and of the platform's."""
    return tuple(
        len(list(catalogue.partitions(DATABASE, "trips"))) for catalogue in (pipeline.catalogue, pipeline.ap_catalogue)
    )  # type: ignore[return-value]


def platform_files(pipeline: Pipeline) -> list[str]:
    return [stored.uri for stored in pipeline.objects.list(pipeline.context.settings.analytical_platform_uri)]


def test_what_is_not_yet_promoted_leaves_the_table_and_its_raw_file_stays(pipeline: Pipeline) -> None:
    first, second = pipeline.publish(b"a\n1\n"), pipeline.publish(b"a\n2\n")
    withdraw(pipeline, second, reason="")
    assert partitions(pipeline)[0] == 1
    assert pipeline.upload(first).state is State.PUBLISHED
    upload = pipeline.upload(second)
    assert upload.state is State.WITHDRAWN
    areas = Areas(pipeline.context.settings)
    assert pipeline.objects.read(areas.raw(upload)) == b"a\n2\n"
    assert list(pipeline.objects.list(areas.partition(upload.key))) == []  # where a table's whole root is read
    promote(pipeline)
    assert partitions(pipeline) == (1, 1)


def test_the_record_beside_the_raw_file_says_who_when_why_and_who_approved(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    promote(pipeline)
    withdraw(pipeline, upload_id)
    upload = pipeline.upload(upload_id)
    uri = Areas(pipeline.context.settings).withdrawn(upload)
    assert uri.rpartition("/")[0] == Areas(pipeline.context.settings).raw(upload).rpartition("/")[0]
    record = read_record(pipeline.context.objects, uri)
    assert record is not None
    assert (record.upload_id, record.requested_by, record.reason) == (upload_id, ANALYST, "The wrong file")
    assert record.approved_by == "eve"
    assert record.approved_at == pipeline.clock.now().isoformat()


def test_an_upload_that_was_not_withdrawn_has_no_record(pipeline: Pipeline) -> None:
    upload = pipeline.upload(pipeline.publish(b"a\n1\n"))
    assert read_record(pipeline.context.objects, Areas(pipeline.context.settings).withdrawn(upload)) is None


def test_a_promoted_upload_leaves_the_platform_at_once(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    upload_id = pipeline.publish(b"a\n2\n")
    promote(pipeline)
    assert partitions(pipeline) == (2, 2)
    withdraw(pipeline, upload_id)
    assert partitions(pipeline) == (1, 1)
    folder = Areas(pipeline.context.settings).ap_partition(pipeline.upload(upload_id).key)
    assert not any(uri.startswith(folder) for uri in platform_files(pipeline))
    assert pipeline.upload(upload_id).promoted_revision is None
    assert plan_promotion(pipeline.context) == ()


def test_a_promoted_upload_leaves_the_platform_although_its_table_is_being_written_to(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    upload_id = pipeline.publish(b"a\n2\n")
    promote(pipeline)
    lease = f"publish:{pipeline.upload(upload_id).database}.trips"
    assert pipeline.context.ledger.acquire(lease, holder="another", seconds=100_000)
    with pytest.raises(Transient):
        withdraw(pipeline, upload_id)
    assert partitions(pipeline) == (2, 1)
    folder = Areas(pipeline.context.settings).ap_partition(pipeline.upload(upload_id).key)
    assert not any(uri.startswith(folder) for uri in platform_files(pipeline))


def test_columns_that_no_other_upload_has_go_from_both_sides(pipeline: Pipeline) -> None:
    pipeline.publish(b"a,b\n1,x\n")
    upload_id = pipeline.publish(b"a,c,d\n1,y,\n")
    promote(pipeline)
    assert columns(pipeline) == (["a", "b", "c", "d"], ["a", "b", "c", "d"])
    withdraw(pipeline, upload_id)
    assert columns(pipeline) == (["a", "b"], ["a", "b"])
    for catalogue in (pipeline.catalogue, pipeline.ap_catalogue):
        table = catalogue.table(DATABASE, "trips")
        assert table is not None
        assert list(glue_tables.read_schema(table).types()) == ["a", "b"]
    pipeline.publish(b"c\n2026-01-31\n")
    table = pipeline.catalogue.table(DATABASE, "trips")
    assert table is not None
    assert table.columns == (("a", "bigint"), ("b", "string"), ("c", "date"))


def test_types_stay_as_wide_as_they_are(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    upload_id = pipeline.publish(b"a\nx\n")
    withdraw(pipeline, upload_id)
    table = pipeline.catalogue.table(DATABASE, "trips")
    assert table is not None
    assert table.columns == (("a", "string"),)


def test_the_columns_of_a_publication_that_was_killed_stay(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    upload_id = pipeline.publish(b"a,c\n1,2\n")
    other = pipeline.publish(b"a,c\n3,4\n")
    _set_state(pipeline, other, State.PUBLISHING)
    withdraw(pipeline, upload_id)
    assert columns(pipeline)[0] == ["a", "c"]


def test_a_table_whose_last_upload_goes_is_deleted_and_its_name_is_free(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    promote(pipeline)
    withdraw(pipeline, upload_id)
    assert columns(pipeline) == ([], [])
    assert platform_files(pipeline) == []
    assert pipeline.context.ledger.databases() == ()
    again = pipeline.publish(b"other\nx\n")
    assert columns(pipeline)[0] == ["other"]
    assert pipeline.upload(again).extraction_timestamp != pipeline.upload(upload_id).extraction_timestamp


def test_a_partition_once_withdrawn_is_reserved_for_ever(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    withdraw(pipeline, upload_id)
    upload = pipeline.upload(upload_id)
    assert pipeline.context.ledger.find("travel", "trips", upload.extraction_timestamp) == upload


@pytest.mark.parametrize("side", ["catalogue", "ap_catalogue"])
def test_a_table_that_became_somebody_elses_is_left_alone(pipeline: Pipeline, side: str) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    promote(pipeline)
    catalogue = getattr(pipeline, side)
    theirs = replace(catalogue.table(DATABASE, "trips"), parameters={})
    catalogue.delete_table(DATABASE, "trips")
    catalogue.create_table(theirs)
    withdraw(pipeline, upload_id)
    assert catalogue.table(DATABASE, "trips") is not None
    assert pipeline.upload(upload_id).promoted_revision is None


def test_an_upload_that_waits_to_be_published_is_the_first_one_of_a_table_that_vanished(pipeline: Pipeline) -> None:
    from include.services.ingest.publish import publish
    from tests.pipeline import STAGES

    first = pipeline.publish(b"a\n1\n")
    second = pipeline.land(b"a,b\n2,x\n")
    pipeline.watch()
    for stage in STAGES[:-1]:
        stage(pipeline.context, second)
    withdraw(pipeline, first)
    assert columns(pipeline)[0] == []
    publish(pipeline.context, second)
    assert columns(pipeline)[0] == ["a", "b"]
    assert partitions(pipeline)[0] == 1


def test_only_what_is_withdrawn_is_carried_out(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    with pytest.raises(Terminal):
        carry_out(pipeline.context, upload_id)
    promote(pipeline)
    pipeline.context.withdrawals.request(upload_id, by=ANALYST, reason="why")
    with pytest.raises(Terminal):
        carry_out(pipeline.context, upload_id)
    assert partitions(pipeline) == (1, 1)


def test_while_the_table_is_promoted_the_partition_is_gone_and_the_rest_follows(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    upload_id = pipeline.publish(b"a,b\n1,2\n")
    promote(pipeline)
    asked = pipeline.context.withdrawals.request(upload_id, by=ANALYST, reason="why")
    assert pipeline.context.ledger.acquire("promote:travel.trips", holder="a promotion", seconds=10_000)
    with pytest.raises(Transient):
        approve(pipeline.context, upload_id, run_id=asked.run_id, by="eve")
    assert partitions(pipeline) == (1, 1)
    assert columns(pipeline) == (["a"], ["a", "b"])
    assert [one.upload_id for one in pipeline.context.withdrawals.open()] == [upload_id]
    pipeline.context.ledger.release("promote:travel.trips", holder="a promotion")
    approve(pipeline.context, upload_id, run_id=asked.run_id, by=None)
    assert columns(pipeline) == (["a"], ["a"])
    assert pipeline.context.withdrawals.open() == ()


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Death:
    """Kills at the nth call of anything outside, before or after it acted."""

    after: bool
    left: int

    def watch(self, context: PromotionContext) -> PromotionContext:
        ports = ("ledger", "withdrawals", "objects", "catalogue", "ap_objects", "ap_catalogue")
        watched: dict[str, Any] = {port: _Watched(getattr(context, port), self) for port in ports}
        return replace(context, **watched)

    def call(self, act: Callable[[], Any]) -> Any:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Killed
        answer = act()
        if self.left == 0:
            raise Killed
        return answer


@dataclass
class _Watched:
    inner: Any
    death: Death

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.inner, name)
        if not callable(attribute):
            return attribute
        return lambda *args, **kwargs: self.death.call(lambda: attribute(*args, **kwargs))


class Scene:
    """Everything there is at one moment, to begin again from."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.stores = copy.deepcopy(self._stores())
        self.ledger = sqlite3.connect(":memory:")
        with sqlite3.connect(self._ledger_path()) as now:
            now.backup(self.ledger)

    def restore(self) -> None:
        for store, was in zip(self._stores(), copy.deepcopy(self.stores), strict=True):
            vars(store).update(vars(was))
        with sqlite3.connect(self._ledger_path()) as now:
            self.ledger.backup(now)

    def _stores(self) -> tuple[Any, ...]:
        return self.pipeline.objects, self.pipeline.catalogue, self.pipeline.ap_catalogue

    def _ledger_path(self) -> str:
        return self.pipeline.context.settings.ledger_url.get_secret_value().removeprefix("sqlite:///")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("last", [False, True], ids=["one of two", "the last"])
def test_wherever_it_is_killed_the_next_run_ends_the_same(pipeline: Pipeline, *, after: bool, last: bool) -> None:
    if not last:
        pipeline.publish(b"a\n1\n")
    upload_id = pipeline.publish(b"a,b\n1,2\n")
    promote(pipeline)
    run_id = pipeline.context.withdrawals.request(upload_id, by=ANALYST, reason="why").run_id
    scene, killed = Scene(pipeline), 0
    for point in range(1, 100):
        scene.restore()
        try:
            approve(Death(after, point).watch(pipeline.context), upload_id, run_id=run_id, by="eve")
        except Killed:
            killed += 1
            approve(pipeline.context, upload_id, run_id=run_id, by="eve")
        assert columns(pipeline) == (([], []) if last else (["a"], ["a"]))
        assert partitions(pipeline) == ((0, 0) if last else (1, 1))
        assert plan_promotion(pipeline.context) == ()
        assert pipeline.context.withdrawals.open() == ()
        upload = pipeline.upload(upload_id)
        assert upload.state is State.WITHDRAWN
        assert pipeline.objects.read(Areas(pipeline.context.settings).raw(upload)) == b"a,b\n1,2\n"
        assert read_record(pipeline.objects, Areas(pipeline.context.settings).withdrawn(upload)) is not None
        if killed < point:
            break
    assert 15 < killed < 99


def test_a_run_begins_with_the_request_it_carries(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    with pytest.raises(NotFound):
        begin(pipeline.context, upload_id, run_id=upload_id, by="eve", reason="")
    pipeline.context.withdrawals.request(upload_id, by=ANALYST, reason="")
    for _ in range(2):  # a task that runs again
        assert begin(pipeline.context, upload_id, run_id=upload_id, by="eve", reason="") is Step.WITHDRAW
    assert begin(pipeline.context, upload_id, run_id="manual__1", by="eve", reason="why") is Step.NOTHING
    approve(pipeline.context, upload_id, run_id=upload_id, by=None)


def test_a_finished_run_that_is_cleared_takes_away_what_should_not_be_there(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    upload_id = pipeline.publish(b"a\n2\n")
    entry = pipeline.catalogue.partition(DATABASE, "trips", pipeline.upload(upload_id).extraction_timestamp)
    assert entry is not None
    withdraw(pipeline, upload_id)
    done = pipeline.context.withdrawals.get(upload_id)
    pipeline.catalogue.create_partition(DATABASE, "trips", entry)
    assert begin(pipeline.context, upload_id, run_id=upload_id, by="eve", reason="") is Step.WITHDRAW
    approve(pipeline.context, upload_id, run_id=upload_id, by=None)
    assert partitions(pipeline)[0] == 1
    assert pipeline.context.withdrawals.get(upload_id) == done


@pytest.mark.parametrize("reason", ["", "its record is gone"])
def test_a_run_by_form_carries_a_finished_withdrawal_out_again(pipeline: Pipeline, reason: str) -> None:
    pipeline.publish(b"a\n1\n")
    upload_id = pipeline.publish(b"a\n2\n")
    withdraw(pipeline, upload_id)
    uri = Areas(pipeline.context.settings).withdrawn(pipeline.upload(upload_id))
    record = read_record(pipeline.objects, uri)
    assert record is not None
    pipeline.objects.delete([uri])
    assert begin(pipeline.context, upload_id, run_id="manual__1", by="eve", reason=reason) is Step.WITHDRAW
    assert approve(pipeline.context, upload_id, run_id="manual__1", by=None)
    assert read_record(pipeline.objects, uri) == record


def test_what_a_lost_ledger_had_withdrawn_can_be_carried_out_and_keeps_its_record(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    upload_id = pipeline.publish(b"a\n2\n")
    withdraw(pipeline, upload_id)
    uri = Areas(pipeline.context.settings).withdrawn(pipeline.upload(upload_id))
    record = read_record(pipeline.objects, uri)
    _forget_requests(pipeline)
    assert begin(pipeline.context, upload_id, run_id="manual__1", by="eve", reason="rebuilt") is Step.WITHDRAW
    approve(pipeline.context, upload_id, run_id="manual__1", by=None)
    assert read_record(pipeline.objects, uri) == record
    assert pipeline.context.withdrawals.open() == ()


@pytest.mark.parametrize("left", ["its record", "a record that says nothing", "nothing"])
def test_a_form_without_a_reason_carries_out_what_is_withdrawn_though_its_request_is_lost(
    pipeline: Pipeline, left: str
) -> None:
    pipeline.publish(b"a\n1\n")
    upload_id = pipeline.publish(b"a\n2\n")
    entry = pipeline.catalogue.partition(DATABASE, "trips", pipeline.upload(upload_id).extraction_timestamp)
    assert entry is not None
    withdraw(pipeline, upload_id)
    uri = Areas(pipeline.context.settings).withdrawn(pipeline.upload(upload_id))
    record = read_record(pipeline.objects, uri)
    assert record is not None
    pipeline.catalogue.create_partition(DATABASE, "trips", entry)
    _forget_requests(pipeline)
    if left == "nothing":
        pipeline.objects.delete([uri])
    elif left != "its record":
        pipeline.objects.write(uri, b"{}")
    wrong = verify(pipeline.context, grace=timedelta())
    forms = {(one.repair.dag, tuple(dict(one.repair.form).items())) for one in wrong}
    assert forms == {("withdraw_upload", (("upload_id", upload_id),))}
    for _ in range(2):  # a task that runs again
        assert begin(pipeline.context, upload_id, run_id="manual__1", by="eve", reason="") is Step.WITHDRAW
    assert begin(pipeline.context, upload_id, run_id="manual__2", by="eve", reason="") is Step.NOTHING
    assert approve(pipeline.context, upload_id, run_id="manual__1", by=None)
    assert verify(pipeline.context, grace=timedelta()) == ()
    withdrawal, kept = pipeline.context.withdrawals.get(upload_id), read_record(pipeline.objects, uri)
    assert withdrawal is not None
    assert kept is not None
    if left == "its record":
        assert kept == record
        assert (withdrawal.requested_by, withdrawal.reason) == (record.requested_by, record.reason)
    else:
        assert withdrawal.reason.startswith("not known")
        assert kept.reason == withdrawal.reason


def test_a_row_without_columns_counts_with_those_of_its_manifest(pipeline: Pipeline) -> None:
    kept = pipeline.publish(b"a,b\n1,2\n")
    upload_id = pipeline.publish(b"a,b,c\n1,2,3\n")
    pipeline.context.ledger.amend(kept, columns=())
    withdraw(pipeline, upload_id)
    assert columns(pipeline)[0] == ["a", "b"]


def test_what_waits_for_a_widening_is_the_first_of_a_table_that_vanished_meanwhile(pipeline: Pipeline) -> None:
    from include.services.widening.job import run_widening

    first = pipeline.publish(b"a\n1\n")
    second = pipeline.land(b"a\nx\n")
    pipeline.watch()
    assert pipeline.ingest(second) is State.WIDENING
    withdraw(pipeline, first)
    assert columns(pipeline)[0] == []
    run_widening(pipeline.context, "travel", "trips")
    assert pipeline.upload(second).state is State.PUBLISHED
    table = pipeline.catalogue.table(DATABASE, "trips")
    assert table is not None
    assert table.columns == (("a", "string"),)
    assert partitions(pipeline)[0] == 1


def test_a_data_engineers_form_asks_for_any_upload_with_a_reason(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    with pytest.raises(Refused):
        begin(pipeline.context, upload_id, run_id="manual__1", by="eve", reason=" \n ")
    assert begin(pipeline.context, upload_id, run_id="manual__1", by="eve", reason="why") is Step.WITHDRAW
    asked = pipeline.context.withdrawals.get(upload_id)
    assert asked is not None
    assert (asked.requested_by, asked.run_id) == ("eve", "manual__1")


def test_a_promoted_upload_goes_only_with_an_approval(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    promote(pipeline)
    pipeline.context.withdrawals.request(upload_id, by=ANALYST, reason="why")
    assert begin(pipeline.context, upload_id, run_id=upload_id, by="eve", reason="") is Step.APPROVE
    with pytest.raises(Terminal):
        approve(pipeline.context, upload_id, run_id=upload_id, by=None)
    with pytest.raises(Terminal):
        approve(pipeline.context, upload_id, run_id="another", by="eve")
    assert pipeline.upload(upload_id).state is State.PROMOTED
    assert approve(pipeline.context, upload_id, run_id=upload_id, by="eve")
    assert not decline(pipeline.context, upload_id, run_id=upload_id, by="eve")
    assert pipeline.upload(upload_id).state is State.WITHDRAWN


def test_a_declined_request_leaves_everything_where_it_is(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    promote(pipeline)
    pipeline.context.withdrawals.request(upload_id, by=ANALYST, reason="why")
    before = dict(pipeline.objects.content)
    assert decline(pipeline.context, upload_id, run_id=upload_id, by="eve")
    assert not approve(pipeline.context, upload_id, run_id=upload_id, by="eve")
    assert begin(pipeline.context, upload_id, run_id=upload_id, by="eve", reason="") is Step.NOTHING
    assert pipeline.objects.content == before
    assert partitions(pipeline) == (1, 1)
    asked = pipeline.context.withdrawals.get(upload_id)
    assert asked is not None
    assert asked.approval is Approval.DECLINED


def test_the_question_shows_table_partition_rows_uploader_and_reason_as_plain_text(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n2\n", filename="Trips [1].csv")
    promote(pipeline)
    pipeline.context.withdrawals.request(upload_id, by=ANALYST, reason="[click](http://evil) <b>now</b>")
    headline, body = question(pipeline.context, upload_id)
    assert headline == f"Withdraw Trips [1].csv from {DATABASE}.trips?"
    for shown in (as_text(f"{DATABASE}.trips"), pipeline.upload(upload_id).extraction_timestamp, "2", as_text(ANALYST)):
        assert shown in body
    assert r"\[click\]\(http://evil\) \<b\>now\</b\>" in body


def _set_state(pipeline: Pipeline, upload_id: str, state: State) -> None:
    """A state that no transition leads to: what a killed task left behind."""
    from sqlalchemy import update

    from include.adapters.ledger.tables import uploads

    with pipeline.context.ledger.engine.begin() as connection:  # type: ignore[attr-defined]
        connection.execute(update(uploads).where(uploads.c.id == upload_id).values(state=state))


def _forget_requests(pipeline: Pipeline) -> None:
    """What rebuilding the ledger does not bring back."""
    from sqlalchemy import delete

    from include.adapters.ledger.tables import withdrawals

    with pipeline.context.ledger.engine.begin() as connection:  # type: ignore[attr-defined]
        connection.execute(delete(withdrawals))
