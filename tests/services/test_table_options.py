"""Whose reading options count for an upload, what they bind, and what they leave alone."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from include.domain.column_types import BigInt, ColumnType, Null, String
from include.domain.errors import Conflict, Forbidden
from include.domain.reading_options import DEFAULT_OPTIONS, UNCHOSEN, choose
from include.domain.upload import Door, State
from include.services import glue_tables
from include.services.areas import Areas
from include.services.ingest.convert import revision_of
from include.services.table_options import bind, of_table

if TYPE_CHECKING:
    from tests.services.conftest import Pipeline

DATABASE = "data_eng_uploader_dev_travel"
OWNER, COLLEAGUE = "analyst@example.org", "colleague@example.org"
SEMICOLON = choose(delimiter="semicolon", text_columns=["code"])
FOLDER = "database_name=travel/table_name=trips/extraction_timestamp=20260601T000000Z"


def rows_of(pipeline: Pipeline, upload_id: str) -> list[dict[str, Any]]:
    entry = pipeline.catalogue.partition(DATABASE, "trips", pipeline.upload(upload_id).extraction_timestamp)
    assert entry is not None
    parts = [pq.read_table(io.BytesIO(pipeline.objects.read(one.uri))) for one in pipeline.objects.list(entry.location)]
    return [row for part in parts for row in part.to_pylist()]


def types_of(pipeline: Pipeline) -> dict[str, str]:
    table = pipeline.catalogue.table(DATABASE, "trips")
    assert table is not None
    return dict(table.columns)


def manifest_of(pipeline: Pipeline, upload_id: str) -> dict[str, Any]:
    uri = Areas(pipeline.context.settings).manifest(pipeline.upload(upload_id))
    document: dict[str, Any] = json.loads(pipeline.objects.read(uri))
    return document


def test_default_options_leave_the_names_of_revisions_as_they_were() -> None:
    types: dict[str, ColumnType] = {"a": BigInt(), "b": String(), "c": Null()}
    assert revision_of("ab" * 32, types, options=DEFAULT_OPTIONS) == "c98f121c7829b9af"
    assert revision_of("ab" * 32, types, options=SEMICOLON) != "c98f121c7829b9af"


def test_a_new_table_is_read_as_its_first_uploader_chooses(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"code;n\n7;1\n", chosen=SEMICOLON)
    assert rows_of(pipeline, upload_id) == [{"code": "7", "n": 1}]
    manifest = manifest_of(pipeline, upload_id)
    assert manifest["reading_options"] == {"delimiter": ";", "text_columns": ["code"]}
    assert manifest["reading_options_since"] == pipeline.upload(upload_id).created_at.isoformat()
    known = of_table(pipeline.context, "travel", "trips")
    assert (known.options, known.owner, known.reviewed) == (SEMICOLON, OWNER, False)


def test_later_uploads_are_read_as_the_table_unless_something_else_is_chosen(pipeline: Pipeline) -> None:
    first = pipeline.publish(b"code;n\n7;1\n", chosen=SEMICOLON)
    second = pipeline.publish(b"code;n\n8;2\n", uploader=COLLEAGUE)
    assert rows_of(pipeline, second) == [{"code": "8", "n": 2}]
    assert (
        manifest_of(pipeline, second)["reading_options_since"] == manifest_of(pipeline, first)["reading_options_since"]
    )


def test_other_options_bind_the_uploads_made_after_them_and_leave_older_partitions_as_they_are(
    pipeline: Pipeline,
) -> None:
    first = pipeline.publish(b"code;n\n7;1\n", chosen=SEMICOLON)
    before = pipeline.upload(first).revision
    second = pipeline.publish(b"code,n\n8,2\n", chosen=choose(text_columns=["code"]))
    assert pipeline.upload(first).revision == before
    assert rows_of(pipeline, first) == [{"code": "7", "n": 1}]
    assert rows_of(pipeline, second) == [{"code": "8", "n": 2}]
    assert of_table(pipeline.context, "travel", "trips").options == choose(text_columns=["code"])


def test_an_older_partition_is_derived_again_with_its_own_options(pipeline: Pipeline) -> None:
    first = pipeline.publish(b"day;n\n31/01/2026;1\n", chosen=choose(delimiter="semicolon", day_first_columns=["day"]))
    assert types_of(pipeline) == {"day": "date", "n": "bigint"}
    before = pipeline.upload(first).revision
    pipeline.publish(b"day,n\nlater,x\n", chosen=DEFAULT_OPTIONS)
    assert types_of(pipeline) == {"day": "string", "n": "string"}
    assert pipeline.upload(first).revision != before
    assert rows_of(pipeline, first) == [{"day": "31/01/2026", "n": "1"}]


def test_text_columns_chosen_later_make_the_whole_column_text(pipeline: Pipeline) -> None:
    first = pipeline.publish(b"code,n\n7,1\n")
    second = pipeline.publish(b"code,n\n8,2\n", chosen=choose(text_columns=["code"]))
    assert types_of(pipeline) == {"code": "string", "n": "bigint"}
    assert (rows_of(pipeline, first), rows_of(pipeline, second)) == ([{"code": "7", "n": 1}], [{"code": "8", "n": 2}])


def test_only_the_owner_of_a_table_changes_how_it_is_read(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    now = pipeline.clock.now()
    with pytest.raises(Forbidden) as refused:
        bind(pipeline.context, "travel", "trips", chosen=SEMICOLON, by=COLLEAGUE, at=now)
    assert (refused.value.code, refused.value.field) == ("reading_options_not_owner", "reading_options")
    assert bind(pipeline.context, "travel", "trips", chosen=DEFAULT_OPTIONS, by=COLLEAGUE, at=now).since == UNCHOSEN
    assert bind(pipeline.context, "travel", "trips", chosen=SEMICOLON, by=OWNER, at=now).since == now


def test_a_reviewed_file_may_name_another_owner_of_a_table_that_exists(pipeline: Pipeline) -> None:
    pipeline.owners.owners["travel", "trips"] = COLLEAGUE
    assert of_table(pipeline.context, "travel", "trips").owner is None  # nothing is published: it is nobody's yet
    pipeline.publish(b"a\n1\n")
    now = pipeline.clock.now()
    assert of_table(pipeline.context, "travel", "trips").owner == COLLEAGUE
    assert bind(pipeline.context, "travel", "trips", chosen=SEMICOLON, by=COLLEAGUE, at=now).since == now
    with pytest.raises(Forbidden, match="ask the owner"):
        bind(pipeline.context, "travel", "trips", chosen=SEMICOLON, by=OWNER, at=now)


def test_a_reviewed_file_wins_over_the_table_and_over_every_choice(pipeline: Pipeline) -> None:
    pipeline.publish(b"code;n\n7;1\n", chosen=SEMICOLON)
    pipeline.reviewed.tables["travel", "trips"] = reviewed = choose(delimiter="pipe", text_columns=["code"])
    now = pipeline.clock.now()
    with pytest.raises(Conflict) as refused:
        bind(pipeline.context, "travel", "trips", chosen=SEMICOLON, by=OWNER, at=now)
    assert refused.value.code == "reading_options_reviewed"
    assert bind(pipeline.context, "travel", "trips", chosen=reviewed, by=COLLEAGUE, at=now).options == reviewed
    second = pipeline.publish(b"code|n\n8|2\n", uploader=COLLEAGUE)
    assert rows_of(pipeline, second) == [{"code": "8", "n": 2}]
    pipeline.reviewed.tables.clear()
    assert of_table(pipeline.context, "travel", "trips").options == reviewed


def test_an_upload_that_only_follows_its_table_never_turns_a_newer_choice_back(pipeline: Pipeline) -> None:
    pipeline.publish(b"a,b\n1,2\n")
    changing = pipeline.land(b"a;b\n1;2\n", chosen=choose(delimiter="semicolon"))
    following = pipeline.land(b"a,b\n3,4\n", uploader=COLLEAGUE)
    pipeline.watch()
    assert pipeline.ingest(changing) is State.PUBLISHED
    assert pipeline.ingest(following) is State.PUBLISHED
    assert of_table(pipeline.context, "travel", "trips").options == choose(delimiter="semicolon")


def test_the_choice_made_last_counts_in_whatever_order_uploads_are_published(pipeline: Pipeline) -> None:
    pipeline.publish(b"a,b\n1,2\n")
    earlier = pipeline.land(b"a;b\n1;2\n", chosen=choose(delimiter="semicolon"))
    later = pipeline.land(b"a|b\n1|2\n", chosen=choose(delimiter="pipe"))
    pipeline.watch()
    assert pipeline.ingest(later) is State.PUBLISHED
    assert pipeline.ingest(earlier) is State.PUBLISHED
    assert of_table(pipeline.context, "travel", "trips").options == choose(delimiter="pipe")


def test_who_published_first_into_a_new_table_owns_how_it_is_read(pipeline: Pipeline) -> None:
    first = pipeline.land(b"code;n\n7;1\n", chosen=SEMICOLON)
    second = pipeline.land(b"code|n\n8|2\n", chosen=choose(delimiter="pipe"), uploader=COLLEAGUE)
    pipeline.watch()
    assert pipeline.ingest(first) is State.PUBLISHED
    assert pipeline.ingest(second) is State.PUBLISHED
    assert rows_of(pipeline, second) == [{"code": "8", "n": 2}]
    known = of_table(pipeline.context, "travel", "trips")
    assert (known.options, known.owner) == (SEMICOLON, OWNER)
    assert known.since == pipeline.upload(first).options_since


def test_a_new_table_is_the_second_ones_where_their_file_is_published_first(pipeline: Pipeline) -> None:
    slow = pipeline.land(b"code;n\n7;1\n", chosen=SEMICOLON)
    quick = pipeline.land(b"code|n\n8|2\n", chosen=choose(delimiter="pipe"), uploader=COLLEAGUE)
    pipeline.watch()
    assert pipeline.ingest(quick) is State.PUBLISHED
    pipeline.clock.advance(seconds=1)
    assert pipeline.ingest(slow) is State.WIDENING  # its column `code` is text
    assert pipeline.widen(slow) is State.PUBLISHED
    known = of_table(pipeline.context, "travel", "trips")
    assert (known.options, known.owner) == (choose(delimiter="pipe"), COLLEAGUE)


def test_everybody_may_choose_another_sheet_for_an_upload_and_the_table_keeps_its_own(pipeline: Pipeline) -> None:
    pipeline.publish(b"code;n\n7;1\n", chosen=SEMICOLON)
    other = replace(SEMICOLON, sheet="February")
    second = pipeline.publish(b"code;n\n8;2\n", chosen=other, uploader=COLLEAGUE)
    assert pipeline.upload(second).reading_options == other
    assert of_table(pipeline.context, "travel", "trips").options == SEMICOLON
    pipeline.reviewed.tables["travel", "trips"] = SEMICOLON
    now = pipeline.clock.now()
    assert bind(pipeline.context, "travel", "trips", chosen=other, by=COLLEAGUE, at=now).options == other
    pipeline.reviewed.tables["travel", "trips"] = replace(SEMICOLON, sheet="Data")
    with pytest.raises(Conflict):
        bind(pipeline.context, "travel", "trips", chosen=other, by=COLLEAGUE, at=now)


def test_a_sheet_that_the_owner_chooses_is_the_tables(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    pipeline.publish(b"a\n2\n", chosen=choose(sheet="Data"))
    assert of_table(pipeline.context, "travel", "trips").options == choose(sheet="Data")


def test_a_workbook_is_read_with_the_sheet_and_the_text_columns_that_were_chosen(pipeline: Pipeline) -> None:
    book = openpyxl.Workbook()
    for name, code in (("January", 7), ("February", 8)):
        sheet = book.create_sheet(name)
        sheet.append(["code", "n"])
        sheet.append([code, 1])
    content = io.BytesIO()
    book.save(content)
    chosen = choose(sheet="February", text_columns=["code"])
    upload_id = pipeline.publish(content.getvalue(), filename="trips.xlsx", chosen=chosen)
    assert rows_of(pipeline, upload_id) == [{"code": "8", "n": 1}]
    assert manifest_of(pipeline, upload_id)["reading_options"] == {"sheet": "February", "text_columns": ["code"]}


def test_a_refused_file_changes_nothing_of_how_its_table_is_read(pipeline: Pipeline) -> None:
    pipeline.publish(b"a,b\n1,2\n")
    refused = pipeline.land(b"a,b\n1,2\n", chosen=choose(delimiter="semicolon"))
    pipeline.watch()
    assert pipeline.ingest(refused) is State.REFUSED
    assert [finding.code for finding in pipeline.upload(refused).findings] == ["wrong_delimiter"]
    assert of_table(pipeline.context, "travel", "trips").options == DEFAULT_OPTIONS


def test_a_table_from_before_there_were_options_is_read_with_the_defaults(pipeline: Pipeline) -> None:
    pipeline.publish(b"a,b\n1,2\n")
    table = pipeline.catalogue.table(DATABASE, "trips")
    assert table is not None
    del table.parameters[glue_tables.OPTIONS]
    pipeline.catalogue.update_table(table)
    known = of_table(pipeline.context, "travel", "trips")
    assert (known.options, known.since) == (DEFAULT_OPTIONS, UNCHOSEN)


def dropped(pipeline: Pipeline, content: bytes, side: dict[str, Any] | None) -> str:
    landing = pipeline.context.settings.landing_uri
    if side is not None:
        facts = {"document": "none", "classification": "test", **side}
        pipeline.objects.write(f"{landing}/{FOLDER}/_governance.json", json.dumps(facts).encode())
    pipeline.objects.write(f"{landing}/{FOLDER}/f.csv", content)
    (upload_id,) = pipeline.watch()
    pipeline.ingest(upload_id)
    assert pipeline.upload(upload_id).door is Door.LANDING
    return upload_id


def test_a_file_dropped_by_hand_is_read_as_its_table(pipeline: Pipeline) -> None:
    pipeline.publish(b"code;n\n7;1\n", chosen=SEMICOLON)
    assert rows_of(pipeline, dropped(pipeline, b"code;n\n8;2\n", None)) == [{"code": "8", "n": 2}]


def test_the_sidecar_of_a_dropped_file_may_name_the_options_of_its_table(pipeline: Pipeline) -> None:
    pipeline.publish(b"code;n\n7;1\n", chosen=SEMICOLON)
    side = {"reading_options": {"delimiter": "semicolon", "text_columns": ["Code"]}}
    upload_id = dropped(pipeline, b"code;n\n8;2\n", side)
    assert pipeline.upload(upload_id).state is State.PUBLISHED
    assert manifest_of(pipeline, upload_id)["reading_options"] == SEMICOLON.to_json()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"delimiter": "pipe"}, "reading_options_not_owner"),
        ({"delimiter": "colon"}, "bad_delimiter"),
        ({"text_columns": "code"}, "bad_reading_options"),
        ({"delimeter": "pipe"}, "bad_reading_options"),
        ("semicolon", "bad_reading_options"),
    ],
)
def test_a_sidecar_whose_options_do_not_hold_is_refused(pipeline: Pipeline, given: object, code: str) -> None:
    pipeline.publish(b"a\n1\n")
    upload = pipeline.upload(dropped(pipeline, b"a\n2\n", {"reading_options": given}))
    assert upload.state is State.REFUSED
    assert [finding.code for finding in upload.findings] == [code]


def test_moments_travel_exactly(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n", chosen=choose(text_columns=["a"]))
    table = pipeline.catalogue.table(DATABASE, "trips")
    assert table is not None
    bound = glue_tables.read_options(table)
    assert bound is not None
    assert bound.since > datetime(2026, 1, 1, tzinfo=UTC)
    assert bound == pipeline.upload(pipeline.context.ledger.live("travel", "trips")[0].id).bound_options
