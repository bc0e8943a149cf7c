"""`python -m tests.faults`: tries what can go wrong at every call to AWS and every commit of the ledger.

Every point has a number, by which it is tried again: `python -m tests.faults --point 123`.
"""

from __future__ import annotations

import os
import traceback

# Before anything is imported: no library may start a thread in a process that is going to fork.
os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", ARROW_DEFAULT_MEMORY_POOL="system")


def _run() -> int:
    try:
        from tests.faults.command import main

        return main()
    except SystemExit as end:  # what argparse says
        return int(end.code or 0)
    except BaseException:  # noqa: BLE001 -- it is printed, and ends the process
        traceback.print_exc()
        return 1


if __name__ == "__main__":
    os._exit(_run())  # everything is written; DuckDB would only list what it keeps until the end
