"""The table owners file: the reviewed YAML list of tables that belong to somebody else than who made them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from include.adapters.reviewed_file import ReviewedFile, address, by_table
from include.domain.errors import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class TableOwnersFile:
    """`ReviewedOwners` over a YAML file of the shape `tables: [{database: …, table: …, why: …, owner: …}]`.

    It is read again whenever it changes. A file that cannot be read or breaks the rules is Terminal: the wrong person
    would be told of a table, or be let change how it is read.
    """

    def __init__(self, path: Path) -> None:
        self._file = ReviewedFile(path, parse=partial(by_table, of_entry=_owner, invalid=_invalid), invalid=_invalid)

    def of(self, database: str, table: str) -> str | None:
        """The e-mail address of a table's owner (short database name), or None if the file says nothing of it."""
        return self._file.content().get((database, table))


def _owner(given: Mapping[str, Any], number: int) -> str:
    owner = address(given["owner"]) if set(given) == {"owner"} else None
    if owner is None:
        raise _invalid(f"entry {number} must have `owner`, an e-mail address, and nothing else but its table and why")
    return owner


def _invalid(why: str) -> Terminal:
    return Terminal(
        f"The file of table owners is not valid: {why}.",
        code="table_owners_file_invalid",
        title="The file of table owners is not valid",
    )
