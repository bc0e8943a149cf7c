"""What lies beside the files says of their uploads: rows of the ledger, read from manifests and reports."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from include.domain.column_types import display
from include.domain.findings import Finding
from include.domain.governance import Governance
from include.domain.partition_key import PartitionKey
from include.domain.reading_options import ReadingOptions
from include.domain.table_schema import TableSchema
from include.domain.upload import Door, State, Upload
from include.services.areas import MANIFEST, REPORT, WITHDRAWN, Areas
from include.services.landing import HAND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.ports import ObjectStore


@dataclass(frozen=True)
class Record:
    """One manifest or report.

    Attributes:
        uri: where it lies.
        upload: what it says, as the ledger would: published (whose revisions it does not know) or refused.
        withdrawn: whether `_withdrawn.json` lies beside it.
    """

    uri: str
    upload: Upload
    withdrawn: bool = False


@dataclass(frozen=True)
class Unreadable:
    """A manifest or report that cannot be read, and why."""

    uri: str
    problem: str


def manifests(objects: ObjectStore, areas: Areas, *, below: str = "") -> Iterator[Record | Unreadable]:
    """Every manifest in raw_history, a table's together; `below` is the start of a path in the area."""
    found = objects.list(f"{areas.settings.raw_history_uri}/{below}")
    for folder, stored in groupby(found, key=lambda each: each.uri.rpartition("/")[0]):
        names = {each.name for each in stored}
        if MANIFEST in names:
            yield _read(objects, f"{folder}/{MANIFEST}", areas, withdrawn=WITHDRAWN in names)


def reports(objects: ObjectStore, areas: Areas) -> Iterator[Record | Unreadable]:
    """Every report of a refused file."""
    for stored in objects.list(areas.settings.fail_uri + "/"):
        if stored.name == REPORT:
            yield _read(objects, stored.uri, areas)


def _read(objects: ObjectStore, uri: str, areas: Areas, *, withdrawn: bool = False) -> Record | Unreadable:
    try:
        upload = _as_upload(json.loads(objects.read(uri)), areas)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return Unreadable(uri, f"{type(error).__name__}: {error}")
    return Record(uri, upload, withdrawn=withdrawn)


def _first_columns(document: dict[str, Any]) -> list[tuple[str, str]]:
    """The columns of a document that does not list them: those without any value have no first type."""
    first = document.get("first_types", {})
    if "evidence" not in document:
        return list(first.items())
    types = TableSchema.from_json(document["evidence"]).types()
    return [(name, first.get(name, display(kind))) for name, kind in types.items()]


def _as_upload(document: dict[str, Any], areas: Areas) -> Upload:
    """The row of the ledger. Documents from before they said everything are completed by what is safe to suppose."""
    refused_at, publishing_at = document.get("refused_at"), document.get("publishing_at")
    ended = datetime.fromisoformat(refused_at or publishing_at or document["created_at"])
    since = document.get("reading_options_since")
    landed = document.get("landed_at")
    key = PartitionKey(document["database"], document["table"], document["extraction_timestamp"])
    by_hand = document["uploader"] == HAND
    columns = document.get("columns") or _first_columns(document)
    return Upload(
        id=document["upload_id"],
        database=key.database,
        table=key.table,
        extraction_timestamp=key.extraction_timestamp,
        filename=document["filename"],
        size=document.get("size", -1),
        state=State.REFUSED if refused_at else State.PUBLISHED,
        uploader=document["uploader"],
        door=Door(document.get("door", Door.LANDING if by_hand else Door.API)),
        governance=Governance.from_dict(document["governance"]),
        may_create=document.get("may_create", False),
        confirmed=document.get("confirmed", True),  # before anybody was asked, what was accepted was meant
        confirmed_columns=document.get("confirmed_columns"),
        landing_uri=document.get("landing_uri") or areas.landing(key, document["filename"]),
        created_at=datetime.fromisoformat(document["created_at"]) if "created_at" in document else ended,
        updated_at=ended,
        etag=document.get("etag"),
        landed_at=datetime.fromisoformat(landed) if landed else None,
        sha256=document["sha256"],
        sent_sha256=document.get("sent_sha256"),
        rows=document.get("rows"),
        attempt=document.get("attempt", 1),
        reading_options=ReadingOptions.from_json(document.get("reading_options", {})),
        options_since=datetime.fromisoformat(since) if since else None,
        columns=tuple((name, kind) for name, kind in columns),
        findings=tuple(Finding.from_dict(finding) for finding in document.get("findings", ())),
        revision=document.get("first_revision"),
        published_at=None if refused_at else ended,
    )
