"""The ledger made again from what lies beside the files, row by row."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from include.adapters.ledger.engine import make_engine
from include.domain.findings import Finding, Severity
from include.domain.upload import State, Upload
from include.domain.withdrawal import Approval
from include.services import glue_tables, notices
from include.services.areas import Areas
from include.services.consistency import Code, verify
from include.services.promotion.promote import promote_table
from include.services.repair.rebuild_ledger import LedgerReport, Scope, rebuild_ledger
from include.services.repair.reingest import reingest
from include.services.withdrawal.carry_out import carry_out

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pipeline import Pipeline
    from tests.services.conftest import Pipeline as MemoryPipeline
    from tests.strict_aws.server import StrictAws

BAD = Finding(code="made_up", title="Made up", severity=Severity.ERROR, message="It is wrong.", examples=("x",))

# What no file tells: when the row was last touched, how the file was sent, and moments that the catalogue or the
# manifest knows a little apart from the ledger.
MAY_DIFFER = {
    "updated_at",
    "multipart_id",
    "part_size",
    "part_count",
    "claimed_at",
    "published_at",
    "promoted_at",
}


def rows(pipeline: Pipeline) -> dict[str, Upload]:
    """Every upload in the ledger."""
    found = pipeline.context.ledger.page(limit=1000).uploads
    return {upload.id: upload for upload in found}


def empty_ledger(pipeline: Pipeline) -> None:
    """Lose all of it."""
    engine = make_engine(pipeline.context.settings.ledger_url.get_secret_value())
    with engine.begin() as connection:
        for table in ("withdrawals", "upload_states", "mails", "audit_trail", "leases", "uploads"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 -- names of our own
    engine.dispose()


def comparable(uploads: dict[str, Upload]) -> dict[str, dict[str, object]]:
    return {
        upload_id: {each.name: getattr(upload, each.name) for each in fields(upload) if each.name not in MAY_DIFFER}
        for upload_id, upload in uploads.items()
    }


def rebuild(pipeline: Pipeline, *, dry_run: bool = False) -> LedgerReport:
    return rebuild_ledger(pipeline.context, by="engineer", dry_run=dry_run)


def withdraw(pipeline: Pipeline, upload_id: str) -> None:
    """Ask for a withdrawal, approve it where that is needed, and carry it out."""
    context = pipeline.context
    asked = context.withdrawals.request(upload_id, by="analyst@example.org", reason="the wrong file")
    context.withdrawals.decide(upload_id, run_id=asked.run_id, by="engineer", approval=Approval.GIVEN)
    carry_out(context, upload_id)


def tell_many_fates(pipeline: Pipeline) -> dict[str, str]:
    """Uploads in every state that outlives its run; their ids by what became of them."""
    fates = {"promoted": pipeline.publish(b"a,b\n1,x\n", filename="One File.csv")}
    fates["promoted and widened"] = pipeline.publish(b"a,b\n2,y\n")
    fates["promoted and withdrawn"] = pipeline.publish(b"a,b\n9,y\n")
    promote_table(pipeline.context, database="travel", table="trips")
    withdraw(pipeline, fates["promoted and withdrawn"])
    fates["published"] = pipeline.publish(b"a,b,c\n1.5,z,\n", uploader="colleague@example.org")
    fates["withdrawn"] = pipeline.publish(b"a,b\n3,x\n")
    withdraw(pipeline, fates["withdrawn"])
    fates["elsewhere"] = pipeline.publish(b"x\n2024-01-01\n", database="other", table="days")
    fates["refused by the check"] = pipeline.land(b"a,b\n1\n")
    fates["refused by the suite"] = pipeline.land(b"a,b\n4,w\n")
    pipeline.watch()
    for fate, findings in (("refused by the check", ()), ("refused by the suite", (BAD,))):
        pipeline.suite.findings = findings
        assert pipeline.ingest(fates[fate]) is State.REFUSED
    pipeline.suite.findings = ()
    return fates


def test_every_row_comes_back_as_it_was(pipeline: MemoryPipeline) -> None:
    tell_many_fates(pipeline)
    before = rows(pipeline)
    assert {upload.state for upload in before.values()} == {
        State.PROMOTED, State.PUBLISHED, State.WITHDRAWN, State.REFUSED
    }  # fmt: skip
    empty_ledger(pipeline)
    report = rebuild(pipeline)
    assert comparable(rows(pipeline)) == comparable(before)
    assert report.added == {upload_id: upload.state.value for upload_id, upload in before.items()}
    assert (report.problems, report.differing, report.unchanged) == ([], {}, 0)


def test_every_row_comes_back_from_aws_too(aws: StrictAws, tmp_path: Path) -> None:
    from tests.aws_pipeline import make_aws_pipeline

    pipeline = make_aws_pipeline(aws, tmp_path)
    tell_many_fates(pipeline)
    before = rows(pipeline)
    empty_ledger(pipeline)
    rebuild(pipeline)
    after = rows(pipeline)
    assert comparable(after) == comparable(before)
    assert {upload_id for upload_id, upload in after.items() if upload.promoted_at} == {
        upload_id for upload_id, upload in before.items() if upload.promoted_at
    }


def test_what_is_published_keeps_its_order_and_its_tables_their_owners(pipeline: MemoryPipeline) -> None:
    tell_many_fates(pipeline)
    before = [upload.id for upload in sorted(rows(pipeline).values(), key=lambda each: str(each.published_at))]
    tables = [(table.table, table.creator, table.partitions) for table in pipeline.context.ledger.tables("travel")]
    empty_ledger(pipeline)
    rebuild(pipeline)
    assert [upload.id for upload in sorted(rows(pipeline).values(), key=lambda each: str(each.published_at))] == before
    assert [
        (table.table, table.creator, table.partitions) for table in pipeline.context.ledger.tables("travel")
    ] == tables


def test_a_second_rebuild_finds_nothing_to_add(pipeline: MemoryPipeline) -> None:
    fates = tell_many_fates(pipeline)
    assert rebuild(pipeline).unchanged == len(fates)
    empty_ledger(pipeline)
    rebuild(pipeline)
    again = rebuild(pipeline)
    assert (again.added, again.unchanged) == ({}, len(fates))


def test_a_dry_run_says_the_same_and_adds_nothing(pipeline: MemoryPipeline) -> None:
    tell_many_fates(pipeline)
    empty_ledger(pipeline)
    said = rebuild(pipeline, dry_run=True)
    assert rows(pipeline) == {}
    assert said.added == rebuild(pipeline).added


def test_a_row_that_says_otherwise_is_named_and_stays(pipeline: MemoryPipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    pipeline.context.ledger.amend(upload_id, rows=5)
    report = rebuild(pipeline)
    assert report.differing == {upload_id: ["rows: 5 in the ledger, 1 found"]}
    assert pipeline.upload(upload_id).rows == 5


def test_a_row_from_an_old_backup_is_given_what_was_found(pipeline: MemoryPipeline) -> None:
    kept, withdrawn = pipeline.publish(b"a\n1\n"), pipeline.publish(b"a\n2\n")
    old = pipeline.upload(kept)
    pipeline.publish(b"a\nx\n")  # the revisions of both are others since
    withdraw(pipeline, withdrawn)
    before = rows(pipeline)
    assert before[kept].revision != old.revision
    empty_ledger(pipeline)
    for upload_id in (kept, withdrawn):
        pipeline.context.ledger.add(
            replace(before[upload_id], revision=old.revision, state=State.PUBLISHED), actor="backup"
        )
    report = rebuild_ledger(pipeline.context, by="engineer", dry_run=False, correct=True)
    assert comparable(rows(pipeline)) == comparable(before)
    assert set(report.corrected) == set(report.differing) == {kept, withdrawn}


def test_a_withdrawn_row_whose_mark_is_lost_is_left_and_named(pipeline: MemoryPipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    withdraw(pipeline, upload_id)
    pipeline.objects.delete([Areas(pipeline.context.settings).withdrawn(pipeline.upload(upload_id))])
    before = rows(pipeline)
    for _ in range(2):
        report = rebuild_ledger(pipeline.context, by="engineer", dry_run=False, correct=True)
        assert report.differing[upload_id][0] == "state: withdrawn in the ledger, published found"
        assert report.corrected == []
        [problem] = report.problems
        assert f"{upload_id} is withdrawn in the ledger, and published by what was found" in problem
    assert rows(pipeline) == before
    [wrong] = verify(pipeline.context, grace=timedelta())
    assert (wrong.code, wrong.repair.dag) == (Code.WITHDRAWN_MARK_MISSING, "withdraw_upload")


def test_a_published_row_is_not_left_without_its_revision(pipeline: MemoryPipeline) -> None:
    kept, lost = pipeline.publish(b"a\n1\n"), pipeline.publish(b"a\n2\n")
    upload = pipeline.upload(lost)
    pipeline.objects.write(upload.landing_uri, b"a\n2\n")
    pipeline.context.ledger.amend(lost, etag=None)
    where = (Areas(pipeline.context.settings).database("travel"), "trips")
    pipeline.catalogue.delete_partitions(*where, [upload.extraction_timestamp])
    report = rebuild_ledger(pipeline.context, by="engineer", dry_run=False, correct=True)
    assert set(report.differing) == {lost}
    assert (report.corrected, len(report.problems)) == ([], 1)
    assert pipeline.upload(lost).revision == upload.revision is not None
    assert {one.code for one in verify(pipeline.context, grace=timedelta())} >= {Code.PARTITION_MISSING}
    assert pipeline.upload(kept).state is State.PUBLISHED


def test_a_withdrawal_comes_back_with_its_row_and_is_carried_out_again(pipeline: MemoryPipeline) -> None:
    approved, free = pipeline.publish(b"a\n1\n"), pipeline.publish(b"a\n2\n")
    pipeline.publish(b"a\n3\n")
    promote_table(pipeline.context, database="travel", table="trips", upload_id=approved)
    for upload_id in (approved, free):
        withdraw(pipeline, upload_id)
    before = {upload_id: pipeline.context.withdrawals.get(upload_id) for upload_id in (approved, free)}
    empty_ledger(pipeline)
    rebuild(pipeline)
    rebuild(pipeline)
    for upload_id, was in before.items():
        restored = pipeline.context.withdrawals.get(upload_id)
        assert was is not None
        assert restored is not None
        assert restored.done_at is None
        assert restored.run_id != was.run_id
        assert replace(restored, done_at=was.done_at, run_id=was.run_id) == was
        carry_out(pipeline.context, upload_id)
    assert pipeline.context.withdrawals.open() == ()


def test_only_the_uploads_of_one_table_are_looked_at_if_it_is_named(pipeline: MemoryPipeline) -> None:
    fates = tell_many_fates(pipeline)
    empty_ledger(pipeline)
    report = rebuild_ledger(pipeline.context, by="engineer", dry_run=False, scope=Scope(database="other", table="days"))
    assert report.added == {fates["elsewhere"]: "published"}
    report = rebuild_ledger(pipeline.context, by="engineer", dry_run=False, scope=Scope(database="travel"))
    assert set(report.added) == set(fates.values()) - {fates["elsewhere"]}


def test_nobody_is_told_again_what_they_were_told_before(pipeline: MemoryPipeline) -> None:
    fates = tell_many_fates(pipeline)
    notices.notify_promoted(pipeline.context)
    empty_ledger(pipeline)
    rebuild(pipeline)
    pipeline.mailer.sent.clear()
    for upload_id in fates.values():
        notices.notify(pipeline.context, upload_id)
    notices.notify_promoted(pipeline.context)
    assert pipeline.mailer.sent == {}


def test_promotion_finds_the_same_work_afterwards(pipeline: MemoryPipeline) -> None:
    tell_many_fates(pipeline)
    before = pipeline.context.ledger.mirror()
    assert before
    empty_ledger(pipeline)
    rebuild(pipeline)
    after = pipeline.context.ledger.mirror()
    assert {(work.upload_id, work.action) for work in after} == {(work.upload_id, work.action) for work in before}


def test_a_file_whose_publication_was_cut_short_is_landed_again_and_ingested(pipeline: MemoryPipeline) -> None:
    upload_id = pipeline.land(b"a\n1\n")
    pipeline.watch()
    landed = pipeline.context.objects.read(pipeline.upload(upload_id).landing_uri)
    pipeline.ingest(upload_id)
    upload = pipeline.upload(upload_id)
    pipeline.context.objects.write(upload.landing_uri, landed)
    pipeline.context.catalogue.delete_table(Areas(pipeline.context.settings).database("travel"), "trips")
    empty_ledger(pipeline)
    assert rebuild(pipeline).added == {upload_id: "landed"}
    assert pipeline.watch() == [upload_id]
    assert pipeline.ingest(upload_id) is State.PUBLISHED
    assert pipeline.upload(upload_id).revision == upload.revision


def test_another_file_that_lies_in_its_place_in_landing_says_nothing_of_an_upload(pipeline: MemoryPipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    before = pipeline.upload(upload_id)
    pipeline.context.objects.write(before.landing_uri, b"a\n2\n")
    pipeline.context.catalogue.delete_table(Areas(pipeline.context.settings).database("travel"), "trips")
    empty_ledger(pipeline)
    assert rebuild(pipeline).added == {upload_id: "published"}
    assert pipeline.upload(upload_id).revision == before.revision


def test_a_lost_partition_stays_published_so_that_the_platform_keeps_its_copy(pipeline: MemoryPipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    promote_table(pipeline.context, database="travel", table="trips")
    pipeline.context.catalogue.delete_table(Areas(pipeline.context.settings).database("travel"), "trips")
    before = pipeline.upload(upload_id)
    empty_ledger(pipeline)
    rebuild(pipeline)
    assert pipeline.upload(upload_id).state is State.PROMOTED
    assert pipeline.upload(upload_id).revision == before.revision
    assert pipeline.context.ledger.mirror() == ()


def test_a_refusal_after_the_manifest_was_written_is_a_refusal(pipeline: MemoryPipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    manifest = Areas(pipeline.context.settings).manifest(pipeline.upload(upload_id))
    written = pipeline.context.objects.read(manifest)
    refused = pipeline.land(b"a\n2\n")
    pipeline.suite.findings = (BAD,)
    pipeline.watch()
    pipeline.ingest(refused)
    upload = pipeline.upload(refused)
    document = json.loads(written) | {
        "upload_id": refused, "extraction_timestamp": upload.extraction_timestamp
    }  # fmt: skip
    pipeline.context.objects.write(Areas(pipeline.context.settings).manifest(upload), json.dumps(document).encode())
    empty_ledger(pipeline)
    assert rebuild(pipeline).added == {upload_id: "published", refused: "refused"}


def test_a_refusal_before_the_publication_is_over(pipeline: MemoryPipeline) -> None:
    upload_id = pipeline.land(b"a\n1\n")
    pipeline.suite.findings = (BAD,)
    pipeline.watch()
    assert pipeline.ingest(upload_id) is State.REFUSED
    pipeline.suite.findings = ()
    pipeline.clock.advance(hours=1)
    reingest(pipeline.context, upload_id, reason="a rule changed", by="engineer")
    assert pipeline.ingest(upload_id) is State.PUBLISHED
    before = pipeline.upload(upload_id)
    pipeline.context.catalogue.delete_table(Areas(pipeline.context.settings).database("travel"), "trips")
    empty_ledger(pipeline)
    assert rebuild(pipeline).added == {upload_id: "published"}
    assert pipeline.upload(upload_id).revision == before.revision


def test_documents_from_before_they_said_everything_still_make_rows(pipeline: MemoryPipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    before = pipeline.upload(upload_id)
    uri = Areas(pipeline.context.settings).manifest(before)
    document = json.loads(pipeline.context.objects.read(uri))
    for name in ("may_create", "landing_uri", "etag", "landed_at", "attempt", "columns", "findings", "publishing_at"):
        del document[name]
    pipeline.context.objects.write(uri, json.dumps(document).encode())
    empty_ledger(pipeline)
    rebuild(pipeline)
    after = pipeline.upload(upload_id)
    assert replace(
        after,
        may_create=before.may_create,
        etag=before.etag,
        landed_at=before.landed_at,
        claimed_at=before.claimed_at,
        updated_at=before.updated_at,
        published_at=before.published_at,
    ) == before  # fmt: skip
    assert after.published_at == before.created_at


def test_a_document_that_cannot_be_read_is_named_and_the_others_are_added(pipeline: MemoryPipeline) -> None:
    broken, whole = pipeline.publish(b"a\n1\n"), pipeline.publish(b"a\n2\n")
    uri = Areas(pipeline.context.settings).manifest(pipeline.upload(broken))
    pipeline.context.objects.write(uri, b"{")
    empty_ledger(pipeline)
    report = rebuild(pipeline)
    assert report.added == {whole: "published"}
    assert len(report.problems) == 2
    assert uri in report.problems[0]
    assert "without a manifest" in report.problems[1]


def test_a_partition_of_another_upload_is_a_problem_for_a_person(pipeline: MemoryPipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    upload = pipeline.upload(upload_id)
    database = Areas(pipeline.context.settings).database("travel")
    entry = pipeline.context.catalogue.partition(database, "trips", upload.extraction_timestamp)
    assert entry is not None
    pipeline.context.catalogue.update_partitions(
        database, "trips", [replace(entry, parameters={**entry.parameters, glue_tables.UPLOAD: "f" * 32})]
    )
    report = rebuild(pipeline)
    assert len(report.problems) == 1
    assert upload_id in report.problems[0]


def test_a_reservation_that_was_given_away_since_is_a_problem_for_a_person(pipeline: MemoryPipeline) -> None:

    upload_id = pipeline.publish(b"a\n1\n")
    upload = pipeline.upload(upload_id)
    empty_ledger(pipeline)
    pipeline.context.ledger.add(replace(upload, id="e" * 32, state=State.STARTED, revision=None), actor="analyst")
    report = rebuild(pipeline)
    assert report.added == {}
    assert "reserved by upload " + "e" * 32 in report.problems[0]
