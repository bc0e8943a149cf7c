"""A table with something to add, to replace and to remove, and a promotion of it met at any of its calls."""

from __future__ import annotations

import copy
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from include.services.areas import Areas
from include.services.promotion.planning import plan_promotion
from include.services.promotion.promote import promote_table
from tests.published import derived_again, published, withdrawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from include.domain.upload import Upload
    from include.services.context import PromotionContext
    from include.services.promotion.outcome import Outcome
    from tests.services.conftest import Pipeline

DATABASE = "data_eng_uploader_dev_travel"
SOME = 200  # more calls than a promotion of the scene makes


class Killed(BaseException):
    """The process is no more."""


@dataclass
class Steps:
    """Counts the calls that a promotion makes to the outside, and does something before one of them."""

    at: int
    do: Callable[[], None]
    taken: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self) -> None:
        with self.lock:
            self.taken += 1
            due = self.taken == self.at
        if due:
            self.do()


class Stepping:
    """An adapter whose every call is a step."""

    def __init__(self, target: Any, steps: Steps) -> None:
        self._target = target
        self._steps = steps

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._target, name)

        def stepped(*args: Any, **more: Any) -> Any:
            self._steps.next()
            return call(*args, **more)

        return stepped


@dataclass(frozen=True)
class Scene:
    """A table of which a partition is to be added, another replaced, a third removed."""

    new: Upload
    wider: Upload
    gone: Upload


def make_scene(pipeline: Pipeline) -> Scene:
    wider, gone = published(pipeline), published(pipeline)
    promote(pipeline.context)
    derived_again(pipeline, wider)
    withdrawn(pipeline, gone)
    return Scene(published(pipeline), wider, gone)


def promote(context: PromotionContext, **limits: Any) -> Outcome:
    return promote_table(context, database="travel", table="trips", **limits)


def planned(pipeline: Pipeline) -> set[str]:
    """The uploads of which something still differs."""
    return {change.upload_id for plan in plan_promotion(pipeline.context) for change in plan.changes}


def stepping(pipeline: Pipeline, steps: Steps) -> PromotionContext:
    ports = ("ledger", "objects", "catalogue", "ap_objects", "ap_catalogue")
    adapters: dict[str, Any] = {name: Stepping(getattr(pipeline.context, name), steps) for name in ports}
    return replace(pipeline.context, **adapters)


def is_seen(pipeline: Pipeline, upload: Upload) -> bool:
    """Whether anything of an upload is on the platform."""
    folder = Areas(pipeline.context.settings).ap_partition(upload.key)
    entry = pipeline.ap_catalogue.partition(DATABASE, upload.table, upload.extraction_timestamp)
    return entry is not None or list(pipeline.objects.list(folder)) != []


def expect_mirrored(pipeline: Pipeline) -> None:
    """The platform has what is published: the same partitions, types and bytes, and the ledger knows it."""
    assert planned(pipeline) == set()
    ours, theirs = pipeline.catalogue.table(DATABASE, "trips"), pipeline.ap_catalogue.table(DATABASE, "trips")
    assert ours is not None
    assert theirs is not None
    assert theirs.columns == ours.columns
    live = pipeline.context.ledger.live("travel", "trips")
    entries = {one.extraction_timestamp: one for one in pipeline.ap_catalogue.partitions(DATABASE, "trips")}
    assert sorted(entries) == [upload.extraction_timestamp for upload in live]
    for upload in live:
        source = pipeline.catalogue.partition(DATABASE, "trips", upload.extraction_timestamp)
        theirs_entry = entries[upload.extraction_timestamp]
        assert source is not None
        assert theirs_entry == replace(source, location=theirs_entry.location)
        assert content(pipeline, theirs_entry.location) == content(pipeline, source.location) != {}


def content(pipeline: Pipeline, location: str) -> dict[str, bytes]:
    return {one.name: pipeline.objects.read(one.uri) for one in pipeline.objects.list(location)}


@dataclass(frozen=True)
class Before:
    """The scene as it is before every try of a promotion: the same files, entries and ledger each time."""

    pipeline: Pipeline
    scene: Scene
    ledger: bytes
    rest: tuple[Any, ...]

    @classmethod
    def of(cls, pipeline: Pipeline) -> Before:
        now = make_scene(pipeline)
        return cls(pipeline, now, cls._ledger(pipeline).read_bytes(), copy.deepcopy(cls._rest(pipeline)))

    def tries(self) -> Iterator[int]:
        """1, 2, 3 and so on, everything put back before each."""
        for at in range(1, SOME):
            self.put_back()
            yield at
        raise AssertionError("a promotion makes more calls than were tried")

    def put_back(self) -> None:
        self._ledger(self.pipeline).write_bytes(self.ledger)
        for held, was in zip(self._rest(self.pipeline), copy.deepcopy(self.rest), strict=True):
            held.clear()
            held.update(was)

    @staticmethod
    def _ledger(pipeline: Pipeline) -> Path:
        assert pipeline.context.settings.work_dir is not None
        return pipeline.context.settings.work_dir / "ledger.db"

    @staticmethod
    def _rest(pipeline: Pipeline) -> tuple[Any, ...]:
        ours, theirs = pipeline.catalogue, pipeline.ap_catalogue
        held: list[Any] = [pipeline.objects.content, pipeline.objects.etags]
        for one in (ours, theirs):
            held += [one.databases, one.tables, one.entries]
        return tuple(held)
