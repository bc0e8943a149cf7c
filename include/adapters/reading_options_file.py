"""The reading options file: the reviewed YAML list of tables and how their files are read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from include.adapters.reviewed_file import ReviewedFile, by_table
from include.domain.errors import Refused, Terminal
from include.domain.reading_options import choose_from

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from include.domain.reading_options import ReadingOptions


class ReadingOptionsFile:
    """`ReviewedOptions` over a YAML file of the shape `tables: [{database: …, table: …, why: …, delimiter: …}]`.

    It is read again whenever it changes. A file that cannot be read or breaks the rules is Terminal: an upload that was
    bound to the wrong options would have to be withdrawn.
    """

    def __init__(self, path: Path) -> None:
        self._file = ReviewedFile(path, parse=partial(by_table, of_entry=_options, invalid=_invalid), invalid=_invalid)

    def of(self, database: str, table: str) -> ReadingOptions | None:
        """The options of a table (short database name), or None if the file says nothing of it."""
        return self._file.content().get((database, table))


def _options(given: Mapping[str, Any], number: int) -> ReadingOptions:
    try:
        return choose_from(dict(given))
    except Refused as refused:
        raise _invalid(f"entry {number}: {refused.detail}") from refused


def _invalid(why: str) -> Terminal:
    return Terminal(
        f"The file of reviewed reading options is not valid: {why.rstrip('.')}.",
        code="reading_options_file_invalid",
        title="The file of reading options is not valid",
    )
