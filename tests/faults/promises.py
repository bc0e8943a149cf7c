"""What holds at every moment, also between a kill and what mends it: nobody who reads then may be misled."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from include.domain.errors import NotFound
from include.domain.upload import LIVE, State
from include.services import glue_tables
from include.services.areas import Areas

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.domain.upload import Upload
    from include.ports import Catalogue, CataloguePartition, CatalogueTable, ObjectStore
    from include.services.context import PromotionContext

_WIDER = frozenset({("bigint", "double"), ("bigint", "string"), ("double", "string"), ("date", "string")})


def broken_promises(context: PromotionContext) -> list[str]:
    """A line for each thing that must never be so, whatever was under way and wherever it was broken off."""
    uploads = context.ledger.page(limit=1000).uploads
    wrong: list[str] = []
    for database, table in sorted({(upload.database, upload.table) for upload in uploads}):
        of_table = [upload for upload in uploads if (upload.database, upload.table) == (database, table)]
        own = _Side("ours", context, context.catalogue, context.objects, database, table)
        platform = _Side("the platform's", context, context.ap_catalogue, context.ap_objects, database, table)
        wrong += [*own.wrong_with(of_table), *platform.wrong_with(of_table), *_narrow(own)]
        wrong += [
            f"{upload.id} is {upload.state} and not registered" for upload in of_table if _is_missing(own, upload)
        ]
        wrong += [
            f"{upload.id} is promoted and not on the platform"
            for upload in of_table
            if upload.promoted_revision is not None and _is_missing(platform, upload)
        ]
        wrong += [line for upload in of_table for line in _left(context, own, platform, upload)]
    return wrong


@dataclass(frozen=True)
class _Side:
    """One table in one of the two accounts, as it is at this moment; `database` is the short name."""

    name: str
    context: PromotionContext
    catalogue: Catalogue
    objects: ObjectStore
    database: str
    table: str

    @cached_property
    def definition(self) -> CatalogueTable | None:
        return self.catalogue.table(Areas(self.context.settings).database(self.database), self.table)

    @cached_property
    def partitions(self) -> list[CataloguePartition]:
        if self.definition is None:
            return []
        return list(self.catalogue.partitions(Areas(self.context.settings).database(self.database), self.table))

    def wrong_with(self, uploads: list[Upload]) -> Iterator[str]:
        definition, partitions = self.definition, self.partitions
        by_timestamp = {upload.extraction_timestamp: upload for upload in uploads}
        registered = Counter(partition.parameters.get(glue_tables.UPLOAD) for partition in partitions)
        yield from (f"{self.name}: {count} partitions of {one}" for one, count in registered.items() if count > 1)
        for partition in partitions:
            about = f"{self.name}, partition {partition.extraction_timestamp}"
            upload = by_timestamp.get(partition.extraction_timestamp)
            if upload is None or partition.parameters.get(glue_tables.UPLOAD) != upload.id:
                yield f"{about}: it is of no upload, or of another"
                continue
            assert definition is not None
            for line in (
                *self._wrong_with_files(partition),
                *_wrong_with_raw(self.context, upload, partition),
                *_too_wide(partition, definition),
            ):
                yield f"{about}: {line}"

    def _wrong_with_files(self, partition: CataloguePartition) -> Iterator[str]:
        rows = 0
        for stored in list(self.objects.list(partition.location)):
            footer = pq.ParquetFile(pa.BufferReader(self.objects.read(stored.uri)))
            rows += footer.metadata.num_rows
            if footer.schema_arrow.names != [name for name, _ in partition.columns]:
                yield f"{stored.name} has the columns {footer.schema_arrow.names}"
        if str(rows) != partition.parameters.get(glue_tables.ROWS):
            yield f"its files have {rows} rows, by its parameters {partition.parameters.get(glue_tables.ROWS)}"


def _wrong_with_raw(context: PromotionContext, upload: Upload, partition: CataloguePartition) -> Iterator[str]:
    """The raw file is safe, and what is needed to derive the partition again lies beside it."""
    areas = Areas(context.settings)
    raw = context.objects.head(areas.raw(upload))
    if raw is None or raw.size != upload.size:
        yield "its raw file is not there, or not whole"
    try:
        manifest = json.loads(context.objects.read(areas.manifest(upload)))
    except NotFound:
        yield "its manifest is not there"
        return
    said = (manifest["upload_id"], str(manifest["rows"]))
    if said != (upload.id, partition.parameters.get(glue_tables.ROWS)):
        yield f"its manifest is of {said}"


def _too_wide(partition: CataloguePartition, definition: CatalogueTable) -> Iterator[str]:
    """The table has each of its columns, with a type that is as wide or wider."""
    types = dict(definition.columns)
    for name, kind in partition.columns:
        if types.get(name) != kind and (kind, types.get(name)) not in _WIDER:
            yield f"its column {name} is {kind}, in the table {types.get(name)}"


def _narrow(own: _Side) -> Iterator[str]:
    """In our catalogue types are the same everywhere, but while the table says that it is being widened."""
    definition = own.definition
    if definition is None or glue_tables.WIDENING in definition.parameters:
        return
    types = dict(definition.columns)
    for partition in own.partitions:
        for name, kind in partition.columns:
            if kind != types.get(name):
                yield f"partition {partition.extraction_timestamp} has {name} as {kind}, and no widening is marked"


def _is_missing(side: _Side, upload: Upload) -> bool:
    timestamps = {partition.extraction_timestamp for partition in side.partitions}
    return upload.state in LIVE and upload.extraction_timestamp not in timestamps


def _left(context: PromotionContext, own: _Side, platform: _Side, upload: Upload) -> Iterator[str]:
    """What there still is of a withdrawal that is noted as done, and what should be: its record and the raw file."""
    withdrawal = context.withdrawals.get(upload.id)
    if upload.state is not State.WITHDRAWN or withdrawal is None or withdrawal.done_at is None:
        return
    areas = Areas(context.settings)
    for side in (own, platform):
        if any(partition.extraction_timestamp == upload.extraction_timestamp for partition in side.partitions):
            yield f"{upload.id} is withdrawn, and registered in {side.name}"
    left = list(context.ap_objects.list(areas.ap_partition(upload.key)))
    if left:
        yield f"{upload.id} is withdrawn, and on the platform there is {left[0].uri}"
    for uri in (areas.raw(upload), areas.withdrawn(upload)):
        if context.objects.head(uri) is None:
            yield f"{upload.id} is withdrawn, and {uri} is not there"
