"""Publications: which uploads were ever in a table, with which columns, who vouched for what, and pages of them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, String, func, select, type_coerce

from include.adapters.ledger.engine import reading
from include.adapters.ledger.tables import IS_LIVE, IS_PUBLISHED, UPLOAD_COLUMNS, uploads, withdrawals
from include.domain.column_history import TOGETHER, Publication
from include.domain.governance import Classification, Document
from include.domain.upload import State, Upload
from include.ports import ConfirmedGovernance, PublishedDatabase

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from include.domain.findings import Finding

_AT_ONCE = 500  # ids in one query


def digest_of(columns: Iterable[tuple[str, str]]) -> str:
    """The same for the same columns and types, whatever their order."""
    return hashlib.sha256(json.dumps(sorted(map(list, columns))).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class SqlPublicationLedger:
    """`PublicationLedger` over SQLite or PostgreSQL."""

    engine: Engine

    def databases(self, wanted: Collection[str]) -> tuple[PublishedDatabase, ...]:
        """How many tables each of these databases has, and when the last upload was published, sorted by name."""
        query = (
            select(uploads.c.database, func.count(uploads.c.table.distinct()), func.max(uploads.c.published_at))
            .where(IS_LIVE, IS_PUBLISHED, uploads.c.database.in_(sorted(wanted)))
            .group_by(uploads.c.database)
        )
        with reading(self.engine) as connection:
            found = [PublishedDatabase(*row) for row in connection.execute(query)]
        return tuple(sorted(found, key=lambda row: row.database))

    def live_page(self, database: str, table: str, *, before: str | None = None, limit: int) -> tuple[Upload, ...]:
        """The published uploads of a table, newest partition first, older than `before`."""
        query = (
            select(*UPLOAD_COLUMNS)
            .where(IS_LIVE, uploads.c.database == database, uploads.c.table == table)
            .order_by(uploads.c.extraction_timestamp.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(uploads.c.extraction_timestamp < before)
        with reading(self.engine) as connection:
            return tuple(Upload(**row) for row in connection.execute(query).mappings())

    def publications(self, database: str, table: str) -> tuple[Publication, ...]:
        """What was ever published into a table, withdrawn since or not, in order.

        One index tells where columns change; of the rows themselves only those of the uploads about there are read.
        """
        of_table = (IS_PUBLISHED, uploads.c.database == database, uploads.c.table == table)
        query = (
            select(uploads.c.id, type_coerce(uploads.c.state, String), uploads.c.columns_digest)
            .where(*of_table)
            .order_by(uploads.c.published_at, uploads.c.id)
        )
        with reading(self.engine) as connection:
            told = _told(connection.execute(query).all())
            gone = _gone(connection, [each.upload_id for each in told if each.withdrawn])
            facts = _facts(connection, [each.upload_id for each in told])
            columns = _columns(connection, {each.digest: each.upload_id for each in reversed(told)})
        return tuple(
            Publication(
                **facts[each.upload_id],
                upload_id=each.upload_id,
                columns=columns[each.digest],
                digest=each.digest,
                gone_at=gone.get(each.upload_id),
                more=each.more,
            )
            for each in told
        )

    def findings(self, upload_ids: Collection[str]) -> dict[str, tuple[Finding, ...]]:
        """What was found in these uploads."""
        with reading(self.engine) as connection:
            return {
                row[0]: row[1]
                for some in _batches(sorted(upload_ids))
                for row in connection.execute(select(uploads.c.id, uploads.c.findings).where(uploads.c.id.in_(some)))
            }

    def governance(self, database: str, *, table: str | None = None) -> tuple[ConfirmedGovernance, ...]:
        """What was confirmed of the published uploads of a database or table, the most frequent first."""
        governance = type_coerce(uploads.c.governance, JSON)
        facts = [governance[name].as_string().label(name) for name in ("document", "reference", "classification")]
        said = select(*facts, uploads.c.table).where(IS_LIVE, uploads.c.database == database)
        if table is not None:
            said = said.where(uploads.c.table == table)
        rows = said.subquery()
        query = select(*rows.c, func.count()).group_by(*rows.c)
        counted: dict[tuple[Any, ...], dict[str, int]] = {}
        with reading(self.engine) as connection:
            for *key, name, count in connection.execute(query):
                counted.setdefault(tuple(key), {})[name] = count
        confirmed = [
            ConfirmedGovernance(
                document=Document(document) if document else None,
                reference=reference or "",
                classification=Classification(classification) if classification else None,
                tables=tuple(sorted(tables)),
                uploads=sum(tables.values()),
            )
            for (document, reference, classification), tables in counted.items()
        ]
        return tuple(sorted(confirmed, key=lambda each: (-each.uploads, each.reference, str(each.classification))))


@dataclass
class _Told:
    upload_id: str
    withdrawn: bool
    digest: str
    more: int = 0


def _told(rows: Iterable[Sequence[str]]) -> list[_Told]:
    """The uploads that have other columns than the one before, those right after them, and the withdrawn ones."""
    told: list[_Told] = []
    last, since = "", 0
    for upload_id, state, known in rows:
        digest = known or upload_id  # of one without a digest nothing is known to have the same columns
        since, last = since + 1 if digest == last else 0, digest
        if since < TOGETHER or state == State.WITHDRAWN:
            told.append(_Told(upload_id, state == State.WITHDRAWN, digest))
        else:
            told[-1].more += 1
    return told


def _facts(connection: Connection, upload_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    names = ("extraction_timestamp", "uploader", "published_at")
    columns = [uploads.c[name] for name in names]
    return {
        row[0]: dict(zip(names, row[1:], strict=True))
        for some in _batches(upload_ids)
        for row in connection.execute(select(uploads.c.id, *columns).where(uploads.c.id.in_(some)))
    }


def _gone(connection: Connection, upload_ids: Sequence[str]) -> Mapping[str, datetime]:
    """When withdrawn uploads had left their table; those that are leaving it are not among them."""
    ended = withdrawals.c
    return {
        row[0]: row[1]
        for some in _batches(upload_ids)
        for row in connection.execute(
            select(ended.upload_id, ended.done_at).where(ended.upload_id.in_(some), ended.done_at.is_not(None))
        )
    }


def _columns(connection: Connection, samples: Mapping[str, str]) -> dict[str, tuple[tuple[str, str], ...]]:
    """The columns behind each digest, from an upload that has them."""
    digests = {upload_id: digest for digest, upload_id in samples.items()}
    return {
        digests[row[0]]: row[1]
        for some in _batches(sorted(digests))
        for row in connection.execute(select(uploads.c.id, uploads.c.columns).where(uploads.c.id.in_(some)))
    }


def _batches(upload_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(upload_ids), _AT_ONCE):
        yield upload_ids[start : start + _AT_ONCE]
