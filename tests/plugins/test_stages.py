"""How far an upload is, as a list."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from include.domain.upload import State, StateChange
from plugins.front.stages import Mark, stages_of
from tests.adapters.ledger_samples import an_upload

if TYPE_CHECKING:
    from datetime import datetime

    from plugins.front.stages import Stage

TO_PUBLISHED = [
    State.STARTED,
    State.UPLOADING,
    State.LANDED,
    State.CHECKING,
    State.CONVERTING,
    State.VALIDATING,
    State.PUBLISHING,
    State.PUBLISHED,
]


def stages(*states: State) -> tuple[Stage, ...]:
    upload = replace(an_upload(1), state=states[-1])
    at: datetime = upload.created_at
    return stages_of(upload, [StateChange(state, at, "pipeline") for state in states])


def marks(*states: State) -> list[Mark]:
    return [stage.mark for stage in stages(*states)]


@pytest.mark.parametrize("count", range(1, len(TO_PUBLISHED) + 1))
def test_on_its_way_exactly_one_stage_is_the_present_one(count: int) -> None:
    found = stages(*TO_PUBLISHED[:count])
    present = [number for number, stage in enumerate(found) if stage.present]

    assert len(present) == 1
    assert {stage.mark for stage in found[: present[0]]} <= {Mark.DONE}
    assert {stage.mark for stage in found[present[0] + 1 :]} <= {Mark.NOT_YET}


def test_what_is_published_waits_for_the_night_and_what_is_promoted_is_done() -> None:
    assert marks(*TO_PUBLISHED) == [*[Mark.DONE] * 5, Mark.WAITING]
    assert marks(*TO_PUBLISHED, State.PROMOTED) == [Mark.DONE] * 6


def test_what_is_refused_stopped_where_it_was_and_goes_no_further() -> None:
    assert marks(*TO_PUBLISHED[:6], State.REFUSED) == [*[Mark.DONE] * 3, Mark.STOPPED, Mark.NEVER, Mark.NEVER]
    assert marks(State.STARTED, State.CANCELLED) == [Mark.STOPPED, *[Mark.NEVER] * 5]


def test_what_failed_on_our_side_may_still_go_on() -> None:
    assert marks(*TO_PUBLISHED[:5], State.FAILED) == [Mark.DONE, Mark.DONE, Mark.STOPPED, *[Mark.NOT_YET] * 3]


def test_rewriting_earlier_data_is_a_stage_only_where_it_is_needed() -> None:
    way = [*TO_PUBLISHED[:7], State.WIDENING]

    assert marks(*way) == [*[Mark.DONE] * 4, Mark.NOW, Mark.NOT_YET, Mark.NOT_YET]
    assert marks(*way, State.WAITING_FOR_APPROVAL)[4] is Mark.WAITING
    assert marks(*way, State.PUBLISHING, State.PUBLISHED) == [*[Mark.DONE] * 6, Mark.WAITING]


def test_a_withdrawn_upload_has_no_way() -> None:
    assert stages(*TO_PUBLISHED, State.WITHDRAWN) == ()
