"""When each column of a table appeared and when its type changed, from the uploads published into it, in their order.

An upload's columns are recorded with the types they were written as, which were the table's own from then on. So the
first upload with a column brought it, and the first with another type changed it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from include.domain.append_findings import WIDENS
from include.domain.type_changes import is_wider

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence
    from datetime import datetime

    from include.domain.findings import Finding

NULL = "null"
TOGETHER = 20  # uploads published after one another that a single widening may have taken along


@dataclass(frozen=True, kw_only=True)
class Publication:
    """One upload as it entered its table.

    Attributes:
        columns: name and type (API words) of each column of the file, as written.
        digest: the same for the same columns, whatever their order.
        gone_at: when it had left the table again; None while it is there.
        more: how many uploads with the same columns, all of them there, come right after it and are not told of.
    """

    upload_id: str
    extraction_timestamp: str
    uploader: str
    published_at: datetime
    columns: tuple[tuple[str, str], ...]
    digest: str
    gone_at: datetime | None = None
    more: int = 0


@dataclass(frozen=True, kw_only=True)
class ColumnChange:
    """One change of a column.

    Attributes:
        type: the type from then on, in API words; `null` while no value of it has one.
        was: the type before; None when the column appeared.
        by: the upload that changed it; None for what no published one tells, such as a table that was rebuilt.
        under_way: whether an upload that is being published has the column, so that the change is its doing.
    """

    type: str
    was: str | None
    by: Publication | None
    under_way: bool = False

    @property
    def narrower(self) -> bool:
        """Whether only a rebuilt table explains it: files alone make types wider, never narrower."""
        return self.was is not None and not is_wider(self.was, self.type)


def column_history(
    publications: Iterable[Publication], present: Mapping[str, str], *, under_way: Container[str] = ()
) -> dict[str, tuple[ColumnChange, ...]]:
    """The changes of each column that the table has at present, the earliest first.

    Args:
        publications: what was published into the table, withdrawn or not.
        present: the table's types by column; what they tell differently is a last change by nobody.
        under_way: the columns of the uploads that are being published: a table is changed before they are in it.
    """
    told = _Timeline()
    for _, _, _, publication, arrives in sorted(_moments(publications), key=lambda moment: moment[:3]):
        if arrives:
            told.publish(publication)
        else:
            told.withdraw(publication)
    return {
        name: _up_to(told.changes.get(name, []), kind, under_way=name in under_way) for name, kind in present.items()
    }


def credit(
    history: Mapping[str, tuple[ColumnChange, ...]],
    publications: Sequence[Publication],
    findings: Mapping[str, Sequence[Finding]],
) -> dict[str, tuple[ColumnChange, ...]]:
    """The same history, each widening credited to the upload that was found to ask for it.

    A widening may take several uploads along, and then the first of them is published with what another one asked for.
    `findings` are those of the uploads that `suspects` names.
    """
    place = {publication.upload_id: number for number, publication in enumerate(publications)}
    asked = {
        (upload_id, finding.column, finding.details.get("to"))
        for upload_id, found in findings.items()
        for finding in found
        if finding.code == WIDENS
    }

    def credited(name: str, change: ColumnChange) -> ColumnChange:
        if change.was is None or change.by is None:
            return change
        start = place[change.by.upload_id]
        together = publications[start : start + TOGETHER]
        who = (each for each in together if (each.upload_id, name, change.type) in asked)
        return replace(change, by=next(who, change.by))

    return {name: tuple(credited(name, change) for change in changes) for name, changes in history.items()}


def suspects(history: Mapping[str, tuple[ColumnChange, ...]], publications: Sequence[Publication]) -> frozenset[str]:
    """Ids of the uploads that may have asked for one of the widenings."""
    first = {change.by.upload_id for changes in history.values() for change in changes if change.was and change.by}
    places = [number for number, publication in enumerate(publications) if publication.upload_id in first]
    return frozenset(each.upload_id for number in places for each in publications[number : number + TOGETHER])


def _moments(publications: Iterable[Publication]) -> Iterable[tuple[datetime, bool, str, Publication, bool]]:
    for publication in publications:
        yield publication.published_at, False, publication.upload_id, publication, True
        if publication.gone_at is not None:
            yield publication.gone_at, True, publication.upload_id, publication, False


def _up_to(changes: list[ColumnChange], present: str, *, under_way: bool) -> tuple[ColumnChange, ...]:
    was = changes[-1].type if changes else None
    if was == present:
        return tuple(changes)
    last = ColumnChange(type=present, was=was, by=None)
    return (*changes, replace(last, under_way=under_way and not last.narrower))


@dataclass
class _Timeline:
    """A table as its uploads came and went."""

    changes: dict[str, list[ColumnChange]] = field(default_factory=dict)
    _there: Counter[str] = field(default_factory=Counter)  # uploads by digest
    _names: dict[str, frozenset[str]] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)  # digests that change nothing as the table is now

    def publish(self, publication: Publication) -> None:
        digest = publication.digest
        self._there[digest] += 1 + publication.more
        if digest in self._known:
            return
        self._names[digest] = frozenset(name for name, _ in publication.columns)
        changed = [self._add(name, kind, publication) for name, kind in publication.columns]
        if any(changed):
            self._known.clear()
        self._known.add(digest)

    def withdraw(self, publication: Publication) -> None:
        digest = publication.digest
        self._there[digest] -= 1
        if self._there[digest] > 0:
            return
        del self._there[digest]
        if not self._there:  # the table went with its last upload
            self.changes.clear()
        elif all(self._names[each] for each in self._there):  # else nobody knows what is left
            for name in self._names[digest].difference(*(self._names[each] for each in self._there)):
                self.changes.pop(name, None)
        self._known.clear()

    def _add(self, name: str, kind: str, by: Publication) -> bool:
        changes = self.changes.setdefault(name, [])
        was = changes[-1].type if changes else None
        if was == kind or (was is not None and kind == NULL):
            return False
        changes.append(ColumnChange(type=kind, was=was, by=by))
        return True
