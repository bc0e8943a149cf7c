"""What the API says of databases and tables, as pydantic models: a source of the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from plugins.front.api.models import ColumnOut, ReadingOptionsOut


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
