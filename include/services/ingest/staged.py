"""The documents of a conversion in staging: the plan, what each group came to, and the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from include import conversion
from include.domain.table_schema import TableSchema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.services.ingest.stage import Staging

PLANNED = "plan.json"
CONVERTED = "conversion.json"


def group_document(number: int) -> str:
    """Name of the document of a group."""
    return f"groups/{number}.json"


def again_document(number: int, revision: str) -> str:
    """Name of the document of a group's parts that were written again for a revision."""
    return f"groups/{number}-{revision}.json"


@dataclass(frozen=True)
class Plan:
    """How a file is divided among tasks, and the types they begin with."""

    groups: tuple[conversion.Group, ...]
    hint: TableSchema

    def to_json(self) -> dict[str, Any]:
        """The staging document."""
        return {"groups": [group.to_json() for group in self.groups], "hint": self.hint.to_json()}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Plan:
        """Read back what `to_json` wrote."""
        groups = tuple(conversion.Group.from_json(group) for group in document["groups"])
        return cls(groups, TableSchema.from_json(document["hint"]))


@dataclass(frozen=True)
class StagedGroup:
    """What the conversion of a group left in staging.

    Attributes:
        result: evidence and written types of its parts.
        sizes: bytes of each part by its name; the parts lie in the folder of the revision of their types.
    """

    result: conversion.GroupResult
    sizes: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """The staging document."""
        return {"result": self.result.to_json(), "sizes": dict(self.sizes)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> StagedGroup:
        """Read back what `to_json` wrote."""
        return cls(conversion.GroupResult.from_json(document["result"]), document["sizes"])


@dataclass(frozen=True)
class Staged:
    """What conversion left in staging.

    Attributes:
        result: evidence, written types, rows and parts of the file.
        sizes: bytes of each part by its name; of those in the groups `again` only once these are written.
        revision: 16 hex digits of everything the Parquet is a function of; the parts lie in the folder of this name.
        again: numbers of the groups of which other tasks write parts again.
    """

    result: conversion.Conversion
    sizes: Mapping[str, int]
    revision: str
    again: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The staging document."""
        return {
            "result": self.result.to_json(),
            "sizes": dict(self.sizes),
            "revision": self.revision,
            "again": list(self.again),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Staged:
        """Read back what `to_json` wrote."""
        result = conversion.Conversion.from_json(document["result"])
        return cls(result, document["sizes"], document["revision"], tuple(document["again"]))


def read_decided(staging: Staging) -> Staged:
    """What was decided, without the parts that other tasks write again."""
    return Staged.from_json(staging.read(CONVERTED))


def read_whole(staging: Staging) -> Staged:
    """Everything that was staged, in the order of rows; NotFound if a group is not written again yet."""
    decided = read_decided(staging)
    sizes = dict(decided.sizes)
    for number in decided.again:
        sizes |= staging.read(again_document(number, decided.revision))["sizes"]
    return Staged(decided.result, {name: sizes[name] for name in decided.result.parts}, decided.revision)
