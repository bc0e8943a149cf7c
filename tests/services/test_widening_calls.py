"""What a flip asks of the outside while it holds the table's lease: little for each further partition."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from include.domain.upload import State
from include.services.widening.derive import derive
from include.services.widening.flip import flip

if TYPE_CHECKING:
    from tests.services.conftest import Pipeline

WHERE = ("travel", "trips")


@dataclass(frozen=True)
class Counting:
    """A port whose calls are counted, and those of the calling thread apart: those are made one after another."""

    target: Any
    calls: Counter[str]
    in_turn: Counter[str]
    thread: int

    def __getattr__(self, name: str) -> Any:
        call = getattr(self.target, name)

        def counted(*args: Any, **kwargs: Any) -> Any:
            self.calls[name] += 1
            self.in_turn[name] += threading.get_ident() == self.thread
            return call(*args, **kwargs)

        return counted


def flipped(pipeline: Pipeline, partitions: int) -> tuple[Counter[str], Counter[str]]:
    """The calls of a flip of a table of so many partitions, all of them ready; and those that were made in turn."""
    for number in range(partitions):
        pipeline.publish(b"a\n%d\n" % number, table="trips")
    second = pipeline.land(b"a\nx\n")
    pipeline.watch()
    assert pipeline.ingest(second) is State.WIDENING
    outstanding = flip(pipeline.context, *WHERE, holder="run")
    for outdated in outstanding.partitions:
        derive(pipeline.context, outdated, outstanding.target)
    calls, in_turn = Counter[str](), Counter[str]()
    counting: dict[str, Any] = {
        name: Counting(getattr(pipeline.context, name), calls, in_turn, threading.get_ident())
        for name in ("objects", "catalogue", "ledger")
    }
    assert not flip(replace(pipeline.context, **counting), *WHERE, holder="run")
    return calls, in_turn


@pytest.mark.parametrize("partitions", [9, 18])
def test_a_flip_makes_a_call_in_turn_for_the_table_and_not_for_its_partitions(
    pipeline: Pipeline, partitions: int
) -> None:
    calls, in_turn = flipped(pipeline, partitions)
    assert calls.total() - in_turn.total() == 5 * partitions  # manifest, document twice, both folders
    assert in_turn.total() < 40
    assert in_turn["set_revisions"] == 1
    assert in_turn["amend"] == in_turn["get"] == 0
