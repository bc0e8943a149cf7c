"""The table owners file: the reviewed YAML list of whose tables are, and of tables that only named people add to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from include.adapters.reviewed_file import ReviewedFile, address, by_table
from include.domain.errors import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BY_HAND = "landing"
"""Stands for files that were dropped into landing by hand, as their uploader."""

_OF_DATABASE = {"database", "why", "restricted_to"}


@dataclass(frozen=True)
class _Entry:
    """What the file says of a table."""

    owner: str | None
    restricted_to: tuple[str, ...] | None


@dataclass(frozen=True)
class _Content:
    tables: Mapping[tuple[str, str], _Entry] = field(default_factory=dict)
    databases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class TableOwnersFile:
    """`ReviewedOwners` over a YAML file of the shape that `owners.schema.json` describes.

    It is read again whenever it changes. A file that cannot be read or breaks the rules is Terminal: the wrong person
    would be told of a table, be let change how it is read, or add to one that is restricted.
    """

    def __init__(self, path: Path) -> None:
        self._file = ReviewedFile(path, parse=_content, invalid=_invalid)

    def of(self, database: str, table: str) -> str | None:
        """The e-mail address of a table's owner (short database name), or None if the file says nothing of it."""
        entry = self._file.content().tables.get((database, table))
        return entry.owner if entry else None

    def restricted_to(self, database: str, table: str) -> tuple[str, ...] | None:
        """The only people who may add to a table, its own entry before that of its database; None if anybody may."""
        content = self._file.content()
        entry = content.tables.get((database, table))
        if entry is not None and entry.restricted_to is not None:
            return entry.restricted_to
        return content.databases.get(database)


def _content(document: Any) -> _Content:
    if not isinstance(document, dict) or not document.keys() <= {"tables", "databases"}:
        raise _invalid("it must have the key `tables`, perhaps `databases`, and no others")
    tables = {key: value for key, value in document.items() if key == "tables"}
    return _Content(by_table(tables, of_entry=_entry, invalid=_invalid), _databases(document.get("databases", [])))


def _entry(given: Mapping[str, Any], number: int) -> _Entry:
    if not given or not given.keys() <= {"owner", "restricted_to"}:
        raise _invalid(f"entry {number} must have `owner`, `restricted_to` or both, its table and why, nothing else")
    owner = address(given["owner"]) if "owner" in given else None
    if "owner" in given and owner is None:
        raise _invalid(f"the `owner` of entry {number} must be an e-mail address")
    people = _people(given["restricted_to"], f"entry {number}") if "restricted_to" in given else None
    if owner is not None and people is not None and owner not in people:
        raise _invalid(f"`restricted_to` of entry {number} must name the table's owner too")
    return _Entry(owner, people)


def _databases(given: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(given, list):
        raise _invalid("`databases` must be a list")
    result: dict[str, tuple[str, ...]] = {}
    for number, entry in enumerate(given, start=1):
        place = f"entry {number} of `databases`"
        if not isinstance(entry, dict) or set(entry) != _OF_DATABASE:
            raise _invalid(f"{place} must have database, why and restricted_to, and nothing else")
        if not all(isinstance(entry[key], str) and entry[key] for key in ("database", "why")):
            raise _invalid(f"{place} must have database and why")
        if entry["database"] in result:
            raise _invalid(f"{place} is the second one of {entry['database']}")
        result[entry["database"]] = _people(entry["restricted_to"], place)
    return result


def _people(given: Any, place: str) -> tuple[str, ...]:
    people = [one if one == BY_HAND else address(one) for one in given] if isinstance(given, list) else []
    known = [one for one in people if one is not None]
    if not known or len(known) < len(people) or set(known) == {BY_HAND}:
        raise _invalid(
            f"`restricted_to` of {place} must be a list of e-mail addresses, at least one; `{BY_HAND}` may be among "
            "them for files dropped by hand"
        )
    return tuple(dict.fromkeys(known))


def _invalid(why: str) -> Terminal:
    return Terminal(
        f"The file of table owners is not valid: {why}.",
        code="table_owners_file_invalid",
        title="The file of table owners is not valid",
    )
