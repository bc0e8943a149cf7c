"""Whether a file looks as if it belonged to another table, and how its columns differ from those of this one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from include.domain.file_findings import MAX_LISTED, count_of
from include.domain.findings import Finding, Severity
from include.domain.header import stored_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

UNLIKE = "columns_unlike_table"
"""The code of the finding."""


class Reason(StrEnum):
    """Why a person is asked to confirm that a file goes into a table that is there, or that another is making."""

    NOT_USED_BEFORE = "not_used_before"
    COLUMNS_UNLIKE = "columns_unlike"


@dataclass(frozen=True)
class Differences:
    """How the columns of a file differ from those of its table, all by their stored names.

    Attributes:
        new: columns of the file that the table does not have, in the file's order.
        missing: columns of the table that the file does not have, in the table's order.
        shared: columns of both, in the table's order.
        unlike: whether the file looks as if it belonged to another table.
    """

    new: tuple[str, ...]
    missing: tuple[str, ...]
    shared: tuple[str, ...]
    unlike: bool

    def __bool__(self) -> bool:
        return bool(self.new or self.missing)

    @property
    def file(self) -> tuple[str, ...]:
        """The columns of the file."""
        return (*self.shared, *self.new)


def differences(file: Iterable[str], table: Iterable[str], *, earlier: Iterable[Iterable[str]] = ()) -> Differences:
    """Compare the column names of a file with those of its table, and with those of files that came before.

    A file is unlike its table if they share fewer than half of the columns of whichever has more, and so is every
    earlier file. Counting against the larger side finds a file that would add mostly new columns, and one that brings
    two everyday names such as `id` and `date` of the table's thirty. A table that gains a column with each file stays
    like its files, as does a table of one column and a file with a second one. A table that has outgrown all its files,
    because their format has changed a few times, is unlike each of them: hence the earlier ones.

    Types are no part of it: a column of the same name with other values is widened, about which the uploader is asked
    separately.

    Args:
        file: names as they are in the file, in any case.
        table: names of the table; none for a table that is not there, which nothing is unlike.
        earlier: the names of each of some files that the table was made of, the last ones.
    """
    ours, theirs = _stored(file), _stored(table)
    unlike = bool(ours and theirs) and not any(_alike(ours, each) for each in (theirs, *map(_stored, earlier)))
    return Differences(
        new=tuple(name for name in ours if name not in theirs),
        missing=tuple(name for name in theirs if name not in ours),
        shared=tuple(name for name in theirs if name in ours),
        unlike=unlike,
    )


def fingerprint(columns: Iterable[str]) -> str:
    """64 hex digits that stand for a set of column names, in whatever case and order."""
    # As JSON, no name can look like two, and half a surrogate pair, which names of JSON may have, is text too.
    return hashlib.sha256(json.dumps(sorted(_stored(columns))).encode()).hexdigest()


def sentences(found: Differences) -> tuple[str, ...]:
    """The differences in words, one sentence each."""
    has = len(found.shared) + len(found.missing)
    said = [f"The file has {len(found.shared):,} of the table's {count_of(has, 'column')}."]
    if found.new:
        said.append(f"The table does not have {count_of(len(found.new), 'column')} of the file: {listed(found.new)}.")
    if found.missing:
        missing = count_of(len(found.missing), "column")
        said.append(f"The file does not have {missing} of the table: {listed(found.missing)}.")
    return tuple(said)


def columns_unlike_table(found: Differences) -> Finding:
    """A file whose columns are unlike its table's, and nobody has confirmed that it goes there."""
    return Finding(
        code="columns_unlike_table",
        title="The columns of the file are unlike those of the table",
        severity=Severity.ERROR,
        message=f"{' '.join(sentences(found))} It may have been meant for another table, so nothing was added. If it "
        "belongs here, upload it again and confirm that: on the page that asks, with --confirm on the command line, "
        "with “confirm” in the API or in the sidecar of a file dropped by hand. Otherwise choose another table.",
        details={"new": list(found.new), "missing": list(found.missing), "shared": list(found.shared)},
    )


def told(finding: Finding) -> Differences:
    """The differences that such a finding tells of."""
    facts = finding.details
    return Differences(tuple(facts["new"]), tuple(facts["missing"]), tuple(facts["shared"]), unlike=True)


def listed(names: Sequence[str]) -> str:
    """The first of some names, and how many there are besides."""
    more = len(names) - MAX_LISTED
    return ", ".join(names[:MAX_LISTED]) + (f" and {more:,} more" if more > 0 else "")


def _stored(names: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys(stored_name(name) for name in names)


def _alike(ours: dict[str, None], theirs: dict[str, None]) -> bool:
    return bool(theirs) and 2 * len(ours.keys() & theirs.keys()) >= max(len(ours), len(theirs))
