"""What can go wrong in a scenario: the calls of an undisturbed run, each with every kind of fault."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from include.adapters.ledger.migrate import migrate
from tests.aws_pipeline import make_buckets
from tests.faults.host import Host
from tests.faults.kinds import Call, Point, kinds_at
from tests.faults.play import finish, picture_of, record
from tests.faults.world import BEGINNING, make_world, settings_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from tests.faults.host import Ended
    from tests.faults.runs import Answers
    from tests.faults.scenarios import Scenario


@dataclass(frozen=True)
class Undisturbed:
    """A scenario without faults: the calls of each task, with whether they carry a condition, and how it ends.

    Attributes:
        sent: the calls of AWS once more, with account and path.
    """

    calls: tuple[tuple[str, Call, bool], ...]
    picture: Any
    sent: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """For a pipe."""
        calls = [[step, vars(call), conditional] for step, call, conditional in self.calls]
        return {"calls": calls, "picture": self.picture, "sent": list(self.sent)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Undisturbed:
        """Read back what `to_json` wrote."""
        calls = ((step, Call(**call), conditional) for step, call, conditional in document["calls"])
        return cls(tuple(calls), document["picture"], tuple(document["sent"]))


def prepare(scenario: Scenario, folder: Path) -> Host:
    """A host, listening, on which everything has happened that goes before."""
    folder.mkdir()
    host = Host(folder)
    settings = settings_in(folder)
    migrate(settings.ledger_url.get_secret_value())

    def before() -> float:
        make_buckets(host.aws, settings)
        world = make_world(host.aws.endpoint_url, folder, seconds=0)
        scenario.before(world)
        return (world.clock.now() - BEGINNING).total_seconds()

    host.listen()
    host.seconds = answer_of(host.work(before))
    return host


def go_through(scenario: Scenario, host: Host, each: Callable[[int, Answers], None]) -> Undisturbed:
    """Play the scenario undisturbed, and call `each` before every task, with its number and the answers until then."""
    answers: Answers = {}
    calls: list[tuple[str, Call, bool]] = []
    sent: list[str] = []
    for number, step in enumerate(scenario.run.steps):
        each(number, answers)
        done = answer_of(host.work(lambda: record(host, scenario.run, number, answers)))  # noqa: B023 -- it is over by the next turn
        answers, host.seconds = done["answers"], done["seconds"]
        assert not done["promises"], f"undisturbed, after {step.name}: {done['promises']}"
        if step.disturbed:
            sent += done["sent"]
            calls += [(step.name, Call(*call), conditional) for *call, conditional in done["calls"]]

    def end() -> Any:
        world = make_world(host.aws.endpoint_url, host.folder, seconds=host.seconds)
        before = picture_of(world, host)
        picture = finish(world, host, scenario.run, answers)
        assert picture == before, "clearing the finished run changed something"
        assert not picture["disagreements"], picture["disagreements"]
        return picture

    undisturbed = Undisturbed(tuple(calls), answer_of(host.work(end)), tuple(sent))
    expect_worth_trying(scenario, undisturbed)
    return undisturbed


def expect_worth_trying(scenario: Scenario, undisturbed: Undisturbed) -> None:
    """A scenario that comes out otherwise than it says, or never does what it is about, would prove nothing."""
    found = {int(row["id"], 16): row["state"] for row in undisturbed.picture["uploads"]}
    ends = {number: str(state) for number, state in scenario.ends.items()}
    assert found == ends, f"{scenario.name} ends with {found}"
    missing = [pattern for pattern in scenario.does if not fnmatch.filter(undisturbed.sent, pattern)]
    assert not missing, f"{scenario.name} never does {missing}"


def points_of(scenarios: Iterable[tuple[Scenario, Undisturbed]]) -> Iterator[Point]:
    """Every point, numbered in the order of scenarios, tasks and calls."""
    number = 0
    for scenario, undisturbed in scenarios:
        meanwhile = scenario.run.meanwhile is not None
        for step, call, conditional in undisturbed.calls:
            for kind, recovery in kinds_at(call, conditional=conditional, meanwhile=meanwhile):
                number += 1
                yield Point(number, scenario.name, step, call, kind, recovery)


def answer_of(ended: Ended) -> Any:
    """What a child that had no order to die returned."""
    assert ended.signal is None, f"a child hung, or died of signal {ended.signal}"
    return ended.answer
