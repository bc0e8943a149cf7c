"""One promoted upload, and the ways in which tests damage what is kept of it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update

from include.adapters.ledger.engine import make_engine
from include.adapters.ledger.tables import uploads
from include.services import glue_tables
from include.services.areas import Areas
from include.services.consistency import Code, examine, verify
from include.services.repair import rebuild_table
from include.services.repair.table_target import Request
from include.services.withdrawal.record import WithdrawnRecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.ports import CataloguePartition, CatalogueTable
    from tests.services.conftest import Pipeline


DATABASE = "data_eng_uploader_dev_travel"


WHERE = (DATABASE, "trips")


def codes(pipeline: Pipeline, *, thorough: bool = False) -> list[Code]:
    return [one.code for one in verify(pipeline.context, thorough=thorough, grace=timedelta())]


def notes(pipeline: Pipeline) -> list[Code]:
    return [one.code for one in examine(pipeline.context).notes]


def timestamp_of(pipeline: Pipeline, upload_id: str) -> str:
    return pipeline.upload(upload_id).extraction_timestamp


def entry_of(pipeline: Pipeline, upload_id: str) -> CataloguePartition:
    return pipeline.catalogue.entries[WHERE][timestamp_of(pipeline, upload_id)]


def change_table(pipeline: Pipeline, change: Callable[[CatalogueTable], CatalogueTable]) -> None:
    pipeline.catalogue.tables[WHERE] = change(pipeline.catalogue.tables[WHERE])


def change_manifest(pipeline: Pipeline, of: str, **facts: object) -> None:
    uri = Areas(pipeline.context.settings).manifest(pipeline.upload(of))
    document = json.loads(pipeline.objects.read(uri)) | facts
    pipeline.objects.write(uri, json.dumps(document).encode())


def files_of(pipeline: Pipeline, location: str) -> list[str]:
    return [stored.uri for stored in pipeline.objects.list(location)]


def mark_withdrawn(pipeline: Pipeline, upload_id: str) -> None:
    uri = Areas(pipeline.context.settings).manifest(pipeline.upload(upload_id)).replace("_manifest", "_withdrawn")
    record = WithdrawnRecord(
        upload_id=upload_id,
        requested_by="analyst@example.org",
        requested_at="2026-01-01T00:00:00+00:00",
        reason="wrong",
        approved_by=None,
        approved_at=None,
    )
    pipeline.objects.write(uri, json.dumps(asdict(record)).encode())


def lose_options(pipeline: Pipeline, text: str | None) -> None:
    """Put this in the place of what the table says of how its files are read."""
    said = {} if text is None else {glue_tables.OPTIONS: text}

    def change(table: CatalogueTable) -> CatalogueTable:
        kept = {name: value for name, value in table.parameters.items() if name != glue_tables.OPTIONS}
        return replace(table, parameters=kept | said)

    change_table(pipeline, change)


def rebuild_whole_table(pipeline: Pipeline) -> None:
    """What `rebuild_table` does."""
    request = Request(database="travel", table="trips")
    rebuild_table.prepare(pipeline.context, request, run="manual__1")
    rebuild_table.flip(pipeline.context, request, run="manual__1", by="engineer", asked_by="engineer")


def change_row(pipeline: Pipeline, upload_id: str, **values: object) -> None:
    """What no code of ours writes into the ledger."""
    folder = pipeline.context.settings.work_dir
    engine = make_engine(f"sqlite:///{folder}/ledger.db")
    with engine.begin() as connection:
        connection.execute(update(uploads).where(uploads.c.id == upload_id).values(**values))
    engine.dispose()
