"""The reviewed file of table owners: the one of this repository, entry by entry, and what a broken one does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError

from include.adapters.table_owners_file import TableOwnersFile
from include.domain import names
from include.domain.errors import Terminal
from include.settings import PROJECT_ROOT, Environment, Settings

if TYPE_CHECKING:
    from pathlib import Path

TABLES = PROJECT_ROOT / "include" / "tables"
SCHEMA = json.loads((TABLES / "owners.schema.json").read_text())
OURS = yaml.safe_load((TABLES / "owners.yaml").read_text())
GOOD = """
tables:
  - {database: prison_visits, table: visits, why: Ann has left, owner: Mary.O'Brien@example.org}
"""
RESTRICTED = """
tables:
  - {database: prison_visits, table: visits, why: one feed, restricted_to: [Mary@example.org, landing]}
  - {database: prison_visits, table: owned, why: Ann has left, owner: ann@example.org}
databases:
  - {database: prison_visits, why: sensitive, restricted_to: [ann@example.org]}
"""


def test_the_file_of_this_repository_keeps_to_its_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(OURS)
    assert TableOwnersFile(Settings().table_owners_file).of("no_such_database", "table") is None


def test_every_entry_of_this_repository_is_of_a_table_that_may_exist_and_is_read() -> None:
    file = TableOwnersFile(TABLES / "owners.yaml")
    for entry in OURS["tables"]:
        names.check_database_name(entry["database"], env=Environment.PREPROD)
        names.check_table_name(entry["table"])
        assert file.of(entry["database"], entry["table"]) == entry.get("owner", "").lower() or None
    for entry in OURS.get("databases", []):
        names.check_database_name(entry["database"], env=Environment.PREPROD)
        assert file.restricted_to(entry["database"], "any_table")


def test_an_owner_is_named_in_lower_case_as_people_sign_in(tmp_path: Path) -> None:
    path = tmp_path / "owners.yaml"
    path.write_text(GOOD)
    Draft202012Validator(SCHEMA).validate(yaml.safe_load(GOOD))
    file = TableOwnersFile(path)
    assert file.of("prison_visits", "visits") == "mary.o'brien@example.org"
    assert file.of("prison_visits", "prisons") is None


def test_a_table_or_a_database_may_be_for_named_people_alone_and_the_tables_own_entry_counts_first(
    tmp_path: Path,
) -> None:
    path = tmp_path / "owners.yaml"
    path.write_text(RESTRICTED)
    Draft202012Validator(SCHEMA).validate(yaml.safe_load(RESTRICTED))
    file = TableOwnersFile(path)
    assert file.restricted_to("prison_visits", "visits") == ("mary@example.org", "landing")
    assert file.of("prison_visits", "visits") is None
    assert file.restricted_to("prison_visits", "prisons") == ("ann@example.org",)
    assert file.restricted_to("prison_visits", "owned") == ("ann@example.org",)
    assert file.restricted_to("travel", "trips") is None


def test_a_changed_file_counts_at_once(tmp_path: Path) -> None:
    path = tmp_path / "owners.yaml"
    path.write_text("tables: []")
    file = TableOwnersFile(path)
    assert file.of("prison_visits", "visits") is None
    path.write_text(GOOD)
    assert file.of("prison_visits", "visits") is not None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the key `tables`"),
        ("databases: []", "one key"),
        ("{tables: [], people: []}", "no others"),
        ("tables: [", "not YAML at line 1"),
        ("tables: [{database: travel, table: trips, owner: a@b.c}]", "entry 1 must have database, table and why"),
        ("tables: [{database: travel, table: trips, why: x}]", "entry 1 must have `owner`"),
        ("tables: [{database: travel, table: trips, why: x, owner: ann}]", "the `owner` of entry 1"),
        ("tables: [{database: travel, table: trips, why: x, owner: a@b.c, team: y}]", "nothing else"),
        ("tables: [{database: travel, table: trips, why: x, restricted_to: []}]", "`restricted_to` of entry 1"),
        ("tables: [{database: travel, table: trips, why: x, restricted_to: a@b.c}]", "`restricted_to` of entry 1"),
        ("tables: [{database: travel, table: trips, why: x, restricted_to: [a@b.c, ann]}]", "list of e-mail"),
        ("tables: [{database: travel, table: trips, why: x, restricted_to: [landing]}]", "at least one"),
        (
            "tables: [{database: travel, table: trips, why: x, owner: a@b.c, restricted_to: [d@e.f]}]",
            "must name the table's owner too",
        ),
        ("{tables: [], databases: {}}", "`databases` must be a list"),
        ("{tables: [], databases: [{database: travel, why: x}]}", "entry 1 of `databases` must have"),
        ("{tables: [], databases: [{database: travel, why: '', restricted_to: [a@b.c]}]}", "database and why"),
        ("{tables: [], databases: [{database: travel, why: x, restricted_to: [x]}]}", "entry 1 of `databases`"),
        (
            "{tables: [], databases: [" + ", ".join(2 * ["{database: travel, why: x, restricted_to: [a@b.c]}"]) + "]}",
            "is the second one of travel",
        ),
        (
            "tables: [{database: a, table: b, why: x, owner: a@b.c}, {database: a, table: b, why: y, owner: d@e.f}]",
            "entry 2 is the second one of a.b",
        ),
    ],
)
def test_a_file_that_breaks_the_rules_is_an_error_that_says_which(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "owners.yaml"
    path.write_text(text)
    with pytest.raises(Terminal) as fault:
        TableOwnersFile(path).of("travel", "trips")
    assert fault.value.code == "table_owners_file_invalid"
    assert why in fault.value.detail
    assert "@" not in fault.value.detail


def test_a_file_that_is_not_there_is_an_error_too(tmp_path: Path) -> None:
    with pytest.raises(Terminal, match="cannot be read"):
        TableOwnersFile(tmp_path / "none.yaml").of("travel", "trips")


@pytest.mark.parametrize(
    "change",
    [
        {"owner": "ann"},
        {"owner": "a@b@c"},
        {"owner": "a b@c"},
        {"why": ""},
        {"more": 1},
        {"restricted_to": []},
        {"restricted_to": ["ann"]},
        {"restricted_to": ["landing"]},
    ],
)
def test_the_schema_refuses_what_the_service_refuses(change: dict[str, Any]) -> None:
    entry = {"database": "travel", "table": "trips", "why": "x", "owner": "a@b.c", **change}
    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMA).validate({"tables": [entry]})
