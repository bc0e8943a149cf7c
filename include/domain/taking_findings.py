"""What is found of a file that cannot be taken, though nothing is wrong with what it says: codes and words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.file_findings import MAX_LISTED, count_of
from include.domain.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_TYPE = 131_072
"""Characters of a column's type in a Glue table: https://docs.aws.amazon.com/glue/latest/webapi/API_Column.html"""


def replaced_while_read() -> Finding:
    """In landing lies another file than the one that was claimed, or none, and no whole copy was made before."""
    return Finding(
        code="replaced_while_read",
        title="The file was replaced while it was read",
        severity=Severity.ERROR,
        message="The file in landing was written over, or taken away, before all of it was read. Nothing of the first "
        "file was added. If another file was put in its place, that is an upload of its own and is dealt with next.",
    )


def nested_too_wide(columns: Sequence[tuple[str, int]], *, in_table: bool) -> Finding:
    """Nested columns whose types are longer than the catalogue takes.

    Args:
        columns: the name of each, with the characters of its type.
        in_table: whether they are that long only together with the table, and what waits for it.
    """
    name, length = columns[0]
    more = f" (and {count_of(len(columns) - 1, 'other column')})" if columns[1:] else ""
    whose = "the fields of the table, of uploads that wait for it, and of this file" if in_table else "its fields"
    return Finding(
        code="nested_too_wide",
        title="A nested column has too many fields",
        severity=Severity.ERROR,
        message=f"Column {name}{more} cannot be described in the catalogue: with {whose} its type has {length:,} "
        f"characters, and at most {MAX_TYPE:,} are possible. Send fewer fields, give them shorter names, or make them "
        "columns of their own.",
        column=name,
        details={"columns": [{"column": column, "type_characters": count} for column, count in columns[:MAX_LISTED]]},
    )


def changed_while_sent(*, sent: str, arrived: str) -> Finding:
    """What arrived is not what its sender read: the SHA-256 of both, in hex."""
    return Finding(
        code="changed_while_sent",
        title="The file changed while it was sent",
        severity=Severity.ERROR,
        message="What arrived is not the file that was read when it was sent: their SHA-256 differ. It was changed in "
        "between, by a program that still wrote to it or by a synchronised folder. Close the file everywhere, then "
        "select it again and upload it.",
        details={"sent_sha256": sent, "arrived_sha256": arrived},
    )
