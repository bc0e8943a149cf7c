"""Announcing, sending, landing and cancelling an upload."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from include.adapters.ledger.tables import audit_trail
from include.domain.errors import Conflict, NotFound, Refused, TooLarge, Transient, UploaderError
from include.domain.upload import Door, State, plan_parts
from include.ports import CatalogueTable, Part, PartToSign
from include.services import upload_parts, uploading
from include.services.announcing import in_words
from include.services.ownership import OWNER
from tests.fakes.front import ANALYST, COLLEAGUE, Front, announcement, make_front, to_sign
from tests.fakes.objects import sha256_of

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1024 * 1024
OF_NOTHING = sha256_of(b"")


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return make_front(tmp_path)


def audited(front: Front) -> list[str]:
    with front.context.ledger.engine.connect() as connection:  # type: ignore[attr-defined]
        return list(connection.scalars(select(audit_trail.c.what)))


def test_a_started_upload_reserves_its_partition_and_opens_a_multipart_upload_in_landing(front: Front) -> None:
    upload = front.start(size=40 * MIB)

    assert upload.state is State.STARTED
    assert upload.extraction_timestamp == "20260131T120000Z"
    assert upload.landing_uri == (
        "s3://data-uploader-landing/landing/database_name=travel/table_name=trips/"
        "extraction_timestamp=20260131T120000Z/trips_january.csv"
    )
    assert (upload.part_size, upload.part_count) == (16 * MIB, 3)
    assert upload.multipart_id in front.multipart.open
    assert upload.governance.confirmed_by == ANALYST
    assert front.context.ledger.get(upload.id) == upload


def test_uploads_into_one_table_in_the_same_second_get_seconds_of_their_own(front: Front) -> None:
    timestamps = [front.start().extraction_timestamp for _ in range(3)]

    assert timestamps == ["20260131T120000Z", "20260131T120001Z", "20260131T120002Z"]


def test_uploads_into_different_tables_in_the_same_second_share_it(front: Front) -> None:
    assert front.start().extraction_timestamp == front.start(table="other").extraction_timestamp


@pytest.mark.parametrize(
    ("changes", "kind", "code", "field"),
    [
        ({"database": "Travel"}, Refused, "database_name_characters", "database"),
        ({"table": "Trips"}, Refused, "table_name_characters", "table"),
        ({"database": "a" * 60}, Refused, "database_name_too_long", "database"),
        ({"table": "t" * 256}, Refused, "table_name_too_long", "table"),
        ({"filename": "trips.docx"}, Refused, "unsupported_format", "file"),
        ({"filename": "trips"}, Refused, "unsupported_format", "file"),
        ({"filename": ""}, Refused, "filename_missing", "file"),
        ({"size": 5 * 1024**4 + 1}, TooLarge, "file_too_large", "file"),
        ({"size": -1}, Refused, "bad_size", "size"),
        ({"document": "none", "classification": "official"}, Refused, "governance_needed", "document"),
        ({"classification": "official_sensitive", "document": "dpia", "reference": "x"}, Refused, "governance_not_here",
         "classification"),
        ({"create": False}, NotFound, "database_not_found", "database"),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_is_refused_before_anything_is_reserved(
    front: Front, changes: dict[str, Any], kind: type[UploaderError], code: str, field: str
) -> None:
    with pytest.raises(kind) as refused:
        front.start(**changes)

    assert (refused.value.code, refused.value.field) == (code, field)
    assert front.context.ledger.page().uploads == ()
    assert front.multipart.open == {}


def test_an_unlisted_table_of_a_listed_database_is_not_found_unless_it_is_to_be_created(front: Front) -> None:
    front.publish("travel", "trips")

    with pytest.raises(NotFound) as refused:
        front.start(table="other", create=False)
    assert refused.value.code == "table_not_found"
    assert front.start(table="other", create=True).may_create
    assert front.start(table="trips", create=False).table == "trips"


def test_a_database_that_another_service_made_is_refused(front: Front) -> None:
    front.catalogue.create_database("data_eng_uploader_dev_travel", description="", parameters={OWNER: "prod"})

    with pytest.raises(Refused) as refused:
        front.start()
    assert (refused.value.code, refused.value.field) == ("not_ours", "database")


def test_a_table_that_another_service_made_is_refused_in_our_own_database(front: Front) -> None:
    front.catalogue.create_database("data_eng_uploader_dev_travel", description="", parameters={OWNER: "dev"})
    front.catalogue.create_table(
        CatalogueTable(database="data_eng_uploader_dev_travel", name="trips", location="s3://x/", columns=())
    )

    with pytest.raises(Refused) as refused:
        front.start()
    assert (refused.value.code, refused.value.field) == ("not_ours", "table")


def test_a_key_too_long_for_s3_in_any_area_is_refused(tmp_path: Path) -> None:
    long = "s3://data-uploader-curated/" + "c" * 800
    front = make_front(tmp_path, curated_uri=long)

    with pytest.raises(Refused) as refused:
        front.start(table="t" * 255, database="d" * 20, filename="f" * 200 + ".csv", size=1)
    assert refused.value.code == "key_too_long"


def test_when_s3_takes_no_upload_its_partition_is_given_up(front: Front) -> None:
    front.multipart.failure = Transient("S3 is away.", code="s3_unavailable")

    with pytest.raises(Transient):
        front.start()
    (upload,) = front.context.ledger.page().uploads
    assert upload.state is State.CANCELLED


def test_signing_moves_to_uploading_once_and_urls_may_be_signed_again(front: Front) -> None:
    upload = front.start(size=40 * MIB)

    parts = [PartToSign(1, 16 * MIB, OF_NOTHING), PartToSign(3, 8 * MIB, OF_NOTHING)]
    signed = front.sign(upload, *parts)
    again = front.sign(upload, *parts)

    assert [part.number for part in signed] == [1, 3]
    assert signed[1].headers == {"Content-Length": str(8 * MIB), "x-amz-checksum-sha256": OF_NOTHING}
    assert signed == again
    history = [change.state for change in front.context.ledger.history(upload.id)]
    assert history == [State.STARTED, State.UPLOADING]


@pytest.mark.parametrize("numbers", [[], [0], [4], [-1], [1, 1], list(range(1, 1002))])
def test_part_numbers_outside_the_upload_named_twice_or_too_many_are_refused(front: Front, numbers: list[int]) -> None:
    upload = front.start(size=40 * MIB)

    with pytest.raises(Refused) as refused:
        front.sign(upload, *(PartToSign(number, 16 * MIB, OF_NOTHING) for number in numbers))
    assert refused.value.code == "bad_part_numbers"


@pytest.mark.parametrize(
    ("number", "size"), [(1, 16 * MIB - 1), (1, 16 * MIB + 1), (1, 0), (3, 8 * MIB + 1), (3, 16 * MIB), (2, -1)]
)
def test_a_part_of_another_size_than_the_arithmetic_says_is_refused(front: Front, number: int, size: int) -> None:
    upload = front.start(size=40 * MIB)

    with pytest.raises(Refused) as refused:
        front.sign(upload, PartToSign(number, size, OF_NOTHING))
    assert (refused.value.code, refused.value.field) == ("bad_part_size", "parts")
    assert front.context.ledger.get(upload.id) == upload


@pytest.mark.parametrize("sha256", ["", "x", OF_NOTHING[:-1], OF_NOTHING + "=", "e3b0c442" * 8, OF_NOTHING[:42] + "V="])
def test_a_part_without_a_sha256_is_refused(front: Front, sha256: str) -> None:
    with pytest.raises(Refused) as refused:
        front.sign(front.start(size=0), PartToSign(1, 0, sha256))
    assert refused.value.code == "bad_part_checksum"


def test_the_parts_that_have_arrived_are_told_while_the_upload_is_under_way(front: Front) -> None:
    upload = front.start(size=20 * MIB)
    assert upload_parts.stored_parts(front.context, upload.id, by=ANALYST) == ()
    (sent,) = front.send(upload, b"x" * 16 * MIB)

    (stored,) = upload_parts.stored_parts(front.context, upload.id, by=ANALYST)
    assert (stored.number, stored.size) == (1, 16 * MIB)
    assert (stored.etag, stored.sha256) == (sent.etag, sent.sha256)
    with pytest.raises(NotFound):
        upload_parts.stored_parts(front.context, upload.id, by=COLLEAGUE)
    front.multipart.open.clear()
    with pytest.raises(Conflict) as gone:
        upload_parts.stored_parts(front.context, upload.id, by=ANALYST)
    assert gone.value.code == "upload_gone"
    uploading.cancel_upload(front.context, upload.id, by=ANALYST)
    with pytest.raises(Conflict) as over:
        upload_parts.stored_parts(front.context, upload.id, by=ANALYST)
    assert over.value.code == "wrong_state"


def test_what_the_sender_computed_of_the_whole_file_is_kept_before_there_is_one(front: Front) -> None:
    upload = front.start(size=4)
    parts = front.send(upload, b"x\n1\n")
    complete, kept = front.multipart.complete, []

    def watched(uri: str, multipart_id: str, parts: Any) -> Any:
        kept.append(front.context.ledger.get(upload.id))
        return complete(uri, multipart_id, parts)

    front.multipart.complete = watched  # type: ignore[method-assign]

    landed = uploading.complete_upload(front.context, upload.id, parts=parts, by=ANALYST, sha256="ab" * 32)
    assert landed.sent_sha256 == "ab" * 32
    assert [each.sent_sha256 for each in kept if each] == ["ab" * 32]
    assert landed.sha256_agrees is None


@pytest.mark.parametrize(
    ("size", "part", "count", "last"),
    [
        (0, 16 * MIB, 1, 0),
        (1, 16 * MIB, 1, 1),
        (16 * MIB, 16 * MIB, 1, 16 * MIB),
        (16 * MIB + 1, 16 * MIB, 2, 1),
        (10_000 * 16 * MIB, 16 * MIB, 10_000, 16 * MIB),
        (10_000 * 16 * MIB + 1, 32 * MIB, 5_001, 1),
        (10_000 * 32 * MIB, 32 * MIB, 10_000, 32 * MIB),
        (5 * 1024**4, 1024 * MIB, 5_120, 1024 * MIB),
    ],
)
def test_every_byte_of_a_file_is_in_one_part(size: int, part: int, count: int, last: int) -> None:
    plan = plan_parts(size, smallest=16 * MIB)

    assert (plan.size, plan.count) == (part, count)
    assert plan.bytes_of(count, of=size) == last
    assert sum(plan.bytes_of(number, of=size) for number in range(1, count + 1)) == size


def test_a_completed_upload_has_landed_with_its_bytes(front: Front) -> None:
    upload = front.land(b"year\n2013\n")

    assert upload.state is State.LANDED
    assert front.objects.read(upload.landing_uri) == b"year\n2013\n"


def test_an_empty_file_is_one_empty_part(front: Front) -> None:
    assert front.start(size=0).part_count == 1
    assert front.land(b"").state is State.LANDED


def test_completing_again_answers_the_same_even_when_the_file_was_ingested_meanwhile(front: Front) -> None:
    upload = front.publish()
    front.objects.delete([upload.landing_uri])

    again = uploading.complete_upload(front.context, upload.id, parts=[Part(1, "0" * 32, OF_NOTHING)], by=ANALYST)

    assert again == front.context.ledger.get(upload.id)
    assert again.state is State.PUBLISHED


def test_a_completion_whose_answer_was_lost_is_recognised_by_the_object_in_landing(front: Front) -> None:
    upload = front.start(size=4)
    parts = front.send(upload, b"x\n1\n")
    assert upload.multipart_id
    front.multipart.complete(upload.landing_uri, upload.multipart_id, parts)

    landed = uploading.complete_upload(front.context, upload.id, parts=parts, by=ANALYST)

    assert landed.state is State.LANDED


def test_an_upload_that_s3_has_forgotten_is_gone(front: Front) -> None:
    upload = front.start()
    front.multipart.open.clear()

    with pytest.raises(Conflict) as gone:
        uploading.complete_upload(front.context, upload.id, parts=[Part(1, "0" * 32, OF_NOTHING)], by=ANALYST)
    assert gone.value.code == "upload_gone"


@pytest.mark.parametrize("numbers", [[], [1], [1, 1], [1, 2, 3]])
def test_completing_needs_each_part_once(front: Front, numbers: list[int]) -> None:
    upload = front.start(size=20 * MIB)

    with pytest.raises(Refused) as refused:
        uploading.complete_upload(
            front.context, upload.id, parts=[Part(number, "0" * 32, OF_NOTHING) for number in numbers], by=ANALYST
        )
    assert refused.value.code == "bad_parts"


def test_parts_of_another_size_than_announced_cancel_the_upload(front: Front) -> None:
    upload = front.start(size=5)
    much = b"much more than five"
    assert upload.multipart_id
    front.multipart.open[upload.multipart_id][1] = much
    etag = hashlib.md5(much, usedforsecurity=False).hexdigest()

    with pytest.raises(Refused) as refused:
        uploading.complete_upload(front.context, upload.id, parts=[Part(1, etag, sha256_of(much))], by=ANALYST)

    assert refused.value.code == "size_mismatch"
    assert front.objects.content == {}
    assert front.context.ledger.get(upload.id).state is State.CANCELLED  # type: ignore[union-attr]


def test_completion_that_the_landing_watch_overtook_is_a_completion(front: Front) -> None:
    upload = front.start(size=4)
    parts = front.send(upload, b"x\n1\n")
    complete = front.multipart.complete

    def watched(uri: str, multipart_id: str, parts: Any) -> Any:
        stored = complete(uri, multipart_id, parts)
        front.context.ledger.move(upload.id, State.CHECKING, actor="pipeline")
        return stored

    front.multipart.complete = watched  # type: ignore[method-assign]

    done = uploading.complete_upload(front.context, upload.id, parts=parts, by=ANALYST)
    assert done.state is State.CHECKING


def test_completion_that_a_cancellation_overtook_leaves_nothing_in_landing(front: Front) -> None:
    upload = front.start(size=4)
    parts = front.send(upload, b"x\n1\n")
    complete = front.multipart.complete

    def overtaken(uri: str, multipart_id: str, parts: Any) -> Any:
        stored = complete(uri, multipart_id, parts)
        front.context.ledger.move(upload.id, State.CANCELLED, actor=ANALYST)
        return stored

    front.multipart.complete = overtaken  # type: ignore[method-assign]

    with pytest.raises(Conflict) as conflict:
        uploading.complete_upload(front.context, upload.id, parts=parts, by=ANALYST)
    assert conflict.value.code == "wrong_state"
    assert front.objects.content == {}


def test_cancelling_aborts_the_multipart_upload_and_is_harmless_to_repeat(front: Front) -> None:
    upload = front.start()

    uploading.cancel_upload(front.context, upload.id, by=ANALYST)
    again = uploading.cancel_upload(front.context, upload.id, by=ANALYST)

    assert again.state is State.CANCELLED
    assert front.multipart.open == {}
    assert [line.state for line in front.context.ledger.history(upload.id)] == [State.STARTED, State.CANCELLED]


def test_a_landed_upload_can_no_longer_be_cancelled(front: Front) -> None:
    upload = front.land()

    with pytest.raises(Conflict) as conflict:
        uploading.cancel_upload(front.context, upload.id, by=ANALYST)
    assert conflict.value.code == "wrong_state"
    assert upload.landing_uri in front.objects.content


@pytest.mark.parametrize("state", [State.WIDENING, State.WAITING_FOR_APPROVAL])
def test_an_upload_that_waits_for_its_table_may_be_cancelled_and_the_watch_clears_up(
    front: Front, state: State
) -> None:
    upload = front.wait(state)

    cancelled = uploading.cancel_upload(front.context, upload.id, by=ANALYST)
    assert uploading.cancel_upload(front.context, upload.id, by=ANALYST) == cancelled
    assert cancelled.state is State.CANCELLED
    assert front.context.ledger.history(upload.id)[-1].note == "before it was added to the table"
    assert upload.landing_uri in front.objects.content  # with it the watch finds what there is in staging
    assert audited(front)[-1] == "upload cancelled"


def test_a_cancelled_upload_is_neither_signed_nor_completed(front: Front) -> None:
    upload = uploading.cancel_upload(front.context, front.start().id, by=ANALYST)

    with pytest.raises(Conflict):
        front.sign(upload, to_sign(1, b"year\n2013\n\n"))
    with pytest.raises(Conflict):
        uploading.complete_upload(front.context, upload.id, parts=[Part(1, "0" * 32, OF_NOTHING)], by=ANALYST)


def test_somebody_elses_upload_does_not_exist(front: Front) -> None:
    upload = front.start()

    with pytest.raises(NotFound):
        front.sign(upload, to_sign(1, b"year\n2013\n\n"), by=COLLEAGUE)
    with pytest.raises(NotFound):
        uploading.complete_upload(front.context, upload.id, parts=[Part(1, "0" * 32, OF_NOTHING)], by=COLLEAGUE)
    with pytest.raises(NotFound):
        uploading.cancel_upload(front.context, upload.id, by=COLLEAGUE)


def test_a_file_that_came_through_the_server_lands_like_any_other(front: Front, tmp_path: Path) -> None:
    file = tmp_path / "copy"
    file.write_bytes(b"year\n2013\n\n")

    upload = uploading.send_file(front.context, announcement(), path=file, uploader=ANALYST)

    assert (upload.state, upload.door) == (State.LANDED, Door.PAGE)
    assert front.objects.read(upload.landing_uri) == b"year\n2013\n\n"


def test_a_file_that_could_not_be_sent_on_is_cancelled(front: Front, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        uploading.send_file(front.context, announcement(), path=tmp_path / "missing", uploader=ANALYST)

    (upload,) = front.context.ledger.page().uploads
    assert upload.state is State.CANCELLED


def test_every_action_is_in_the_audit_trail(front: Front) -> None:
    front.land()
    uploading.cancel_upload(front.context, front.start().id, by=ANALYST)

    assert audited(front) == ["upload started", "parts signed", "upload landed", "upload started", "upload cancelled"]


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1 KB"),
        (1536, "1.5 KB"),
        (5 * 1024**4, "5 TB"),
        (700 * 1024**2 + 9, "700 MB"),
    ],
)
def test_sizes_are_said_in_words(size: int, words: str) -> None:
    assert in_words(size) == words
