"""What several answers and bodies of the API share."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Delimiter = Literal["comma", "semicolon", "tab", "pipe"]

_UNKNOWN_MAX = 20


class Given(BaseModel):
    """A body: fields it does not know are refused, so that a misspelt one is not ignored."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _few_unknown(cls, given: Any) -> Any:
        """Each unknown field is an error of its own: a body of nothing else would make them by the thousand."""
        if isinstance(given, dict) and len(given) > len(cls.model_fields) + _UNKNOWN_MAX:
            raise ValueError("There are too many fields. Leave out those that are not described.")
        return given


class ColumnOut(BaseModel):
    """A column of the file and the type its values have."""

    name: str = Field(examples=["arrival_delay"])
    type: str = Field(examples=["bigint"])


class ReadingOptionsOut(BaseModel):
    """How a file is read, in full."""

    delimiter: Delimiter
    text_columns: list[str]
    day_first_columns: list[str]
    null_words: list[str]
    sheet: str | None
