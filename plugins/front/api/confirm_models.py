"""What the API says when a table must be confirmed first, as pydantic models: a source of the OpenAPI document."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from include.domain.wrong_table import Differences, Reason
from include.services.wrong_table import Question, words


class ReasonOut(BaseModel):
    """Why a table must be confirmed."""

    code: Reason
    message: str


class LastUploadOut(BaseModel):
    """One of the last uploads into a table."""

    uploader: str
    published_at: datetime
    extraction_timestamp: str = Field(examples=["20260131T235959Z"])


class DifferencesOut(BaseModel):
    """How the columns of a file differ from those of its table."""

    new: list[str] = Field(description="of the file, which the table does not have")
    missing: list[str] = Field(description="of the table, which the file does not have")
    shared: list[str]


class ConfirmOut(BaseModel):
    """What somebody is to confirm before a file is added to a table that is there."""

    database: str
    table: str
    owner: str
    reasons: list[ReasonOut]
    last_uploads: list[LastUploadOut] = Field(description="at most five, newest first")
    differences: DifferencesOut | None = Field(None, description="where the file's columns are known")


def confirm_out(asked: Question) -> ConfirmOut:
    """A question as the API puts it."""
    return ConfirmOut(
        database=asked.database,
        table=asked.table,
        owner=asked.owner,
        reasons=[ReasonOut(code=reason, message=said) for reason, said in words(asked).items()],
        last_uploads=[
            LastUploadOut(
                uploader=last.uploader,
                published_at=last.published_at,
                extraction_timestamp=last.extraction_timestamp,
            )
            for last in asked.last
        ],
        differences=_differences(asked.differences),
    )


def _differences(found: Differences | None) -> DifferencesOut | None:
    if found is None:
        return None
    return DifferencesOut(new=list(found.new), missing=list(found.missing), shared=list(found.shared))
