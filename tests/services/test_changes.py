"""What an upload is told of what it changes in its table: true of the table as it was before, whatever runs again."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from include import conversion
from include.domain.append_findings import CODES
from include.domain.errors import Transient
from include.domain.upload import State
from include.services.ingest.publish import publish
from include.services.ingest.stage import Verdict
from include.services.repair.reingest import reingest
from include.services.widening.approval import decline
from tests.services.conftest import STAGES

if TYPE_CHECKING:
    from include.domain.findings import Finding
    from tests.services.conftest import Pipeline

Facts = tuple[str, str | None, tuple[int, ...], tuple[str, ...]]


def told(pipeline: Pipeline, upload_id: str) -> list[Facts]:
    found: list[Finding] = [each for each in pipeline.upload(upload_id).findings if each.code in CODES]
    return [(each.code, each.column, each.lines, each.examples) for each in found]


def staged(pipeline: Pipeline, content: bytes) -> str:
    """A file that has come as far as its publication."""
    upload_id = pipeline.land(content)
    pipeline.watch()
    for stage in STAGES[:-1]:
        assert stage(pipeline.context, upload_id) is Verdict.GO_ON
    return upload_id


def test_the_first_file_of_a_table_changes_nothing(pipeline: Pipeline) -> None:
    assert told(pipeline, pipeline.publish(b"a,b\n1,x\n")) == []


def test_a_file_that_fits_its_table_changes_nothing(pipeline: Pipeline) -> None:
    pipeline.publish(b"a,b\n1,x\n")
    assert told(pipeline, pipeline.publish(b"a\n2\n")) == []


def test_added_and_widened_columns_are_told_with_line_and_value(pipeline: Pipeline) -> None:
    pipeline.publish(b"a,b\n1,2026-01-31\n")
    assert told(pipeline, pipeline.publish(b"a,c,b\n2,y,2026-02-01\n0.5,z,2026-02-01T10:00\n")) == [
        ("adds_columns", "c", (), ()),
        ("widens_columns", "a", (3,), ("0.5",)),
        ("widens_columns", "b", (3,), ("2026-02-01T10:00",)),
    ]


def test_a_file_of_several_groups_names_the_line_in_the_whole_file(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.publish(b"a\n1\n")
    monkeypatch.setattr(conversion, "check", partial(conversion.check, block_bytes=200))
    settings = pipeline.context.settings.model_copy(update={"convert_group_bytes": 1500})
    pipeline.context = replace(pipeline.context, settings=settings)
    rows = [b"%d\n" % number for number in range(3000)]
    rows[2900] = b"007\n"
    assert told(pipeline, pipeline.publish(b"a\n" + b"".join(rows))) == [("widens_columns", "a", (2902,), ("007",))]


def test_a_refused_file_says_nothing_of_the_table_if_it_has_no_values(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    upload_id = pipeline.land(b"a,b\n,\n")
    pipeline.watch()
    assert pipeline.ingest(upload_id) is State.REFUSED
    assert told(pipeline, upload_id) == []


def test_what_another_upload_has_changed_meanwhile_is_not_told_of_this_one(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    upload_id = staged(pipeline, b"a,b\n0.5,x\n")
    assert len(told(pipeline, upload_id)) == 2
    pipeline.publish(b"a,b\n1.5,y\n")
    assert publish(pipeline.context, upload_id) is Verdict.GO_ON
    assert told(pipeline, upload_id) == []


def test_what_is_told_is_true_of_the_table_at_publication(pipeline: Pipeline) -> None:
    pipeline.publish(b"a,k\n1,1\n")
    upload_id = staged(pipeline, b"a,k\n1,1\n0.5,1\nx,1\n")
    assert told(pipeline, upload_id) == [("widens_columns", "a", (3,), ("0.5",))]
    pipeline.publish(b"a,k\n1.5,1\n")
    assert publish(pipeline.context, upload_id) is Verdict.WAITING
    assert pipeline.widen(upload_id) is State.PUBLISHED
    assert told(pipeline, upload_id) == [("widens_columns", "a", (4,), ("x",))]
    (finding,) = [each for each in pipeline.upload(upload_id).findings if each.code in CODES]
    assert finding.details == {"from": "double", "to": "string"}


def test_it_is_told_still_when_the_run_dies_after_the_table_was_written_and_all_runs_again(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.publish(b"a\n1\n")
    upload_id = staged(pipeline, b"a,b\n2,x\n")
    expected = told(pipeline, upload_id)

    def away(*_: object) -> None:
        raise Transient("Glue is away.", code="glue_away")

    with monkeypatch.context() as patched:
        patched.setattr(pipeline.catalogue, "create_partition", away)
        with pytest.raises(Transient, match="Glue is away"):
            publish(pipeline.context, upload_id)
    assert pipeline.ingest(upload_id) is State.PUBLISHED
    assert told(pipeline, upload_id) == expected != []


def test_another_attempt_at_a_refused_file_is_told_of_the_table_as_it_is_then(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    upload_id = staged(pipeline, b"a\nx\n")
    assert publish(pipeline.context, upload_id) is Verdict.WAITING
    pipeline.context.ledger.move(upload_id, State.WAITING_FOR_APPROVAL, actor="widen_table")
    assert decline(pipeline.context, "travel", "trips", by="engineer") == (upload_id,)
    pipeline.publish(b"a\ny\n")
    reingest(pipeline.context, upload_id, reason="the table is wider now", by="engineer@example.org")
    assert pipeline.ingest(upload_id) is State.PUBLISHED
    assert told(pipeline, upload_id) == []
