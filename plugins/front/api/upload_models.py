"""What the API takes and says of uploads, as pydantic models: a source of the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from include.domain.csv_findings import MAX_COLUMNS
from include.domain.findings import Severity
from include.domain.governance import Classification, Document
from include.domain.reading_options import MAX_COLUMNS as MAX_OPTION_COLUMNS
from include.domain.upload import State
from include.domain.withdrawal import Progress
from plugins.front.api.models import ColumnOut, Delimiter, Given, ReadingOptionsOut

_LARGEST = 2**53 - 1  # the largest whole number that every JSON reader keeps
_TEXT_MAX = 1024

UPLOAD_ID = "3f2a9c1e5b7d4e6f8a0b1c2d3e4f5a6b"


class GovernanceIn(Given):
    """What the uploader confirms about the data's legal cover; `none` only for non-sensitive test data."""

    document: Document
    reference: StrictStr = Field("", max_length=_TEXT_MAX, description="of the document; may be empty for `none`")
    classification: Classification


class ReadingOptionsIn(Given):
    """How the file is read where its bytes leave a choice. What is left out is at its default."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "delimiter": "semicolon",
                    "text_columns": ["code"],
                    "day_first_columns": ["visited"],
                    "null_words": ["-"],
                }
            ]
        }
    )

    delimiter: Delimiter = "comma"
    text_columns: list[StrictStr] = Field(
        [], fail_fast=True, max_length=MAX_OPTION_COLUMNS, description="strings whatever they look like"
    )
    day_first_columns: list[StrictStr] = Field(
        [], fail_fast=True, max_length=MAX_OPTION_COLUMNS, description="whose 31/01/2026 is a date"
    )
    null_words: list[StrictStr] | None = Field(
        None, description="words for a missing value in place of the usual ones; an empty list for none"
    )
    sheet: StrictStr | None = Field(None, description="of a workbook with several")


class UploadIn(Given):
    """The announcement of a file."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "database": "calc_release_dates",
                    "table": "survey_data",
                    "filename": "Survey January.csv",
                    "size": 52428800,
                    "governance": {"document": "dpia", "reference": "DPIA-123", "classification": "official"},
                    "create": True,
                }
            ]
        }
    )

    database: StrictStr = Field(max_length=_TEXT_MAX, description="short name, without the prefix")
    table: StrictStr = Field(max_length=_TEXT_MAX)
    filename: StrictStr = Field(max_length=4 * _TEXT_MAX)
    size: StrictInt = Field(ge=0, le=_LARGEST, description="bytes")
    governance: GovernanceIn
    create: StrictBool = Field(default=False, description="create the database or table if it does not exist")
    columns: list[StrictStr] = Field(
        [],
        fail_fast=True,
        max_length=MAX_COLUMNS,
        description="names of the file's columns, if they are known: then it is said at once when they are unlike the "
        "table's",
    )
    confirm: StrictBool = Field(
        default=False,
        description="the file belongs into this table, though you have not used it before, or its columns are unlike "
        "those of the file. Without it either is a conflict, `confirm_needed`. Of columns it confirms those in "
        "`columns`, and those for which your last uploads into the table were refused",
    )
    reading_options: ReadingOptionsIn | None = Field(
        None,
        description="the whole of the options; without them the file is read as its table is. Those of an existing "
        "table can be changed by its owner alone, for this upload and those after it",
    )


class UploadStarted(BaseModel):
    """Where to go on: put `part_count` parts of `part_size` bytes, the last one shorter."""

    upload_id: str = Field(examples=[UPLOAD_ID])
    extraction_timestamp: str = Field(examples=["20260131T235959Z"])
    part_size: int = Field(examples=[16777216])
    part_count: int = Field(examples=[4])


class WithdrawIn(Given):
    """Why a published upload should go."""

    reason: StrictStr = Field(
        "", max_length=_TEXT_MAX, description="needed once promotion has begun; at most 500 characters"
    )


class WithdrawalOut(BaseModel):
    """A request to withdraw an upload, and how far it is."""

    progress: Progress
    reason: str
    requested_by: str
    requested_at: datetime
    decided_by: str | None = Field(description="the data engineer who approved or declined it")
    decided_at: datetime | None
    done_at: datetime | None = Field(description="when its rows had left the table and the Analytical Platform")


class GovernanceOut(BaseModel):
    """What was confirmed about the data's legal cover; null where nothing was, for a file dropped by hand."""

    document: Document | None
    reference: str
    classification: Classification | None
    confirmed_by: str
    confirmed_at: datetime


class StateChangeOut(BaseModel):
    """One line of an upload's history."""

    state: State
    at: datetime
    note: str


class FindingOut(BaseModel):
    """One thing wrong with the file, or worth knowing."""

    code: str = Field(examples=["ragged_rows"])
    title: str
    severity: Severity
    column: str | None
    lines: list[int]
    examples: list[str]
    message: str
    details: dict[str, Any]


class UploadSummary(BaseModel):
    """An upload in a list."""

    upload_id: str = Field(examples=[UPLOAD_ID])
    state: State
    database: str
    table: str
    extraction_timestamp: str
    filename: str
    size: int
    rows: int | None
    created_at: datetime


class UploadOut(UploadSummary):
    """An upload with everything needed to find its data."""

    history: list[StateChangeOut]
    athena_reference: str = Field(examples=["data_eng_uploader_prod_calc_release_dates.survey_data"])
    s3_path: str = Field(description="the partition's folder on the Analytical Platform")
    columns: list[ColumnOut]
    findings: list[FindingOut]
    reading_options: ReadingOptionsOut
    sha256: str | None = Field(description="of the file's bytes, once checked")
    sent_sha256: str | None = Field(description="as its sender computed it")
    sha256_agrees: bool | None = Field(description="whether these two are the same, once both are known")
    governance: GovernanceOut | None = Field(description="for the uploader only")
    uploader: str
    published_at: datetime | None
    promoted_at: datetime | None
    withdrawal: WithdrawalOut | None = Field(description="the latest request to withdraw it, if there was one")


class UploadsPage(BaseModel):
    """A page of your uploads, newest first."""

    uploads: list[UploadSummary]
    next_cursor: str | None
