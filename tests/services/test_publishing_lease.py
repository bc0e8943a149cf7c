"""The lease of a table's one writer: kept while the work is long, and what was lost writes nothing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from include.domain.errors import Transient
from include.domain.upload import State
from include.services import lease as leases
from include.services.ingest.lease import sole_writer
from include.services.ingest.publish import publish
from include.services.ingest.validate import validate
from tests.services.conftest import STAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.services.conftest import Pipeline

DATABASE = "data_eng_uploader_dev_travel"
LEASE = "publish:travel.trips"


def arrived(pipeline: Pipeline, content: bytes) -> str:
    """An upload that is ready to be published."""
    upload_id = pipeline.land(content)
    pipeline.watch()
    for stage in STAGES[:-1]:
        stage(pipeline.context, upload_id)
    return upload_id


def another_takes_it(pipeline: Pipeline) -> bool:
    return pipeline.context.ledger.acquire(LEASE, holder="another", seconds=leases.LEASE_SECONDS)


def another_came_and_went(pipeline: Pipeline) -> None:
    pipeline.clock.advance(seconds=leases.LEASE_SECONDS)
    assert another_takes_it(pipeline)
    pipeline.context.ledger.release(LEASE, holder="another")


def another_is_there(pipeline: Pipeline) -> None:
    pipeline.clock.advance(seconds=leases.LEASE_SECONDS)
    assert another_takes_it(pipeline)


def test_the_lease_is_renewed_while_the_work_goes_on(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.01)
    upload_id = arrived(pipeline, b"a\n1\n")
    renewals: list[int] = []
    take = leases.Lease.take

    def counted(lease: leases.Lease) -> bool:
        taken = take(lease)
        renewals.append(1)
        return taken

    monkeypatch.setattr(leases.Lease, "take", counted)
    with sole_writer(pipeline.context, pipeline.upload(upload_id)) as lease:
        for _ in range(4):
            pipeline.clock.advance(seconds=leases.LEASE_SECONDS - 1)
            begun, deadline = len(renewals), time.monotonic() + 30
            while len(renewals) < begun + 2:  # the first of them may have begun before the clock moved
                assert time.monotonic() < deadline
                time.sleep(0.01)
            assert not another_takes_it(pipeline)
        lease.hold()
    assert another_takes_it(pipeline)


@pytest.mark.parametrize("meanwhile", [another_came_and_went, another_is_there])
def test_a_lease_lost_while_files_are_converted_again_writes_no_table(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[Pipeline], None]
) -> None:
    upload_id = arrived(pipeline, b"a\n1\n")
    pipeline.publish(b"a\nx\n")
    before = pipeline.catalogue.table(DATABASE, "trips")

    def slow(*given: Any) -> Any:
        meanwhile(pipeline)
        return validate(*given)

    monkeypatch.setattr("include.services.ingest.publish.validate", slow)
    with pytest.raises(Transient) as raised:
        publish(pipeline.context, upload_id)
    assert raised.value.code == "table_busy"
    assert pipeline.catalogue.table(DATABASE, "trips") == before
    assert len(list(pipeline.catalogue.partitions(DATABASE, "trips"))) == 1


@pytest.mark.parametrize("meanwhile", [another_came_and_went, another_is_there])
def test_a_lease_lost_while_the_table_is_written_registers_no_partition_until_it_is_run_again(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[Pipeline], None]
) -> None:
    upload_id = arrived(pipeline, b"a\n1\n")
    create = pipeline.catalogue.create_table

    def slow(table: Any) -> None:
        create(table)
        meanwhile(pipeline)

    monkeypatch.setattr(pipeline.catalogue, "create_table", slow)
    with pytest.raises(Transient):
        publish(pipeline.context, upload_id)
    assert list(pipeline.catalogue.partitions(DATABASE, "trips")) == []
    pipeline.context.ledger.release(LEASE, holder="another")
    assert pipeline.ingest(upload_id) is State.PUBLISHED
