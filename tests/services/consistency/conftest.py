"""An upload on the Analytical Platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from include.services.promotion.promote import promote_table

if TYPE_CHECKING:
    from tests.services.conftest import Pipeline


@pytest.fixture
def promoted(pipeline: Pipeline) -> str:
    """One upload on the Analytical Platform; its id."""
    upload_id = pipeline.publish(b"a,b\n1,x\n2,y\n")
    promote_table(pipeline.context, database="travel", table="trips")
    return upload_id
