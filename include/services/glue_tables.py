"""How a table of ours is written down in Glue: its columns, its folded evidence, whose it is, its partitions."""

from __future__ import annotations

import base64
import json
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from include.domain.column_types import Null, glue_type
from include.domain.errors import Conflict, Terminal
from include.domain.reading_options import BoundOptions, ReadingOptions
from include.domain.table_schema import TableSchema
from include.ports import CataloguePartition, CatalogueTable
from include.services.ownership import OWNER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.domain.column_types import ColumnType
    from include.ports import ObjectStore, StoredObject

SCHEMA = "data_uploader_schema"  # chunks: data_uploader_schema_0, …_1, …
CHUNK = 100_000  # characters; a Glue parameter may have 512,000
OPTIONS = "data_uploader_reading"  # what the table is read with, and since when
WIDENING = "data_uploader_widening"  # present while some partitions are not yet as wide as the table
UPLOAD = "data_uploader_upload"
REVISION = "data_uploader_revision"
ROWS = "data_uploader_rows"


def read_schema(table: CatalogueTable) -> TableSchema:
    """The folded evidence of a table of ours, from its Parameters."""
    count = int(table.parameters.get(SCHEMA, "0"))
    packed = "".join(table.parameters[f"{SCHEMA}_{number}"] for number in range(count))
    if not packed:
        raise Terminal(
            f"The Glue table {table.database}.{table.name} has lost its {SCHEMA} parameters; rebuild the table.",
            code="schema_parameters_lost",
        )
    return TableSchema.from_json(json.loads(zlib.decompress(base64.b64decode(packed))))


def describe(
    schema: TableSchema,
    *,
    database: str,
    name: str,
    location: str,
    env: str,
    was: CatalogueTable | None,
    options: BoundOptions | None = None,
    widening: bool = False,
) -> CatalogueTable:
    """The Glue table of a schema; what others added to the Parameters of the one that was there stays.

    `options` are an upload's: they become the table's unless it has some that were chosen later.
    """
    text = json.dumps(schema.to_json(), separators=(",", ":"))
    packed = base64.b64encode(zlib.compress(text.encode(), 9)).decode()
    chunks = [packed[start : start + CHUNK] for start in range(0, len(packed), CHUNK)]
    ours = (SCHEMA, WIDENING)
    kept = {key: value for key, value in (was.parameters if was else {}).items() if not key.startswith(ours)}
    return CatalogueTable(
        database=database,
        name=name,
        location=location,
        columns=tuple((column, glue_type(kind)) for column, kind in schema.types().items()),
        parameters={
            **kept,
            OWNER: env,
            **({WIDENING: "true"} if widening else {}),
            **({OPTIONS: _write_options(newest_options(was, options))} if options else {}),
            SCHEMA: str(len(chunks)),
            **{f"{SCHEMA}_{number}": chunk for number, chunk in enumerate(chunks)},
        },
        description=was.description if was else "Made by the Data Uploader.",
        comments=dict(was.comments) if was else {},
        version=was.version if was else None,
    )


def read_options(table: CatalogueTable) -> BoundOptions | None:
    """What a table of ours is read with; None for one from before there were options.

    Terminal (`table_options_lost`) if nobody can tell any more: a file read with the defaults might be read wrongly.
    """
    text = table.parameters.get(OPTIONS)
    if text is None:
        return None
    try:
        document = json.loads(text)
        options, since = ReadingOptions.from_json(document["options"]), datetime.fromisoformat(document["since"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Terminal(
            f"How files of {table.database}.{table.name} are read cannot be told any more: the parameter {OPTIONS} of "
            "its Glue table is damaged. A data engineer has to rebuild the table.",
            code="table_options_lost",
        ) from error
    if since.tzinfo is None:
        since = since.replace(tzinfo=UTC)  # by hand; it is none that an upload was bound to, and can be compared
    return BoundOptions(options, since)


def newest_options(table: CatalogueTable | None, options: BoundOptions) -> BoundOptions:
    """What a table is read with once an upload with these options is in it: those chosen last."""
    known = read_options(table) if table else None
    return options if known is None or options.since > known.since else known


def _write_options(bound: BoundOptions) -> str:
    return json.dumps({"options": bound.options.to_json(), "since": bound.since.isoformat()})


def partition_entry(
    *,
    extraction_timestamp: str,
    location: str,
    written: Mapping[str, ColumnType],
    upload_id: str,
    revision: str,
    rows: int,
) -> CataloguePartition:
    """The Glue partition of one revision: the columns that are in its files, and which upload it is."""
    return CataloguePartition(
        extraction_timestamp=extraction_timestamp,
        location=location,
        columns=tuple((name, glue_type(kind)) for name, kind in written.items() if not isinstance(kind, Null)),
        parameters={UPLOAD: upload_id, REVISION: revision, ROWS: str(rows)},
    )


def is_of(partition: CataloguePartition, upload_id: str, *, folder: str) -> bool:
    """Whether a registered partition is this upload's.

    `folder` is the upload's own in the catalogue's account, whatever the revision. A partition that has lost its
    parameters is told by where it lies: nobody else writes there.
    """
    said = partition.parameters.get(UPLOAD)
    return said == upload_id if said else f"{partition.location.rstrip('/')}/".startswith(folder)


def pinned(objects: ObjectStore, uri: str, etag: str | None) -> StoredObject:
    """The object, if it still is the one with this ETag (any, for None), or Conflict."""
    stored = objects.head(uri)
    if stored is None or (etag is not None and stored.etag != etag):
        raise Conflict(f"{uri} is not the object that was read before.", code="object_changed")
    return stored
