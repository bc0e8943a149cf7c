"""`python -m include.conversion.warm_up`: compiles the loops over bytes, so that no upload has to wait for it.

numba keeps what it compiles beside the sources, or where NUMBA_CACHE_DIR says, for the processor it runs on. Without
this the first file of each kind takes some ten seconds longer.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from include.conversion import LocalFile, check, convert

_VALUES = (
    'true,1,1.5,0.8444218515250481,2e5,2026-01-31,2026-01-31 10:00,2026-01-31T10:00Z,"say ""é""",12345678901234567890\n'
)
_CSV = "a,b,c,d,e,f,g,h,i,j\n" + _VALUES + ",,,,,,,,NA,\n" + _VALUES
_RECORD = (
    '{"a": true, "n": 1, "d": 0.8444218515250481, "t": "2026-01-31T10:00Z", "o": {"s": "\\u00e9\\n", "l": [1.5, null]}'
    ', "m": [{"k": "x"}, {"k": "y"}], "x": 1}\n'
)
_JSON_LINES = _RECORD + _RECORD.replace('"x": 1', '"x": ["text"]') + "{}\n"
FILES = {"a.csv": _CSV, "a.jsonl": _JSON_LINES, "a.json": "[" + _JSON_LINES.strip().replace("\n", ",\n") + "]"}


def warm_up() -> None:
    """Convert a small file of each kind.

    Raises:
        RuntimeError: one of them was refused.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, text in FILES.items():
            path = Path(folder) / name
            path.write_text(text, encoding="utf-8")
            report = check(LocalFile(path), filename=name)
            if report.refused or convert(LocalFile(path), report, out=Path(folder) / "out").refused:
                raise RuntimeError(f"{name} was refused: {report.findings}")


if __name__ == "__main__":
    began = time.monotonic()
    warm_up()
    sys.stdout.write(f"Compiled the conversion's loops in {time.monotonic() - began:.0f} s.\n")
