"""What the API takes of facts that files of every format have."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictInt, StrictStr

from include.domain.file_findings import MAX_LISTED
from plugins.front.api.models import Given

LARGEST = 2**53 - 1  # the largest whole number that every JSON reader keeps
MOST_KEYS = 100_000

Count = Annotated[StrictInt, Field(ge=0, le=LARGEST)]
Line = Annotated[StrictInt, Field(ge=1, le=LARGEST)]
Name = Annotated[StrictStr, Field(max_length=262_144)]
Encoding = Literal[
    "UTF-32 (little endian)",
    "UTF-32 (big endian)",
    "UTF-16 (little endian)",
    "UTF-16 (big endian)",
    "UTF-8 whose last character is cut off",
    "no encoding we know",
    "Windows-1252",
    "Latin-1 (ISO-8859-1) or Windows-1252",
    "an Excel workbook of the old kind (.xls)",
    "an Excel workbook (.xlsx) or a ZIP archive",
    "a file packed by gzip (.gz)",
    "a Parquet file",
]
ValueKind = Literal[
    "boolean",
    "integer",
    "big_integer",
    "point",
    "scientific",
    "date",
    "timestamp",
    "timestamp_zoned",
    "text",
    "object",
    "array",
]


STEPS_IN_ALL = 10_000


def check_steps(given: Any) -> None:
    """Count the steps of all columns before one is looked at: a large body would keep everybody else waiting."""
    columns = given.get("columns")
    steps = (each.get("steps") for each in columns if isinstance(each, dict)) if isinstance(columns, list) else ()
    if sum(len(each) for each in steps if isinstance(each, list)) > STEPS_IN_ALL:
        raise ValueError(f"There are too many steps: all columns together may have {STEPS_IN_ALL:,}.")


class NotUtf8In(Given):
    """The first bytes that are no UTF-8."""

    encoding: Encoding
    offset: Count
    line: Line
    byte: StrictInt = Field(ge=0, le=255)


class LinesIn(Given):
    """How often something was seen, and the lines of the first."""

    total: Count = 0
    lines: list[Line] = Field([], max_length=MAX_LISTED)


class SomeLinesIn(LinesIn):
    """The same of something that was seen: there is a line."""

    total: Annotated[StrictInt, Field(ge=1, le=LARGEST)]
    lines: list[Line] = Field(min_length=1, max_length=MAX_LISTED)


class TooLongIn(Given):
    """A row that does not end within 128 MB."""

    line: Line
    open_quote: Line | None = None


class EvidenceIn(Given):
    """What values have shown, as `evidence` of a table's columns has it."""

    kinds: list[ValueKind] = Field([], max_length=11)
    survives: StrictBool = Field(default=True, description="every number is the same as a double")
    integer_digits: Count = 0
    decimal_places: Count = 0
    negative_zero: StrictBool = False
    null_words: StrictBool = False
    quoted_empties: StrictBool = False
    fields: list[tuple[Name, EvidenceIn]] = Field([], max_length=MOST_KEYS, description="of the members of objects")
    element: EvidenceIn | None = Field(None, description="of the elements of arrays")


class StepIn(Given):
    """A value with which the evidence of a column grew: what was known after it, and its line."""

    evidence: EvidenceIn
    line: Line
