"""Superseded revisions: Parquet that no table points at any more, in curated and on the Analytical Platform."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from include.domain.upload import FINISHED, WAITING, State
from include.services import glue_tables
from include.services.areas import Areas
from include.services.housekeeping.removal import Removal, alone, record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from include.domain.upload import Upload
    from include.ports import ObjectStore, StoredObject
    from include.services.context import HousekeepingContext

_KEY = re.compile(
    r"(?P<database>[^/]+)/(?P<table>[^/]+)/extraction_timestamp=(?P<ts>[^/]+)/rev=(?P<revision>[^/]+)/[^/]+"
)


_MAKING = WAITING | {State.PUBLISHING}  # of whose table partitions may be derived again


@dataclass(frozen=True)
class Revision:
    """Where one derivation of a partition lies: full database name, table, extraction_timestamp, revision."""

    database: str
    table: str
    extraction_timestamp: str
    revision: str


@dataclass(frozen=True)
class SupersededRevisions:
    """Revisions that neither catalogue points at, that the ledger does not name, and that nobody is making.

    Attributes:
        name: of the step.
        platform: whether it is the Analytical Platform's area that is tidied, or curated.
    """

    name: str
    platform: bool

    def plan(self, context: HousekeepingContext, now: datetime) -> Iterator[Removal]:
        """Those that have been superseded for `keep_superseded_days`."""
        cutoff = now - timedelta(days=context.settings.keep_superseded_days)
        objects, root = self._area(context)
        for (database, table), found in groupby(
            _revisions(objects, root), key=lambda one: (one[0].database, one[0].table)
        ):
            uploads = self._uploads(context, database, table)
            for revision, files in found:
                upload = uploads.get(revision.extraction_timestamp)
                if upload is None or not _may_go(upload, revision) or upload.updated_at > cutoff:
                    continue
                newest = max(stored.last_modified for stored in files)
                if newest <= cutoff and not self._is_registered(context, revision):
                    yield _removal(revision, files, upload)

    def remove(self, context: HousekeepingContext, removal: Removal) -> bool:
        """Delete it, alone with the table: whoever publishes, widens or promotes meanwhile waits, or it is left."""
        _, root = self._area(context)
        where = _revision_of(removal.uris[0], root)
        upload = context.ledger.get(removal.upload_id or "")
        if where is None or upload is None:
            return False
        works = ("promote",) if self.platform else ("publish", "widen")
        with alone(context, *(f"{work}:{upload.database}.{upload.table}" for work in works)) as leases:
            if not self._is_superseded(context, where):
                return False
            record(context, self.name, removal)
            if not self._is_superseded(context, where):
                return False
            for lease in leases:
                lease.hold()  # the process may have been stopped for longer than a lease lasts
            self._area(context)[0].delete(removal.uris)
        return True

    def _is_superseded(self, context: HousekeepingContext, where: Revision) -> bool:
        upload = self._uploads(context, where.database, where.table).get(where.extraction_timestamp)
        return upload is not None and _may_go(upload, where) and not self._is_registered(context, where)

    def _area(self, context: HousekeepingContext) -> tuple[ObjectStore, str]:
        if self.platform:
            return context.ap_objects, context.settings.analytical_platform_uri + "/"
        return context.objects, context.settings.curated_uri + "/"

    def _uploads(self, context: HousekeepingContext, database: str, table: str) -> Mapping[str, Upload]:
        """The table's uploads by partition; none while its partitions may be made anew for one that is under way."""
        short = database.removeprefix(Areas(context.settings).database(""))
        if short == database:
            return {}
        uploads = context.ledger.in_states(tuple(State), database=short, table=table)
        if any(upload.state in _MAKING for upload in uploads):
            return {}
        ours = context.catalogue.table(database, table)
        if ours is not None and glue_tables.WIDENING in ours.parameters:
            return {}
        return {upload.extraction_timestamp: upload for upload in uploads}

    def _is_registered(self, context: HousekeepingContext, revision: Revision) -> bool:
        """Whether a partition in either catalogue is of this revision: on the platform it may still be copied from."""
        for catalogue in (context.catalogue, context.ap_catalogue):
            entry = catalogue.partition(revision.database, revision.table, revision.extraction_timestamp)
            if entry is not None and entry.location.rstrip("/").endswith(f"/rev={revision.revision}"):
                return True
        return False


IN_CURATED = SupersededRevisions("superseded revisions in curated", platform=False)
ON_PLATFORM = SupersededRevisions("superseded revisions on the Analytical Platform", platform=True)


def _may_go(upload: Upload, revision: Revision) -> bool:
    """Whether the ledger neither names the revision nor may come to name it."""
    named = {upload.revision, upload.promoted_revision, upload.taken_revision}
    return upload.state in FINISHED and revision.revision not in named


def _revisions(objects: ObjectStore, root: str) -> Iterator[tuple[Revision, list[StoredObject]]]:
    """Every revision's folder with its files, one at a time; what lies elsewhere is none."""
    for revision, files in groupby(objects.list(root), key=lambda stored: _revision_of(stored.uri, root)):
        if revision is not None:
            yield revision, list(files)


def _revision_of(uri: str, root: str) -> Revision | None:
    match = _KEY.fullmatch(uri.removeprefix(root))
    return Revision(*match.groups()) if match else None


def _removal(revision: Revision, files: list[StoredObject], upload: Upload) -> Removal:
    return Removal(
        what=f"revision {revision.revision} of {revision.database}.{revision.table}, {revision.extraction_timestamp}",
        why=f"superseded since {upload.updated_at:%Y-%m-%d} or before"
        if upload.revision
        else f"its upload is {upload.state}",
        uris=tuple(stored.uri for stored in files),
        size=sum(stored.size for stored in files),
        upload_id=upload.id,
    )
