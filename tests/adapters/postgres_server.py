"""A PostgreSQL of our own for tests: unprivileged, in a folder of its own, on a unix socket only."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

MISSING = "PostgreSQL is not installed: `make test` installs it (local/system_packages.sh; apt-get install postgresql)"
START_SECONDS = 60


def binaries() -> Path:
    """The folder of `initdb` and `postgres`, of the newest version installed."""
    found = sorted(
        (path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")),
        key=lambda folder: int(folder.parent.name),
    )
    if found:
        return found[-1]
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    raise RuntimeError(MISSING)


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a server, yield the folder of its socket, stop it by its id and remove what it wrote."""
    programs, account = binaries(), _account()
    folder = Path(tempfile.mkdtemp(prefix="uploader-pg-"))  # short: a socket's path has at most 107 bytes
    try:
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
        with (folder / "log").open("wb") as log:
            initdb = f"{programs}/initdb -D {folder}/data -U postgres -A trust -N -E UTF8".split()
            if _start(initdb, account, log=log).wait():
                raise RuntimeError(f"initdb failed: {(folder / 'log').read_text()}")
            # Nothing here outlives the tests, so nothing needs to reach the disk.
            durability = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
            sockets = f"-c listen_addresses= -k {folder} -c max_connections=200"
            server = _start(f"{programs}/postgres -D {folder}/data {sockets} {durability}".split(), account, log=log)
        try:
            _wait(server, folder)
            yield str(folder)
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown: open connections are closed
            server.wait(timeout=30)
    finally:
        shutil.rmtree(folder)


def _account() -> pwd.struct_passwd | None:
    """Whom the server runs as, since PostgreSQL refuses root; None is whoever runs the tests."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return pwd.getpwnam("postgres" if "postgres" in names else "nobody")


def _start(command: list[str], account: pwd.struct_passwd | None, *, log: IO[bytes]) -> subprocess.Popen[bytes]:
    user, group = (account.pw_uid, account.pw_gid) if account else (None, None)
    groups: list[int] | None = [] if account else None
    return subprocess.Popen(
        command, stdout=log, stderr=subprocess.STDOUT, cwd="/", user=user, group=group, extra_groups=groups
    )


def _wait(server: subprocess.Popen[bytes], folder: Path) -> None:
    for _ in range(START_SECONDS * 20):
        if server.poll() is not None:
            raise RuntimeError(f"postgres ended at once: {(folder / 'log').read_text()}")
        try:
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"postgres does not answer: {(folder / 'log').read_text()}")
