"""Withdrawing on the real adapters, in front of the strict AWS: from two accounts, until nothing but raw is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.upload import State
from include.services.areas import Areas
from include.services.promotion.planning import plan_promotion
from include.services.promotion.promote import promote_table
from include.services.withdrawal.record import read_record
from include.services.withdrawal.run import approve
from tests.aws_pipeline import make_aws_pipeline

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pipeline import Pipeline
    from tests.strict_aws.server import StrictAws

DATABASE = "data_eng_uploader_dev_travel"


def withdraw(pipeline: Pipeline, upload_id: str) -> None:
    asked = pipeline.context.withdrawals.request(upload_id, by="analyst@example.org", reason="The wrong file")
    approve(pipeline.context, upload_id, run_id=asked.run_id, by="eve")


def test_uploads_leave_both_accounts_one_after_the_other(aws: StrictAws, tmp_path: Path) -> None:
    pipeline = make_aws_pipeline(aws, tmp_path)
    context = pipeline.context
    first, second = pipeline.publish(b"a,b\n1,x\n"), pipeline.publish(b"a,c\n2,y\n")
    promote_table(context, database="travel", table="trips")

    withdraw(pipeline, second)
    for catalogue in (context.catalogue, context.ap_catalogue):
        table = catalogue.table(DATABASE, "trips")
        assert table is not None
        assert [name for name, _ in table.columns] == ["a", "b"]
        left = [partition.extraction_timestamp for partition in catalogue.partitions(DATABASE, "trips")]
        assert left == [pipeline.upload(first).extraction_timestamp]
    assert plan_promotion(context) == ()

    withdraw(pipeline, first)
    areas = Areas(context.settings)
    for catalogue in (context.catalogue, context.ap_catalogue):
        assert catalogue.table(DATABASE, "trips") is None
    assert list(context.ap_objects.list(context.settings.analytical_platform_uri + "/")) == []
    for upload_id, content in ((first, b"a,b\n1,x\n"), (second, b"a,c\n2,y\n")):
        upload = pipeline.upload(upload_id)
        assert upload.state is State.WITHDRAWN
        assert context.objects.read(areas.raw(upload)) == content
        assert read_record(context.objects, areas.withdrawn(upload)) is not None

    again = pipeline.publish(b"new\n1\n")
    promote_table(context, database="travel", table="trips")
    theirs = context.ap_catalogue.partition(DATABASE, "trips", pipeline.upload(again).extraction_timestamp)
    assert theirs is not None
    assert theirs.columns == (("new", "bigint"),)
