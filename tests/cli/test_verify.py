"""The verify command against both accounts."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from include.cli.__main__ import main
from include.services.promotion.promote import promote_table
from local.description import settings_of
from tests.aws_pipeline import AP_ACCOUNT, make_aws_pipeline
from tests.strict_aws import presign
from tests.strict_aws.server import OWN_ACCOUNT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pipeline import Pipeline
    from tests.strict_aws.server import StrictAws

PROFILES = ["--profile", "ours", "--analytical-platform-profile", "theirs"]


@pytest.fixture
def promoted(aws: StrictAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    """A promoted table, and a configuration that leads there."""
    keys = "aws_access_key_id = {account}\naws_secret_access_key = {secret}\n"
    credentials = tmp_path / "credentials"
    credentials.write_text(
        "".join(
            f"[{name}]\n{keys.format(account=account, secret=presign.SECRET)}"
            for name, account in (("ours", OWN_ACCOUNT), ("theirs", AP_ACCOUNT))
        )
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    monkeypatch.setenv("DATA_UPLOADER_AWS_ENDPOINT_URL", aws.endpoint_url)
    monkeypatch.setenv("DATA_UPLOADER_LEDGER_URL", f"sqlite:///{tmp_path / 'ledger.db'}")
    pipeline = make_aws_pipeline(aws, tmp_path)
    pipeline.publish(b"a\n1\n")
    promote_table(pipeline.context, database="travel", table="trips")
    return pipeline


def test_agreement_answers_with_success(promoted: Pipeline, capsys: pytest.CaptureFixture[str]) -> None:
    assert promoted.count == 1
    assert main(["verify", *PROFILES]) == 0
    assert capsys.readouterr().out == "1 tables, 1 partitions, 2 files: 0 disagreements, 0 notes.\n"


def test_a_disagreement_answers_with_failure_and_the_repair(
    promoted: Pipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    context = promoted.context
    context.ap_catalogue.delete_table("data_eng_uploader_dev_travel", "trips")
    assert main(["verify", *PROFILES, "--database", "travel", "--table", "trips"]) == 1
    said = capsys.readouterr().out
    assert "travel.trips: platform_table_missing" in said
    assert "Repair: promote_to_analytical_platform with database=travel, table=trips, again=True" in said
    assert main(["verify", *PROFILES, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["disagreements"][0]["repair"]["form"]["again"] is True


def test_what_cannot_be_read_is_an_error_and_no_agreement(
    promoted: Pipeline, aws: StrictAws, capsys: pytest.CaptureFixture[str]
) -> None:
    assert promoted.count == 1
    aws.faults.refuse("GetTable", "AccessDeniedException")
    assert main(["verify", *PROFILES]) == 2
    assert "glue:GetTable" in capsys.readouterr().err


def test_a_misspelt_table_is_an_error_and_no_agreement(promoted: Pipeline, capsys: pytest.CaptureFixture[str]) -> None:
    assert promoted.count == 1
    assert main(["verify", *PROFILES, "--database", "travel", "--table", "tripz"]) == 2
    assert "Nothing tells of travel.tripz." in capsys.readouterr().err


def test_the_service_that_runs_here_needs_no_options(
    promoted: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert promoted.count == 1
    service = {name: value for name, value in os.environ.items() if name.startswith("DATA_UPLOADER_")}
    for name in service:
        monkeypatch.delenv(name)
    ours, theirs = (
        {"aws_access_key_id": account, "aws_secret_access_key": presign.SECRET} for account in (OWN_ACCOUNT, AP_ACCOUNT)
    )
    settings = settings_of({**service, "DATA_UPLOADER_SECRET_KEY": "secret", "AIRFLOW_HOME": "/airflow"})
    assert settings == service
    local = tmp_path / "local.json"
    local.write_text(json.dumps({**ours, "analytical_platform": theirs, "settings": settings}))
    monkeypatch.setattr("include.cli.connection.LOCAL", local)
    assert main(["verify"]) == 0
    assert "0 disagreements" in capsys.readouterr().out
