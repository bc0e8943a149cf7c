"""What the service sees when something goes wrong on order, and what was really done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include.adapters.aws_clients import client_config
from include.adapters.catalogue_glue import GlueCatalogue
from include.adapters.ledger.engine import make_engine
from include.adapters.ledger.migrate import migrate
from include.adapters.ledger.uploads import SqlUploadLedger
from include.adapters.object_store_s3 import S3ObjectStore
from include.domain.errors import Conflict, Transient
from tests.adapters.ledger_samples import an_upload
from tests.fakes.clock import FixedClock
from tests.faults.interception import Interception
from tests.faults.kinds import Call, Kind

if TYPE_CHECKING:
    from pathlib import Path

    from tests.strict_aws.server import StrictAws

PUT = Call("s3", "PutObject", 1)


def store(aws: StrictAws, interception: Interception) -> S3ObjectStore:
    aws.client("s3").create_bucket(Bucket="objects", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return S3ObjectStore(interception.attach(aws.client("s3", config=client_config())))


def ledger_in(folder: Path, interception: Interception) -> SqlUploadLedger:
    url = f"sqlite:///{folder / 'ledger.db'}"
    migrate(url)
    engine = make_engine(url)
    interception.attach_engine(engine)
    return SqlUploadLedger(engine, clock=FixedClock())


def test_an_unreachable_call_arrives_nowhere_however_often_it_is_tried(aws: StrictAws) -> None:
    interception = Interception()
    objects = store(aws, interception)
    interception.begin((PUT, Kind.UNREACHABLE))
    with pytest.raises(Transient):
        objects.write("s3://objects/x", b"1")
    assert aws.requests["s3", "PutObject"] == 0
    objects.write("s3://objects/x", b"2")
    assert objects.read("s3://objects/x") == b"2"


def test_a_lost_answer_is_of_a_call_that_was_carried_out_and_is_tried_again(aws: StrictAws) -> None:
    interception = Interception()
    objects = store(aws, interception)
    interception.begin((PUT, Kind.ANSWER_LOST))
    objects.write("s3://objects/x", b"1")
    assert interception.struck
    assert aws.requests["s3", "PutObject"] == 2


def test_a_call_that_is_refused_twice_arrives_at_the_third_try(aws: StrictAws) -> None:
    interception = Interception()
    objects = store(aws, interception)
    interception.begin((PUT, Kind.BUSY_TWICE))
    objects.write("s3://objects/x", b"1")
    assert interception.struck
    assert aws.requests["s3", "PutObject"] == 1


def test_a_condition_that_does_not_hold_is_answered_for_a_pinned_read(aws: StrictAws) -> None:
    interception = Interception()
    objects = store(aws, interception)
    objects.write("s3://objects/x", b"1")
    stored = objects.head("s3://objects/x")
    assert stored is not None
    interception.begin((Call("s3", "GetObject", 1), Kind.CONFLICT))
    with pytest.raises(Conflict), objects.file(stored).open() as stream:
        stream.read()
    assert interception.calls == [(Call("s3", "GetObject", 1), True)]


def test_who_creates_what_another_has_just_created_hears_so_from_glue(aws: StrictAws) -> None:
    interception = Interception()
    catalogue = GlueCatalogue(interception.attach(aws.client("glue", config=client_config())))
    interception.begin((Call("glue", "CreateDatabase", 1), Kind.CONFLICT))
    with pytest.raises(Conflict):
        catalogue.create_database("d", description="", parameters={})
    assert catalogue.database_parameters("d") == {}


def test_calls_are_counted_by_operation_and_from_one_again_in_the_next_task(aws: StrictAws) -> None:
    interception = Interception()
    objects = store(aws, interception)
    for _ in range(2):
        interception.begin()
        objects.write("s3://objects/x", b"1")
        objects.write("s3://objects/y", b"1")
        objects.head("s3://objects/x")
        assert [call.name for call, _ in interception.calls] == ["s3:PutObject 1", "s3:PutObject 2", "s3:HeadObject 1"]


@pytest.mark.parametrize(("kind", "there"), [(Kind.UNREACHABLE, False), (Kind.ANSWER_LOST, True)])
def test_a_commit_fails_before_or_after_it_was_made(tmp_path: Path, kind: Kind, there: bool) -> None:  # noqa: FBT001 -- a table
    interception = Interception()
    ledger = ledger_in(tmp_path, interception)
    one = an_upload()
    interception.begin((Call("ledger", "Commit", 1), kind))
    with pytest.raises(Transient):
        ledger.add(one, actor="test")
    assert (ledger.get(one.id) is not None) is there
    assert [call.name for call, _ in interception.calls] == ["ledger:Begin 1", "ledger:Commit 1"]


def test_a_busy_ledger_refuses_two_commits_in_a_row(tmp_path: Path) -> None:
    interception = Interception()
    ledger = ledger_in(tmp_path, interception)
    interception.begin((Call("ledger", "Commit", 1), Kind.BUSY_TWICE))
    one, another = an_upload(1), an_upload(2)
    for _ in range(2):
        with pytest.raises(Transient):
            ledger.add(one, actor="test")
    ledger.add(another, actor="test")
    assert ledger.get(another.id) is not None
    assert ledger.get(one.id) is None
