"""What several answers and bodies of the API share."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Delimiter = Literal["comma", "semicolon", "tab", "pipe"]


class Given(BaseModel):
    """A body: fields it does not know are refused, so that a misspelt one is not ignored."""

    model_config = ConfigDict(extra="forbid")


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
