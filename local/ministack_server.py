"""The local AWS as a server on one address, whose catalogue is on disk before a change is answered.

Runs in an environment of its own (requirements-local-aws.txt), not in the service's.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Application = Callable[[Message, Receive, Send], Awaitable[None]]

BUCKET_SETTINGS = frozenset(
    {
        "acl",
        "cors",
        "encryption",
        "lifecycle",
        "ownershipControls",
        "policy",
        "publicAccessBlock",
        "tagging",
        "versioning",
    }
)


def settings_of(state: Path, *, port: int, host: str, region: str) -> dict[str, str]:
    """MiniStack's environment: keeps everything below `state`, listens on one address, opens no other port."""
    return {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": host,
        "MINISTACK_REGION": region,
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state / "s3"),
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state / "state"),
        "SERVICES": "s3,glue,athena,ses,sts,iam",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "ATHENA_ENGINE": "duckdb",
        "LOG_LEVEL": "WARNING",
        # Where MiniStack puts its own pid file.
        "TMPDIR": str(state),
    }


def changed_service(method: str, path: str, query: str, target: str) -> str | None:
    """The MiniStack service whose state a request may have changed, or None; S3 objects are files already."""
    if method == "POST" and target.startswith("AWSGlue."):
        return None if target.split(".", 1)[1].startswith(("Get", "BatchGet", "List", "Search")) else "glue"
    is_bucket = path.strip("/") != "" and "/" not in path.strip("/")
    names = {part.split("=", 1)[0] for part in query.split("&") if part}
    if method in {"PUT", "DELETE"} and is_bucket and (not names or names & BUCKET_SETTINGS):
        return "s3"
    return None


class SavedBeforeAnswered:
    """MiniStack's application, writing a service's state to disk before its change is answered.

    MiniStack itself writes state when it stops, so a killed server would forget its tables.
    """

    def __init__(self, application: Application, save: Callable[[str], None]) -> None:
        self._application = application
        self._save = save

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection's request."""
        service = self._service(scope) if scope["type"] == "http" else None

        async def saving_send(message: Message) -> None:
            if message["type"] == "http.response.start" and service and int(message["status"]) < 300:  # noqa: PLR2004
                self._save(service)
            await send(message)

        await self._application(scope, receive, saving_send)

    @staticmethod
    def _service(scope: Message) -> str | None:
        headers = dict(scope["headers"])
        target = headers.get(b"x-amz-target", b"").decode("latin-1")
        return changed_service(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), target)


def _save(service: str) -> None:
    """Write one service's state, or raise: MiniStack's own writer only logs a failure."""
    persistence = importlib.import_module("ministack.core.persistence")
    module = importlib.import_module(f"ministack.services.{service}")
    before = _written(persistence, service)
    persistence.save_state(service, module.get_state())
    if _written(persistence, service) == before:
        message = f"the state of {service} could not be written below {persistence.STATE_DIR}"
        raise OSError(message)


def _written(persistence: Any, service: str) -> int:
    path = Path(persistence.STATE_DIR) / f"{service}.json"
    return path.stat().st_ino if path.exists() else 0


def find_buckets_by_name_alone(s3: Any) -> None:
    """Let a copy find its source in another account's bucket, once that bucket's policy has let it read there.

    MiniStack checks the policy and then looks the source up among the caller's own buckets only.
    """
    own_record, own_path = s3._ensure_bucket, s3._object_disk_path  # noqa: SLF001

    def record(name: str) -> Any:
        return own_record(name) or s3._buckets.get_scoped(s3._bucket_owner_account(name), None, name)  # noqa: SLF001

    def path(bucket: str, key: str, account_id: str | None = None) -> Any:
        return own_path(bucket, key, account_id or s3._bucket_owner_account(bucket))  # noqa: SLF001

    s3._ensure_bucket, s3._object_disk_path = record, path  # noqa: SLF001


def main() -> None:
    """Serve until told to stop; AWS_STATE_DIR, AWS_PORT, AWS_HOST and AWS_REGION say where."""
    state = Path(os.environ["AWS_STATE_DIR"])
    state.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        settings_of(
            state,
            port=int(os.environ["AWS_PORT"]),
            host=os.environ.get("AWS_HOST", "127.0.0.1"),
            region=os.environ["AWS_REGION"],
        )
    )
    ministack: Any = importlib.import_module("ministack.app")
    find_buckets_by_name_alone(importlib.import_module("ministack.services.s3"))
    ministack.app = SavedBeforeAnswered(ministack.app, _save)
    ministack.main()


if __name__ == "__main__":
    main()
