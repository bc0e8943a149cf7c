"""Where one local service lives: its folder, its ports, and the addresses that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT_ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
HIGHEST_PORT = 65535


class BadPort(ValueError):
    """A port that is not one, in words for the person who set it."""


@dataclass(frozen=True)
class Places:
    """Folders and ports of one local service; two of them with different ones run side by side."""

    run: Path
    port: int
    aws_port: int
    root: Path = PROJECT_ROOT

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Places:
        """From PORT, AWS_PORT and DATA_UPLOADER_RUN_DIR; 8080, PORT + 1 and `.run` where they are not set."""
        port = _port(environment, "PORT", 8080)
        aws_port = _port(environment, "AWS_PORT", port + 1)
        if port == aws_port:
            raise BadPort(f"PORT and AWS_PORT are both {port}. Give them different numbers.")
        run = Path(environment.get("DATA_UPLOADER_RUN_DIR") or PROJECT_ROOT / ".run")
        return cls(run=run.resolve(), port=port, aws_port=aws_port)

    @property
    def airflow_url(self) -> str:
        """Airflow's address."""
        return f"http://{HOST}:{self.port}/"

    @property
    def uploader_url(self) -> str:
        """The upload front's address, with the slash it needs."""
        return f"{self.airflow_url}uploader/"

    @property
    def aws_url(self) -> str:
        """The local AWS's address."""
        return f"http://{HOST}:{self.aws_port}"

    @property
    def airflow_home(self) -> Path:
        """Airflow's own folder."""
        return self.run / "airflow"

    @property
    def logs(self) -> Path:
        """One log file for each component."""
        return self.run / "logs"

    @property
    def mail(self) -> Path:
        """Where mail arrives, a file for each."""
        return self.run / "mail"

    @property
    def aws_state(self) -> Path:
        """What the local AWS keeps."""
        return self.run / "aws"

    @property
    def description(self) -> Path:
        """The file that tells tests and tools where the running service is."""
        return self.run / "local.json"

    @property
    def local_aws_python(self) -> Path:
        """The interpreter of the local AWS's own environment."""
        return self.root / ".venv-local-aws" / "bin" / "python"


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= HIGHEST_PORT:
        raise BadPort(f"{name} is {text!r}. It must be a number from 1 to {HIGHEST_PORT}.")
    return int(text)
