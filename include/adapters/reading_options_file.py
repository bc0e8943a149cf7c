"""The reading options file: the reviewed YAML list of tables and how their files are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from include.domain.errors import Refused, Terminal
from include.domain.reading_options import choose_from

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from include.domain.reading_options import ReadingOptions

_REQUIRED = ("database", "table", "why")


class ReadingOptionsFile:
    """`ReviewedOptions` over a YAML file of the shape `tables: [{database: …, table: …, why: …, delimiter: …}]`.

    It is read again whenever it changes. A file that cannot be read or breaks the rules is Terminal: an upload that was
    bound to the wrong options would have to be withdrawn.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[object, Mapping[tuple[str, str], ReadingOptions]] | None = None

    def of(self, database: str, table: str) -> ReadingOptions | None:
        """The options of a table (short database name), or None if the file says nothing of it."""
        return self._tables().get((database, table))

    def _tables(self) -> Mapping[tuple[str, str], ReadingOptions]:
        try:
            stat = self._path.stat()
            version = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            read = self._read
            if read is None or read[0] != version:
                read = (version, _parse(self._path.read_text(encoding="utf-8")))
                self._read = read  # one assignment: threads see the old list or the new one
        except OSError as error:
            raise _invalid(f"it cannot be read ({error.strerror})") from error
        except (UnicodeDecodeError, yaml.YAMLError) as error:
            line = getattr(getattr(error, "problem_mark", None), "line", None)
            raise _invalid("it is not YAML" if line is None else f"it is not YAML at line {line + 1}") from error
        return read[1]


def _parse(text: str) -> dict[tuple[str, str], ReadingOptions]:
    document = yaml.safe_load(text)
    if not isinstance(document, dict) or set(document) != {"tables"} or not isinstance(document["tables"], list):
        raise _invalid("it must have one key, `tables`, with a list")
    result: dict[tuple[str, str], ReadingOptions] = {}
    for number, entry in enumerate(document["tables"], start=1):
        where, options = _entry(entry, number=number)
        if where in result:
            raise _invalid(f"entry {number} is the second one of {'.'.join(where)}")
        result[where] = options
    return result


def _entry(entry: Any, *, number: int) -> tuple[tuple[str, str], ReadingOptions]:
    if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) and entry[key] for key in _REQUIRED):
        raise _invalid(f"entry {number} must have database, table and why")
    given = {key: value for key, value in entry.items() if key not in _REQUIRED}
    try:
        return (entry["database"], entry["table"]), choose_from(given)
    except Refused as refused:
        raise _invalid(f"entry {number}: {refused.detail}") from refused


def _invalid(why: str) -> Terminal:
    return Terminal(
        f"The file of reviewed reading options is not valid: {why.rstrip('.')}.",
        code="reading_options_file_invalid",
        title="The file of reading options is not valid",
    )
