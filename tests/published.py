"""Uploads that are published already, written straight into ledger, catalogue and curated, as many as a test needs."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from include.domain.evidence import of_text
from include.domain.table_schema import Column, TableSchema
from include.domain.upload import State
from include.ports import CataloguePartition
from include.services import glue_tables
from include.services.areas import Areas
from include.services.ownership import OWNER
from tests.adapters.ledger_samples import an_upload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.domain.upload import Upload
    from tests.pipeline import Pipeline

NARROW = (("a", "bigint"),)
WIDE = (("a", "string"),)
ROWS = 2


@cache
def parquet(kind: str, rows: int = ROWS) -> bytes:
    """A Parquet file with one column `a` of a Glue type."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    numbers = pa.array(range(rows), pa.int64())
    written = io.BytesIO()
    column = numbers if kind == "bigint" else numbers.cast(pa.string())
    pq.write_table(pa.table({"a": column}), written, compression="none", use_dictionary=False)
    return written.getvalue()


def published(pipeline: Pipeline, *, table: str = "trips", files: Sequence[bytes] = (), rows: int = ROWS) -> Upload:
    """One more published upload of a table, which is made with the first."""
    context = pipeline.context
    database = Areas(context.settings).database("travel")
    if context.catalogue.database_parameters(database) is None:
        context.catalogue.create_database(database, description="", parameters={OWNER: context.settings.env.value})
    if context.catalogue.table(database, table) is None:
        context.catalogue.create_table(
            glue_tables.describe(
                TableSchema((Column("a", of_text("1")),)),
                database=database,
                name=table,
                location=Areas(context.settings).table("travel", table),
                env=context.settings.env.value,
                was=None,
            )
        )
    pipeline.count += 1
    pipeline.clock.advance(seconds=1)
    now = pipeline.clock.now()
    upload = an_upload(
        pipeline.count,
        database="travel",
        table=table,
        extraction_timestamp=f"{now:%Y%m%dT%H%M%SZ}",
        state=State.PUBLISHED,
        created_at=now,
        published_at=now,
        revision="1" * 16,
        rows=rows,
        columns=NARROW,
    )
    entry = _place(pipeline, upload, "1" * 16, columns=NARROW, files=files, rows=rows)
    context.catalogue.create_partition(database, table, entry)
    context.ledger.add(upload, actor="test")
    return upload


def derived_again(pipeline: Pipeline, upload: Upload, *, revision: str = "2" * 16) -> Upload:
    """The same upload once its table's column became wider: table first, then the partition, then the ledger."""
    context = pipeline.context
    database = Areas(context.settings).database(upload.database)
    table = context.catalogue.table(database, upload.table)
    assert table is not None
    if table.columns != WIDE:
        context.catalogue.update_table(replace(table, columns=WIDE))
    entry = _place(pipeline, upload, revision, columns=WIDE)
    context.catalogue.update_partitions(database, upload.table, [entry])
    return context.ledger.amend(upload.id, revision=revision)


def withdrawn(pipeline: Pipeline, upload: Upload) -> Upload:
    """The same upload, taken back by the ledger and not yet anywhere else."""
    return pipeline.context.ledger.move(upload.id, State.WITHDRAWN, actor="test")


def _place(
    pipeline: Pipeline,
    upload: Upload,
    revision: str,
    *,
    columns: tuple[tuple[str, str], ...],
    files: Sequence[bytes] = (),
    rows: int = ROWS,
) -> CataloguePartition:
    location = Areas(pipeline.context.settings).revision(upload.key, revision)
    objects, staged_uri = pipeline.context.objects, Areas(pipeline.context.settings).staging(upload.id, "part")
    for number, content in enumerate(files or [parquet(columns[0][1])]):
        objects.write(staged_uri, content)
        staged = objects.head(staged_uri)
        assert staged is not None
        objects.copy(staged, f"{location}part-{number:05d}.parquet")  # as publication does
    objects.delete([staged_uri])
    return CataloguePartition(
        extraction_timestamp=upload.extraction_timestamp,
        location=location,
        columns=columns,
        parameters={glue_tables.UPLOAD: upload.id, glue_tables.REVISION: revision, glue_tables.ROWS: str(rows)},
    )
