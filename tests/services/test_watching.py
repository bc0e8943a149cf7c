"""What the watch offers and claims: work of every kind, each with the run that it asks for."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from include.domain.withdrawal import Approval
from include.services.watching import KINDS, WITHDRAWAL_OFFER_SECONDS, Work, claim, waiting
from include.services.withdrawal.carry_out import carry_out

if TYPE_CHECKING:
    from tests.services.conftest import Pipeline


def test_a_file_in_landing_asks_for_an_ingestion_that_is_called_like_its_upload(pipeline: Pipeline) -> None:
    upload_id = pipeline.land(b"a\n1\n", filename="Trips 2026.csv")
    (work,) = waiting(pipeline.context)
    run = claim(pipeline.context, work)
    assert run is not None
    assert (run.dag_id, run.run_id) == ("ingest_upload", upload_id)
    assert run.conf == {"upload_id": upload_id}
    assert "travel.trips from Trips 2026.csv" in run.note
    assert f"/uploads/{upload_id}" in run.note


def test_work_that_was_claimed_is_not_offered_until_its_lease_is_over(pipeline: Pipeline) -> None:
    pipeline.land(b"a\n1\n")
    (work,) = waiting(pipeline.context)
    first = claim(pipeline.context, work)
    assert waiting(pipeline.context) == ()
    assert claim(pipeline.context, work) is None
    pipeline.clock.advance(seconds=pipeline.context.settings.claim_seconds)
    assert waiting(pipeline.context) == (work,)
    assert claim(pipeline.context, work) == first


def test_work_travels_from_the_trigger_to_the_claim_as_json(pipeline: Pipeline) -> None:
    upload_id = pipeline.land(b"a\n1\n")
    (work,) = waiting(pipeline.context)
    assert work.kind in KINDS
    run = claim(pipeline.context, Work(**json.loads(json.dumps(asdict(work)))))
    assert run is not None
    assert run.run_id == upload_id


def test_a_withdrawal_asks_for_its_run_until_it_is_done(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    pipeline.context.withdrawals.request(upload_id, by="analyst@example.org", reason="")
    (work,) = waiting(pipeline.context)
    run = claim(pipeline.context, work)
    assert run is not None
    assert (run.dag_id, run.run_id, run.conf) == ("withdraw_upload", upload_id, {"upload_id": upload_id})
    assert waiting(pipeline.context) == ()
    assert claim(pipeline.context, work) is None
    pipeline.clock.advance(seconds=WITHDRAWAL_OFFER_SECONDS)  # the watch was killed before it could start the run
    assert waiting(pipeline.context) == (work,)
    assert claim(pipeline.context, work) == run
    carry_out(pipeline.context, upload_id)
    pipeline.clock.advance(seconds=WITHDRAWAL_OFFER_SECONDS)
    assert waiting(pipeline.context) == ()


def test_a_declined_withdrawal_asks_for_no_run_and_another_request_for_another(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    assert pipeline.context.ledger.take(upload_id, published=str(pipeline.upload(upload_id).revision))
    requests = pipeline.context.withdrawals
    requests.request(upload_id, by="analyst@example.org", reason="why")
    requests.decide(upload_id, run_id=upload_id, by="eve", approval=Approval.DECLINED)
    assert waiting(pipeline.context) == ()
    pipeline.clock.advance(seconds=1)
    requests.request(upload_id, by="analyst@example.org", reason="because")
    (work,) = waiting(pipeline.context)
    run = claim(pipeline.context, work)
    assert run is not None
    assert run.run_id.startswith(f"{upload_id}__")
