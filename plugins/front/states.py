"""States in words: what each state of an upload means to the person who waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from include.domain.seeking import Group
from include.domain.upload import FINISHED, State
from include.domain.withdrawal import Progress, Withdrawal

WORDS: Mapping[State, str] = MappingProxyType(
    {
        State.STARTED: "Waiting for the file",
        State.UPLOADING: "Uploading",
        State.LANDED: "Received, waiting to be checked",
        State.CHECKING: "Checking the file",
        State.CONVERTING: "Working out the column types",
        State.VALIDATING: "Validating the data",
        State.WIDENING: "Bringing earlier data to the new column types",
        State.WAITING_FOR_APPROVAL: "Waiting for approval to change the table",
        State.PUBLISHING: "Adding to the table",
        State.PUBLISHED: "Added to the table, not yet on the Analytical Platform",
        State.PROMOTED: "On the Analytical Platform",
        State.CANCELLED: "Cancelled",
        State.REFUSED: "Refused: the file has to be corrected",
        State.WITHDRAWN: "Withdrawn",
        State.FAILED: "Stopped by a problem on our side",
    }
)

BEING_WITHDRAWN = "Being withdrawn"

TAG_COLOURS: Mapping[State, str] = MappingProxyType(
    {
        **dict.fromkeys(State, "blue"),
        State.PUBLISHED: "turquoise",
        State.PROMOTED: "green",
        State.CANCELLED: "grey",
        State.WITHDRAWN: "grey",
        State.WAITING_FOR_APPROVAL: "yellow",
        State.REFUSED: "orange",
        State.FAILED: "red",
    }
)


GROUPS: Mapping[Group, str] = MappingProxyType(
    {
        Group.UNDER_WAY: "Under way",
        Group.IN_TABLE: "Added to the table",
        Group.REFUSED: "Refused",
        Group.TAKEN_BACK: "Cancelled or withdrawn",
        Group.FAILED: "Stopped by a problem on our side",
    }
)


def said_of(state: State, withdrawal: Withdrawal | None) -> str:
    """Where an upload is, in words; what is withdrawn is being withdrawn until its rows are gone."""
    if state is State.WITHDRAWN and withdrawal is not None and withdrawal.progress is Progress.WITHDRAWING:
        return BEING_WITHDRAWN
    return WORDS[state]


def is_under_way(state: State, withdrawal: Withdrawal | None = None) -> bool:
    """Whether the state, or the withdrawal, will change by itself within minutes."""
    withdrawing = withdrawal is not None and withdrawal.progress is Progress.WITHDRAWING
    return state not in FINISHED or withdrawing
