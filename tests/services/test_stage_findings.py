"""Whose a finding is: a stage that runs again replaces its own and leaves those of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.findings import Finding, Severity
from include.domain.upload import State
from include.services.ingest.convert import decide_types
from include.services.ingest.publish import publish
from include.services.ingest.refuse import refuse
from include.services.ingest.stage import Verdict
from include.services.ingest.validate import validate
from tests.services.conftest import STAGES

if TYPE_CHECKING:
    from tests.services.conftest import Pipeline

WARNING = Finding(code="rather_high", title="Rather high", severity=Severity.WARNING, message="Rather high.")
ERROR = Finding(code="too_high", title="Too high", severity=Severity.ERROR, message="Too high.")


def validated(pipeline: Pipeline, content: bytes) -> str:
    """An upload of which every stage but the last has run."""
    upload_id = pipeline.land(content)
    pipeline.watch()
    for stage in STAGES[:-1]:
        stage(pipeline.context, upload_id)
    return upload_id


def codes(pipeline: Pipeline, upload_id: str) -> list[str]:
    return [finding.code for finding in pipeline.upload(upload_id).findings]


def test_a_finding_about_types_goes_when_wider_ones_are_decided(pipeline: Pipeline) -> None:
    pipeline.suite.findings = (WARNING,)
    upload_id = validated(pipeline, b"a,b\nNA,\n1,\n")
    assert codes(pipeline, upload_id) == ["null_words", "column_without_values", "rather_high"]
    pipeline.publish(b"a\nx\n")
    assert publish(pipeline.context, upload_id) is Verdict.GO_ON
    assert pipeline.upload(upload_id).columns[0] == ("a", "string")
    assert codes(pipeline, upload_id) == ["column_without_values", "adds_columns", "rather_high"]


def test_a_suite_that_was_mended_is_followed_when_validation_runs_again(pipeline: Pipeline) -> None:
    pipeline.suite.findings = (WARNING, ERROR)
    upload_id = validated(pipeline, b"a\n1\n")
    assert codes(pipeline, upload_id) == ["rather_high", "too_high"]
    pipeline.suite.findings = (WARNING,)
    assert decide_types(pipeline.context, upload_id) is Verdict.GO_ON
    assert validate(pipeline.context, upload_id) is Verdict.GO_ON
    assert refuse(pipeline.context, upload_id) is Verdict.FINISHED
    assert publish(pipeline.context, upload_id) is Verdict.GO_ON
    assert pipeline.upload(upload_id).state is State.PUBLISHED
    assert codes(pipeline, upload_id) == ["rather_high"]


def test_a_file_that_validation_refused_is_not_published_because_an_earlier_stage_ran_again(
    pipeline: Pipeline,
) -> None:
    pipeline.suite.findings = (ERROR,)
    upload_id = validated(pipeline, b"a\n1\n")
    assert decide_types(pipeline.context, upload_id) is Verdict.GO_ON
    assert publish(pipeline.context, upload_id) is Verdict.REFUSED
    assert pipeline.catalogue.databases == {}
    assert refuse(pipeline.context, upload_id) is Verdict.REFUSED
    assert codes(pipeline, upload_id) == ["too_high"]
