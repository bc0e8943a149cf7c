"""The consistency check as a whole: nothing to say of a clean pipeline, what it looks at, and how it reports."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from include.domain.errors import NotFound, Terminal
from include.domain.upload import State
from include.services.areas import Areas
from include.services.consistency import Code, Disagreement, examine, verify
from include.services.consistency.disagreement import NOTES, REPAIRS
from include.services.consistency.mail import agreement_of, tell_team
from include.services.promotion.promote import promote_table
from include.services.widening.job import job_lease, leave_job, prepare
from include.services.widening.waiting import claim_table
from include.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from tests.services.conftest import Pipeline

from tests.services.consistency.scene import WHERE, codes, timestamp_of


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


def test_the_documentation_lists_every_code() -> None:
    text = (PROJECT_ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    table = text.partition("### What the consistency check finds")[2].partition("### ")[0]
    assert set(re.findall(r"`([a-z_]+)`", table)) >= {code.value for code in Code}
