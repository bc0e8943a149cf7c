"""What the API takes of facts of a JSON or JSON Lines file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictStr, model_validator

from include.domain.csv_findings import MAX_COLUMNS
from plugins.front.api.models import Given
from plugins.front.api.preview_fact_models import (
    MOST_KEYS,
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

_MOST_STEPS = 1000
_DEEPEST = 40  # objects and arrays within each other


class JsonStepIn(StepIn):
    """The same of a value that may be within objects and arrays.

    What was known is told of the path alone, without what is in objects and arrays there.
    """

    path: list[Name] = Field([], max_length=_DEEPEST, description="names of members, and [] for elements of arrays")
    begun: list[Count] = Field(
        [],
        max_length=_DEEPEST + 1,
        description="steps before the column's value, and before each value on the path",
    )


class JsonColumnIn(Given):
    """What the values under one key have shown."""

    name: Name
    evidence: EvidenceIn
    steps: list[JsonStepIn] = Field([], max_length=_MOST_STEPS, description="the first of them")
    fine_timestamps: SomeLinesIn | None = None


class SyntaxIn(Given):
    """Where a text is no JSON, and why."""

    line: Line
    character: Line
    offset: Count
    reason: Annotated[StrictStr, Field(min_length=1, max_length=100, pattern=r"^[ -~]+$")]


class RefusedKeyIn(Given):
    """A key that cannot be a name, and the line of the first record with it."""

    path: Name
    name: Name
    line: Line


class DuplicatesIn(SomeLinesIn):
    """Records that have an object with a key twice, and the first of these keys."""

    key: Name


class JsonFactsIn(Given):
    """The facts of a JSON or JSON Lines file."""

    @model_validator(mode="before")
    @classmethod
    def _not_too_many(cls, given: Any) -> Any:
        if isinstance(given, dict):
            check_steps(given)
        return given

    format: Literal["json", "jsonl"]
    named_json: StrictBool = Field(default=False, description="JSON Lines in a file whose name ends in .json")
    rows: Count
    empty: StrictBool = False
    encoding: NotUtf8In | None = None
    too_long: TooLongIn | None = None
    syntax: SyntaxIn | None = None
    refused_keys: list[RefusedKeyIn] = Field([], max_length=MOST_KEYS)
    duplicates: DuplicatesIn | None = None
    not_objects: SomeLinesIn | None = None
    blank_lines: SomeLinesIn | None = None
    column_count: Count = Field(0, description="names at the top; as many as there are columns, if those are told")
    columns: list[JsonColumnIn] = Field([], max_length=MAX_COLUMNS, description="in the order first seen")
