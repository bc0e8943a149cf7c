"""Seeking: which of many uploads a person asks for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from include.domain.upload import FINISHED, LIVE, State

if TYPE_CHECKING:
    from collections.abc import Mapping


class Group(StrEnum):
    """States that mean the same to who looks for an upload."""

    UNDER_WAY = "under_way"
    IN_TABLE = "in_table"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"  # cancelled, or withdrawn
    FAILED = "failed"


STATES: Mapping[Group, frozenset[State]] = MappingProxyType(
    {
        Group.UNDER_WAY: frozenset(State) - FINISHED - {State.FAILED},
        Group.IN_TABLE: LIVE,
        Group.REFUSED: frozenset({State.REFUSED}),
        Group.TAKEN_BACK: frozenset({State.CANCELLED, State.WITHDRAWN}),
        Group.FAILED: frozenset({State.FAILED}),
    }
)


@dataclass(frozen=True, kw_only=True)
class Sought:
    """What an upload must be like. The texts are parts of names, without regard to case; empty asks for nothing."""

    group: Group | None = None
    database: str = ""
    table: str = ""
    filename: str = ""


EVERYTHING = Sought()
