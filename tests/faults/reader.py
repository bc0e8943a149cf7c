"""A reader of Glue, as a query engine is one: what it reads of a table at a moment, or that it refuses to."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from include.domain.errors import NotFound
from include.services.areas import Areas
from tests.faults.kinds import CHANGES

if TYPE_CHECKING:
    from include.ports import CataloguePartition, StoredObject
    from tests.faults.kinds import Call
    from tests.faults.world import World

Rows = list[dict[str, str | None]]

_ARROW = {"bigint": "int64", "double": "double", "string": "string", "date": "date32[day]"}


class QueryRefused(Exception):
    """Files and table do not fit each other: an engine gives an error instead of rows."""


@dataclass
class Reader:
    """Reads a table by its partitions' locations and columns, and remembers files: they never change.

    Attributes:
        world: with clients of its own.
        wrong: what was seen that should not be.
        looks: how often it looked.
        refused: how often it was refused.
    """

    world: World
    database: str
    table: str
    wrong: list[str] = field(default_factory=list)
    looks: int = 0
    refused: int = 0
    _files: dict[tuple[str, str], pa.Table] = field(default_factory=dict)
    _expected: dict[str, Rows] = field(default_factory=dict)
    _before: frozenset[str] | None = None

    def look(self, moment: str) -> None:
        """Look, and note what is wrong: a row doubled, missing or altered, or a partition gone."""
        self.looks += 1
        try:
            found = self.rows()
        except QueryRefused:
            self.refused += 1
            return
        for timestamp, rows in found.items():
            if rows != self._raw_rows(timestamp):
                self.wrong.append(f"{moment}: partition {timestamp} reads {rows[:3]} ({len(rows)} rows)")
        if self._before is not None and self._before - set(found):
            self.wrong.append(f"{moment}: partitions {sorted(self._before - set(found))[:3]} are gone")
        self._before = self._before or frozenset(found)

    def look_last(self) -> None:
        """The work is over: nothing may be refused now."""
        refused = self.refused
        self.look("at the end")
        if self.refused > refused:
            self.wrong.append("at the end: the query is refused")

    def rows(self) -> dict[str, Rows]:
        """What a query of the whole table gives, by partition; QueryRefused where engines refuse it."""
        context, areas = self.world.context, Areas(self.world.context.settings)
        name = areas.database(self.database)
        table = context.catalogue.table(name, self.table)
        if table is None:
            return {}
        types = dict(table.columns)
        stored = list(context.objects.list(areas.table(self.database, self.table)))
        return {
            partition.extraction_timestamp: self._partition(partition, types, stored)
            for partition in context.catalogue.partitions(name, self.table)
        }

    def _partition(self, partition: CataloguePartition, types: dict[str, str], stored: list[StoredObject]) -> Rows:
        rows: Rows = []
        for one in stored:
            if not one.uri.startswith(partition.location):
                continue
            file = self._read(one)
            for column in file.schema:
                if column.name not in types or str(column.type) != _ARROW[types[column.name]]:
                    raise QueryRefused
            rows += [
                {name: _text(row[name]) for name in types if row.get(name) is not None} for row in file.to_pylist()
            ]
        return rows

    def _read(self, one: StoredObject) -> pa.Table:
        key = (one.uri, one.etag)
        if key not in self._files:
            try:
                content = self.world.context.objects.read(one.uri)
            except NotFound as error:
                raise QueryRefused from error
            self._files[key] = pq.read_table(pa.BufferReader(content), use_threads=False)
        return self._files[key]

    def _raw_rows(self, timestamp: str) -> Rows:
        """The rows that the partition's raw file has, as text."""
        if timestamp not in self._expected:
            context = self.world.context
            upload = context.ledger.find(self.database, self.table, timestamp)
            assert upload is not None
            text = context.objects.read(Areas(context.settings).raw(upload)).decode()
            rows = csv.DictReader(io.StringIO(text))
            self._expected[timestamp] = [{name: value for name, value in row.items() if value} for row in rows]
        return self._expected[timestamp]


def _text(value: Any) -> str:
    """A value as it was written: the files of the scenarios have no notation that a type changes but `.0`."""
    return str(value).removesuffix(".0")


def look_on(world: World, other: World, *, database: str = "travel", table: str = "trips") -> Reader:
    """Let a reader look now, and after every call that may change what it reads."""
    reader = Reader(other, database, table)
    reader.look("before")
    settings = world.context.settings
    root = f"/{settings.curated_uri.removeprefix('s3://')}/"
    platform = f"/{settings.analytical_platform_uri.removeprefix('s3://')}/"

    def after(call: Call, url: str) -> None:
        if (call.service, call.operation) not in CHANGES or platform in url:
            return
        if call.service == "glue" or call.operation.startswith("Delete") or root in url:
            reader.look(f"after {call.name}")

    world.interception.after = after
    return reader
