"""What a world holds, without what depends on the clock: two pictures are equal when the same became of the same."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import select

from include.adapters.ledger.tables import mails, uploads
from include.domain.upload import State
from include.services.areas import Areas
from include.services.consistency import examine
from tests.faults.world import SENT

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from include.ports import Catalogue, ObjectStore
    from include.services.context import PromotionContext

Picture = dict[str, Any]

_CLOCKED = frozenset(
    {"approved_at", "landed_at", "publishing_at", "refused_at", "withdrawn_at", "requested_at", "at"}
)  # in JSON documents
_CLOCKED_COLUMNS = frozenset({"updated_at", "claimed_at", "landed_at", "published_at", "promoted_at"})


def take_picture(context: PromotionContext, *, engine: Engine, folder: Path) -> Picture:
    """Everything that must come out the same."""
    settings = context.settings
    report = examine(context, thorough=True, grace=timedelta(0))
    return {
        "disagreements": [str(one.about) for one in report.disagreements],
        "busy": list(report.busy),  # a table that is being written to is compared in part
        "landing": sorted(stored.uri for stored in context.objects.list(settings.landing_uri + "/")),
        "staging": sorted(
            stored.uri
            for stored in context.objects.list(settings.staging_uri + "/")
            if not stored.name.endswith(".json")
        ),
        "raw_history": _contents(context.objects, settings.raw_history_uri + "/"),
        "fail": _contents(context.objects, settings.fail_uri + "/"),
        "glue": _catalogue(context, context.catalogue, context.objects),
        "platform": _catalogue(context, context.ap_catalogue, context.ap_objects),
        "uploads": _rows(engine, uploads, without=_CLOCKED_COLUMNS),
        "mails": sorted(row["id"] for row in _rows(engine, mails, without=frozenset())),
        "sent": sorted(set((folder / SENT).read_text().splitlines())) if (folder / SENT).exists() else [],
        "withdrawn_on_platform": _left_of_withdrawn(context, engine),
    }


def differences(found: Any, wanted: Any, path: str = "") -> list[str]:
    """Where two pictures differ, a line for each."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        lines = []
        for key in sorted({*found, *wanted}):
            lines += differences(found.get(key), wanted.get(key), f"{path}/{key}")
        return lines
    if isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        return [
            line
            for number, (one, other) in enumerate(zip(found, wanted, strict=True))
            for line in differences(one, other, f"{path}/{number}")
        ]
    return [] if found == wanted else [f"{path}: {_short(found)} where {_short(wanted)} was expected"]


def content_of(name: str, content: bytes) -> Any:
    """What an object says: the schema and the rows of Parquet in their order, a JSON document, a digest of others."""
    if name.endswith(".parquet"):
        table = pq.read_table(pa.BufferReader(content))
        return {"schema": str(table.schema.remove_metadata()), "rows": [repr(row) for row in table.to_pylist()]}
    if name.startswith("_") and name.endswith(".json"):
        return {key: value for key, value in json.loads(content).items() if key not in _CLOCKED}
    return hashlib.sha256(content).hexdigest()


def _contents(objects: ObjectStore, prefix: str) -> Picture:
    return {stored.uri: content_of(stored.name, objects.read(stored.uri)) for stored in objects.list(prefix)}


def _catalogue(context: PromotionContext, catalogue: Catalogue, objects: ObjectStore) -> Picture:
    """Databases and tables of the uploads, each partition with what is in its folder."""
    found: Picture = {}
    areas = Areas(context.settings)
    page = context.ledger.page(limit=100)
    for short, name in sorted({(upload.database, upload.table) for upload in page.uploads}):
        database = areas.database(short)
        table = catalogue.table(database, name)
        found[database] = catalogue.database_parameters(database)
        if table is None:
            continue
        found[f"{database}.{name}"] = {
            "columns": [list(column) for column in table.columns],
            "parameters": dict(table.parameters),
            "location": table.location,
            "partitions": {
                partition.extraction_timestamp: {
                    "columns": [list(column) for column in partition.columns],
                    "parameters": dict(partition.parameters),
                    "location": partition.location,
                    "files": _contents(objects, partition.location),
                }
                for partition in catalogue.partitions(database, name)
            },
        }
    return found


def _rows(engine: Engine, table: Any, *, without: frozenset[str]) -> list[dict[str, Any]]:
    columns = [column for column in table.columns if column.name not in without]
    with engine.connect() as connection:
        rows = connection.execute(select(*columns).order_by(columns[0])).mappings()
        return [{key: value if isinstance(value, int) else str(value) for key, value in row.items()} for row in rows]


def _left_of_withdrawn(context: PromotionContext, engine: Engine) -> list[str]:
    with engine.connect() as connection:
        ids = connection.execute(select(uploads.c.id).where(uploads.c.state == State.WITHDRAWN)).scalars().all()
    found = [context.ledger.get(upload_id) for upload_id in ids]
    folders = [Areas(context.settings).ap_partition(upload.key) for upload in found if upload is not None]
    return [stored.uri for folder in folders for stored in context.ap_objects.list(folder)]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 300 else text[:300] + "…"
