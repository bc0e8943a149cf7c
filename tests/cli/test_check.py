from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from include.cli.__main__ import main
from include.domain import names

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parent.parent.parent


def test_a_good_file_is_accepted_and_its_parquet_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Id,Name\n1,x\nNA,y\n")
    assert main(["check", str(path), "--json", "--out", str(tmp_path / "out")]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["accepted"] is True
    assert document["rows"] == 2
    assert document["columns"] == [{"name": "id", "type": "bigint"}, {"name": "name", "type": "string"}]
    assert [finding["code"] for finding in document["findings"]] == ["null_words"]
    assert set(document) == {"accepted", "rows", "columns", "findings", "sha256"}
    assert pq.read_table(tmp_path / "out").to_pylist() == [{"id": 1, "name": "x"}, {"id": None, "name": "y"}]
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["part-00000.parquet"]


def test_a_bad_file_is_refused_with_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Sample Number\n1\n")
    assert main(["check", str(path), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["accepted"] is False
    assert document["findings"][0]["title"] == "Column names contain special characters"
    assert set(document["findings"][0]) >= {"code", "title", "severity", "column", "lines", "examples", "message"}


def test_several_files_make_one_document_a_line_and_a_folder_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad, missing = tmp_path / "good.CSV", tmp_path / "bad.csv", tmp_path / "missing.csv"
    good.write_text("a\n1\n")
    bad.write_text("a\n")
    out = tmp_path / "out"
    assert main(["check", str(bad), str(good), "--json", "--out", str(out)]) == 1
    documents = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["file"], each["accepted"]) for each in documents] == [(str(bad), False), (str(good), True)]
    assert pq.read_table(out / "1").to_pylist() == [{"a": 1}]
    assert main(["check", str(missing), str(bad), str(tmp_path), "--json"]) == 2
    captured = capsys.readouterr()
    documents = [json.loads(line) for line in captured.out.splitlines()]
    assert [sorted(each)[:2] for each in documents] == [["error", "file"], ["accepted", "columns"], ["error", "file"]]
    assert "there is no such file" in captured.err
    assert "this is a folder" in captured.err


def test_a_file_that_cannot_be_read_is_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "missing.csv"), "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith("missing.csv: there is no such file\n")


def test_an_unsupported_format_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(b"PK")
    assert main(["check", str(path), "--json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert finding["code"] == "unsupported_format"
    assert finding["message"].startswith("The name of the selected file ends in .docx. ")
    said = names.format_refusal(path.name, ("csv", "json", "jsonl", "xlsx", "parquet", "gz", "zip"))
    assert finding["message"].endswith(said.partition(". ")[2])


def test_without_json_a_person_reads_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n")
    assert main(["check", str(path)]) == 0
    assert "accepted, 1 rows" in capsys.readouterr().out.replace("1 row\n", "1 rows\n")


def test_the_command_starts_without_airflow_great_expectations_or_pandas(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2026-01-31\n")
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "include.cli", "check", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    imported = {line.rsplit("|", 1)[-1].strip() for line in run.stderr.splitlines()}
    assert not imported & {"airflow", "great_expectations", "pandas.core", "boto3", "fastapi", "sqlalchemy"}


def test_flags_say_how_a_file_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Code;Day;n\n007;31/01/2026;1\n8;01/02/2026;-\n")
    flags = ["--delimiter", "semicolon", "--text-column", "CODE", "--day-first", "day", "--null-word", "-"]
    assert main(["check", str(path), "--json", *flags]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {column["name"]: column["type"] for column in document["columns"]} == {
        "code": "string",
        "day": "date",
        "n": "bigint",
    }


def test_no_word_stands_for_a_missing_value_if_the_flag_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n1\nNA\n")
    assert main(["check", str(path), "--json", "--no-null-words"]) == 0
    assert json.loads(capsys.readouterr().out)["columns"] == [{"name": "a", "type": "string"}]


def test_an_option_that_breaks_a_rule_is_said_before_a_file_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tmp_path / "none.csv"), "--text-column", "Sample Number"]) == 2
    assert "“Sample Number” cannot be a column" in capsys.readouterr().err
