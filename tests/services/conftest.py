"""The pipeline on fakes of S3 and Glue and a real SQL ledger."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from sqlalchemy import event

from include.adapters.ledger.engine import make_engine
from include.adapters.ledger.migrate import migrate
from include.adapters.ledger.nights import SqlNightLedger
from include.adapters.ledger.uploads import SqlUploadLedger
from include.adapters.ledger.withdrawals import SqlWithdrawalLedger
from include.services.context import PromotionContext
from include.settings import Settings
from tests import pipeline as pipelines
from tests.fakes.catalogue import MemoryCatalogue
from tests.fakes.clock import FixedClock
from tests.fakes.mailer import MemoryMailer
from tests.fakes.objects import MemoryObjects
from tests.fakes.reviewed import ReviewedPeople, ReviewedTables
from tests.pipeline import STAGES, SuiteOf, converting, settling

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["STAGES", "Pipeline", "converting", "settling"]


@dataclass(kw_only=True)
class Pipeline(pipelines.Pipeline):
    """The pipeline with its fakes in reach."""

    objects: MemoryObjects
    catalogue: MemoryCatalogue
    ap_catalogue: MemoryCatalogue


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    """A pipeline with nothing in it."""
    return make_pipeline_in(tmp_path)


@pytest.fixture
def make_pipeline(tmp_path: Path) -> Callable[[], Pipeline]:
    """As many pipelines as a test needs, each with nothing in it."""
    numbers = itertools.count()

    def make() -> Pipeline:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        return make_pipeline_in(folder)

    return make


def make_pipeline_in(tmp_path: Path) -> Pipeline:
    """A pipeline with nothing in it, whose files are in a folder."""
    settings = Settings(
        ledger_url=SecretStr(f"sqlite:///{tmp_path / 'ledger.db'}"),
        work_dir=tmp_path,
        remove_superseded_at_once=True,
    )
    migrate(settings.ledger_url.get_secret_value())
    clock, objects, mailer, suite = FixedClock(), MemoryObjects(), MemoryMailer(), SuiteOf()
    reviewed, owners = ReviewedTables(), ReviewedPeople()
    catalogue, ap_catalogue = MemoryCatalogue(), MemoryCatalogue()
    engine = make_engine(settings.ledger_url.get_secret_value())
    # Tests need no ledger that survives a power cut, and wait for the disk at every commit otherwise.
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    context = PromotionContext(
        settings=settings,
        clock=clock,
        ledger=SqlUploadLedger(engine, clock=clock),
        withdrawals=SqlWithdrawalLedger(engine, clock=clock),
        objects=objects,
        catalogue=catalogue,
        mailer=mailer,
        validation=suite,
        reviewed_options=reviewed,
        reviewed_owners=owners,
        ap_objects=objects,
        ap_catalogue=ap_catalogue,
        nights=SqlNightLedger(make_engine(settings.ledger_url.get_secret_value())),
    )
    return Pipeline(
        context=context,
        objects=objects,
        catalogue=catalogue,
        ap_catalogue=ap_catalogue,
        mailer=mailer,
        clock=clock,
        suite=suite,
        reviewed=reviewed,
        owners=owners,
    )
