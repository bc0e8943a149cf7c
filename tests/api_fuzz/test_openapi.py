"""The OpenAPI document against the running front: whatever is sent, the answer is one that the document describes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from include.domain.upload import State
from include.services import api_tokens, preview
from include.services.throttling import Limit
from tests.browser.scenes import Scenes
from tests.browser.service import running_service
from tests.fakes.front import ANALYST
from tests.strict_aws import presign
from tests.strict_aws.server import OWN_ACCOUNT

if TYPE_CHECKING:
    from tests.strict_aws.server import StrictAws

SEED = 20260131
EXAMPLES = 40  # of each endpoint and phase
SECONDS = 60

# What is sent is right or wrong by the document; a rule that no schema can say (a name that is taken, a state) may
# refuse what looks right, and a session's cookie or another endpoint may make an answer stale.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)


@pytest.mark.proof
@pytest.mark.timeout(4 * SECONDS)
def test_every_answer_is_a_documented_one(tmp_path: Path, aws: StrictAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", OWN_ACCOUNT)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", presign.SECRET)
    monkeypatch.setattr(preview, "PREVIEWS", Limit("checks of files", 1_000_000))  # it asks more often than anybody may
    with running_service(tmp_path, aws) as service:
        scenes = Scenes(service.context)
        scenes.publish()
        scenes.move(scenes.land(table="other"), State.CHECKING, State.REFUSED)
        token = api_tokens.issue_token(service.context, ANALYST, name="tests")
        command = [
            str(Path(sys.executable).with_name("schemathesis")),
            *("--config-file", str(Path(__file__).with_name("schemathesis.toml"))),
            "run",
            f"{service.url}api/v1/openapi.json",
            *("--header", f"Authorization: Bearer {token}"),
            *("--phases", "examples,coverage,fuzzing,stateful"),
            *("--checks", ",".join(CHECKS)),
            *("--max-examples", str(EXAMPLES), "--seed", str(SEED), "--max-time", str(SECONDS)),
            *("--no-color", "--no-shrink", "--continue-on-failure", "--warnings", "off"),
        ]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    sys.stdout.write(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
