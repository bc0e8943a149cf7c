"""What docs/running.md and the composed stack say of the settings is what include/settings.py says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from include.settings import PROJECT_ROOT, Settings
from local.fill_secrets import filled
from local.settings_table import DOCUMENT, with_table

if TYPE_CHECKING:
    import pytest

# Read by the launcher and the command line, which are no part of the service.
OTHERS = {"DATA_UPLOADER_RUN_DIR", "DATA_UPLOADER_URL", "DATA_UPLOADER_TOKEN"}


def names_in(file: str) -> set[str]:
    return set(re.findall(r"DATA_UPLOADER_[A-Z_]*[A-Z]", (PROJECT_ROOT / file).read_text(encoding="utf-8"))) - OTHERS


SETTINGS = {f"DATA_UPLOADER_{name.upper()}" for name in Settings.model_fields}


def test_the_table_of_settings_is_up_to_date() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == with_table(text), "run python -m local.settings_table"


def test_every_setting_that_the_composed_stack_names_exists() -> None:
    for file in ("docker-compose.yaml", ".env.example", "Dockerfile", "docs/running.md", "local/environment.py"):
        assert names_in(file) <= SETTINGS, file


def test_every_name_that_the_composed_stack_asks_for_is_in_the_example() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (PROJECT_ROOT / "docker-compose.yaml").read_text(encoding="utf-8")))
    example = (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8")
    offered = set(re.findall(r"^#? ?(\w+)=", example, re.MULTILINE))
    assert asked <= offered


def test_the_composed_front_takes_every_setting_of_who_comes_in_from_where() -> None:
    compose = yaml.safe_load((PROJECT_ROOT / "docker-compose.yaml").read_text(encoding="utf-8"))
    given = compose["services"]["api-server"]["environment"]
    names = [name for name in Settings.model_fields if name.startswith("oidc_")]
    for name in ("trusted_proxies", "other_hosts", "sign_in_by_code", *names):
        variable = f"DATA_UPLOADER_{name.upper()}"
        assert given[variable] == f"${{{variable}:-}}"
    s3 = compose["x-environment"]["DATA_UPLOADER_AWS_PUBLIC_ENDPOINT_URL"]
    assert s3 == "${PUBLIC_S3_URL:-http://127.0.0.1:${AWS_PORT:-8081}}"


def test_a_setting_that_the_composed_stack_leaves_empty_is_as_if_it_were_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Settings()
    for name in SETTINGS:
        monkeypatch.setenv(name, "")
    assert Settings() == usual


def test_every_secret_of_the_example_is_filled_with_its_own() -> None:
    example = (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8")
    empty = re.findall(r"^(\w+)=$", example, re.MULTILINE)
    values = dict(re.findall(r"^(\w+)=(.*)$", filled(example), re.MULTILINE))
    secrets = [values[name] for name in empty]
    assert len(empty) == 7
    assert all(len(secret) >= 32 for secret in secrets)
    assert len(set(secrets)) == len(secrets)
    assert values["PORT"] == "8080"


def test_nothing_is_published_beyond_loopback() -> None:
    compose = (PROJECT_ROOT / "docker-compose.yaml").read_text(encoding="utf-8")
    published = re.findall(r'- "([^"]*:\d+)"', compose)
    assert len(published) == 2
    assert all(port.startswith("127.0.0.1:") for port in published)
