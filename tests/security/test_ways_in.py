"""Who gets in, and by which ways: no others than those that the documents name."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from include.domain.errors import Refused
from include.services import api_tokens, sign_in_codes
from tests.fakes.front import ANALYST
from tests.security.kept import everything
from tests.security.routes import every_route

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from tests.fakes.front import Front

ROOT = Path(__file__).parent.parent.parent


def test_a_session_begins_by_a_code_or_by_the_identity_provider_and_nowhere_else() -> None:
    assert _callers_of("begin_session") == {"include/services/sign_in_codes.py", "include/services/single_sign_on.py"}
    assert _callers_of("save_session") == {"include/services/signing_in.py"}
    assert _callers_of("add_token") == {"include/services/api_tokens.py"}
    assert _callers_of("bearer_of") == {"plugins/front/visitors.py"}

    told = (ROOT / "docs/running.md").read_text().partition("\n## Signing in\n")[2].partition("\n## ")[0]
    for way in ("**Codes.**", "**The organisation's account**", "**API tokens.**"):
        assert way in told


def test_no_route_gives_a_session_to_somebody_who_did_nothing(front: Front, anonymous: TestClient) -> None:
    upload = front.publish()

    for asked in every_route(front):
        answer = asked.send(anonymous, upload_id=upload.id)
        assert "data_uploader_session=" not in answer.headers.get("set-cookie", ""), asked
    assert everything(front)["sessions"] == []


def test_a_new_ledger_knows_no_account_and_lets_in_only_whom_the_users_file_names(front: Front) -> None:
    kept = everything(front)
    assert (kept["sessions"], kept["api_tokens"], kept["sign_in_codes"]) == ([], [], [])
    front.users.emails.clear()

    for email in (ANALYST, "admin", "root", "admin@example.org", ""):
        sign_in_codes.send_code(front.context, email, source="192.0.2.1", entry="nonce")
        with pytest.raises(Refused):
            sign_in_codes.open_session(front.context, email, "", source="192.0.2.1", entry="nonce", before=None)
    assert front.mailer.sent == {}
    assert api_tokens.bearer_of(front.context, "") is None
    assert everything(front)["sessions"] == []


def test_the_users_file_as_it_comes_names_nobody_whom_a_mail_reaches() -> None:
    named = yaml.safe_load((ROOT / "include/access/users.yaml").read_text())["users"]

    assert named
    assert {user["email"].partition("@")[2] for user in named} == {"example.org"}  # RFC 2606: it is nobody's


def test_no_password_comes_with_the_service() -> None:
    lines = [line.partition("=") for line in (ROOT / ".env.example").read_text().splitlines()]
    secret = {name: value for name, _, value in lines if name.endswith(("PASSWORD", "KEY", "SECRET"))}

    assert len(secret) > 3
    assert set(secret.values()) == {""}


def _callers_of(function: str) -> set[str]:
    """The files of the product that call it by its name."""
    found = set()
    for folder in ("include", "plugins", "dags", "local"):
        for path in (ROOT / folder).rglob("*.py"):
            calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
            if any(getattr(call, "attr", getattr(call, "id", "")) == function for call in calls):
                found.add(path.relative_to(ROOT).as_posix())
    return found
