"""What happens at the worst moment: a withdrawal in a promotion, a cancel in a widening."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from include.domain.errors import Conflict, Terminal, Transient
from include.domain.upload import State
from include.domain.withdrawal import Approval
from include.services.areas import Areas
from include.services.withdrawal.run import approve
from tests.faults.runs import Answers, Run, Step, ingestion, promotion, turn_of_the_watch, widening, withdrawal
from tests.faults.scenarios import (
    DATABASE,
    FIRST,
    NARROW,
    PROMOTES,
    PUBLISHES,
    TABLE,
    UPLOADER,
    WIDENS,
    Scenario,
    carry_out,
    numbered,
    one_after_the_other,
    publish,
    replaced_and_new,
    undisturbed,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.picture import Picture
    from tests.faults.world import World


def withdraw_now(number: int) -> Callable[[World], None]:
    """The uploader withdraws, and whoever has to approves at once."""

    def act(world: World) -> None:
        withdrawals, upload_id = world.context.withdrawals, numbered(number)
        asked = withdrawals.request(upload_id, by=UPLOADER, reason="the wrong month")
        if asked.approval is Approval.WANTED:
            withdrawals.decide(upload_id, run_id=asked.run_id, by="engineer", approval=Approval.GIVEN)

    return act


def withdraw_and_carry_out(number: int) -> Callable[[World], None]:
    """The same, and the run of the withdrawal begins its work before the promotion goes on."""

    def act(world: World) -> None:
        withdraw_now(number)(world)
        asked = world.context.withdrawals.get(numbered(number))
        assert asked is not None
        try:
            approve(world.context, numbered(number), run_id=asked.run_id, by="engineer")
        except Transient:
            return  # a promotion of the table is under way; it is tried again afterwards

    return act


def _gone_again(number: int) -> Run:
    """Whoever is withdrawn while a promotion runs is off the platform when it ends: nobody else has to come for it."""
    off = _off_the_platform(number).steps[0]

    def look(world: World, answers: Answers) -> None:
        upload = world.context.ledger.get(numbered(number))
        assert upload is not None
        if upload.state is State.WITHDRAWN:
            off.run(world, answers)

    return Run((replace(off, name="look at once", run=look),))


def _asked(number: int) -> Run:
    """Undisturbed nobody withdrew meanwhile: now somebody does."""

    def ask(world: World, _answers: Answers) -> None:
        if world.context.withdrawals.get(numbered(number)) is None:
            withdraw_now(number)(world)

    return Run((Step("ask", "ask", ask, disturbed=False),))


def _off_the_platform(number: int) -> Run:
    """Somebody looks whether the withdrawn upload is on the Analytical Platform."""

    def look(world: World, _answers: Answers) -> None:
        context = world.context
        upload = context.ledger.get(numbered(number))
        assert upload is not None
        areas = Areas(context.settings)
        partition = context.ap_catalogue.partition(
            areas.database(upload.database), upload.table, upload.extraction_timestamp
        )
        if partition is not None or list(context.ap_objects.list(areas.ap_partition(upload.key))):
            raise Terminal("The withdrawn upload is on the Analytical Platform.", code="still_there")

    return Run((Step("look", "look", look, disturbed=False),))


def _cancel(world: World) -> None:
    """The uploader of the fourth upload cancels it; too late, once the flip has taken it along."""
    try:
        world.context.ledger.move(numbered(4), State.CANCELLED, actor=UPLOADER)
    except Conflict:
        return


def _two_wait(world: World) -> None:
    """Two partitions of whole numbers; one waiting upload needs numbers with a point, the other text."""
    feeding = publish(world, FIRST, NARROW)
    for content in (b"a,b\n1.5,w\n", b"a,b\ntext,v\n"):
        carry_out(world, ingestion(feeding.land(content, table=TABLE, database=DATABASE)))
    world.clock.advance(minutes=5)  # a turn of the watch has claimed the table for a run that never came


def _swept() -> Run:
    """A last turn of the watch, and the types are no wider than the uploads that are left ask for."""

    def sweep(world: World, _answers: Answers) -> None:
        turn_of_the_watch(world)
        upload = world.context.ledger.get(numbered(4))
        table = world.context.catalogue.table(Areas(world.context.settings).database(DATABASE), TABLE)
        assert upload is not None
        assert table is not None
        wanted = "double" if upload.state is State.CANCELLED else "string"
        if dict(table.columns)["a"] != wanted:
            raise Terminal(f"{upload.state}, and the column is {dict(table.columns)['a']}", code="wrong_type")

    return Run((Step("sweep", "sweep", sweep, disturbed=False),))


def without_how_it_was_withdrawn(picture: Picture) -> Picture:
    """At one moment it takes an approval and at another it does not; mail differs by that too."""
    raw = {
        uri: {key: value for key, value in content.items() if not key.startswith("approved_")}
        if uri.endswith("_withdrawn.json")
        else content
        for uri, content in picture["raw_history"].items()
    }
    return {**_without(picture, "mails", "sent"), "raw_history": raw}


def only_what_must_be_clean(picture: Picture) -> Picture:
    """Cancelled or not, it comes out otherwise; the reader says whether that is right."""
    return {key: picture[key] for key in ("landing", "staging", "disagreements", "fail")}


def _without(picture: Picture, *keys: str) -> Picture:
    return {key: value for key, value in picture.items() if key not in keys}


MEETINGS = (
    Scenario(
        "withdrawn_in_promotion",
        replaced_and_new,
        replace(
            one_after_the_other(
                promotion(), _gone_again(1), _asked(1), undisturbed(withdrawal(numbered(1))), _off_the_platform(1)
            ),
            meanwhile=withdraw_and_carry_out(1),
        ),
        without_how_it_was_withdrawn,
        ends={1: State.WITHDRAWN, 2: State.PROMOTED},
        does=PROMOTES,
    ),
    Scenario(
        "withdrawn_then_promoted_again",
        replaced_and_new,
        replace(
            one_after_the_other(
                promotion(),
                _asked(2),
                undisturbed(promotion("next night")),
                _off_the_platform(2),
                undisturbed(withdrawal(numbered(2))),
            ),
            meanwhile=withdraw_now(2),
        ),
        without_how_it_was_withdrawn,
        ends={1: State.PROMOTED, 2: State.WITHDRAWN},
        does=PROMOTES,
    ),
    Scenario(
        "cancelled_in_widening",
        _two_wait,
        replace(one_after_the_other(widening(DATABASE, TABLE), _swept()), meanwhile=_cancel, looked_at=True),
        only_what_must_be_clean,
        ends=dict.fromkeys((1, 2, 3, 4), State.PUBLISHED),
        does=(*WIDENS, *PUBLISHES),
    ),
)
