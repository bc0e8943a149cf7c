"""How a kernel is compiled: without the interpreter's lock, and kept on disk for the next process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numba

from include.conversion.kernels import kept

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

Bytes: TypeAlias = "NDArray[np.uint8]"
Positions: TypeAlias = "NDArray[np.int32]"
Integers: TypeAlias = "NDArray[np.int64]"
Doubles: TypeAlias = "NDArray[np.float64]"
Int: TypeAlias = Any
"""A whole number or a truth of the machine; in plain Python a numpy scalar or an int."""

_CONFIG: Any = numba.config  # its stub does not know it
_CONFIG.CACHE_DIR = str(kept.folder())
_NJIT: Any = numba.njit  # its stub does not know `_nrt`
_OPTIONS = {"nogil": True, "error_model": "numpy", "_nrt": False}
_F = TypeVar("_F", bound="Callable[..., Any]")


def compiled(function: _F) -> _F:
    """The function as machine code, made at its first call for the types it is given, and kept for the next process.

    It allocates nothing, so that numba need not count references: passing an array on would cost more than a value.
    """
    result: _F = _NJIT(cache=True, **_OPTIONS)(function)
    return result


def inlined(function: _F) -> _F:
    """The same, copied into each kernel that calls it: for what is called once for each value."""
    result: _F = _NJIT(inline="always", **_OPTIONS)(function)
    return result
