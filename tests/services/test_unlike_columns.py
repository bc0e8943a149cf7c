"""The check stage's backstop: a file whose columns are unlike its table's comes in only if somebody confirmed it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from include.domain.upload import State
from include.domain.wrong_table import fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.pipeline import Pipeline

FIRST = b"id,name,born_on\n1,x,2001-01-31\n"
OTHER = b"species,island\nAdelie,Dream\n"
FOLDER = "database_name=travel/table_name=trips/extraction_timestamp=20260301T120000Z"


def ingested(pipeline: Pipeline, content: bytes, *, confirmed: bool, filename: str = "f.csv") -> str:
    upload_id = pipeline.land(content, confirmed=confirmed, filename=filename)
    assert pipeline.watch() == [upload_id]
    pipeline.ingest(upload_id)
    return upload_id


def codes(pipeline: Pipeline, upload_id: str) -> list[str]:
    return [finding.code for finding in pipeline.upload(upload_id).findings]


def drop(pipeline: Pipeline, *, sidecar: Mapping[str, object] | None = None, content: bytes = OTHER) -> str:
    landing = pipeline.context.settings.landing_uri
    if sidecar is not None:
        pipeline.context.objects.write(f"{landing}/{FOLDER}/_governance.json", json.dumps(sidecar).encode())
    pipeline.context.objects.write(f"{landing}/{FOLDER}/f.csv", content)
    (upload_id,) = pipeline.watch()
    pipeline.ingest(upload_id)
    return upload_id


def test_a_file_that_nobody_confirmed_is_refused_with_the_differences(pipeline: Pipeline) -> None:
    pipeline.publish(FIRST)
    upload_id = ingested(pipeline, OTHER, confirmed=False)
    upload = pipeline.upload(upload_id)
    assert (upload.state, codes(pipeline, upload_id)) == (State.REFUSED, ["columns_unlike_table"])
    assert upload.findings[0].details == {
        "new": ["species", "island"],
        "missing": ["id", "name", "born_on"],
        "shared": [],
    }


def test_columns_of_json_are_compared_too(pipeline: Pipeline) -> None:
    pipeline.publish(FIRST)
    upload_id = ingested(pipeline, b'{"species": "Adelie", "island": "Dream"}\n', confirmed=False, filename="f.jsonl")
    assert codes(pipeline, upload_id) == ["columns_unlike_table"]


def test_a_confirmed_file_comes_in_and_adds_its_columns(pipeline: Pipeline) -> None:
    pipeline.publish(FIRST)
    upload_id = ingested(pipeline, OTHER, confirmed=True)
    assert pipeline.upload(upload_id).state is State.PUBLISHED
    assert codes(pipeline, upload_id) == ["adds_columns"]


def test_a_file_that_is_like_the_table_needs_no_confirmation(pipeline: Pipeline) -> None:
    pipeline.publish(FIRST)
    upload_id = ingested(pipeline, b"ID,Name,town\n2,y,Leeds\n", confirmed=False)
    assert pipeline.upload(upload_id).state is State.PUBLISHED


def test_once_confirmed_the_next_file_like_it_is_not_asked_about(pipeline: Pipeline) -> None:
    pipeline.publish(FIRST)
    ingested(pipeline, OTHER, confirmed=True)
    upload_id = ingested(pipeline, OTHER, confirmed=False)
    assert pipeline.upload(upload_id).state is State.PUBLISHED


def test_a_file_with_other_faults_is_told_of_those_alone(pipeline: Pipeline) -> None:
    pipeline.publish(FIRST)
    upload_id = ingested(pipeline, b"species,island\nAdelie\n", confirmed=False)
    assert codes(pipeline, upload_id) == ["ragged_rows"]


def test_a_file_dropped_by_hand_is_refused_unless_its_sidecar_confirms(pipeline: Pipeline) -> None:
    pipeline.publish(FIRST)
    assert codes(pipeline, drop(pipeline)) == ["columns_unlike_table"]


def test_a_sidecar_confirms_a_file_dropped_by_hand(pipeline: Pipeline) -> None:
    pipeline.publish(FIRST)
    cover = {"document": "none", "classification": "test", "confirm": True}
    upload = pipeline.upload(drop(pipeline, sidecar=cover))
    assert (upload.state, upload.confirmed) == (State.PUBLISHED, True)


def test_a_sidecar_that_confirms_by_a_word_cannot_be_read(pipeline: Pipeline) -> None:
    pipeline.publish(FIRST)
    cover = {"document": "none", "classification": "test", "confirm": "yes"}
    assert codes(pipeline, drop(pipeline, sidecar=cover)) == ["bad_governance_sidecar"]


def test_a_restricted_table_takes_no_file_dropped_by_hand_unless_it_is_named(pipeline: Pipeline) -> None:
    pipeline.publish(FIRST)
    pipeline.owners.restricted["travel", "trips"] = ("ann@example.org",)
    upload_id = drop(pipeline, content=FIRST)
    assert codes(pipeline, upload_id) == ["table_restricted"]
    assert "Files dropped by hand are not taken into" in pipeline.upload(upload_id).findings[0].message


def test_a_restricted_table_may_name_files_dropped_by_hand(pipeline: Pipeline) -> None:
    pipeline.publish(FIRST)
    pipeline.owners.restricted["travel", "trips"] = ("ann@example.org", "landing")
    assert pipeline.upload(drop(pipeline, content=FIRST)).state is State.PUBLISHED


def test_an_upload_that_was_announced_before_its_table_was_restricted_is_refused(pipeline: Pipeline) -> None:
    pipeline.publish(FIRST)
    upload_id = pipeline.land(FIRST)
    pipeline.owners.restricted["travel", "trips"] = ("ann@example.org",)
    assert pipeline.watch() == [upload_id]
    assert pipeline.ingest(upload_id) is State.REFUSED
    assert codes(pipeline, upload_id) == ["table_restricted"]


def test_a_confirmation_of_some_columns_does_not_cover_a_file_with_others(pipeline: Pipeline) -> None:
    pipeline.publish(FIRST)
    confirmed = f"{fingerprint(['a'])} {fingerprint(['Island', 'species'])}"
    for content, state in ((b"pay,grade\n1,2\n", State.REFUSED), (OTHER, State.PUBLISHED)):
        upload_id = pipeline.land(content, confirmed=True)
        pipeline.context.ledger.amend(upload_id, confirmed_columns=confirmed)
        assert pipeline.watch() == [upload_id]
        assert pipeline.ingest(upload_id) is state
