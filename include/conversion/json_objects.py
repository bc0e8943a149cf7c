"""What the objects of a JSON file are as rows: their columns, and the keys that cannot be columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from include.conversion.json_text import decode, decoder
from include.domain.header import is_allowed, stored_name
from include.domain.remarks import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.conversion.json_shreds import Walk

_MAX_REMEMBERED = 10_000  # sets of keys; a file whose keys are data has no end of them


@dataclass
class Objects:
    """What the objects of a file have shown."""

    columns: dict[str, None] = field(default_factory=dict)
    rows: int = 0
    not_objects: Lines = field(default_factory=Lines)
    duplicates: Lines = field(default_factory=Lines)
    duplicate_key: str | None = None
    refused: dict[str, tuple[str, str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._reader = decoder(self._pairs)
        self._good: set[tuple[str, ...]] = set()
        self._tops: set[tuple[str, ...]] = set()
        self._suspect = False
        self._twice: str | None = None

    def _pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = tuple([key for key, _ in pairs])
        if keys not in self._good:
            if len({stored_name(key) for key in keys}) < len(keys):
                self._twice = _first_repeated(keys) if self._twice is None else self._twice
            elif all(map(is_allowed, keys)):
                if len(self._good) >= _MAX_REMEMBERED:
                    self._good.clear()
                self._good.add(keys)
            else:
                self._suspect = True
        return dict(pairs)

    def _begin(self) -> None:
        self._suspect, self._twice = False, None

    def take(self, record: bytes, *, line: int) -> None:
        """Read one record.

        Args:
            record: its bytes, which are UTF-8.
            line: the physical line it begins in.

        Raises:
            Fault: it is not JSON.
        """
        self._begin()
        value = decode(record.decode(), self._reader)
        self.rows += 1
        if not isinstance(value, dict):
            self.not_objects.add([line], total=1)
            return
        if self._twice is not None:
            self.duplicates.add([line], total=1)
            if self.duplicate_key is None:
                self.duplicate_key = self._twice
        if self._suspect:
            for place, key in _refused_keys(value, ""):
                self.refused.setdefault(place, (place, key, line))
        keys = tuple(value)
        if keys not in self._tops:
            if len(self._tops) >= _MAX_REMEMBERED:
                self._tops.clear()
            self._tops.add(keys)
            self.columns.update(dict.fromkeys(map(stored_name, keys)))

    def take_walk(self, walk: Walk) -> None:
        """Records that compiled loops have read, and found nothing wrong with."""
        self.rows += walk.rows
        self.columns.update(dict.fromkeys(walk.columns()))


def _first_repeated(keys: tuple[str, ...]) -> str:
    seen: set[str] = set()
    for key in keys:
        if stored_name(key) in seen:
            return key
        seen.add(stored_name(key))
    return ""


def _refused_keys(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not is_allowed(key):
                yield place + key, key
            yield from _refused_keys(inner, f"{place}{key}.")
    elif isinstance(value, list):
        for inner in value:
            yield from _refused_keys(inner, place)
