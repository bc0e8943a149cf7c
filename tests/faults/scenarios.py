"""What is disturbed: runs of the DAGs, on what went before them."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, replace
from typing import TYPE_CHECKING

from include.domain.upload import State
from include.domain.withdrawal import Approval
from tests.fakes.mailer import MemoryMailer
from tests.fakes.reviewed import ReviewedPeople, ReviewedTables
from tests.faults.runs import Run, ingestion, promotion, widening, withdrawal
from tests.pipeline import Pipeline, SuiteOf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.faults.picture import Picture
    from tests.faults.runs import Answers
    from tests.faults.world import World

DATABASE, TABLE = "travel", "trips"
UPLOADER = "analyst@example.org"


@dataclass(frozen=True)
class Scenario:
    """Runs to disturb, and what went before them.

    Attributes:
        without: takes out of a picture what may differ from the undisturbed one.
        ends: the state of every upload after the undisturbed run, by its number.
        does: what it is about: patterns of calls, written as `own s3:PutObject /bucket/key`, that are disturbed.
    """

    name: str
    before: Callable[[World], None]
    run: Run
    without: Callable[[Picture], Picture] = dict
    _: KW_ONLY
    ends: Mapping[int, State]
    does: tuple[str, ...]


def feeder(world: World, *, count: int) -> Pipeline:
    """The ways to announce and land files, the next upload being `count` + 1."""
    return Pipeline(
        context=world.context,
        mailer=MemoryMailer(),
        clock=world.clock,
        suite=SuiteOf(),
        reviewed=ReviewedTables(),
        owners=ReviewedPeople(),
        count=count,
    )


def numbered(number: int) -> str:
    """The id of the nth upload that is announced."""
    return f"{number:032x}"


def carry_out(world: World, run: Run) -> None:
    """Play a run undisturbed, in this process."""
    answers: Answers = {}
    for step in run.steps:
        if step.wanted(answers):
            answers[step.name] = step.run(world, answers)


def publish(world: World, *files: bytes, count: int = 0) -> Pipeline:
    """Upload files one after the other into one table, and widen it where one needs that."""
    feeding = feeder(world, count=count)
    for content in files:
        carry_out(world, ingestion(feeding.land(content, table=TABLE, database=DATABASE)))
        carry_out(world, widening(DATABASE, TABLE))
    return feeding


def landed(*files: bytes) -> Callable[[World], None]:
    """Some published uploads, and one more that has landed."""

    def before(world: World) -> None:
        publish(world, *files[:-1]).land(files[-1], table=TABLE, database=DATABASE)

    return before


def on_the_platform(*files: bytes) -> Callable[[World], None]:
    """Promoted uploads, of which the withdrawal of the first is asked for."""

    def before(world: World) -> None:
        publish(world, *files)
        carry_out(world, promotion())
        world.context.withdrawals.request(numbered(1), by=UPLOADER, reason="the wrong month")

    return before


def replaced_and_new(world: World) -> None:
    """A partition on the platform that became wider since, and one that is new."""
    publish(world, FIRST)
    carry_out(world, promotion())
    publish(world, b"a,b\n1.5,x\n", count=1)


def _withdrawn_since(world: World) -> None:
    """A withdrawal that is approved, and not carried out when the night comes."""
    on_the_platform(FIRST, NARROW)(world)
    asked = world.context.withdrawals.get(numbered(1))
    assert asked is not None
    world.context.withdrawals.decide(numbered(1), run_id=asked.run_id, by="engineer", approval=Approval.GIVEN)


def one_after_the_other(*runs: Run) -> Run:
    return Run(tuple(step for run in runs for step in run.steps), runs[0].failed)


def undisturbed(run: Run) -> Run:
    return Run(tuple(replace(step, disturbed=False) for step in run.steps), run.failed)


FIRST, NARROW = b"a,b\n1,x\n2,y\n", b"a,b\n3,z\n"

PUBLISHES = (
    "own s3:CopyObject /*/raw_history/*",
    "own s3:PutObject /*/raw_history/*/_manifest.json",
    "own s3:CopyObject /*/curated/*",
    "own glue:CreatePartition *",
)
WIDENS = (
    "own s3:PutObject /*/curated/*",  # a partition that is derived again
    "own s3:PutObject /*/staging/widening/*/flip.json",
    "own glue:UpdateTable *",
    "own glue:BatchUpdatePartition *",
)
PROMOTES = (
    "platform s3:CopyObject *",
    "platform glue:UpdateTable *",
    "platform glue:CreatePartition *",
    "platform glue:BatchUpdatePartition *",
)
WITHDRAWS = (
    "own s3:PutObject /*/raw_history/*/_withdrawn.json",
    "own glue:DeletePartition *",
    "platform glue:DeletePartition *",
    "platform s3:DeleteObjects *",
)

FAULTS = (
    Scenario(
        "first",
        landed(FIRST),
        ingestion(numbered(1)),
        ends={1: State.PUBLISHED},
        does=(*PUBLISHES, "own glue:CreateDatabase *", "own glue:CreateTable *", "own s3:DeleteObject /*/landing/*"),
    ),
    Scenario(
        "adds_column",
        landed(FIRST, b"a,b,c\n4,w,2026-01-31\n"),
        ingestion(numbered(2)),
        ends={1: State.PUBLISHED, 2: State.PUBLISHED},
        does=(*PUBLISHES, "own glue:UpdateTable *"),
    ),
    Scenario(
        "widens",
        landed(FIRST, NARROW, b"a,b\n1.5,w\ntext,v\n"),
        one_after_the_other(ingestion(numbered(3)), widening(DATABASE, TABLE)),
        ends={1: State.PUBLISHED, 2: State.PUBLISHED, 3: State.PUBLISHED},
        does=(*WIDENS, *PUBLISHES),
    ),
    Scenario(
        "refused",
        landed(b"a,b\n1,2\n1,2,3\n"),
        ingestion(numbered(1)),
        ends={1: State.REFUSED},
        does=("own s3:CopyObject /*/fail/*", "own s3:PutObject /*/fail/*", "own s3:DeleteObject /*/landing/*"),
    ),
    Scenario(
        "promotes",
        replaced_and_new,
        promotion(),
        ends={1: State.PROMOTED, 2: State.PROMOTED},
        does=PROMOTES,
    ),
    Scenario(
        "withdraws",
        on_the_platform(b"a,b,c\n1,x,2026-01-31\n", NARROW),
        withdrawal(numbered(1)),
        ends={1: State.WITHDRAWN, 2: State.PROMOTED},
        does=(*WITHDRAWS, "own glue:UpdateTable *", "platform glue:UpdateTable *"),
    ),
    Scenario(
        "withdraws_last",
        on_the_platform(FIRST),
        withdrawal(numbered(1)),
        ends={1: State.WITHDRAWN},
        does=(*WITHDRAWS, "own glue:DeleteTable *", "platform glue:DeleteTable *"),
    ),
    Scenario(
        "removes",
        _withdrawn_since,
        one_after_the_other(promotion(), undisturbed(withdrawal(numbered(1)))),
        ends={1: State.WITHDRAWN, 2: State.PROMOTED},
        does=("platform glue:DeletePartition *", "platform s3:DeleteObjects *"),
    ),
)
