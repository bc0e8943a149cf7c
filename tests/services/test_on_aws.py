"""The pipeline's main path on the real adapters, in front of the strict AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.upload import State
from include.services.promotion.promote import promote_table
from tests.aws_pipeline import make_aws_pipeline

if TYPE_CHECKING:
    from pathlib import Path

    from tests.strict_aws.server import StrictAws

DATABASE = "data_eng_uploader_dev_travel"


def test_a_file_is_published_and_promoted_between_two_accounts(aws: StrictAws, tmp_path: Path) -> None:
    pipeline = make_aws_pipeline(aws, tmp_path)
    upload_id = pipeline.publish(b"a,b\n1,x\n2,y\n")
    outcome = promote_table(pipeline.context, database="travel", table="trips")
    upload = pipeline.upload(upload_id)
    assert outcome.added == (upload.extraction_timestamp,)
    assert upload.state is State.PROMOTED
    theirs = pipeline.context.ap_catalogue.partition(DATABASE, "trips", upload.extraction_timestamp)
    assert theirs is not None
    assert theirs.columns == (("a", "bigint"), ("b", "string"))
    assert [stored.name for stored in pipeline.context.ap_objects.list(theirs.location)] == ["part-00000.parquet"]
