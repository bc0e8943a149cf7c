"""Which tools are compared, and how each is started."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.measure import ROOT

if TYPE_CHECKING:
    from pathlib import Path

BENCH_PYTHON = ROOT / ".venv-bench" / "bin" / "python"


@dataclass(frozen=True)
class Tool:
    """One column of the comparison.

    Attributes:
        name: what it is asked for by.
        label: for the report.
        distribution: the package whose version is told; empty for this engine.
        variant: which of its ways.
        s3: it reads and writes S3 only.
        slow: it may be given a smaller file, once.
        cases: the only ones it is asked; empty for all.
    """

    name: str
    label: str
    distribution: str
    variant: str = ""
    s3: bool = False
    slow: bool = False
    cases: tuple[str, ...] = ()

    @property
    def is_engine(self) -> bool:
        """It is this project's own."""
        return not self.distribution

    def command(self, file: Path, out: Path, *, file_format: str, python: Path, endpoint: str | None) -> list[str]:
        """The process to run."""
        if self.is_engine:
            return [sys.executable, "-m", "include.cli", "check", str(file), "--out", str(out)]
        module = f"bench.runners.run_{self.distribution}"
        words = [str(python), "-m", module, str(file), str(out), "--format", file_format]
        words += ["--variant", self.variant] if self.variant else []
        return [*words, "--endpoint", endpoint] if endpoint else words

    def version(self, python: Path) -> str:
        """The installed version of the tool."""
        if self.is_engine:
            return "this version"
        asked = f"import importlib.metadata as m; print(m.version({self.distribution!r}))"
        return subprocess.run([str(python), "-c", asked], check=True, capture_output=True, text=True).stdout.strip()


ENGINE = Tool("engine", "**this engine**", "")
EXACT = Tool("duckdb-exact", "DuckDB `-1`", "duckdb", variant="exact")
SERIAL = Tool("duckdb-serial", "DuckDB `-1`, `parallel=false`", "duckdb", variant="serial", cases=("quoted",))
TOOLS = (
    ENGINE,
    EXACT,
    SERIAL,
    Tool("duckdb", "DuckDB", "duckdb"),
    Tool("polars", "polars, streaming", "polars"),
    Tool("pyarrow", "pyarrow", "pyarrow"),
    Tool("pandas", "pandas in chunks", "pandas"),
    Tool("awswrangler", "awswrangler in chunks", "awswrangler", s3=True, slow=True),
    Tool("dlt", "dlt", "dlt", slow=True),
)
BASELINES = (EXACT, SERIAL)
"""What ratios are taken to: the first that can do the case. Of the peers only DuckDB over the whole file is exact."""


def chosen(peers: str) -> tuple[Tool, ...]:
    """This engine, the baseline, and the peers of a comma-separated list; all for an empty one.

    Raises:
        SystemExit: there is no such peer.
    """
    known = {tool.name: tool for tool in TOOLS}
    wanted = {name.strip() for name in peers.split(",") if name.strip()} or set(known)
    if unknown := wanted - set(known):
        raise SystemExit(f"No such peer: {', '.join(sorted(unknown))}. There are: {', '.join(known)}.")
    wanted |= {ENGINE.name, *(tool.name for tool in BASELINES)}
    return tuple(tool for tool in TOOLS if tool.name in wanted)
