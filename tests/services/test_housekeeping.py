"""Housekeeping: each kind goes once its time is over, and nothing that is under way is hurt."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from include.adapters.ledger.engine import reading
from include.adapters.ledger.identity import SqlIdentityLedger
from include.adapters.ledger.tables import audit_trail
from include.adapters.ledger.uploads import SqlUploadLedger
from include.domain.errors import NotFound, Terminal, Transient
from include.domain.upload import State, Upload
from include.ports import Session, SignInCode
from include.services import glue_tables
from include.services.areas import Areas
from include.services.consistency import verify
from include.services.context import HousekeepingContext
from include.services.housekeeping import staging, superseded
from include.services.housekeeping.removal import Removal, Tidied, record, tidy
from include.services.housekeeping.steps import STEPS
from include.services.lease import LEASE_SECONDS
from include.services.promotion.promote import promote_table
from include.services.repair.rebuild_ledger import rebuild_ledger
from include.services.repair.reingest import reingest
from tests.fakes.objects import MemoryMultipart
from tests.services.repair.test_rebuild_ledger import empty_ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from include.ports import StoredObject
    from tests.services.conftest import Pipeline

DATABASE = "data_eng_uploader_dev_travel"
WHERE = (DATABASE, "trips")


@dataclass
class House:
    """The pipeline, and housekeeping in it."""

    pipeline: Pipeline
    context: HousekeepingContext
    multipart: MemoryMultipart

    def tidy(self, step: str, *, dry_run: bool = False) -> Tidied:
        return tidy(self.context, STEPS[step], dry_run=dry_run)

    def wait(self, *, days: float) -> None:
        self.pipeline.clock.advance(hours=24 * days)

    def under(self, uri: str) -> list[str]:
        return [stored.uri for stored in self.pipeline.objects.list(uri)]

    def audit(self) -> list[dict[str, object]]:
        ledger = self.context.ledger
        assert isinstance(ledger, SqlUploadLedger)
        query = select(audit_trail.c.details).where(audit_trail.c.who == "housekeeping").order_by(audit_trail.c.id)
        with reading(ledger.engine) as connection:
            return list(connection.execute(query).scalars())


@pytest.fixture
def house(pipeline: Pipeline) -> House:
    context = pipeline.context
    assert isinstance(context.ledger, SqlUploadLedger)
    multipart = MemoryMultipart(pipeline.objects)
    ports = {one.name: getattr(context, one.name) for one in fields(context)}
    ports["settings"] = context.settings.model_copy(update={"remove_superseded_at_once": False})
    identity = SqlIdentityLedger(context.ledger.engine, clock=pipeline.clock)
    wired = HousekeepingContext(
        **ports, multipart=multipart, ap_multipart=MemoryMultipart(pipeline.objects), identity=identity
    )
    pipeline.context = wired
    return House(pipeline, wired, multipart)


def sending(house: House) -> Upload:
    """An upload whose parts are being sent."""
    upload_id = house.pipeline.announce(b"a\n1\n")
    uri = house.pipeline.upload(upload_id).landing_uri
    multipart_id = house.multipart.start(uri)
    house.context.ledger.move(upload_id, State.UPLOADING, actor="test")
    return house.context.ledger.amend(upload_id, multipart_id=multipart_id)


def supersede(house: House) -> tuple[str, str]:
    """A promoted upload that was derived again since; its id and the superseded revision."""
    upload_id = house.pipeline.publish(b"a\n1\n")
    promote_table(house.context, database="travel", table="trips")
    before = house.pipeline.upload(upload_id).revision
    house.pipeline.publish(b"a\nx\n")
    assert before is not None
    assert house.pipeline.upload(upload_id).revision != before
    return upload_id, before


# --- abandoned multipart uploads ---------------------------------------------------------------------------------


def test_an_upload_that_nobody_completes_is_cancelled_and_its_parts_are_freed(house: House) -> None:
    upload = sending(house)
    assert upload.multipart_id is not None
    house.wait(days=6)
    assert house.tidy("abandoned_uploads").removed == 0
    house.wait(days=2)
    assert house.tidy("abandoned_uploads").removed == 1
    assert house.multipart.aborted == [upload.multipart_id]
    assert house.pipeline.upload(upload.id).state is State.CANCELLED
    assert [change.actor for change in house.context.ledger.history(upload.id)][-1] == "housekeeping"
    assert house.tidy("abandoned_uploads").removed == 0


def test_an_upload_of_which_nothing_came_is_cancelled(house: House) -> None:
    upload_id = house.pipeline.announce(b"a\n1\n")
    house.wait(days=8)
    assert house.tidy("abandoned_uploads").removed == 1
    assert house.pipeline.upload(upload_id).state is State.CANCELLED


def test_an_upload_that_is_whole_is_left_to_the_watch(house: House) -> None:
    upload = sending(house)
    house.pipeline.objects.write(upload.landing_uri, b"a\n1\n")
    house.wait(days=8)
    done = house.tidy("abandoned_uploads")
    assert (done.removed, done.left) == (0, 1)
    assert house.multipart.aborted == []
    assert house.pipeline.upload(upload.id).state is State.UPLOADING


def test_an_upload_that_completes_at_this_moment_wins(house: House) -> None:
    upload = sending(house)
    house.wait(days=8)
    head = house.pipeline.objects.head

    def then_it_lands(uri: str) -> StoredObject | None:
        found = head(uri)
        house.pipeline.objects.write(upload.landing_uri, b"a\n1\n")
        house.context.ledger.move(upload.id, State.LANDED, actor="analyst@example.org")
        return found

    house.pipeline.objects.head = then_it_lands  # type: ignore[method-assign]
    done = house.tidy("abandoned_uploads")
    house.pipeline.objects.head = head  # type: ignore[method-assign]
    assert (done.removed, done.left) == (0, 1)
    assert house.multipart.aborted == []
    assert house.pipeline.watch() == [upload.id]
    assert house.pipeline.ingest(upload.id) is State.PUBLISHED


def test_what_killed_tasks_left_half_written_is_aborted_in_both_accounts(house: House) -> None:
    settings = house.context.settings
    theirs = house.context.ap_multipart
    assert isinstance(theirs, MemoryMultipart)
    ours = [house.multipart.start(f"{area}/x") for area in (settings.raw_history_uri, settings.curated_uri)]
    copy = theirs.start(f"{settings.analytical_platform_uri}/x")
    house.wait(days=8)
    assert house.tidy("abandoned_uploads").removed == 2
    assert house.tidy("abandoned_copies").removed == 1
    assert (sorted(house.multipart.aborted), theirs.aborted) == (sorted(ours), [copy])


# --- staging and fail/ -------------------------------------------------------------------------------------------


def test_the_documents_of_a_finished_upload_go_after_their_time(house: House) -> None:
    upload_id = house.pipeline.publish(b"a\n1\n")
    staging = house.under(Areas(house.context.settings).staging(upload_id, ""))
    assert staging
    assert house.tidy("staging").removed == 0
    house.wait(days=8)
    done = house.tidy("staging")
    assert (done.removed, done.objects) == (1, len(staging))
    assert done.size > 0
    assert house.under(house.context.settings.staging_uri) == []
    assert verify(house.context) == ()


def test_what_a_cancelled_upload_left_in_staging_goes_at_once(house: House) -> None:
    upload_id = house.pipeline.announce(b"a\n1\n")
    house.context.objects.write(Areas(house.context.settings).staging(upload_id, "check.json"), b"{}")
    assert house.tidy("staging").removed == 0
    house.context.ledger.move(upload_id, State.CANCELLED, actor="test")
    assert house.tidy("staging").removed == 1


def test_staging_of_nobody_goes_when_its_newest_file_is_old(house: House) -> None:
    areas = Areas(house.context.settings)
    for name in ("old", "new"):
        house.context.objects.write(areas.staging("f" * 32, name), b"1")
    house.wait(days=8)
    house.pipeline.objects.moments[areas.staging("f" * 32, "new")] = house.pipeline.clock.now()
    assert house.tidy("staging").removed == 0
    house.wait(days=8)
    assert house.tidy("staging").objects == 2


@pytest.mark.parametrize("state", [State.CONVERTING, State.WIDENING, State.FAILED])
def test_the_staging_of_an_upload_under_way_stays_however_old(house: House, state: State) -> None:
    upload_id = house.pipeline.land(b"a\n1\n")
    house.context.objects.write(Areas(house.context.settings).staging(upload_id, "check.json"), b"{}")
    house.context.ledger.move(upload_id, State.CHECKING, actor="test")
    house.context.ledger.move(upload_id, state, actor="test")
    house.wait(days=80)
    assert house.tidy("staging").removed == 0


def test_an_upload_that_is_ingested_again_meanwhile_keeps_its_staging(house: House) -> None:
    upload_id = house.pipeline.land(b"a,a\n1,2\n")
    house.pipeline.watch()
    assert house.pipeline.ingest(upload_id) is State.REFUSED
    house.wait(days=8)
    [planned] = STEPS["staging"].plan(house.context, house.pipeline.clock.now())
    house.context.ledger.move(upload_id, State.CHECKING, actor="test")
    assert STEPS["staging"].remove(house.context, planned) is False
    assert house.under(planned.uris[0])


def test_documents_of_a_widening_go_only_when_the_table_is_not_widened(house: House) -> None:
    uri = f"{house.context.settings.staging_uri}/widening/travel.trips/ready/x.json"
    house.context.objects.write(uri, b"{}")
    upload_id = house.pipeline.land(b"a\n1\n")
    house.context.ledger.move(upload_id, State.CHECKING, actor="test")
    house.context.ledger.move(upload_id, State.WAITING_FOR_APPROVAL, actor="test")
    house.wait(days=8)
    assert house.tidy("staging").removed == 0
    house.context.ledger.move(upload_id, State.CANCELLED, actor="test")
    assert house.context.ledger.acquire("widen:travel.trips", holder="job", seconds=60)
    assert house.tidy("staging").removed == 0
    house.wait(days=1)
    assert house.tidy("staging").removed == 1


def test_a_refused_file_goes_and_its_report_says_so(house: House) -> None:
    upload_id = house.pipeline.land(b"a,a\n1,2\n")
    house.pipeline.watch()
    assert house.pipeline.ingest(upload_id) is State.REFUSED
    house.wait(days=89)
    assert house.tidy("refused_files").removed == 0
    house.wait(days=2)
    assert house.tidy("refused_files").removed == 1
    [report] = house.under(house.context.settings.fail_uri)
    document = json.loads(house.context.objects.read(report))
    assert document["file_removed_at"] == house.pipeline.clock.now().isoformat()
    assert document["findings"]
    assert house.tidy("refused_files").removed == 0


def refused_again_on_day_85(house: House) -> str:
    """A file that was refused, and refused again 85 days later: S3 keeps the copy, and the date, of the first time."""
    upload_id = house.pipeline.land(b"a,a\n1,2\n")
    house.pipeline.watch()
    house.pipeline.ingest(upload_id)
    house.wait(days=85)
    reingest(house.context, upload_id, reason="a rule changed", by="engineer")
    assert house.pipeline.ingest(upload_id) is State.REFUSED
    return upload_id


def test_a_file_that_was_refused_again_is_kept_from_then_on(house: House) -> None:
    refused_again_on_day_85(house)
    house.wait(days=89)
    assert house.tidy("refused_files").removed == 0
    assert len(house.under(house.context.settings.fail_uri)) == 2
    house.wait(days=2)
    assert house.tidy("refused_files").removed == 1


def test_a_ledger_that_was_made_again_keeps_it_as_long(house: House) -> None:
    upload_id = refused_again_on_day_85(house)
    empty_ledger(house.pipeline)
    rebuild_ledger(house.context, by="engineer", dry_run=False)
    assert house.pipeline.upload(upload_id).state is State.REFUSED
    house.wait(days=89)
    assert house.tidy("refused_files").removed == 0
    house.wait(days=2)
    assert house.tidy("refused_files").removed == 1


def test_a_file_that_is_refused_again_after_it_was_to_go_stays(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    upload_id = house.pipeline.land(b"a,a\n1,2\n")
    house.pipeline.watch()
    house.pipeline.ingest(upload_id)
    house.wait(days=91)

    def refused_again(context: HousekeepingContext, step: str, removal: Removal) -> None:
        record(context, step, removal)
        house.pipeline.clock.advance(seconds=LEASE_SECONDS)
        reingest(house.context, upload_id, reason="a rule changed", by="engineer")
        assert house.pipeline.ingest(upload_id) is State.REFUSED

    monkeypatch.setattr(staging, "record", refused_again)
    done = house.tidy("refused_files")
    assert (done.removed, done.left) == (0, 1)
    report, _ = sorted(house.under(house.context.settings.fail_uri))
    assert "file_removed_at" not in json.loads(house.context.objects.read(report))


def test_a_refused_file_that_is_ingested_again_stays(house: House) -> None:
    upload_id = house.pipeline.land(b"a,a\n1,2\n")
    house.pipeline.watch()
    house.pipeline.ingest(upload_id)
    house.context.ledger.move(upload_id, State.CHECKING, actor="test")
    house.wait(days=91)
    done = house.tidy("refused_files")
    assert (done.removed, done.left) == (0, 1)
    assert len(house.under(house.context.settings.fail_uri)) == 2


def test_a_refused_file_is_not_taken_away_under_whoever_ingests_it_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_id = house.pipeline.land(b"a,a\n1,2\n")
    house.pipeline.watch()
    house.pipeline.ingest(upload_id)
    house.wait(days=91)
    real, told = house.pipeline.objects.delete, []

    def delete(uris: Iterable[str]) -> None:
        with pytest.raises(Transient) as busy:
            reingest(house.context, upload_id, reason="a rule changed", by="engineer")
        told.append(busy.value.code)
        real(uris)

    monkeypatch.setattr(house.pipeline.objects, "delete", delete)
    assert house.tidy("refused_files").removed == 1
    assert told == ["table_busy"]
    assert house.pipeline.upload(upload_id).state is State.REFUSED
    monkeypatch.setattr(house.pipeline.objects, "delete", real)
    with pytest.raises(NotFound):
        reingest(house.context, upload_id, reason="a rule changed", by="engineer")
    assert house.pipeline.upload(upload_id).state is State.REFUSED


def test_housekeeping_leaves_what_came_back_to_life_while_its_process_was_stopped(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_id = house.pipeline.land(b"a,a\n1,2\n")
    house.pipeline.watch()
    house.pipeline.ingest(upload_id)
    house.wait(days=91)

    def note(context: HousekeepingContext, step: str, removal: Removal) -> None:
        record(context, step, removal)
        house.pipeline.clock.advance(seconds=LEASE_SECONDS)
        reingest(house.context, upload_id, reason="a rule changed", by="engineer")

    monkeypatch.setattr(staging, "record", note)
    done = house.tidy("refused_files")
    assert (done.removed, done.left) == (0, 1)
    assert len(house.under(house.context.settings.fail_uri)) == 2


def test_a_superseded_revision_stays_that_is_the_tables_again_after_a_pause(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_id, before = supersede(house)
    promote_table(house.context, database="travel", table="trips")
    house.wait(days=9)

    def record(*about: object) -> None:
        assert about
        house.pipeline.clock.advance(seconds=LEASE_SECONDS)  # another may have the leases now
        house.context.ledger.amend(upload_id, revision=before)

    monkeypatch.setattr(superseded, "record", record)
    old = Areas(house.context.settings).revision(house.pipeline.upload(upload_id).key, before)
    assert house.tidy("superseded_in_curated").removed == 0
    assert house.under(old)


def test_nothing_is_deleted_under_a_lease_that_ran_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    upload_id, before = supersede(house)
    promote_table(house.context, database="travel", table="trips")
    house.wait(days=9)
    monkeypatch.setattr(superseded, "record", lambda *_: house.pipeline.clock.advance(seconds=LEASE_SECONDS))
    old = Areas(house.context.settings).revision(house.pipeline.upload(upload_id).key, before)
    done = house.tidy("superseded_in_curated")
    assert (done.removed, done.left) == (0, 1)
    assert house.under(old)
    monkeypatch.undo()
    assert house.tidy("superseded_in_curated").removed == 1


# --- superseded revisions ----------------------------------------------------------------------------------------


def test_a_revision_that_a_promotion_has_begun_to_bring_over_stays(house: House) -> None:
    upload_id = house.pipeline.publish(b"a\n1\n")
    taken = house.pipeline.upload(upload_id).revision
    assert taken is not None
    house.pipeline.publish(b"a\nx\n")
    house.context.ledger.amend(upload_id, taken_revision=taken)  # that promotion was killed after it had begun
    house.wait(days=9)
    old = Areas(house.context.settings).revision(house.pipeline.upload(upload_id).key, taken)
    assert house.tidy("superseded_in_curated").removed == 0
    assert house.under(old)
    promote_table(house.context, database="travel", table="trips")
    house.wait(days=9)
    assert house.tidy("superseded_in_curated").removed == 1
    assert house.under(old) == []


def test_a_superseded_revision_goes_only_once_it_is_replaced_on_the_platform(house: House) -> None:
    upload_id, before = supersede(house)
    areas = Areas(house.context.settings)
    old = areas.revision(house.pipeline.upload(upload_id).key, before)
    house.wait(days=8)
    assert house.tidy("superseded_in_curated").removed == 0
    promote_table(house.context, database="travel", table="trips")
    assert house.tidy("superseded_in_curated").removed == 0  # whoever began to read it may still do
    house.wait(days=8)
    assert house.tidy("superseded_in_curated").removed == 1
    assert house.tidy("superseded_on_platform").removed == 1
    assert house.under(old) == house.under(areas.ap_revision(house.pipeline.upload(upload_id).key, before)) == []
    assert verify(house.context, thorough=True) == ()
    assert house.tidy("superseded_in_curated").removed == house.tidy("superseded_on_platform").removed == 0


def test_what_catalogues_point_at_stays_whatever_the_ledger_says(house: House) -> None:
    upload_id, before = supersede(house)
    promote_table(house.context, database="travel", table="trips")
    upload = house.pipeline.upload(upload_id)
    entry = house.pipeline.catalogue.entries[WHERE][upload.extraction_timestamp]
    areas = Areas(house.context.settings)
    house.wait(days=8)
    house.pipeline.catalogue.update_partitions(*WHERE, [replace(entry, location=areas.revision(upload.key, before))])
    assert house.tidy("superseded_in_curated").removed == 0
    house.pipeline.catalogue.update_partitions(*WHERE, [entry])
    theirs = replace(entry, location=areas.ap_revision(upload.key, before))
    house.pipeline.ap_catalogue.update_partitions(*WHERE, [theirs])
    assert house.tidy("superseded_on_platform").removed == house.tidy("superseded_in_curated").removed == 0


@pytest.mark.parametrize("work", ["publish", "widen"])
def test_a_table_that_somebody_writes_to_is_left_for_the_next_morning(house: House, work: str) -> None:
    supersede(house)
    promote_table(house.context, database="travel", table="trips")
    house.wait(days=8)
    assert house.context.ledger.acquire(f"{work}:travel.trips", holder="job", seconds=60)
    done = house.tidy("superseded_in_curated")
    assert (done.removed, done.left) == (0, 1)
    house.context.ledger.release(f"{work}:travel.trips", holder="job")
    assert house.tidy("superseded_in_curated").removed == 1


def test_nothing_goes_from_a_platform_table_that_is_being_promoted(house: House) -> None:
    supersede(house)
    promote_table(house.context, database="travel", table="trips")
    house.wait(days=8)
    assert house.context.ledger.acquire("promote:travel.trips", holder="job", seconds=60)
    assert house.tidy("superseded_on_platform").left == 1


@pytest.mark.parametrize("state", [State.WIDENING, State.WAITING_FOR_APPROVAL, State.PUBLISHING])
def test_nothing_goes_from_a_table_whose_partitions_may_be_made_anew(house: House, state: State) -> None:
    supersede(house)
    promote_table(house.context, database="travel", table="trips")
    waiting = house.pipeline.land(b"a\n1\n")
    house.context.ledger.move(waiting, State.CHECKING, actor="test")
    house.context.ledger.move(waiting, state, actor="test")
    house.wait(days=8)
    done = house.tidy("superseded_in_curated")
    assert (done.removed, done.left) == (0, 0)


def test_nothing_goes_from_a_table_in_the_middle_of_a_flip(house: House) -> None:
    supersede(house)
    promote_table(house.context, database="travel", table="trips")
    house.wait(days=8)
    table = house.pipeline.catalogue.tables[WHERE]
    flipping = replace(table, parameters={**table.parameters, glue_tables.WIDENING: "true"})
    house.pipeline.catalogue.tables[WHERE] = flipping
    assert house.tidy("superseded_in_curated").removed == 0
    house.pipeline.catalogue.tables[WHERE] = table
    assert house.tidy("superseded_in_curated").removed == 1


def test_a_revision_that_becomes_the_published_one_again_meanwhile_stays(house: House) -> None:
    upload_id, before = supersede(house)
    promote_table(house.context, database="travel", table="trips")
    house.wait(days=8)
    [planned] = STEPS["superseded_in_curated"].plan(house.context, house.pipeline.clock.now())
    house.context.ledger.amend(upload_id, revision=before)
    assert STEPS["superseded_in_curated"].remove(house.context, planned) is False
    assert house.under(planned.uris[0])


def test_a_revision_that_was_written_lately_stays(house: House) -> None:
    upload_id, before = supersede(house)
    promote_table(house.context, database="travel", table="trips")
    house.wait(days=8)
    [file] = house.under(Areas(house.context.settings).revision(house.pipeline.upload(upload_id).key, before))
    house.pipeline.objects.moments[file] = house.pipeline.clock.now() - timedelta(days=6)
    assert house.tidy("superseded_in_curated").removed == 0


def test_the_files_of_a_withdrawn_upload_go_from_curated(house: House) -> None:
    upload_id = house.pipeline.publish(b"a\n1\n")
    upload = house.context.ledger.move(upload_id, State.WITHDRAWN, actor="test", revision=None)
    house.wait(days=8)
    assert house.tidy("superseded_in_curated").removed == 0  # still registered
    house.pipeline.catalogue.delete_partitions(*WHERE, [upload.extraction_timestamp])
    assert house.tidy("superseded_in_curated").removed == 1
    assert house.under(house.context.settings.curated_uri) == []
    assert house.under(house.context.settings.raw_history_uri)


def test_what_the_ledger_does_not_know_is_nobodys_to_remove(house: House) -> None:
    settings = house.context.settings
    for root in (f"{settings.curated_uri}/{DATABASE}/lost/", f"{settings.curated_uri}/other_database/lost/"):
        house.context.objects.write(f"{root}extraction_timestamp=20260101T000000Z/rev={'0' * 16}/part-0.parquet", b"1")
    house.context.objects.write(f"{settings.curated_uri}/{DATABASE}/notes.txt", b"1")
    house.wait(days=80)
    assert house.tidy("superseded_in_curated").removed == 0


# --- sign-ins, dry runs, the audit trail -------------------------------------------------------------------------


def test_past_sign_ins_and_leases_are_forgotten(house: House) -> None:
    now = house.pipeline.clock.now()
    house.context.identity.save_code(SignInCode("a@example.org", "browser", "hash", now + timedelta(minutes=10), 0))
    house.context.identity.save_session(Session("old", "a@example.org", "csrf", now, now))
    house.context.ledger.acquire("publish:travel.trips", holder="dead", seconds=60)
    house.context.identity.count_try("name", within=timedelta(minutes=15))
    house.wait(days=29)
    now = house.pipeline.clock.now()
    house.context.identity.save_session(Session("new", "a@example.org", "csrf", now, now))
    assert house.tidy("past_sign_ins").removed == 0
    house.wait(days=2)
    assert house.tidy("past_sign_ins", dry_run=True).removed == 4
    assert house.tidy("past_sign_ins").removed == 4
    assert house.tidy("past_sign_ins").removed == 0
    assert house.context.identity.session("new") is not None


def everything_old(house: House) -> None:
    supersede(house)
    promote_table(house.context, database="travel", table="trips")
    refused = house.pipeline.land(b"a,a\n1,2\n")
    house.pipeline.watch()
    house.pipeline.ingest(refused)
    sending(house)
    house.context.ledger.acquire("publish:travel.other", holder="dead", seconds=60)
    house.wait(days=100)


def test_a_dry_run_lists_exactly_what_the_real_run_removes_and_removes_nothing(house: House) -> None:
    everything_old(house)
    before, uploads = dict(house.pipeline.objects.content), house.context.ledger.in_states(tuple(State))
    dry = {step: house.tidy(step, dry_run=True).as_dict() for step in STEPS}
    assert house.pipeline.objects.content == before
    assert house.context.ledger.in_states(tuple(State)) == uploads
    assert house.multipart.aborted == []
    assert house.audit() == []
    real = {step: house.tidy(step).as_dict() for step in STEPS}
    assert dry == {step: done | {"dry_run": True} for step, done in real.items()}
    assert sum(done["removed"] for done in real.values()) >= 7


def test_every_removal_is_in_the_audit_trail_with_what_how_many_and_how_large(house: House) -> None:
    everything_old(house)
    before = {stored.uri: stored.size for stored in house.pipeline.objects.list("s3://")}
    done = [house.tidy(step) for step in STEPS]
    gone = sum(size for uri, size in before.items() if uri not in house.pipeline.objects.content)
    audited = house.audit()
    assert len(audited) == sum(one.removed for one in done)
    assert sum(int(str(one["bytes"])) for one in audited) == sum(one.size for one in done) == gone
    assert all(one["removed"] and one["why"] for one in audited)


@pytest.mark.parametrize(
    ("step", "port", "call"),
    [
        ("abandoned_uploads", "multipart", "pending"),
        ("abandoned_copies", "ap_multipart", "pending"),
        ("staging", "objects", "list"),
        ("refused_files", "objects", "list"),
        ("superseded_in_curated", "objects", "list"),
        ("superseded_on_platform", "ap_objects", "list"),
    ],
)
def test_denied_is_an_error_and_never_nothing_to_do(house: House, step: str, port: str, call: str) -> None:
    def denied(prefix: str) -> Iterator[None]:
        raise Terminal(f"denied: {prefix}", code="access_denied")

    setattr(getattr(house.context, port), call, denied)
    with pytest.raises(Terminal):
        house.tidy(step)


def test_the_area_is_read_as_a_stream(house: House) -> None:
    """The first removal is known before the listing has ended."""
    root = house.context.settings.staging_uri
    for number in range(3):
        house.context.objects.write(f"{root}/{number:032x}/check.json", b"{}")
    house.wait(days=8)
    read = []
    listed: Callable[[str], Iterator[StoredObject]] = house.pipeline.objects.list

    def counted(prefix: str) -> Iterator[StoredObject]:
        for stored in listed(prefix):
            read.append(stored.uri)
            yield stored

    house.pipeline.objects.list = counted  # type: ignore[method-assign]
    next(STEPS["staging"].plan(house.context, house.pipeline.clock.now()))
    assert len(read) == 2
