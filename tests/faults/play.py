"""Playing a run as Airflow does: tasks in their order, retries, clears; with one thing that goes wrong."""

from __future__ import annotations

import signal
import traceback
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from include.adapters.ledger.uploads import SqlUploadLedger
from include.domain.errors import Conflict, Refused, Terminal, Transient
from tests.faults.kinds import Recovery
from tests.faults.picture import take_picture
from tests.faults.promises import broken_promises
from tests.faults.reader import look_on
from tests.faults.runs import WATCH
from tests.faults.world import BEGINNING, World, make_world

if TYPE_CHECKING:
    from tests.faults.host import Host
    from tests.faults.kinds import Call, Kind
    from tests.faults.runs import Answers, Run

CLEARS = 2  # by an engineer: one that does not help twice will not help
STEP_SECONDS = 10.0
RETRY_SECONDS = 61.0  # more than a claim lasts
NOTICED_SECONDS = 300.0  # until Airflow sees that a task is no more
CLEARED_SECONDS = 3600.0  # until an engineer has looked at it

KILLED = "killed"
PASSES = "passes"  # it is tried again
FAILED = "failed"  # it is not, until somebody clears it
BROKEN = "broken"  # an error that the service does not know


@dataclass
class Played:
    """What became of a run.

    Attributes:
        picture: of the world at its end; None if it never came to one.
        struck: whether what should go wrong did.
        stops: how often a task did not come to its end, by why.
        cleared: how often an engineer was needed.
        messages: what the tasks that stopped said.
        seen: what a reader saw that is wrong.
        promises: what was so, wherever it stopped, that must never be so.
    """

    picture: Any = None
    struck: bool = False
    stops: Counter[str] = field(default_factory=Counter)
    cleared: int = 0
    messages: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    promises: list[str] = field(default_factory=list)


def play(host: Host, run: Run, *, first: int, answers: Answers, fault: tuple[Call, Kind], recovery: Recovery) -> Played:
    """Play a run from its task `first` to the end; `fault` happens within that task."""
    played, number, tries = Played(), first, 0
    now: tuple[Call, Kind] | None = fault
    while True:
        stopped, answers = _one_child(host, run, played, number=number, answers=answers, fault=now)
        now = None
        if stopped is None:
            return played
        reached, why, message = stopped
        played.stops[why] += 1
        played.messages.append(f"{run.steps[reached].name}: {message}")
        played.promises += host.work(lambda: _look(host)).answer  # before anything mends it
        tries = tries + 1 if reached == number else 1
        number = reached
        host.seconds += NOTICED_SECONDS if why == KILLED else RETRY_SECONDS
        if why != FAILED and recovery is Recovery.CLEARED and sum(played.stops.values()) == 1:
            number, answers, tries = _cleared(run, number, answers)
        elif why == FAILED or tries > run.steps[reached].retries:
            host.work(lambda: _fail(host, run))
            played.cleared += 1
            if played.cleared > CLEARS:
                return played
            host.seconds += CLEARED_SECONDS
            tries = 0


def _cleared(run: Run, number: int, answers: Answers) -> tuple[int, Answers, int]:
    """Where the cleared run of a task begins, the answers that are left, and the tries of its first task."""
    first = min(other for other, step in enumerate(run.steps) if step.dag == run.steps[number].dag)
    if run.steps[number].dag == WATCH:
        return number, answers, 1  # the watch is not cleared, it only takes another turn
    kept = {step.name for step in run.steps[:first]}
    return first, {name: answer for name, answer in answers.items() if name in kept}, 0


def _one_child(
    host: Host, run: Run, played: Played, *, number: int, answers: Answers, fault: tuple[Call, Kind] | None
) -> tuple[tuple[int, str, str] | None, Answers]:
    """Play from a task on in one child, as far as it comes; why it stopped where, and the answers until then."""
    ended = host.work(lambda: _to_the_end(host, run, first=number, answers=answers, fault=fault))
    if ended.signal is not None:
        assert ended.signal == signal.SIGKILL, f"a child hung, or died of signal {ended.signal}"
        assert fault is not None, "killed without an order"
        host.seconds += STEP_SECONDS
        played.struck = True
        return (number, KILLED, "killed"), answers
    host.seconds = ended.answer["seconds"]
    played.struck = played.struck or ended.answer["struck"]
    played.picture = ended.answer["picture"]
    played.seen += ended.answer["seen"]
    stopped = ended.answer["stopped"]
    return (tuple(stopped) if stopped else None), ended.answer["answers"]


def _to_the_end(
    host: Host, run: Run, *, first: int, answers: Answers, fault: tuple[Call, Kind] | None
) -> dict[str, Any]:
    """In a child: the tasks from `first` on. At the end of the run it is cleared and played once more."""
    world = make_world(host.aws.endpoint_url, host.folder, seconds=host.seconds)
    if run.meanwhile is not None:
        act = run.meanwhile
        world.interception.meanwhile = lambda: act(_another(world, host))
    seen = look_on(world, _another(world, host)) if run.looked_at else None
    stopped, struck = None, False
    for number in range(first, len(run.steps)):
        world.interception.begin(fault if number == first else None)
        stopped = _do(world, run, number, answers)
        struck = struck or world.interception.struck
        if stopped:
            break
    picture = None if stopped else finish(world, host, run, answers)
    if seen is not None and stopped is None:
        seen.look_last()
    return {
        "seen": seen.wrong if seen else [],
        "answers": answers,
        "stopped": stopped,
        "struck": struck,
        "seconds": (world.clock.now() - BEGINNING).total_seconds(),
        "picture": picture,
    }


def record(host: Host, run: Run, number: int, answers: Answers) -> dict[str, Any]:
    """In a child: one task, undisturbed; its answer and its calls."""
    world = make_world(host.aws.endpoint_url, host.folder, seconds=host.seconds)
    world.interception.begin()
    stopped = _do(world, run, number, answers)
    assert stopped is None, f"undisturbed, {run.steps[number].name} stopped: {stopped}"
    return {
        "answers": answers,
        "calls": [
            [call.service, call.operation, call.nth, conditional] for call, conditional in world.interception.calls
        ],
        "sent": world.interception.sent,
        "promises": _look(host),
        "seconds": (world.clock.now() - BEGINNING).total_seconds(),
    }


def finish(world: World, host: Host, run: Run, answers: Answers) -> Any:
    """Clear the finished run, which must change nothing and send nothing; then take the picture."""
    world.interception.begin()
    again = {step.name: answers[step.name] for step in run.steps if step.dag == WATCH and step.name in answers}
    for number, step in enumerate(run.steps):
        stopped = None if step.dag == WATCH else _do(world, run, number, again)
        assert stopped is None, f"the finished run was cleared, and stopped: {stopped}"
    return picture_of(world, host)


def _another(world: World, host: Host) -> World:
    """Somebody else, at the same moment."""
    seconds = (world.clock.now() - BEGINNING).total_seconds()
    return make_world(host.aws.endpoint_url, host.folder, seconds=seconds)


def _do(world: World, run: Run, number: int, answers: Answers) -> tuple[int, str, str] | None:
    """One task; why it stopped, or None."""
    step = run.steps[number]
    world.clock.advance(seconds=STEP_SECONDS)
    if not step.wanted(answers):
        return None
    try:
        answers[step.name] = step.run(world, answers)
    except Transient as error:
        return number, PASSES, f"{error.code}: {error.detail}"
    except (Refused, Terminal) as error:
        passes = step.patient and (isinstance(error, Terminal | Conflict))
        return number, PASSES if passes else FAILED, f"{error.code}: {error.detail}"
    except Exception:  # noqa: BLE001 -- what the service does not know is what is looked for
        return number, BROKEN, traceback.format_exc()
    return None


def _look(host: Host) -> list[str]:
    return broken_promises(make_world(host.aws.endpoint_url, host.folder, seconds=host.seconds).context)


def _fail(host: Host, run: Run) -> None:
    run.failed(make_world(host.aws.endpoint_url, host.folder, seconds=host.seconds))


def picture_of(world: World, host: Host) -> Any:
    """What this world holds now."""
    ledger = world.context.ledger
    assert isinstance(ledger, SqlUploadLedger)
    return take_picture(world.context, engine=ledger.engine, folder=host.folder)
