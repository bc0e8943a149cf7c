"""Every finding about the names of columns: those of a CSV header, and the keys of JSON objects at every depth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.file_findings import MAX_LISTED, count_of
from include.domain.findings import Finding, Severity
from include.domain.header import (
    MAX_NAME_LENGTH,
    RESERVED_NAMES,
    corrected_names,
    has_special_characters,
    is_data,
    repeated_names,
    stored_name,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


_LONG_HEADER = 2000  # characters; nobody reads on


def header_findings(names: Sequence[str], *, delimiter: str = ",") -> tuple[Finding, ...]:
    """Everything wrong with the first row of a CSV file; corrected header lines are written with its delimiter."""
    if is_data(names):
        return (no_column_names(names),)
    found: list[Finding] = []
    if special := [at for at, name in enumerate(names) if has_special_characters(name)]:
        found.append(special_characters(names, special, delimiter=delimiter))
    if empty := [at for at, name in enumerate(names) if not name]:
        found.append(empty_column_names(names, empty, delimiter=delimiter))
    if long := [at for at, name in enumerate(names) if len(name) > MAX_NAME_LENGTH]:
        found.append(long_column_names(names, long, delimiter=delimiter))
    if repeated := repeated_names(names):
        found.append(repeated_column_names(names, repeated, delimiter=delimiter))
    if reserved := [name for name in names if stored_name(name) in RESERVED_NAMES]:
        found.append(reserved_column_name(names, reserved[0], delimiter=delimiter))
    return tuple(found)


def no_column_names(first_row: Sequence[str]) -> Finding:
    """The first row is blank, or every field of it is a number, a date or empty."""
    blank = not any(first_row)
    return Finding(
        code="no_column_names",
        title="No column names detected",
        severity=Severity.ERROR,
        message=f"The first row is {'blank' if blank else 'made of numbers, dates or empty fields only'}. "
        "Add a first row with a name for each column: letters, digits and underscores.",
        lines=(1,),
        examples=tuple(first_row[:MAX_LISTED]),
        details={"columns": len(first_row)},
    )


def too_many_columns(count: int, *, limit: int) -> Finding:
    """More columns than a table can have."""
    return Finding(
        code="too_many_columns",
        title="There are too many columns",
        severity=Severity.ERROR,
        message=f"The file has {count:,} columns; a table has at most {limit:,}. Check the delimiter, leave columns "
        "out, or write what is in the columns as rows.",
        lines=(1,),
        details={"columns": count, "limit": limit},
    )


def _some(texts: Sequence[str], separator: str) -> str:
    """As many as a person reads, and how many more there are."""
    more = f" and {len(texts) - MAX_LISTED:,} more" if len(texts) > MAX_LISTED else ""
    return separator.join(texts[:MAX_LISTED]) + more


def _whole(header: str) -> str:
    if len(header) > _LONG_HEADER:
        return " The whole header line as it could be is in the report (corrected_header)."
    return f" The whole header line would then be: {header}"


def _renamed(names: Sequence[str], delimiter: str) -> str:
    return delimiter.join(corrected_names(names))


def special_characters(names: Sequence[str], refused: Sequence[int], *, delimiter: str = ",") -> Finding:
    """Names with anything but letters, digits and underscores; `refused` are their positions, from 0."""
    corrected = corrected_names(names)
    listed = [{"column": at + 1, "name": names[at], "clean": corrected[at]} for at in refused]
    pairs = _some([f"“{names[at]}” → {corrected[at]}" for at in refused], "; ")
    header = delimiter.join(corrected)
    return Finding(
        code="special_characters",
        title="Column names contain special characters",
        severity=Severity.ERROR,
        message="Use only letters A to Z, digits and underscores in column names. "
        f"Rename {count_of(len(refused), 'column')}: {pairs}.{_whole(header)}",
        column=names[refused[0]] if len(refused) == 1 else None,
        lines=(1,),
        examples=tuple(names[at] for at in refused[:MAX_LISTED]),
        details={"names": listed, "corrected_header": header},
    )


def empty_column_names(names: Sequence[str], refused: Sequence[int], *, delimiter: str = ",") -> Finding:
    """Columns without a name; `refused` are their positions, from 0."""
    positions = [at + 1 for at in refused]
    header = _renamed(names, delimiter)
    return Finding(
        code="empty_column_name",
        title="Columns have no name",
        severity=Severity.ERROR,
        message=f"{count_of(len(positions), 'column')} without a name, counted from the left: "
        f"{', '.join(map(str, positions[:MAX_LISTED]))}. Give every column a name.{_whole(header)}",
        lines=(1,),
        details={"columns": positions, "corrected_header": header},
    )


def long_column_names(names: Sequence[str], refused: Sequence[int], *, delimiter: str = ",") -> Finding:
    """Names over the limit; `refused` are their positions, from 0."""
    corrected = corrected_names(names)
    return Finding(
        code="column_name_too_long",
        title="Column names are too long",
        severity=Severity.ERROR,
        message=f"A column name has at most {MAX_NAME_LENGTH} characters. Shorten the name of "
        f"{count_of(len(refused), 'column')}, counted from the left: "
        f"{', '.join(str(at + 1) for at in refused[:MAX_LISTED])}.",
        lines=(1,),
        examples=tuple(names[at] for at in refused[:MAX_LISTED]),
        details={
            "limit": MAX_NAME_LENGTH,
            "names": [{"column": at + 1, "name": names[at], "clean": corrected[at]} for at in refused],
            "corrected_header": delimiter.join(corrected),
        },
    )


def repeated_column_names(names: Sequence[str], repeated: Sequence[str], *, delimiter: str = ",") -> Finding:
    """Names that occur more than once without regard to case."""
    corrected = corrected_names(names)
    several = set(repeated)
    listed = [
        {"column": at + 1, "name": name, "clean": corrected[at]}
        for at, name in enumerate(names)
        if stored_name(name) in several
    ]
    examples = tuple(str(entry["name"]) for entry in listed)
    return Finding(
        code="duplicate_column_names",
        title="Column names are repeated",
        severity=Severity.ERROR,
        message="Column names must differ in more than upper and lower case. These do not: "
        f"{_some(examples, ', ')}. Rename them.{_whole(delimiter.join(corrected))}",
        column=repeated[0] if len(repeated) == 1 else None,
        lines=(1,),
        examples=examples[:MAX_LISTED],
        details={"names": listed, "corrected_header": delimiter.join(corrected)},
    )


def reserved_column_name(names: Sequence[str], name: str, *, delimiter: str = ",") -> Finding:
    """A column called extraction_timestamp."""
    header = _renamed(names, delimiter)
    return Finding(
        code="reserved_column_name",
        title="A column name is reserved",
        severity=Severity.ERROR,
        message=f"The service itself adds a column called {stored_name(name)}, so the file cannot have one. "
        f"Rename it.{_whole(header)}",
        column=name,
        lines=(1,),
        examples=(name,),
        details={"corrected_header": header},
    )


def json_key_findings(keys: Sequence[tuple[str, str, int]]) -> tuple[Finding, ...]:
    """Everything wrong with the keys of JSON objects.

    Args:
        keys: each refused key once: its place (`address.postcode`), the key, and the line of the first record with it.
    """
    found: list[Finding] = []
    special = [key for key in keys if has_special_characters(key[1])]
    if special:
        names = [key for _, key, _ in special]
        clean = corrected_names(names)
        found.append(
            Finding(
                code="special_characters",
                title="Column names contain special characters",
                severity=Severity.ERROR,
                message="Use only letters A to Z, digits and underscores in column names, at every depth. "
                f"Rename {count_of(len(special), 'name')}: "
                + _some([f"“{place}” → {new}" for (place, _, _), new in zip(special, clean, strict=True)], "; "),
                column=special[0][0] if len(special) == 1 else None,
                lines=_lines(special),
                examples=tuple(names[:MAX_LISTED]),
                details={
                    "names": [
                        {"path": place, "name": name, "clean": new}
                        for (place, name, _), new in zip(special, clean, strict=True)
                    ]
                },
            )
        )
    rules = (
        ("empty_column_name", "Columns have no name", "is empty", [key for key in keys if not key[1]]),
        (
            "column_name_too_long",
            "Column names are too long",
            f"has more than {MAX_NAME_LENGTH} characters",
            [key for key in keys if len(key[1]) > MAX_NAME_LENGTH],
        ),
        (
            "reserved_column_name",
            "A column name is reserved",
            "is the name of a column that the service itself adds",
            [key for key in keys if stored_name(key[1]) in RESERVED_NAMES],
        ),
    )
    found += [_json_key(code, title, what, refused) for code, title, what, refused in rules if refused]
    return tuple(found)


def _json_key(code: str, title: str, what: str, refused: Sequence[tuple[str, str, int]]) -> Finding:
    places = tuple(place for place, _, _ in refused[:MAX_LISTED])
    return Finding(
        code=code,
        title=title,
        severity=Severity.ERROR,
        message=f"{count_of(len(refused), 'key')} of the JSON objects cannot be a column name, the first in line "
        f"{refused[0][2]:,}: it {what}. Rename it.",
        column=places[0] if len(refused) == 1 else None,
        lines=_lines(refused),
        examples=places,
        details={"paths": list(places), "count": len(refused)},
    )


def _lines(keys: Sequence[tuple[str, str, int]]) -> tuple[int, ...]:
    return tuple(sorted({line for _, _, line in keys})[:MAX_LISTED])
