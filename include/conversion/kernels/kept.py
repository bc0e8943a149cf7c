"""Where compiled kernels are kept: a folder for each version of them, since numba sees changes in one file only."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

import numba

_HERE = Path(__file__).parent
_PRIVATE = 0o700


def folder() -> Path:
    """A folder that may be written, with what is kept of exactly these sources and this numba.

    Below `NUMBA_CACHE_DIR` or beside the sources. Where that may only be read (an image with its own compiled kernels),
    what is there is copied into a folder of this user's among the temporary files.

    Raises:
        OSError: there is none, or the one among the temporary files is somebody else's.
    """
    kept = Path(os.environ.get("NUMBA_CACHE_DIR") or _HERE / "__pycache__") / f"kernels-{_version()}"
    try:
        kept.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=kept).close()
    except OSError:
        return _copied(kept)
    return kept


def _version() -> str:
    """What compiled kernels are a function of, but for the processor, which numba looks at."""
    digest = hashlib.sha256(numba.__version__.encode())
    for path in sorted(_HERE.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _copied(kept: Path) -> Path:
    own = Path(tempfile.gettempdir()) / f"{kept.name}-{os.getuid()}"
    if not own.is_dir():
        made = Path(tempfile.mkdtemp(dir=own.parent))
        if kept.is_dir():
            shutil.copytree(kept, made, dirs_exist_ok=True)
        made.chmod(_PRIVATE)
        try:
            made.rename(own)
        except OSError:  # another process was first
            shutil.rmtree(made)
    found = own.lstat()
    if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) != _PRIVATE:
        raise OSError(f"{own} is not this user's own folder: what is compiled there cannot be trusted")
    return own
