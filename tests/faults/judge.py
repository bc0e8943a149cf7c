"""Trying one point in a copy of its world, and saying whether the world came out as it does undisturbed."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.faults.picture import differences
from tests.faults.play import BROKEN, CLEARS, Played, play

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.faults.host import Host
    from tests.faults.kinds import Point
    from tests.faults.runs import Answers
    from tests.faults.scenarios import Scenario

DIFFERENCES_SHOWN = 6


@dataclass(frozen=True)
class Tried:
    """What came of one point; it survived if nothing is wrong."""

    number: int
    wrong: tuple[str, ...]
    messages: tuple[str, ...] = ()
    stops: Mapping[str, int] = field(default_factory=Counter)
    cleared: int = 0
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """For a pipe."""
        return {**vars(self), "wrong": list(self.wrong), "messages": list(self.messages), "stops": dict(self.stops)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Tried:
        """Read back what `to_json` wrote."""
        return cls(**{**document, "wrong": tuple(document["wrong"]), "messages": tuple(document["messages"])})


def try_point(
    host: Host, scenario: Scenario, point: Point, *, number: int, answers: Answers, wanted: Any, folder: Path
) -> Tried:
    """In a child of the host: play the run with the point's fault, and judge how it came out."""
    began = time.monotonic()
    host.become_a_copy(folder)
    played = play(
        host, scenario.run, first=number, answers=answers, fault=(point.call, point.kind), recovery=point.recovery
    )
    wrong = tuple(wrong_with(played, wanted, without=scenario.without))
    shutil.rmtree(folder)
    return Tried(
        point.number, wrong, tuple(played.messages), dict(played.stops), played.cleared, time.monotonic() - began
    )


def wrong_with(played: Played, wanted: Any, *, without: Callable[[Any], Any] = dict) -> list[str]:
    """A line for each thing that is not as it should be; `without` takes out of a picture what may differ."""
    if not played.struck:
        return ["the call never came: the run is not the one that was recorded"]
    if played.cleared > CLEARS:
        promises = [f"where it stopped: {each}" for each in played.promises]
        return [f"the run does not come to its end, however often it is cleared: {played.messages[-1]}", *promises]
    broken = [f"a task ended in an error that the service does not know:\n{each}" for each in _broken(played)]
    seen = [f"a reader saw: {each}" for each in played.seen]
    promises = [f"where it stopped: {each}" for each in played.promises]
    disagreeing = [f"the consistency check: {one}" for one in played.picture.get("disagreements", ())]
    found, expected = (without(_without_failure_mails(picture)) for picture in (played.picture, wanted))
    shown = (broken, seen[:DIFFERENCES_SHOWN], promises[:DIFFERENCES_SHOWN], disagreeing)
    return [*(line for lines in shown for line in lines), *differences(found, expected)[:DIFFERENCES_SHOWN]]


def _broken(played: Played) -> list[str]:
    return [message for message in played.messages if "Traceback" in message] if played.stops[BROKEN] else []


def _without_failure_mails(picture: Any) -> Any:
    """A run that failed and was cleared has told the team so; there is nothing else it may have sent."""
    return {
        **picture,
        "mails": [mail for mail in picture["mails"] if not mail.endswith("-failed")],
        "sent": [line for line in picture["sent"] if not line.split()[0].endswith("-failed")],
    }
