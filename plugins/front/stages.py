"""Stages: the way of an upload as a list that a person follows, and how far along it this one is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from include.domain.upload import State, StateChange, Upload


class Mark(StrEnum):
    """How far a stage is."""

    DONE = "done"
    NOW = "now"
    WAITING = "waiting"  # its turn, but for something else
    STOPPED = "stopped"
    NOT_YET = "not_yet"
    NEVER = "never"


WORDS: Mapping[Mark, str] = MappingProxyType(
    {
        Mark.DONE: "Done",
        Mark.NOW: "In progress",
        Mark.WAITING: "Waiting",
        Mark.STOPPED: "Stopped here",
        Mark.NOT_YET: "Not yet",
        Mark.NEVER: "Will not happen",
    }
)


@dataclass(frozen=True)
class Stage:
    """One line of the list."""

    title: str
    mark: Mark

    @property
    def present(self) -> bool:
        """Whether the upload is here."""
        return self.mark in {Mark.NOW, Mark.WAITING, Mark.STOPPED}

    @property
    def words(self) -> str:
        """The mark in words."""
        return WORDS[self.mark]


_TITLES = (
    "Send the file",
    "Check the file",
    "Work out the column types",
    "Validate the data",
    "Bring earlier data to the new column types",
    "Add to the table",
    "Copy to the Analytical Platform",
)
_WIDEN = 4
_AT: Mapping[State, int] = MappingProxyType(
    {
        State.STARTED: 0,
        State.UPLOADING: 0,
        State.LANDED: 1,
        State.CHECKING: 1,
        State.CONVERTING: 2,
        State.VALIDATING: 3,
        State.WIDENING: 4,
        State.WAITING_FOR_APPROVAL: 4,
        State.PUBLISHING: 5,
        State.PUBLISHED: 6,
        State.PROMOTED: 7,
    }
)
_WAITS = frozenset({State.LANDED, State.PUBLISHED, State.WAITING_FOR_APPROVAL})
_ENDED = frozenset({State.REFUSED, State.CANCELLED})


def stages_of(upload: Upload, history: Iterable[StateChange]) -> tuple[Stage, ...]:
    """The stages in their order. The one that rewrites earlier data is there only if it was needed.

    A refused, cancelled or failed upload is where it last was on its way; a withdrawn one has no way any more.
    """
    if upload.state is State.WITHDRAWN:
        return ()
    on_the_way = [line.state for line in history if line.state in _AT]
    current = upload.state if upload.state in _AT else (on_the_way[-1] if on_the_way else State.STARTED)
    at = _AT[current]
    widens = any(_AT[state] == _WIDEN for state in (*on_the_way, current))
    return tuple(
        Stage(title, _mark(number, at, upload.state))
        for number, title in enumerate(_TITLES)
        if number != _WIDEN or widens
    )


def _mark(number: int, at: int, state: State) -> Mark:
    if number < at:
        return Mark.DONE
    if number > at:
        return Mark.NEVER if state in _ENDED else Mark.NOT_YET
    if state in _ENDED or state is State.FAILED:
        return Mark.STOPPED
    return Mark.WAITING if state in _WAITS else Mark.NOW
