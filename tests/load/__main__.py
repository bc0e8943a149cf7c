"""200 people at once on one API server: `make test-load`. Exits 1 on an error, or when pages become slow."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from pydantic import SecretStr

from include import bootstrap
from include.adapters.ledger.migrate import migrate
from include.settings import Settings
from tests.adapters.postgres_server import postgres_server
from tests.browser.service import free_port
from tests.load.scene import database_name, people_file, prepare, table_name
from tests.strict_aws import presign
from tests.strict_aws.server import OWN_ACCOUNT, strict_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

SLOWER = 3  # times the median of a person who is alone
OR_WITHIN = 0.300  # seconds


def main() -> int:
    """Measure, print a table, and say whether it is good enough."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=90)
    parser.add_argument("--think", type=float, default=5, help="seconds between two pages of a person")
    parser.add_argument("--postgresql", action="store_true", help="keep the ledger there instead of in SQLite")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, _ledger(Path(name), postgresql=chosen.postgresql) as ledger_url:
        measured = _measure(Path(name), ledger_url, chosen)
    return _report(measured, chosen)


def _measure(folder: Path, ledger_url: str, chosen: argparse.Namespace) -> dict[str, Any]:
    os.environ |= {"AWS_ACCESS_KEY_ID": OWN_ACCOUNT, "AWS_SECRET_ACCESS_KEY": presign.SECRET}
    with strict_aws() as aws:
        port = free_port()
        settings = Settings(
            base_url=f"http://127.0.0.1:{port}/uploader/",
            ledger_url=SecretStr(ledger_url),
            secret_key=SecretStr("a key for tests, at least 32 characters"),
            aws_endpoint_url=aws.endpoint_url,
            mail_dir=folder / "mail",
            work_dir=folder / "work",
            users_file=people_file(folder, chosen.sessions),
        )
        migrate(ledger_url)
        people = prepare(bootstrap.front(settings), chosen.sessions)
        plan = {
            "url": settings.base_url,
            "people": [asdict(person) for person in people],
            "seconds": chosen.seconds,
            "think": chosen.think,
            "database": database_name(3),
            "table": table_name(2),
        }
        with _served(settings, port):
            client = [sys.executable, "-m", "tests.load.client"]
            done = subprocess.run(client, input=json.dumps(plan), stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


@contextlib.contextmanager
def _ledger(folder: Path, *, postgresql: bool) -> Iterator[str]:
    if not postgresql:
        yield f"sqlite:///{folder / 'ledger.db'}"
        return
    with postgres_server() as socket:
        yield f"postgresql+psycopg://postgres@/postgres?host={socket}"


@contextlib.contextmanager
def _served(settings: Settings, port: int) -> Iterator[None]:
    """The front in a process of its own, as `python -m plugins.front` starts it."""
    given = settings.model_dump(exclude_unset=True)
    texts = {key: value.get_secret_value() if isinstance(value, SecretStr) else value for key, value in given.items()}
    environment = {**os.environ, **{f"DATA_UPLOADER_{key.upper()}": str(value) for key, value in texts.items()}}
    command = [sys.executable, "-m", "plugins.front", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            _wait(process, settings.base_url)
            yield
        finally:
            process.terminate()


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError("the front ended at once")
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}health").status_code == httpx.codes.OK:
                return
        time.sleep(0.1)
    raise RuntimeError("the front does not answer")


def _report(measured: dict[str, Any], chosen: argparse.Namespace) -> int:
    lines = ["| page | alone, median | together, median | 95th percentile | pages |", "|---|--:|--:|--:|--:|"]
    slow = []
    for page, seconds in measured["together"].items():
        alone = statistics.median(measured["alone"][page])
        worst = statistics.quantiles(seconds, n=20)[-1]
        if worst > max(SLOWER * alone, OR_WITHIN):
            slow.append(page)
        numbers = (alone, statistics.median(seconds), worst)
        lines.append(f"| {page} | {' | '.join(f'{1000 * each:.0f} ms' for each in numbers)} | {len(seconds):,} |")
    count = sum(map(len, measured["together"].values()))
    kind = "PostgreSQL" if chosen.postgresql else "SQLite"
    people = f"{chosen.sessions} sessions, {chosen.think:g} s between pages, {chosen.seconds:g} s, {kind}"
    lines += ["", f"{people}: {count:,} pages, {len(measured['errors'])} errors"]
    lines += [f"error: {error}" for error in measured["errors"][:20]]
    lines += [f"too slow: {', '.join(slow)}"] if slow else []
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if slow or measured["errors"] else 0


if __name__ == "__main__":
    sys.exit(main())
