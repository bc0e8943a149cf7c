"""`python -m local.run`: the whole service on one machine, in the foreground, until Ctrl-C."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from local import components, health
from local.announcement import announcement
from local.description import describe, issue_token
from local.environment import AIRFLOW_USER, service_environment
from local.places import BadPort, Places
from local.private_files import write_private
from local.sample import upload_sample
from local.secret_keys import SecretKeys
from local.supervisor import ComponentFailed, NotReady, Supervisor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SECONDS_TO_START = 240


class CannotStart(RuntimeError):
    """Something outside stands in the way; the message says what to do about it."""


def say(text: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextmanager
def alone(places: Places) -> Iterator[None]:
    """Hold the folder for this launcher; a second one is turned away."""
    places.run.mkdir(parents=True, exist_ok=True)
    with (places.run / "launcher.lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotStart(
                f"The service is already running from {places.run}. Stop it with Ctrl-C in its terminal, "
                "or set DATA_UPLOADER_RUN_DIR to another folder and PORT to another port."
            ) from error
        yield


def refuse_taken_ports(places: Places) -> None:
    """Say plainly which port is in use, before anything starts."""
    for name, port in (("PORT", places.port), ("AWS_PORT", places.aws_port)):
        if not health.is_free(port):
            raise CannotStart(
                f"Port {port} is in use by another program. Stop that program, or choose another port: "
                f"make run {name}={port + 1000}"
            )


def refuse_missing_environment(places: Places) -> None:
    """The local AWS has an environment of its own, which `make run` creates."""
    if not places.local_aws_python.exists():
        raise CannotStart(f"{places.local_aws_python} is missing. Start the service with `make run`, which makes it.")


def make_folders(places: Places, secret_keys: SecretKeys) -> None:
    """The folders and the file of passwords that the components expect."""
    places.run.chmod(0o700)
    for folder in (places.airflow_home, places.logs, places.mail, places.run / "work"):
        folder.mkdir(parents=True, exist_ok=True)
    write_private(places.airflow_home / "passwords.json", {AIRFLOW_USER: secret_keys.airflow_password})
    places.description.unlink(missing_ok=True)


def bring_up(supervisor: Supervisor, places: Places, service: Mapping[str, str]) -> None:
    """Start everything in the order it needs, and return when all of it is well."""
    begun = datetime.now(UTC)
    supervisor.start(components.local_aws(places))
    steps = components.database_steps(service)
    for step in steps:
        supervisor.start(step)
    supervisor.wait_until(
        lambda: health.status_of(f"{places.aws_url}/_ministack/ready") == health.OK, what="the local AWS", seconds=60
    )
    areas = components.areas_step(service)
    supervisor.start(areas)
    for step in (*steps, areas):
        supervisor.finish(step)
    for component in components.airflow(service):
        supervisor.start(component)
    supervisor.wait_until(
        lambda: health.status_of(places.uploader_url) == health.OK, what="the upload front", seconds=SECONDS_TO_START
    )
    supervisor.start(components.scheduler(service))
    supervisor.wait_until(
        lambda: health.airflow_is_well(places.airflow_url, since=begun), what="Airflow", seconds=SECONDS_TO_START
    )


def serve(places: Places) -> None:
    """Start, tell the person where everything is, and watch until something ends it."""
    supervisor = Supervisor(root=places.root, logs=places.logs, record=places.run / "running.json")
    for name in supervisor.end_leftovers():
        say(f"Stopped {name}, left running by a launcher that was killed.")
    refuse_missing_environment(places)
    refuse_taken_ports(places)
    secret_keys = SecretKeys.kept_in(places.run / "secrets.json")
    make_folders(places, secret_keys)
    service = service_environment(places, secret_keys, os.environ)
    begun = time.monotonic()
    say(f"Starting (about a minute the first time). Logs: {places.logs}")
    try:
        bring_up(supervisor, places, service)
        token = issue_token(supervisor, places, service)
        write_private(places.description, describe(places, secret_keys, service, token))
        say(announcement(places, secret_keys, seconds=time.monotonic() - begun))
        say(upload_sample(supervisor, places, service, token))
        while True:
            supervisor.check()
            time.sleep(0.5)
    finally:
        ignore_signals()
        say("Stopping.")
        supervisor.stop()
        say("Stopped.")


def stop_on_signals() -> None:
    """Make TERM and a closed terminal stop the service as Ctrl-C does."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)


def ignore_signals() -> None:
    """Let nothing interrupt stopping."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def main() -> int:
    """Run until stopped; 0 when stopped by a person, 1 when a part failed, 2 when it could not start."""
    stop_on_signals()
    try:
        places = Places.of(os.environ)
        with alone(places):
            serve(places)
    except KeyboardInterrupt:
        return 0
    except (BadPort, CannotStart) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except ComponentFailed as error:
        sys.stderr.write(f"\n{error}. The end of {error.log}:\n\n{error.tail}\n")
        return 1
    except NotReady as error:
        sys.stderr.write(f"\n{error}. The logs are in {places.logs}.\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
