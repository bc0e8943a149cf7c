"""The reviewed users file of this repository."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

from include.adapters.users_file import UsersFile
from include.settings import PROJECT_ROOT

ACCESS = PROJECT_ROOT / "include" / "access"


def test_the_users_file_keeps_to_its_schema() -> None:
    schema = json.loads((ACCESS / "users.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(yaml.safe_load((ACCESS / "users.yaml").read_text()))


def test_nobody_is_on_the_users_file_twice() -> None:
    emails = [user["email"].lower() for user in yaml.safe_load((ACCESS / "users.yaml").read_text())["users"]]

    assert sorted(set(emails)) == sorted(emails)


def test_the_service_reads_the_users_file() -> None:
    assert UsersFile(Path(ACCESS / "users.yaml")).knows("Analyst@example.org")
