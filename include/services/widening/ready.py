"""What says that a derived revision of a partition is whole: a document in staging for each, believed when verified."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from include.domain.errors import NotFound
from include.ports import CataloguePartition
from include.services.areas import Areas
from include.services.widening.at_once import each_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from include.domain.table_schema import TableSchema
    from include.services.context import PipelineContext
    from include.services.widening.outdated import Outdated

FOLDER = "ready/"


@dataclass(frozen=True)
class Ready:
    """A revision that was derived and is not yet registered.

    Attributes:
        entry: the partition as it will be registered.
        sizes: bytes of each part by its name.
        replaces: the location of the revision that it will take the place of.
    """

    entry: CataloguePartition
    sizes: Mapping[str, int]
    replaces: str

    def to_json(self) -> dict[str, Any]:
        """The staging document."""
        return {
            "extraction_timestamp": self.entry.extraction_timestamp,
            "location": self.entry.location,
            "columns": [list(column) for column in self.entry.columns],
            "parameters": self.entry.parameters,
            "sizes": dict(self.sizes),
            "replaces": self.replaces,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Ready:
        """Read back what `to_json` wrote."""
        entry = CataloguePartition(
            extraction_timestamp=document["extraction_timestamp"],
            location=document["location"],
            columns=tuple((name, kind) for name, kind in document["columns"]),
            parameters=document["parameters"],
        )
        return cls(entry, document["sizes"], document["replaces"])


def document_uri(context: PipelineContext, outdated: Outdated, target: TableSchema) -> str:
    """Where the document lies that says that this partition is ready for this target."""
    upload = outdated.upload
    name = f"{FOLDER}{upload.extraction_timestamp}-{outdated.derivation(target)}.json"
    return Areas(context.settings).widening(upload.database, upload.table, name)


def note_ready(context: PipelineContext, outdated: Outdated, target: TableSchema, ready: Ready) -> None:
    """Say that a revision is whole; all of its parts must be in place."""
    context.objects.write(document_uri(context, outdated, target), json.dumps(ready.to_json()).encode())


def read_ready(context: PipelineContext, outdated: Outdated, target: TableSchema) -> Ready | None:
    """The revision that was derived for this target, if its parts are there with their sizes and nothing but them."""
    try:
        ready = _read(context, document_uri(context, outdated, target))
    except NotFound:
        return None
    there = {stored.name: stored.size for stored in context.objects.list(ready.entry.location)}
    return ready if there == dict(ready.sizes) else None


def all_ready(context: PipelineContext, database: str, table: str) -> Iterator[tuple[str, Ready]]:
    """Every document of a table, for whatever target, with its URI."""
    listed = context.objects.list(Areas(context.settings).widening(database, table, FOLDER))
    uris = [stored.uri for stored in listed]
    yield from zip(uris, each_of(partial(_read, context), uris), strict=True)


def _read(context: PipelineContext, uri: str) -> Ready:
    return Ready.from_json(json.loads(context.objects.read(uri)))
