"""What the values read so far have shown, shared by the threads of a group, and the types that follow from it now."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from include.domain.evidence import NOTHING, Evidence, merge_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from include.conversion.wanted import Wanted
    from include.domain.column_types import ColumnType
    from include.domain.table_schema import TableSchema


class Knowledge:
    """The hint, and what each part has shown since."""

    def __init__(self, columns: Sequence[str], *, wanted: Wanted, hint: TableSchema) -> None:
        hinted = hint.evidence()
        self._columns = columns
        self._wanted = wanted
        self._hint = {name: hinted.get(name, NOTHING) for name in columns}
        self._known = dict(self._hint)
        self._parts: dict[int, dict[str, Evidence]] = {}
        self._types = wanted.types(self._known)
        self._lock = Lock()

    @property
    def types(self) -> dict[str, ColumnType]:
        """The types that all this asks for; another dictionary as soon as they are others."""
        return self._types

    def of_part(self, number: int) -> dict[str, Evidence]:
        """What a part has shown by itself, in the file's column order."""
        shown = self._parts.get(number, {})
        return {name: shown.get(name, NOTHING) for name in self._columns}

    def add(self, number: int, observed: Mapping[str, Evidence]) -> None:
        """Take in what one more range of a part shows. Ranges of one part must come in order, from one thread.

        Raises:
            Terminal: it does not fit the target (`target_too_narrow`).
        """
        own = self._parts.get(number, {})
        more = {
            name: own.get(name, NOTHING).merge(evidence)
            for name, evidence in observed.items()
            if own.get(name) != evidence
        }
        news = {name: evidence for name, evidence in more.items() if own.get(name) != evidence}
        if not news:
            return
        self._wanted.expect_fit(news)
        with self._lock:
            self._parts[number] = {**own, **news}
            self._known |= {name: self._join(name, evidence) for name, evidence in news.items()}
            types = self._wanted.types(self._known)
            if types != self._types:
                self._types = types

    def _join(self, name: str, news: Evidence) -> Evidence:
        if not news.fields and news.element is None:
            return self._known[name].merge(news)
        # Struct fields keep the order of rows, whichever thread came first.
        shown = (self._parts[number].get(name, NOTHING) for number in sorted(self._parts))
        return merge_all((self._hint[name], *shown))
