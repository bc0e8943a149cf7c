"""Every action of the front: what changes something, how it is asked for, and what the audit trail then says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from include.domain.wrong_table import Reason
from include.services import api_tokens
from tests.fakes.front import ANALYST, COLLEAGUE
from tests.fakes.objects import sha256_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.front import Front

CONTENT = b"year\nkept out of it\n"
ANSWERS = {
    "governance": {"document": "none", "reference": "", "classification": "test"},
    "database": {"name": "travel", "new": True},
    "table": {"name": "trips", "new": True},
}


@dataclass(frozen=True)
class Asked:
    """A request.

    Attributes:
        at: the parameters of its path.
        data: the fields of its form.
        json: its body.
        files: of its form.
        answers: those that the wizard has by then.
    """

    at: dict[str, str] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    json: Any = None
    files: Any = None
    answers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Action:
    """What somebody who is signed in does.

    Attributes:
        what: the audit trail says.
        ask: prepares the scene, and the request.
    """

    what: str
    ask: Callable[[Front], Asked]


def _upload(front: Front) -> dict[str, str]:
    return {"upload_id": front.start().id}


def _published(front: Front) -> dict[str, str]:
    return {"upload_id": front.publish().id}


def _table(front: Front) -> dict[str, str]:
    front.publish()
    return {"database": "travel", "table": "trips"}


def _table_of_another(front: Front) -> dict[str, str]:
    front.publish(uploader=COLLEAGUE)
    return {"database": "travel", "table": "trips"}


def _token(front: Front) -> dict[str, str]:
    api_tokens.issue_token(front.context, ANALYST, name="laptop")
    return {"name": "laptop"}


def _parts(front: Front) -> Asked:
    part = {"part_number": 1, "size": len(CONTENT), "sha256": sha256_of(CONTENT)}
    return Asked({"upload_id": front.start(size=len(CONTENT)).id}, json={"parts": [part]})


def _complete(front: Front) -> Asked:
    upload = front.start(size=len(CONTENT))
    [part] = front.send(upload, CONTENT)
    return Asked(
        {"upload_id": upload.id},
        json={"parts": [{"part_number": part.number, "etag": part.etag, "sha256": part.sha256}]},
    )


_GOVERNANCE = {"document": "none", "classification": "test", "responsible": "yes"}
_ANNOUNCED = {
    "database": "travel",
    "table": "trips",
    "filename": "Trips.csv",
    "size": len(CONTENT),
    "create": True,
    "governance": {"document": "none", "classification": "test"},
}
_FILE = {"file": ("Trips.csv", CONTENT, "text/csv")}

ACTIONS: dict[str, Action] = {
    "POST /upload/governance": Action("data governance confirmed", lambda _: Asked(data=_GOVERNANCE)),
    "POST /upload/database": Action(
        "database chosen", lambda _: Asked(data={"kind": "new", "name": "travel"}, answers=ANSWERS)
    ),
    "POST /upload/table": Action("table chosen", lambda _: Asked(data={"name": "trips"}, answers=ANSWERS)),
    "POST /upload/table/confirm": Action(
        "table confirmed",
        lambda front: Asked(data={**_table_of_another(front), "reasons": Reason.NOT_USED_BEFORE}, answers=ANSWERS),
    ),
    "POST /upload/file": Action(
        "upload landed",
        lambda _: Asked(data={"database": "travel", "table": "trips"}, files=_FILE, answers=ANSWERS),
    ),
    "POST /uploads/{upload_id}/cancel": Action("upload cancelled", lambda front: Asked(_upload(front))),
    "POST /uploads/{upload_id}/again": Action(
        "answers of an upload taken again", lambda front: Asked(_published(front))
    ),
    "POST /uploads/{upload_id}/withdraw": Action("withdrawal asked for", lambda front: Asked(_published(front))),
    "POST /tables/{database}/tables/{table}/upload": Action(
        "upload into a table begun", lambda front: Asked(_table(front))
    ),
    "POST /account/sign-out-others": Action("signed out everywhere else", lambda _: Asked()),
    "POST /account/tokens": Action("API token issued", lambda _: Asked(data={"name": "laptop", "days": "30"})),
    "POST /account/tokens/revoke": Action("API token revoked", lambda front: Asked(data=_token(front))),
    "POST /sign-out": Action("signed out", lambda _: Asked()),
    "POST /api/v1/uploads": Action("upload started", lambda _: Asked(json=_ANNOUNCED)),
    "POST /api/v1/uploads/{upload_id}/parts": Action("parts signed", _parts),
    "POST /api/v1/uploads/{upload_id}/complete": Action("upload landed", _complete),
    "DELETE /api/v1/uploads/{upload_id}": Action("upload cancelled", lambda front: Asked(_upload(front))),
    "POST /api/v1/uploads/{upload_id}/withdraw": Action(
        "withdrawal asked for", lambda front: Asked(_published(front), json={"reason": ""})
    ),
}
"""By method and path."""

ENTRANCES = frozenset({"POST /sign-in", "POST /sign-in/code"})
"""What those send who are not signed in yet."""

QUESTIONS: dict[str, Asked] = {
    "POST /api/v1/databases/{database}/tables/{table}/preview": Asked(
        {"database": "travel", "table": "trips"},
        json={"facts": {"format": "csv", "header": ["year"], "rows": 0}},
    ),
}
"""What has a body but changes nothing, and leaves nothing behind but a count of how often it was asked."""
