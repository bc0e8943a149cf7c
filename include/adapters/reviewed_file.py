"""Reviewed YAML files: read again whenever they change, and an error that says where when they break the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from include.domain.errors import Terminal

T = TypeVar("T")
Where = tuple[str, str]

_OF_TABLE = ("database", "table", "why")
_PUNCTUATION = frozenset(' ,;:<>()[]\\"')  # an apostrophe is part of many people's addresses


class ReviewedFile(Generic[T]):
    """One YAML file, and what its document means.

    Args:
        path: where it lies.
        parse: makes what is asked for out of the loaded document; raises what `invalid` makes.
        invalid: the error for a reason. A reviewed file that cannot be read or breaks the rules counts for nobody.
    """

    def __init__(self, path: Path, *, parse: Callable[[Any], T], invalid: Callable[[str], Terminal]) -> None:
        self._path = path
        self._parse = parse
        self._invalid = invalid
        self._read: tuple[object, T] | None = None

    def content(self) -> T:
        """What the file says now."""
        try:
            stat = self._path.stat()
            version = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            read = self._read
            if read is None or read[0] != version:
                read = (version, self._parse(yaml.safe_load(self._path.read_text(encoding="utf-8"))))
                self._read = read  # one assignment: threads see the old content or the new one
        except OSError as error:
            raise self._invalid(f"it cannot be read ({error.strerror})") from error
        except (UnicodeDecodeError, yaml.YAMLError) as error:
            # The parser's own words quote the file, and so perhaps people's addresses.
            line = getattr(getattr(error, "problem_mark", None), "line", None)
            why = "it is not YAML" if line is None else f"it is not YAML at line {line + 1}"
            raise self._invalid(why) from None
        return read[1]


def by_table(
    document: Any, *, of_entry: Callable[[Mapping[str, Any], int], T], invalid: Callable[[str], Terminal]
) -> dict[Where, T]:
    """The entries of `tables: [{database: …, table: …, why: …, …}]` by database (short name) and table.

    Args:
        document: as it was loaded.
        of_entry: what an entry means; given what it has besides database, table and why, and its number from 1.
        invalid: the error for a reason.
    """
    if not isinstance(document, dict) or set(document) != {"tables"} or not isinstance(document["tables"], list):
        raise invalid("it must have one key, `tables`, with a list")
    result: dict[Where, T] = {}
    for number, entry in enumerate(document["tables"], start=1):
        if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) and entry[key] for key in _OF_TABLE):
            raise invalid(f"entry {number} must have database, table and why")
        where = entry["database"], entry["table"]
        meant = of_entry({key: value for key, value in entry.items() if key not in _OF_TABLE}, number)
        if where in result:
            raise invalid(f"entry {number} is the second one of {'.'.join(where)}")
        result[where] = meant
    return result


def address(value: object) -> str | None:
    """An e-mail address in lower case; None if the value is none."""
    if not isinstance(value, str):
        return None
    local, at, domain = value.rpartition("@")
    plain = value.isascii() and value.isprintable() and not _PUNCTUATION & set(value) if at else False
    return value.lower() if plain and local and domain and "@" not in local else None
