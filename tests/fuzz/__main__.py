"""Lets atheris look for a file that breaks a target: `make fuzz`, or `python -m tests.fuzz TARGET --seconds 60`.

With NUMBA_DISABLE_JIT=1 the compiled loops run as plain Python and their branches guide the search; without it the
search is guided by how files are built only, and many times as fast.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import atheris

SEEDS = Path(__file__).parent / "seeds"
FOUND = Path(__file__).parents[2] / ".fuzz"
MAX_BYTES = 400


def main() -> None:
    """Fuzz one target until the time is over or it breaks; the input that breaks it becomes a seed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("target", help="splitter, csv, json or values")
    parser.add_argument("--seconds", type=int, default=60)
    arguments = parser.parse_args()
    plain = os.environ.get("NUMBA_DISABLE_JIT") == "1"
    watched = ["include.conversion", "include.domain", "tests.fuzz"] if plain else ["tests.fuzz"]
    with atheris.instrument_imports(include=watched):
        from tests.fuzz.targets import TARGETS
    found, seeds = FOUND / arguments.target, SEEDS / arguments.target
    found.mkdir(parents=True, exist_ok=True)
    seeds.mkdir(parents=True, exist_ok=True)
    options = [
        f"-max_total_time={arguments.seconds}",
        f"-max_len={MAX_BYTES}",
        f"-artifact_prefix={seeds}/",
        "-timeout=120",
        "-report_slow_units=120",  # the first run of a compiled loop compiles it
        "-print_final_stats=1",
        "-verbosity=0",
    ]
    atheris.Setup([sys.argv[0], *options, str(found), str(seeds)], TARGETS[arguments.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
