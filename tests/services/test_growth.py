"""What one more partition costs does not depend on how many there are: requests to AWS, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.aws_pipeline import AP_ACCOUNT
from tests.services.growth import SIZES, measure
from tests.strict_aws.server import OWN_ACCOUNT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.strict_aws.server import StrictAws

pytestmark = [pytest.mark.aws, pytest.mark.proof, pytest.mark.timeout(900)]


def test_publication_and_promotion_make_the_same_requests_however_many_partitions_there_are(
    aws: StrictAws, tmp_path: Path
) -> None:
    for sizes in measure(aws, tmp_path).values():
        fewest = sizes[SIZES[0]]
        assert fewest.publication[OWN_ACCOUNT, "glue", "CreatePartition"] == 1
        assert fewest.promotion[AP_ACCOUNT, "glue", "CreatePartition"] == 1
        assert sizes == dict.fromkeys(SIZES, fewest)
