"""What the API takes and gives to foresee an upload: facts of a file, and what will become of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, model_validator

from include.domain.csv_findings import MAX_COLUMNS
from include.domain.file_findings import MAX_LISTED
from include.domain.reading_options import MAX_NULL_WORD_LENGTH
from plugins.front.api.confirm_models import ConfirmOut
from plugins.front.api.models import ColumnOut, Given
from plugins.front.api.preview_fact_models import (
    LARGEST,
    Count,
    EvidenceIn,
    Line,
    Name,
    NotUtf8In,
    SomeLinesIn,
    StepIn,
    TooLongIn,
    check_steps,
)
from plugins.front.api.preview_json_models import JsonFactsIn
from plugins.front.api.upload_models import FindingOut, ReadingOptionsIn

_MOST_STEPS = 500  # values with which evidence can grow, and then some
_HEADER_IN_ALL = 256 * 1024  # characters


class WordsIn(SomeLinesIn):
    """The same of words for missing values, with the words."""

    words: list[Annotated[StrictStr, Field(min_length=1, max_length=MAX_NULL_WORD_LENGTH)]] = Field(
        min_length=1, max_length=MAX_LISTED
    )


class RaggedRowIn(Given):
    """A row with another number of fields than the header has."""

    line: Line
    found: Count


class RaggedIn(Given):
    """How many such rows there are, and the first of them."""

    total: Annotated[StrictInt, Field(ge=1, le=LARGEST)]
    rows: list[RaggedRowIn] = Field(min_length=1, max_length=MAX_LISTED)


class SplitsIn(Given):
    """Into how many fields other delimiters divide a record."""

    comma: Annotated[StrictInt, Field(ge=1, le=LARGEST)] = 1
    semicolon: Annotated[StrictInt, Field(ge=1, le=LARGEST)] = 1
    tab: Annotated[StrictInt, Field(ge=1, le=LARGEST)] = 1
    pipe: Annotated[StrictInt, Field(ge=1, le=LARGEST)] = 1


class ColumnFactsIn(Given):
    """What the values of one column have shown. No value is sent."""

    evidence: EvidenceIn
    steps: list[StepIn] = Field([], fail_fast=True, max_length=_MOST_STEPS)
    null_words: WordsIn | None = None
    scientific: SomeLinesIn | None = None
    fine_timestamps: SomeLinesIn | None = None


class CsvFactsIn(Given):
    """The facts of a CSV file."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "format": "csv",
                    "header": ["id", "price"],
                    "rows": 2,
                    "columns": [
                        {"evidence": {"kinds": ["integer"], "integer_digits": 1}},
                        {"evidence": {"kinds": ["text"]}, "steps": [{"evidence": {"kinds": ["text"]}, "line": 2}]},
                    ],
                }
            ]
        }
    )

    @model_validator(mode="before")
    @classmethod
    def _not_too_many(cls, given: Any) -> Any:
        """Look at how many there are before at each: one large body would keep everybody else waiting."""
        if not isinstance(given, dict):
            return given
        check_steps(given)
        header = given.get("header")
        names = header if isinstance(header, list) else ()
        if sum(len(name) for name in names if isinstance(name, str)) > _HEADER_IN_ALL:
            raise ValueError(f"The header is too long: all names together may have {_HEADER_IN_ALL:,} characters.")
        return given

    format: Literal["csv"]
    header: list[Name] | None = Field(
        None, fail_fast=True, max_length=MAX_COLUMNS, description="the first record; none if too wide"
    )
    column_count: Count | None = Field(
        None, description="names in the first record; as many as `header` has if left out"
    )
    blank_header: StrictBool = False
    rows: Count
    stopped: StrictBool = Field(default=False, description="the file was not read to its end")
    encoding: NotUtf8In | None = None
    nul: SomeLinesIn | None = None
    after_quotes: SomeLinesIn | None = None
    ragged: RaggedIn | None = None
    blank_end: SomeLinesIn | None = None
    unclosed_quote: Line | None = None
    too_long: TooLongIn | None = None
    header_splits: SplitsIn | None = Field(None, description="of a header with one name")
    second_splits: SplitsIn | None = Field(None, description="of the record below such a header")
    columns: list[ColumnFactsIn] = Field(
        [], fail_fast=True, max_length=MAX_COLUMNS, description="in the order of the header"
    )


class PreviewIn(Given):
    """Facts of a file, and the reading options they were gathered with."""

    facts: CsvFactsIn | JsonFactsIn = Field(discriminator="format")
    reading_options: ReadingOptionsIn | None = Field(None, description="the defaults if left out")


class ForeseenColumn(ColumnOut):
    """A column of the file, with the type it will have in the table."""

    was: str | None = Field(description="its type in the table now; none for a column that the table does not have")


class ColumnChange(BaseModel):
    """A column of the table that becomes wider."""

    name: str
    was: str
    becomes: str
    step: int | None = Field(description="which of the column's steps makes it wider, from 0; none if none does")
    depth: int = Field(description="how much of that step's path leads to the value that is new to the table")


class ChangesOut(BaseModel):
    """What publishing the file changes in the table."""

    new_table: bool
    added: list[ColumnOut]
    widened: list[ColumnChange]
    missing: list[str] = Field(description="columns of the table that the file does not have: NULL in its rows")
    unlike: bool = Field(description="the columns look like those of another table")


class PreviewOut(BaseModel):
    """What will be found in the file and become of its table, if the table stays as it is.

    Findings are as the upload's will be, but without examples that are values of the file: those were not sent.
    """

    accepted: bool = Field(description="nothing was found that refuses the file")
    rows: int
    columns: list[ForeseenColumn]
    findings: list[FindingOut]
    changes: ChangesOut
    confirm: ConfirmOut | None = Field(
        description="what to show of the table before a file of such columns is added to it"
    )
