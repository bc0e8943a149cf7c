"""What ingestion does to landing, raw_history, curated, the catalogue, the ledger and the mail."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from include.domain.errors import Terminal, Transient
from include.domain.findings import Finding, Severity
from include.domain.upload import State
from include.services import glue_tables, notices
from include.services.areas import Areas
from include.services.ingest import publish as publishing
from include.services.ingest.refuse import refuse
from include.services.ingest.stage import Verdict
from include.services.landing import sweep
from tests.services.conftest import STAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.services.conftest import Pipeline

DATABASE = "data_eng_uploader_dev_travel"


def read_partition(pipeline: Pipeline, upload_id: str, table: str = "trips") -> pa.Table:
    upload = pipeline.upload(upload_id)
    entry = pipeline.catalogue.partition(DATABASE, table, upload.extraction_timestamp)
    assert entry is not None
    parts = [pq.read_table(io.BytesIO(pipeline.objects.read(one.uri))) for one in pipeline.objects.list(entry.location)]
    return pa.concat_tables(parts)


def columns_of(pipeline: Pipeline, table: str = "trips") -> dict[str, str]:
    there = pipeline.catalogue.table(DATABASE, table)
    assert there is not None
    return dict(there.columns)


def below(pipeline: Pipeline, uri: str) -> list[str]:
    return [stored.uri.removeprefix(uri + "/") for stored in pipeline.objects.list(uri)]


def test_a_landed_file_becomes_a_typed_partition_and_leaves_landing(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"Id,Day\n1,2026-01-31\n2,\n")
    upload = pipeline.upload(upload_id)
    table = read_partition(pipeline, upload_id)
    assert table.to_pydict()["id"] == [1, 2]
    assert str(table.schema.field("day").type) == "date32[day]"
    assert table.column_names == ["id", "day"]
    assert columns_of(pipeline) == {"id": "bigint", "day": "date"}
    assert (upload.rows, upload.columns) == (2, (("id", "bigint"), ("day", "date")))
    assert below(pipeline, pipeline.context.settings.landing_uri) == []
    assert pipeline.objects.read(Areas(pipeline.context.settings).raw(upload)) == b"Id,Day\n1,2026-01-31\n2,\n"


def test_the_manifest_says_who_vouched_for_the_file_and_what_it_was(pipeline: Pipeline) -> None:
    upload = pipeline.upload(pipeline.publish(b"a\n1\n", filename="Été 2026.csv"))
    manifest = json.loads(pipeline.objects.read(Areas(pipeline.context.settings).manifest(upload)))
    assert manifest["filename"] == "Été 2026.csv"
    assert manifest["sha256"] == upload.sha256
    assert manifest["governance"]["confirmed_by"] == "analyst@example.org"
    assert manifest["rows"] == 1


def test_nothing_but_parquet_lies_below_curated(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\n1\n")
    names = below(pipeline, pipeline.context.settings.curated_uri)
    assert names
    assert all(name.rpartition("/")[2].startswith("part-") and name.endswith(".parquet") for name in names)


def test_a_later_file_with_a_new_column_widens_the_table_and_leaves_the_first_partition_alone(
    pipeline: Pipeline,
) -> None:
    first = pipeline.publish(b"a\n1\n")
    before = pipeline.upload(first).revision
    pipeline.publish(b"b,a\nx,2\n")
    assert columns_of(pipeline) == {"a": "bigint", "b": "string"}
    assert pipeline.upload(first).revision == before
    assert read_partition(pipeline, first).column_names == ["a"]


def test_files_are_written_in_the_order_of_the_table(pipeline: Pipeline) -> None:
    pipeline.publish(b"a,b\n1,2\n")
    second = pipeline.publish(b"b,c,a\n3,4,5\n")
    assert read_partition(pipeline, second).column_names == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("earlier", "later", "glue", "reads"),
    [
        (b"a\n1\n9007199254740993\n", b"a\n0.5\n", "decimal(38,1)", ["1.0", "9007199254740993.0"]),
        (b"a\n1\n2\n", b"a\n0.5\n", "double", ["1.0", "2.0"]),
        (b"a\n1\n20\n", b"a\n007\n", "string", ["1", "20"]),
        (b"a\n1.50\n2\n", b"a\nx\n", "string", ["1.50", "2"]),
        (b"a\nTRUE\nfalse\n", b"a\n1\n", "string", ["TRUE", "false"]),
        (b"a\n2026-01-31\n2025-12-01\n", b"a\n2026-01-31T10:00:00\n", "timestamp", None),
        (b"a\n1\nNA\n", b"a\nx\n", "string", ["1", "NA"]),
    ],
)
def test_a_wider_type_derives_earlier_partitions_again_from_raw(
    pipeline: Pipeline, earlier: bytes, later: bytes, glue: str, reads: list[str] | None
) -> None:
    first = pipeline.publish(earlier)
    before = pipeline.upload(first).revision
    pipeline.publish(later)
    assert columns_of(pipeline) == {"a": glue}
    table = read_partition(pipeline, first)
    assert pipeline.upload(first).revision != before
    if reads is not None:
        assert [str(value) for value in table.column("a").to_pylist()] == reads
    states = [change.state for change in pipeline.context.ledger.history(f"{2:032x}")]
    assert State.WIDENING in states


def test_limits_that_were_lowered_since_do_not_keep_an_accepted_file_from_being_derived_again(
    pipeline: Pipeline,
) -> None:
    first = pipeline.publish(gzip.compress(b"a\n" + b"1\n" * 100), filename="f.csv.gz")
    low = {"max_unpacked_bytes": 10, "max_unpacked_ratio": 1, "max_workbook_text_bytes": 1}
    pipeline.context = replace(pipeline.context, settings=pipeline.context.settings.model_copy(update=low))
    refused = pipeline.land(gzip.compress(b"a\n" + b"2\n" * 100), filename="f.csv.gz")
    pipeline.watch()
    assert pipeline.ingest(refused) is State.REFUSED
    pipeline.publish(b"a\nx\n")
    assert read_partition(pipeline, first).to_pydict() == {"a": ["1"] * 100}


def test_a_derivation_that_is_refused_all_the_same_names_its_upload(pipeline: Pipeline) -> None:
    first = pipeline.publish(b"a,b\n1,2\n")
    manifest = Areas(pipeline.context.settings).manifest(pipeline.upload(first))
    document = json.loads(pipeline.objects.read(manifest)) | {"reading_options": {"delimiter": ";"}}
    pipeline.objects.write(manifest, json.dumps(document).encode())
    second = pipeline.land(b"a,b\nx,2\n")
    pipeline.watch()
    assert pipeline.ingest(second) is State.WIDENING
    with pytest.raises(Terminal, match=rf"{first}.*wrong_delimiter") as stopped:
        pipeline.widen(second)
    assert stopped.value.code == "derivation_refused"
    assert pipeline.upload(second).state is State.WIDENING
    assert columns_of(pipeline) == {"a": "bigint", "b": "bigint"}


def test_a_narrower_file_is_written_as_wide_as_the_table(pipeline: Pipeline) -> None:
    pipeline.publish(b"a\nx\n")
    second = pipeline.publish(b"a\n1\n")
    assert read_partition(pipeline, second).column("a").to_pylist() == ["1"]


def test_a_partition_of_null_words_only_is_derived_again_when_its_column_becomes_string(pipeline: Pipeline) -> None:
    first = pipeline.publish(b"a,b\n1,NA\n")
    assert read_partition(pipeline, first).column_names == ["a"]
    pipeline.publish(b"a,b\n1,x\n")
    assert read_partition(pipeline, first).to_pydict() == {"a": [1], "b": ["NA"]}


def test_the_superseded_revision_is_gone_where_a_reader_would_see_both(pipeline: Pipeline) -> None:
    first = pipeline.publish(b"a\n1\n")
    pipeline.publish(b"a\nx\n")
    folder = f"{pipeline.context.settings.curated_uri}/{DATABASE}/trips/extraction_timestamp="
    mine = [
        name for name in below(pipeline, folder.rstrip("=")[:-1]) if pipeline.upload(first).extraction_timestamp in name
    ]
    assert len(mine) == 1


def refusal(pipeline: Pipeline, content: bytes, **where: str) -> tuple[str, list[str]]:
    upload_id = pipeline.land(content, **where)
    assert pipeline.watch() == [upload_id]
    assert pipeline.ingest(upload_id) is State.REFUSED
    return upload_id, [finding.code for finding in pipeline.upload(upload_id).findings]


def test_a_refused_file_goes_to_fail_with_its_report_and_changes_nothing_else(pipeline: Pipeline) -> None:
    upload_id, codes = refusal(pipeline, b"a,b\n1\n")
    settings = pipeline.context.settings
    assert pipeline.objects.read(f"{settings.fail_uri}/{upload_id}/f.csv") == b"a,b\n1\n"
    report = json.loads(pipeline.objects.read(f"{settings.fail_uri}/{upload_id}/_report.json"))
    assert [finding["code"] for finding in report["findings"]] == codes
    assert below(pipeline, settings.landing_uri) == []
    assert below(pipeline, settings.curated_uri) == []
    assert below(pipeline, settings.raw_history_uri) == []
    assert pipeline.catalogue.databases == {}


def test_the_mail_of_a_refusal_names_code_and_line_but_no_value(pipeline: Pipeline) -> None:
    upload_id, codes = refusal(pipeline, b"a,b\n1,2\nsecret-value\n")
    mail = pipeline.mailer.sent[f"{upload_id}-refused"]
    assert codes[0] in mail.text
    assert "line 3" in mail.text
    assert "secret-value" not in mail.text + mail.subject


def test_the_mail_of_a_refusal_names_several_columns_by_their_place(pipeline: Pipeline) -> None:
    upload_id, _ = refusal(pipeline, b"Sample Number,ok,b-c\n1,2,3\n")
    text = pipeline.mailer.sent[f"{upload_id}-refused"].text
    assert "Column names contain special characters (special_characters): columns 1, 3; line 1" in text
    assert "Sample Number" not in text


def test_the_mail_of_a_publication_has_the_five_facts(pipeline: Pipeline) -> None:
    upload = pipeline.upload(pipeline.publish(b"a\n1\n"))
    text = pipeline.mailer.sent[f"{upload.id}-published"].text
    for fact in (
        f"Database name: {DATABASE}",
        "Table name: trips",
        f"Athena reference: {DATABASE}.trips",
        f"extraction_timestamp={upload.extraction_timestamp}/",
        f"extraction_timestamp: {upload.extraction_timestamp}",
        "after 01:00 on 1 February 2026",
        "/tables/travel/access",
    ):
        assert fact in text


def test_running_everything_again_changes_nothing_and_sends_nothing(pipeline: Pipeline) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    content, sent = dict(pipeline.objects.content), dict(pipeline.mailer.sent)
    history = pipeline.context.ledger.history(upload_id)
    assert pipeline.ingest(upload_id) is State.PUBLISHED
    assert (pipeline.objects.content, pipeline.mailer.sent) == (content, sent)
    assert pipeline.context.ledger.history(upload_id) == history


def test_a_suite_that_finds_an_error_refuses_before_anything_is_published(pipeline: Pipeline) -> None:
    pipeline.suite.findings = (
        Finding(code="too_high", title="Too high", severity=Severity.ERROR, message="Too high.", column="a"),
    )
    _, codes = refusal(pipeline, b"a\n1\n")
    assert codes == ["too_high"]
    assert pipeline.catalogue.databases == {}


def test_a_table_that_somebody_else_made_is_refused(pipeline: Pipeline) -> None:
    pipeline.catalogue.create_database(DATABASE, description="theirs", parameters={})
    _, codes = refusal(pipeline, b"a\n1\n")
    assert codes == ["not_ours"]


def test_a_table_that_appears_between_check_and_publication_is_refused_too(pipeline: Pipeline) -> None:
    upload_id = pipeline.land(b"a\n1\n")
    pipeline.watch()
    from tests.services.conftest import STAGES

    for stage in STAGES[:-1]:
        stage(pipeline.context, upload_id)
    pipeline.catalogue.create_database(DATABASE, description="theirs", parameters={})
    publishing.publish(pipeline.context, upload_id)
    assert pipeline.ingest(upload_id) is State.REFUSED


@pytest.mark.parametrize("stop_at", ["create_database", "create_table", "create_partition", "update_table"])
def test_a_publication_cut_short_at_any_call_ends_in_one_partition_when_it_runs_again(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, stop_at: str
) -> None:
    if stop_at == "update_table":
        pipeline.publish(b"b\ny\n")
    upload_id = pipeline.land(b"a\nx\n")
    pipeline.watch()
    real = getattr(pipeline.catalogue, stop_at)

    def lost_answer(*args: Any, **kwargs: Any) -> None:
        real(*args, **kwargs)
        raise Transient("the answer was lost", code="lost")

    monkeypatch.setattr(pipeline.catalogue, stop_at, lost_answer)
    with pytest.raises(Transient):
        pipeline.ingest(upload_id)
    monkeypatch.setattr(pipeline.catalogue, stop_at, real)
    assert pipeline.ingest(upload_id) is State.PUBLISHED
    (entry,) = [
        each
        for each in pipeline.catalogue.partitions(DATABASE, "trips")
        if each.parameters[glue_tables.UPLOAD] == upload_id
    ]
    assert entry.columns == (("a", "string"),)
    assert entry.parameters[glue_tables.REVISION] == pipeline.upload(upload_id).revision
    assert columns_of(pipeline)["a"] == "string"


def test_another_writer_of_the_table_costs_a_turn_of_the_loop(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.publish(b"a\n1\n")
    upload_id = pipeline.land(b"b\nx\n")
    pipeline.watch()
    real = pipeline.catalogue.update_table
    calls = []

    def race(table: Any) -> None:
        calls.append(table)
        if len(calls) == 1:
            current = pipeline.catalogue.table(DATABASE, "trips")
            assert current is not None
            real(current)
        real(table)

    monkeypatch.setattr(pipeline.catalogue, "update_table", race)
    assert pipeline.ingest(upload_id) is State.PUBLISHED
    assert columns_of(pipeline) == {"a": "bigint", "b": "string"}


def test_a_failed_run_is_told_to_the_team_and_goes_on_when_it_is_cleared(pipeline: Pipeline) -> None:
    upload_id = pipeline.land(b"a\n1\n")
    pipeline.watch()
    upload = pipeline.context.ledger.move(upload_id, State.FAILED, actor="test")
    notices.send_once(pipeline.context, notices.failed(pipeline.context, upload))
    mail = pipeline.mailer.sent[f"{upload_id}-failed"]
    assert mail.to == pipeline.context.settings.team_email
    assert upload_id in mail.text
    assert pipeline.ingest(upload_id) is State.PUBLISHED


def zipped(content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.csv", content)
    return stream.getvalue()


def workbook(content: bytes) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in content.decode().split():
        sheet.append([int(line) if line.isdecimal() else line])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def parquet(content: bytes) -> bytes:
    name, *lines = content.decode().split()
    stream = io.BytesIO()
    pq.write_table(pa.table({name: [int(line) for line in lines]}), stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("filename", "pack"),
    [("f.csv.gz", gzip.compress), ("f.zip", zipped), ("f.xlsx", workbook), ("f.parquet", parquet)],
)
def test_a_compressed_file_is_published_and_derived_again_from_the_bytes_that_were_sent(
    pipeline: Pipeline, filename: str, pack: Callable[[bytes], bytes]
) -> None:
    packed = pack(b"a\n1\n2\n")
    upload_id = pipeline.publish(packed, filename=filename)
    upload = pipeline.upload(upload_id)
    assert (upload.rows, upload.size, upload.sha256) == (2, len(packed), hashlib.sha256(packed).hexdigest())
    raw = Areas(pipeline.context.settings).raw(upload)
    assert raw.endswith("/" + filename)
    assert pipeline.objects.content[raw] == packed
    pipeline.publish(b"a\nx\n")
    assert columns_of(pipeline) == {"a": "string"}
    entry = pipeline.catalogue.partition(DATABASE, "trips", upload.extraction_timestamp)
    assert entry is not None
    assert entry.columns == (("a", "string"),)


def staged_by(pipeline: Pipeline, upload_id: str) -> list[str]:
    return [
        name.rpartition(".")[2] for name in below(pipeline, Areas(pipeline.context.settings).staging(upload_id, ""))
    ]


@pytest.mark.parametrize("suite", [(), (Finding(code="x", title="X", severity=Severity.ERROR, message="X."),)])
def test_a_finished_upload_leaves_nothing_but_documents_in_staging(
    pipeline: Pipeline, suite: tuple[Finding, ...]
) -> None:
    pipeline.suite.findings = suite
    upload_id = pipeline.land(gzip.compress(b"a\n1\n"), filename="f.csv.gz")
    pipeline.watch()
    for stage in STAGES[:-1]:
        stage(pipeline.context, upload_id)
    assert set(staged_by(pipeline, upload_id)) > {"json", "parquet"}
    state = pipeline.ingest(upload_id)
    assert state is (State.REFUSED if suite else State.PUBLISHED)
    assert set(staged_by(pipeline, upload_id)) == {"json"}
    content = dict(pipeline.objects.content)
    for stage in (*STAGES[:1], *STAGES[2:], refuse):
        assert stage(pipeline.context, upload_id) is Verdict.FINISHED
    assert pipeline.objects.content == content


@pytest.mark.parametrize("by", [publishing.publish, refuse, lambda context, _: sweep(context)])
def test_what_a_killed_task_left_of_a_finished_upload_is_cleared_away_by_the_next(
    pipeline: Pipeline, by: Callable[..., object]
) -> None:
    upload_id = pipeline.publish(b"a\n1\n")
    upload = pipeline.upload(upload_id)
    content = dict(pipeline.objects.content)
    pipeline.objects.write(upload.landing_uri, b"a\n1\n")
    staging = Areas(pipeline.context.settings).staging(upload_id, "")
    for name in ("plain", "0-0/part-00000.parquet", "0-0/lines-00000.parquet"):
        pipeline.objects.write(staging + name, b"left")
    by(pipeline.context, upload_id)
    assert pipeline.objects.content == content


def test_a_compressed_file_that_holds_a_bad_one_is_refused_and_kept_as_it_was_sent(pipeline: Pipeline) -> None:
    packed = gzip.compress(b"a,b\n1\n")
    upload_id = pipeline.land(packed, filename="f.csv.gz")
    pipeline.watch()
    assert pipeline.ingest(upload_id) is State.REFUSED
    assert [finding.code for finding in pipeline.upload(upload_id).findings] == ["ragged_rows"]
    assert packed in [content for uri, content in pipeline.objects.content.items() if uri.endswith("f.csv.gz")]
