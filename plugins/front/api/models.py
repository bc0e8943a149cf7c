"""What the API takes and gives, as pydantic models: the source of the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from include.domain.findings import Severity
from include.domain.governance import Classification, Document
from include.domain.reading_options import MAX_COLUMNS
from include.domain.upload import MAX_PARTS, State
from include.domain.withdrawal import Progress
from include.services.uploading import MAX_SIGNED_AT_ONCE

_LARGEST = 2**53 - 1  # the largest whole number that every JSON reader keeps
_TEXT_MAX = 1024

Delimiter = Literal["comma", "semicolon", "tab", "pipe"]

UPLOAD_ID = "3f2a9c1e5b7d4e6f8a0b1c2d3e4f5a6b"


class Given(BaseModel):
    """A body: fields it does not know are refused, so that a misspelt one is not ignored."""

    model_config = ConfigDict(extra="forbid")


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
    text_columns: list[StrictStr] = Field([], max_length=MAX_COLUMNS, description="strings whatever they look like")
    day_first_columns: list[StrictStr] = Field([], max_length=MAX_COLUMNS, description="whose 31/01/2026 is a date")
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
    reading_options: ReadingOptionsIn | None = Field(
        None,
        description="the whole of the options; without them the file is read as its table is. Those of an existing "
        "table can be changed by its owner alone, for this upload and those after it",
    )


class ReadingOptionsOut(BaseModel):
    """How a file is read, in full."""

    delimiter: Delimiter
    text_columns: list[str]
    day_first_columns: list[str]
    null_words: list[str]
    sheet: str | None


class UploadStarted(BaseModel):
    """Where to go on: put `part_count` parts of `part_size` bytes, the last one shorter."""

    upload_id: str = Field(examples=[UPLOAD_ID])
    extraction_timestamp: str = Field(examples=["20260131T235959Z"])
    part_size: int = Field(examples=[16777216])
    part_count: int = Field(examples=[4])


class PartsIn(Given):
    """Which parts to sign."""

    part_numbers: list[StrictInt] = Field(min_length=1, max_length=MAX_SIGNED_AT_ONCE, examples=[[1, 2, 3]])


class SignedParts(BaseModel):
    """URLs to PUT parts to, as they are, without further headers; each answers with an ETag."""

    urls: dict[str, str] = Field(description="URL by part number", examples=[{"1": "https://…", "2": "https://…"}])
    expires_in: int = Field(description="seconds", examples=[3600])


class PartIn(Given):
    """A part that was put."""

    part_number: StrictInt = Field(ge=1, le=MAX_PARTS)
    etag: str = Field(
        pattern=r'^"?[A-Za-z0-9+/=_-]{1,128}"?$',
        description="as S3 answered it, with or without its quotes",
        examples=["9b2cf535f27731c974343645a3985328"],
    )
    checksum: str | None = Field(None, pattern=r"^[A-Za-z0-9+/=-]{1,128}$")


class CompleteIn(Given):
    """All parts of the file."""

    parts: list[PartIn] = Field(min_length=1, max_length=MAX_PARTS)


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


class StateChangeOut(BaseModel):
    """One line of an upload's history."""

    state: State
    at: datetime
    note: str


class ColumnOut(BaseModel):
    """A column of the file and the type its values have."""

    name: str = Field(examples=["arrival_delay"])
    type: str = Field(examples=["bigint"])


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
    uploader: str
    published_at: datetime | None
    promoted_at: datetime | None
    withdrawal: WithdrawalOut | None = Field(description="the latest request to withdraw it, if there was one")


class UploadsPage(BaseModel):
    """A page of your uploads, newest first."""

    uploads: list[UploadSummary]
    next_cursor: str | None


class DatabaseOut(BaseModel):
    """A database with a published upload."""

    database: str = Field(description="short name", examples=["calc_release_dates"])
    glue_database: str = Field(examples=["data_eng_uploader_prod_calc_release_dates"])


class DatabasesOut(BaseModel):
    """All databases with a published upload, by name."""

    databases: list[DatabaseOut]


class TableSummary(BaseModel):
    """A table with a published upload."""

    table: str
    athena_reference: str
    owner: str = Field(description="whose upload made it, unless a reviewed file names somebody else")
    partitions: int
    last_published_at: datetime


class TablesOut(BaseModel):
    """The tables of a database, by name."""

    database: str
    tables: list[TableSummary]


class TableColumn(ColumnOut):
    """A column of a table, and what its values have shown in all partitions."""

    evidence: dict[str, Any]


class PartitionOut(BaseModel):
    """A published upload as the readers of its table see it."""

    extraction_timestamp: str
    rows: int | None
    uploader: str
    published_at: datetime | None
    promotion: Annotated[
        str, Field(description="`waiting` for the Analytical Platform, `promoted`, or `changed` since it was")
    ]


class TableOut(BaseModel):
    """A table: its columns in order, and a page of its partitions, newest first."""

    database: str
    table: str
    athena_reference: str
    s3_path: str
    columns: list[TableColumn]
    reading_options: ReadingOptionsOut = Field(description="of the next upload, unless others are chosen")
    reading_options_reviewed: bool = Field(description="kept in a reviewed file: others cannot be chosen")
    partition_count: int
    partitions: list[PartitionOut]
    next_cursor: str | None
