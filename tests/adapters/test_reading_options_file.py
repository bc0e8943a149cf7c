"""The reviewed file of reading options: the one of this repository, entry by entry, and what a broken one does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError

from include.adapters.reading_options_file import ReadingOptionsFile
from include.domain import names
from include.domain.errors import Terminal
from include.domain.reading_options import DEFAULT_OPTIONS, choose
from include.settings import PROJECT_ROOT, Environment, Settings

if TYPE_CHECKING:
    from pathlib import Path

TABLES = PROJECT_ROOT / "include" / "tables"
SCHEMA = json.loads((TABLES / "reading_options.schema.json").read_text())
ENTRIES = yaml.safe_load((TABLES / "reading_options.yaml").read_text())["tables"]
GOOD = """
tables:
  - database: prison_visits
    table: visits
    why: the supplier's export
    delimiter: semicolon
    text_columns: [Visit_Code]
    day_first_columns: [visited_on]
    null_words: ["-"]
  - {database: prison_visits, table: prisons, why: reviewed to be read as it is}
"""


def test_the_file_of_this_repository_keeps_to_its_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate({"tables": ENTRIES})
    assert ReadingOptionsFile(Settings().reading_options_file).of("no_such_database", "table") is None


def test_every_entry_of_this_repository_is_of_a_table_that_may_exist_and_is_read() -> None:
    file = ReadingOptionsFile(TABLES / "reading_options.yaml")
    for entry in ENTRIES:
        names.check_database_name(entry["database"], env=Environment.PREPROD)
        names.check_table_name(entry["table"])
        assert file.of(entry["database"], entry["table"]) is not None


def test_an_entry_is_the_whole_of_a_tables_options(tmp_path: Path) -> None:
    path = tmp_path / "options.yaml"
    path.write_text(GOOD)
    Draft202012Validator(SCHEMA).validate(yaml.safe_load(GOOD))
    file = ReadingOptionsFile(path)
    assert file.of("prison_visits", "visits") == choose(
        delimiter="semicolon", text_columns=["visit_code"], day_first_columns=["visited_on"], null_words=["-"]
    )
    assert file.of("prison_visits", "prisons") == DEFAULT_OPTIONS
    assert file.of("prison_visits", "others") is None


def test_a_changed_file_counts_at_once(tmp_path: Path) -> None:
    path = tmp_path / "options.yaml"
    path.write_text("tables: []")
    file = ReadingOptionsFile(path)
    assert file.of("prison_visits", "visits") is None
    path.write_text(GOOD)
    assert file.of("prison_visits", "visits") is not None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "one key"),
        ("tables: {}", "one key"),
        ("tables: [", "not YAML at line 1"),
        ("tables: [travel]", "entry 1 must have"),
        ("tables: [{database: travel, table: trips}]", "entry 1 must have"),
        ("tables: [{database: travel, table: trips, why: x, delimeter: pipe}]", "entry 1"),
        ("tables: [{database: travel, table: trips, why: x, delimiter: colon}]", "entry 1: The delimiter must be"),
        ("tables: [{database: travel, table: trips, why: x, text_columns: code}]", "entry 1"),
        ("tables: [{database: travel, table: trips, why: x, null_words: [1]}]", "entry 1"),
        ("tables: [{database: travel, table: trips, why: x, text_columns: [Sample Number]}]", "cannot be a column"),
        ("tables: [{database: a, table: b, why: x}, {database: a, table: b, why: y}]", "the second one of a.b"),
    ],
)
def test_a_file_that_breaks_the_rules_is_an_error_that_says_which(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "options.yaml"
    path.write_text(text)
    with pytest.raises(Terminal) as fault:
        ReadingOptionsFile(path).of("travel", "trips")
    assert fault.value.code == "reading_options_file_invalid"
    assert why in fault.value.detail


def test_a_file_that_is_not_there_is_an_error_too(tmp_path: Path) -> None:
    with pytest.raises(Terminal, match="cannot be read"):
        ReadingOptionsFile(tmp_path / "none.yaml").of("travel", "trips")


@pytest.mark.parametrize("change", [{"delimiter": ";"}, {"text_columns": ["a b"]}, {"null_words": [""]}, {"more": 1}])
def test_the_schema_refuses_what_the_service_refuses(change: dict[str, Any]) -> None:
    entry = {"database": "travel", "table": "trips", "why": "x", **change}
    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMA).validate({"tables": [entry]})
