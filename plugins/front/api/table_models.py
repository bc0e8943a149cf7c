"""What the API says of databases and tables, as pydantic models: a source of the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

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


class ColumnChangeOut(BaseModel):
    """One change of a column: it appeared, or became another type; by the upload that is named, if one tells of it."""

    type: str = Field(description="from then on; `null` while no value of it has a type", examples=["double"])
    was: str | None = Field(description="the type before; null when the column appeared", examples=["bigint"])
    extraction_timestamp: str | None = Field(
        description="of the upload; null if it is still under way, or the table was made again"
    )
    uploader: str | None
    at: datetime | None = Field(description="when the upload was published")
    withdrawn: bool = Field(description="that upload has left the table since")


class TableColumn(ColumnOut):
    """A column of a table, and what its values have shown in all partitions."""

    evidence: dict[str, Any]
    description: str = Field(description="what people wrote of it in the catalogue")
    history: list[ColumnChangeOut] = Field(description="oldest first")


class PartitionOut(BaseModel):
    """A published upload as the readers of its table see it."""

    extraction_timestamp: str
    rows: int | None
    uploader: str
    published_at: datetime | None
    promoted_at: datetime | None
    upload_id: str | None = Field(description="of your own uploads")
    promotion: Annotated[
        str, Field(description="`waiting` for the Analytical Platform, `promoted`, or `changed` since it was")
    ]


class TableOut(BaseModel):
    """A table: its columns in order, and a page of its partitions, newest first."""

    database: str
    table: str
    athena_reference: str
    s3_path: str
    owner: str = Field(description="whose upload made it, unless a reviewed file names somebody else")
    columns: list[TableColumn]
    reading_options: ReadingOptionsOut = Field(description="of the next upload, unless others are chosen")
    reading_options_reviewed: bool = Field(description="kept in a reviewed file: others cannot be chosen")
    partition_count: int
    partitions: list[PartitionOut]
    next_cursor: str | None


class MetadataColumn(BaseModel):
    """A column in mojap-metadata."""

    name: str
    type: str = Field(examples=["int64", "decimal128(38,2)", "list<struct<a:date32>>"])
    description: str
    nullable: bool


class MetadataOut(BaseModel):
    """A table in mojap-metadata; the partition is the last column."""

    model_config = ConfigDict(serialize_by_alias=True)

    schema_url: str = Field(alias="$schema")
    name: str
    description: str
    file_format: str
    sensitive: bool = Field(description="one of its uploads is OFFICIAL-SENSITIVE")
    primary_key: list[str]
    partitions: list[str]
    database_name: str
    table_location: str
    columns: list[MetadataColumn]
