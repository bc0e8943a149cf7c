"""The documents of a conversion in staging: the plan, what each group came to, and the whole."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from include import conversion
from include.domain.table_schema import TableSchema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from include.services.ingest.stage import Staging

PLANNED = "plan.json"
CONVERTED = "conversion.json"


def group_document(number: int) -> str:
    """Name of the document of a group."""
    return f"groups/{number}.json"


def again_document(number: int, folder: str) -> str:
    """Name of the document of a group's parts that were written again into a folder."""
    return f"groups/{number}-{folder}.json"


def division_of(report: conversion.CheckReport, groups: Sequence[conversion.Group]) -> str:
    """16 hex digits that name one division of a file: which bytes are in which part of which group."""
    facts = {"ranges": report.to_json()["ranges"], "groups": [group.to_json() for group in groups]}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def part_folder(revision: str, division: str) -> str:
    """Name of the folder in staging for the parts of one division, written as one revision."""
    return f"{revision}-{division}"


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
        division: of the file, as it was when the group was converted.
    """

    result: conversion.GroupResult
    sizes: Mapping[str, int]
    division: str

    def to_json(self) -> dict[str, Any]:
        """The staging document."""
        return {"result": self.result.to_json(), "sizes": dict(self.sizes), "division": self.division}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> StagedGroup:
        """Read back what `to_json` wrote."""
        return cls(conversion.GroupResult.from_json(document["result"]), document["sizes"], document["division"])


@dataclass(frozen=True)
class Staged:
    """What conversion left in staging.

    Attributes:
        result: evidence, written types, rows and parts of the file.
        sizes: bytes of each part by its name; of those in the groups `again` only once these are written.
        revision: 16 hex digits of everything the Parquet is a function of.
        groups: that the parts are of, whatever the file's plan has become since.
        division: of the file into these groups.
        again: numbers of the groups of which other tasks write parts again.
    """

    result: conversion.Conversion
    sizes: Mapping[str, int]
    revision: str
    groups: tuple[conversion.Group, ...]
    division: str
    again: tuple[int, ...] = ()

    @property
    def folder(self) -> str:
        """Name of the folder in staging where the parts lie."""
        return part_folder(self.revision, self.division)

    def to_json(self) -> dict[str, Any]:
        """The staging document."""
        return {
            "result": self.result.to_json(),
            "sizes": dict(self.sizes),
            "revision": self.revision,
            "groups": [group.to_json() for group in self.groups],
            "division": self.division,
            "again": list(self.again),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Staged:
        """Read back what `to_json` wrote."""
        return cls(
            result=conversion.Conversion.from_json(document["result"]),
            sizes=document["sizes"],
            revision=document["revision"],
            groups=tuple(conversion.Group.from_json(group) for group in document["groups"]),
            division=document["division"],
            again=tuple(document["again"]),
        )


def read_decided(staging: Staging) -> Staged:
    """What was decided, without the parts that other tasks write again."""
    return Staged.from_json(staging.read(CONVERTED))


def read_whole(staging: Staging) -> Staged:
    """Everything that was staged, in the order of rows; NotFound if a group is not written again yet."""
    decided = read_decided(staging)
    sizes = dict(decided.sizes)
    for number in decided.again:
        sizes |= staging.read(again_document(number, decided.folder))["sizes"]
    return replace(decided, sizes={name: sizes[name] for name in decided.result.parts}, again=())
