"""The facts of one table: what each place that tells of it says, read once and side by side."""

from __future__ import annotations

import json
from bisect import bisect_left
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any

from include import conversion
from include.domain.errors import Conflict, NotFound, UploaderError
from include.domain.partition_key import parse_key
from include.domain.table_schema import TableSchema
from include.domain.upload import LIVE, State
from include.services import glue_tables
from include.services.areas import MANIFEST, WITHDRAWN, Areas
from include.services.consistency.disagreement import disagreement
from include.services.ingest.manifest import is_raw_file_of
from include.services.ownership import OWNER
from include.services.repair.table_target import stored_options
from include.services.table_options import of_uploads

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from include.domain.reading_options import BoundOptions
    from include.domain.upload import Upload
    from include.ports import Catalogue, CataloguePartition, CatalogueTable, ObjectStore, StoredObject
    from include.services.consistency.disagreement import Code, Disagreement
    from include.services.context import PromotionContext

PARTITION, REVISION = "extraction_timestamp=", "rev="  # how the folders below a table's root begin
THREADS = 16  # each waits for S3 nearly all of its time


@dataclass(frozen=True)
class Footer:
    """What a Parquet file says of itself; `error` instead when it cannot be read."""

    rows: int = 0
    columns: tuple[tuple[str, str], ...] = ()
    error: str = ""


@dataclass(frozen=True)
class RawFolder:
    """What lies in raw_history under one extraction_timestamp: objects by name, and the manifest if it can be read."""

    objects: Mapping[str, StoredObject]
    manifest: Mapping[str, Any] | None

    @property
    def has_manifest(self) -> bool:
        """Whether there is one, readable or not."""
        return MANIFEST in self.objects

    @property
    def withdrawn(self) -> bool:
        """Whether it carries the mark of a withdrawal."""
        return WITHDRAWN in self.objects


@dataclass(frozen=True)
class Side:
    """A table as one account has it.

    Attributes:
        table: in Glue, or None.
        ours: whether this deployment made the table; True where there is none.
        schema: the folded evidence in its parameters; None without a table, or when they are lost.
        partitions: by extraction_timestamp.
        database_ours: whether this deployment made the database; True where there is none.
        folders: the objects of the area, by their folder's URI with its slash.
        footers: of the Parquet files in the registered locations, by URI.
    """

    table: CatalogueTable | None
    ours: bool
    schema: TableSchema | None
    partitions: Mapping[str, CataloguePartition]
    folders: Mapping[str, tuple[StoredObject, ...]]
    footers: Mapping[str, Footer]
    database_ours: bool = True

    def parquet_at(self, location: str) -> Mapping[str, StoredObject]:
        """The Parquet that engines read for a partition, however deep below its location; by name from there on."""
        return _parquet_below(self.folders, self._names, location)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(sorted(self.folders))


@dataclass(frozen=True)
class TableFacts:
    """Everything that is told of one table. `database` is the short name.

    Attributes:
        uploads: every upload into the table, by id; `by_timestamp`: the same by extraction_timestamp.
        raw: what lies in raw_history, by extraction_timestamp; `beside_raw`: in the table's folder, under none.
        displaced: uploads that by their manifest are here, and by the ledger elsewhere; by where they are here.
        own: our account; `platform`: the Analytical Platform's.
        writing: somebody publishes to the table or widens it now.
        promoting: somebody promotes it now.
        table_waits: promotion has yet to bring the table's own columns over.
        options: what the next file is to be read with by what the uploads have chosen; None for a table of nobody.
        settled: what the ledger says since before then has been followed by now.
    """

    database: str
    table: str
    uploads: Mapping[str, Upload]
    by_timestamp: Mapping[str, Upload]
    raw: Mapping[str, RawFolder]
    own: Side
    platform: Side
    writing: bool
    promoting: bool
    settled: datetime
    displaced: Mapping[str, Upload] = field(default_factory=dict)
    table_waits: bool = False
    options: BoundOptions | None = None
    beside_raw: tuple[str, ...] = ()

    @property
    def is_told_of(self) -> bool:
        """Whether any place tells of the table at all."""
        tables = self.own.table is not None or self.platform.table is not None
        return tables or any((self.uploads, self.raw, self.own.folders, self.platform.folders))

    def is_settled(self, upload: Upload) -> bool:
        """Whether what follows by itself from the upload's state has had its time."""
        return upload.updated_at <= self.settled

    def upload_at(self, timestamp: str) -> Upload | None:
        """The upload that has this partition."""
        return self.by_timestamp.get(timestamp)

    def in_no_partition(self, side: Side, root: str) -> list[str]:
        """The Parquet below a table's root that is in no revision of a partition that any place tells of."""
        told = self.by_timestamp.keys() | self.raw.keys() | self.displaced.keys() | side.partitions.keys()
        read = tuple(entry.location.rstrip("/") + "/" for entry in side.partitions.values() if entry.location)
        found = []
        for folder, held in side.folders.items():
            partition, _, revision = folder.removeprefix(root).partition("/")
            fits = partition.removeprefix(PARTITION) in told and revision.startswith(REVISION)
            if not fits and not folder.startswith(read):
                found += [stored.uri.removeprefix(root) for stored in held if is_parquet(stored)]
        return found

    def live(self) -> tuple[Upload, ...]:
        """What is published, oldest partition first."""
        found = (upload for upload in self.uploads.values() if upload.state in LIVE)
        return tuple(sorted(found, key=lambda upload: upload.extraction_timestamp))

    def evidence_of(self, upload: Upload) -> TableSchema | None:
        """What the manifest of an upload says its file has shown; None if it cannot be read."""
        folder = self.raw.get(upload.extraction_timestamp)
        try:
            return TableSchema.from_json(folder.manifest["evidence"]) if folder and folder.manifest else None
        except (KeyError, TypeError, ValueError):
            return None

    def found(self, code: Code, what: str, *, at: str | None = None, upload: Upload | None = None) -> Disagreement:
        """A disagreement about this table, one partition `at` an extraction_timestamp, or one upload."""
        timestamp = upload.extraction_timestamp if upload else at
        upload_id = upload.id if upload else None
        return disagreement(code, self.database, self.table, what, timestamp=timestamp, upload_id=upload_id)


def read_facts(context: PromotionContext, database: str, table: str, *, grace: timedelta) -> TableFacts:
    """Read everything, the ledger first: what comes later than it is under way, not wrong."""
    latest = context.clock.now() - grace
    areas = Areas(context.settings)
    env = context.settings.env.value
    full = areas.database(database)
    writing = any(context.ledger.leased(f"{what}:{database}.{table}") for what in ("publish", "widen"))
    promoting = context.ledger.leased(f"promote:{database}.{table}")
    waits = bool(context.ledger.changed_tables(database=database, table=table))
    uploads = context.ledger.in_states(tuple(State), database=database, table=table)
    with ThreadPoolExecutor(THREADS) as threads:
        raw, beside_raw = _read_raw(context, threads, areas.raw_table(database, table))
        own, platform = (
            _read_side(threads, catalogue, objects, where=(full, table), root=root, env=env)
            for catalogue, objects, root in (
                (context.catalogue, context.objects, areas.table(database, table)),
                (context.ap_catalogue, context.ap_objects, areas.ap_table(database, table)),
            )
        )
    places = {upload.extraction_timestamp for upload in uploads}
    uploads = tuple(upload for upload in uploads if not _is_elsewhere(context, upload, raw))
    return TableFacts(
        database=database,
        table=table,
        uploads={upload.id: upload for upload in uploads},
        by_timestamp={upload.extraction_timestamp: upload for upload in uploads},
        raw=raw,
        own=own,
        platform=platform,
        writing=writing,
        promoting=promoting,
        settled=latest,
        table_waits=waits,
        beside_raw=beside_raw,
        options=_options(context, uploads, own.table),
        displaced=_displaced(context, {place: folder for place, folder in raw.items() if place not in places}),
    )


def _is_elsewhere(context: PromotionContext, upload: Upload, raw: Mapping[str, RawFolder]) -> bool:
    """Whether an upload's file was accepted under another key than the ledger has, which is said of that one."""
    root = context.settings.landing_uri + "/"
    if upload.state not in LIVE or upload.extraction_timestamp in raw or not upload.landing_uri.startswith(root):
        return False
    try:
        key, _ = parse_key(upload.landing_uri.removeprefix(root))
    except UploaderError:
        return False
    return key != upload.key and is_raw_file_of(context, key, upload.id)


def _options(context: PromotionContext, uploads: Sequence[Upload], table: CatalogueTable | None) -> BoundOptions | None:
    published = [upload for upload in uploads if upload.state in LIVE]
    if table is None or not published:
        return None
    published.sort(key=lambda upload: (upload.published_at or upload.updated_at, upload.id))
    return of_uploads(context, published, every=uploads, stored=stored_options(table))


def _displaced(context: PromotionContext, raw: Mapping[str, RawFolder]) -> dict[str, Upload]:
    found = {}
    for timestamp, folder in raw.items():
        said = folder.manifest.get("upload_id") if folder.manifest else None
        upload = context.ledger.get(said) if isinstance(said, str) else None
        if upload is not None:
            found[timestamp] = upload
    return found


def _read_raw(
    context: PromotionContext, threads: ThreadPoolExecutor, root: str
) -> tuple[dict[str, RawFolder], tuple[str, ...]]:
    found: dict[str, dict[str, StoredObject]] = {}
    beside = []
    for stored in context.objects.list(root):
        folder, _, name = stored.uri.removeprefix(root).partition("/")
        if name and folder.startswith(PARTITION):
            found.setdefault(folder.removeprefix(PARTITION), {})[name] = stored
        else:
            beside.append(stored.uri.removeprefix(root))

    def manifest_of(objects: Mapping[str, StoredObject]) -> Mapping[str, Any] | None:
        if MANIFEST not in objects:
            return None
        try:
            document = json.loads(context.objects.read(objects[MANIFEST].uri))
        except (ValueError, NotFound):
            return None
        return document if isinstance(document, dict) else None

    manifests = threads.map(manifest_of, found.values())
    folders = {
        timestamp: RawFolder(objects, manifest)
        for (timestamp, objects), manifest in zip(found.items(), manifests, strict=True)
    }
    return folders, tuple(beside)


def _read_side(
    threads: ThreadPoolExecutor,
    catalogue: Catalogue,
    objects: ObjectStore,
    *,
    where: tuple[str, str],
    root: str,
    env: str,
) -> Side:
    database, name = where
    table = catalogue.table(database, name)
    ours = table is None or table.parameters.get(OWNER) == env
    partitions = {}
    schema = None
    if table is not None and ours:
        partitions = {entry.extraction_timestamp: entry for entry in catalogue.partitions(database, name)}
        try:
            schema = glue_tables.read_schema(table)
        except (UploaderError, ValueError, KeyError):
            schema = None  # said as a disagreement: `evidence_lost`
    folders: dict[str, list[StoredObject]] = {}
    for stored in objects.list(root):
        folders.setdefault(stored.uri.rpartition("/")[0] + "/", []).append(stored)
    held = {folder: tuple(folders[folder]) for folder in sorted(folders)}
    names = tuple(held)
    read = (_parquet_below(held, names, entry.location) for entry in partitions.values())
    files = {stored.uri: stored for found in read for stored in found.values()}
    footers = _read_footers(threads, objects, files.values())
    owner = catalogue.database_parameters(database)
    return Side(table, ours, schema, partitions, held, footers, owner is None or owner.get(OWNER) == env)


def _parquet_below(
    folders: Mapping[str, Sequence[StoredObject]], names: Sequence[str], location: str
) -> dict[str, StoredObject]:
    if not location:
        return {}
    root = location.rstrip("/") + "/"
    start = bisect_left(names, root)
    below = takewhile(lambda name: name.startswith(root), islice(names, start, None))
    found = (stored for name in below for stored in folders[name] if is_parquet(stored))
    return {stored.uri.removeprefix(root): stored for stored in found}


def is_parquet(stored: StoredObject) -> bool:
    """Whether an object may lie where engines read everything."""
    return stored.name.endswith(".parquet") and not stored.name.startswith(("_", "."))


def some(names: list[str]) -> str:
    """The first of many names, and how many more there are."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""  # noqa: PLR2004 -- enough to recognise them
    return ", ".join(names[:3]) + more


def _read_footers(
    threads: ThreadPoolExecutor, objects: ObjectStore, files: Iterable[StoredObject]
) -> dict[str, Footer]:
    def footer_of(stored: StoredObject) -> tuple[str, Footer]:
        try:
            return stored.uri, Footer(*conversion.stored_columns(objects.file(stored)))
        except (ValueError, OSError, NotFound, Conflict) as error:
            return stored.uri, Footer(error=f"{type(error).__name__}: {error}")

    return dict(threads.map(footer_of, files))
