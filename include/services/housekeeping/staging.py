"""Staging and fail/: what finished uploads left there, once it has been kept for its time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from include.domain.upload import FINISHED, State
from include.services.areas import REPORT, WIDENING
from include.services.housekeeping.removal import Removal, alone, record
from include.services.repair.reingest import refused_lease
from include.services.widening.target import members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from include.ports import StoredObject
    from include.services.context import HousekeepingContext

AT_ONCE = 1000  # objects of one removal: what S3 deletes in one request


@dataclass(frozen=True)
class ExpiredStaging:
    """Documents and files of uploads that are finished, of a table's widening, or of nobody."""

    name: str = "expired staging"

    def plan(self, context: HousekeepingContext, now: datetime) -> Iterator[Removal]:
        """What is older than `keep_staging_days`; at once, what a cancelled upload left."""
        cutoff = now - timedelta(days=context.settings.keep_staging_days)
        root = context.settings.staging_uri + "/"
        for owner, held in groupby(context.objects.list(root), key=lambda stored: _first(stored, root)):
            if owner == WIDENING:
                yield from self._of_widenings(context, held, cutoff)
                continue
            upload = context.ledger.get(owner)
            if upload is None:
                objects = list(held)
                if max(stored.last_modified for stored in objects) <= cutoff:
                    yield from _removals(objects, what=f"staging of {owner}", why="the ledger has no such upload")
            elif upload.state in FINISHED:
                at_once = upload.state is State.CANCELLED
                old = (stored for stored in held if at_once or stored.last_modified <= cutoff)
                yield from _removals(
                    old, what=f"staging of upload {owner}", why=f"it is {upload.state}", upload_id=owner
                )

    def remove(self, context: HousekeepingContext, removal: Removal) -> bool:
        """Delete it unless its upload, or its table's widening, has come back to life."""
        with alone(context, *_leases_of(removal)) as leases:
            if not _is_over(context, removal):
                return False
            record(context, self.name, removal)
            if not _is_over(context, removal):
                return False
            for lease in leases:
                lease.hold()
            context.objects.delete(removal.uris)
        return True

    def _of_widenings(
        self, context: HousekeepingContext, held: Iterable[StoredObject], cutoff: datetime
    ) -> Iterator[Removal]:
        root = f"{context.settings.staging_uri}/{WIDENING}/"
        for place, objects in groupby(held, key=lambda stored: _first(stored, root)):
            if _is_widened(context, place):
                continue
            old = (stored for stored in objects if stored.last_modified <= cutoff)
            yield from _removals(old, what=_WIDENING_OF + place, why="the table is not being widened")


_WIDENING_OF = "documents of the widening of "


@dataclass(frozen=True)
class ExpiredFailures:
    """Refused files. The report beside each stays, with a note that the file is gone."""

    name: str = "expired refused files"

    def plan(self, context: HousekeepingContext, now: datetime) -> Iterator[Removal]:
        """Those whose upload was last refused before `keep_failed_days`.

        A file that is refused again keeps the date of the first time: an equal copy that is there is kept. The upload's
        row knows the last one, also in a ledger that was made again from reports.
        """
        cutoff = _cutoff(context, now)
        root = context.settings.fail_uri + "/"
        for stored in context.objects.list(root):
            if stored.name == REPORT or stored.last_modified > cutoff:
                continue
            upload = context.ledger.get(_first(stored, root))
            refused_at = max(stored.last_modified, upload.updated_at) if upload else stored.last_modified
            if refused_at <= cutoff:
                yield Removal(
                    what=f"refused file {stored.uri}",
                    why=f"refused on {refused_at:%Y-%m-%d} or before",
                    uris=(stored.uri,),
                    size=stored.size,
                    upload_id=_first(stored, root),
                )

    def remove(self, context: HousekeepingContext, removal: Removal) -> bool:
        """Note it in the report, then delete it; one that is ingested again, or was refused again, is left."""
        with alone(context, refused_lease(removal.upload_id or "")) as leases:
            if not self._may_go(context, removal):
                return False
            record(context, self.name, removal)
            if not self._may_go(context, removal):
                return False
            self._note(context, removal)
            if not self._may_go(context, removal):
                return False
            for lease in leases:
                lease.hold()
            context.objects.delete(removal.uris)
        return True

    def _note(self, context: HousekeepingContext, removal: Removal) -> None:
        report = removal.uris[0].rpartition("/")[0] + "/" + REPORT
        if context.objects.head(report) is not None:
            document = json.loads(context.objects.read(report))
            document["file_removed_at"] = context.clock.now().isoformat()
            context.objects.write(report, json.dumps(document, indent=1).encode())

    def _may_go(self, context: HousekeepingContext, removal: Removal) -> bool:
        upload = context.ledger.get(removal.upload_id or "")
        if upload is None:
            return True
        return upload.state is State.REFUSED and upload.updated_at <= _cutoff(context, context.clock.now())


def _cutoff(context: HousekeepingContext, now: datetime) -> datetime:
    return now - timedelta(days=context.settings.keep_failed_days)


def _first(stored: StoredObject, root: str) -> str:
    return stored.uri.removeprefix(root).partition("/")[0]


def _is_widened(context: HousekeepingContext, place: str) -> bool:
    """Whether a table, `<database>.<table>`, is being widened, or uploads wait for that."""
    return any(context.ledger.leased(name) for name in _table_leases(place)) or _is_waited_for(context, place)


def _is_waited_for(context: HousekeepingContext, place: str) -> bool:
    """Whether uploads wait for a table's widening, or were taken along by one and have not ended."""
    database, _, table = place.partition(".")
    return bool(members(context, database, table, unapproved=True))


def _table_leases(place: str) -> tuple[str, ...]:
    return tuple(f"{work}:{place}" for work in ("publish", "widen"))


def _leases_of(removal: Removal) -> tuple[str, ...]:
    """Of whoever might bring back to life what is to be deleted."""
    if removal.upload_id is not None:
        return (refused_lease(removal.upload_id),)
    if removal.what.startswith(_WIDENING_OF):
        return _table_leases(removal.what.removeprefix(_WIDENING_OF))
    return ()


def _is_over(context: HousekeepingContext, removal: Removal) -> bool:
    """Whether the upload, or the widening, that documents in staging are of has ended; asked under the leases."""
    if removal.upload_id is not None:
        upload = context.ledger.get(removal.upload_id)
        return upload is not None and upload.state in FINISHED
    place = removal.what.removeprefix(_WIDENING_OF)
    return place == removal.what or not _is_waited_for(context, place)


def _removals(
    objects: Iterable[StoredObject], *, what: str, why: str, upload_id: str | None = None
) -> Iterator[Removal]:
    """Removals of at most a thousand objects each."""
    batch: list[StoredObject] = []
    for stored in objects:
        batch.append(stored)
        if len(batch) == AT_ONCE:
            yield _removal(batch, what=what, why=why, upload_id=upload_id)
            batch = []
    if batch:
        yield _removal(batch, what=what, why=why, upload_id=upload_id)


def _removal(batch: Sequence[StoredObject], *, what: str, why: str, upload_id: str | None) -> Removal:
    return Removal(
        what=what,
        why=why,
        uris=tuple(stored.uri for stored in batch),
        size=sum(stored.size for stored in batch),
        upload_id=upload_id,
    )
