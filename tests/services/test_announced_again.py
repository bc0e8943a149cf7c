"""An announcement that is sent again because its answer was lost: under the same key it is the same upload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from include.adapters.ledger.uploads import SqlUploadLedger
from include.domain.errors import Transient
from include.domain.reading_options import ReadingOptions
from include.domain.upload import Door, State
from include.domain.wrong_table import Reason
from include.services import uploading
from tests.fakes.front import ANALYST, COLLEAGUE, Front, announcement, make_front
from tests.services.test_uploading import audited

if TYPE_CHECKING:
    from pathlib import Path

    from include.domain.upload import Upload


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return make_front(tmp_path)


KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324"


def start(front: Front, *, key: str = KEY, uploader: str = ANALYST, **changes: Any) -> Upload:
    return uploading.start_upload(front.context, announcement(**changes), uploader=uploader, door=Door.API, key=key)


def test_an_announcement_that_is_sent_again_under_its_key_is_the_same_upload(front: Front) -> None:
    first = start(front)
    front.clock.advance(seconds=90)

    assert start(front) == first
    assert front.context.ledger.page().uploads == (first,)
    assert len(front.multipart.open) == 1
    assert audited(front).count("upload started") == 1


@pytest.mark.parametrize(
    "other",
    [
        {"key": KEY[::-1]},
        {"uploader": COLLEAGUE},
        {"size": 12},
        {"reference": "DPIA-1", "document": "dpia"},
        {"reading": ReadingOptions(delimiter=";")},
        {"columns": ("year",)},
    ],
)
def test_another_key_person_or_announcement_is_another_upload(front: Front, other: dict[str, Any]) -> None:
    assert start(front).id != start(front, **{"confirmed": frozenset(Reason), **other}).id


def test_what_was_confirmed_makes_no_other_upload(front: Front) -> None:
    assert start(front).id == start(front, confirmed=frozenset(Reason)).id


def test_one_that_s3_did_not_take_is_tried_anew_under_the_same_key(front: Front) -> None:
    front.multipart.failure = Transient("S3 is away.", code="aws_unavailable")
    for _ in range(2):
        with pytest.raises(Transient):
            start(front)
    front.multipart.failure = None

    upload = start(front)
    assert upload.state is State.STARTED
    assert upload.multipart_id in front.multipart.open
    assert start(front) == upload
    states = [each.state for each in front.context.ledger.page().uploads]
    assert sorted(states) == [State.CANCELLED, State.CANCELLED, State.STARTED]


def test_one_that_its_sender_has_cancelled_stays_so(front: Front) -> None:
    upload = start(front)
    cancelled = uploading.cancel_upload(front.context, upload.id, by=ANALYST)
    assert start(front) == cancelled


def test_one_whose_server_died_before_it_was_open_is_opened(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(uri: str) -> str:
        raise KeyboardInterrupt(uri)

    with monkeypatch.context() as patch:
        patch.setattr(front.multipart, "start", die)
        with pytest.raises(KeyboardInterrupt):
            start(front)
    (left,) = front.context.ledger.page().uploads
    assert (left.state, left.multipart_id) == (State.STARTED, None)

    upload = start(front)
    assert upload.id == left.id
    assert upload.multipart_id in front.multipart.open


@pytest.mark.parametrize("fails", [False, True])
def test_of_two_requests_at_one_moment_the_second_to_open_it_leaves_the_first_be(
    front: Front, monkeypatch: pytest.MonkeyPatch, *, fails: bool
) -> None:
    open_one, others = front.multipart.start, []

    def meanwhile(uri: str) -> str:
        monkeypatch.setattr(front.multipart, "start", open_one)
        others.append(start(front))
        if fails:
            raise Transient("S3 is away.", code="aws_unavailable")
        return open_one(uri)

    monkeypatch.setattr(front.multipart, "start", meanwhile)
    if fails:
        with pytest.raises(Transient):
            start(front)
    else:
        assert [start(front)] == others
    (upload,) = others
    assert front.context.ledger.get(upload.id) == upload
    assert list(front.multipart.open) == [upload.multipart_id]


def test_of_two_requests_at_one_moment_the_second_to_reserve_finds_the_first(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, others = SqlUploadLedger.get, []

    def late(*_: object) -> Upload | None:
        monkeypatch.setattr(SqlUploadLedger, "get", look)
        others.append(start(front))
        return None

    monkeypatch.setattr(SqlUploadLedger, "get", late)
    assert [start(front)] == others
    assert len(front.context.ledger.page().uploads) == 1
