"""What was changed in Glue by hand so that no engine reads it: named, and put right by the named repairs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from include.services.consistency import Code, verify
from include.services.promotion.again import doubt_promoted
from include.services.promotion.promote import promote_table
from include.services.promotion.strays import clear_strays
from tests.aws_pipeline import AP_ACCOUNT, make_aws_pipeline
from tests.services.repair.test_rebuild_table import rebuild
from tests.strict_aws.server import OWN_ACCOUNT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.strict_aws.server import StrictAws

DATABASE = "data_eng_uploader_dev_travel"
pytestmark = pytest.mark.aws
TEXT = {
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"},
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
}


def call_it_text(glue: Any, timestamp: str) -> None:
    """The table and one partition, but for their format as they were."""
    table = glue.get_table(DatabaseName=DATABASE, Name="trips")["Table"]
    kept = ("Name", "Description", "TableType", "Parameters", "PartitionKeys", "StorageDescriptor")
    entry = {name: table[name] for name in kept if name in table}
    entry["StorageDescriptor"] |= TEXT
    glue.update_table(DatabaseName=DATABASE, TableInput=entry)
    where = {"DatabaseName": DATABASE, "TableName": "trips"}
    partition = glue.get_partition(**where, PartitionValues=[timestamp])["Partition"]
    entry = {name: partition[name] for name in ("Values", "Parameters", "StorageDescriptor")}
    entry["StorageDescriptor"] |= TEXT
    glue.update_partition(**where, PartitionValueList=[timestamp], PartitionInput=entry)


def test_what_glue_calls_text_is_parquet_again_on_both_sides(aws: StrictAws, tmp_path: Path) -> None:
    pipeline = make_aws_pipeline(aws, tmp_path)
    upload_id = pipeline.publish(b"a,b\n1,x\n2,y\n")
    promote_table(pipeline.context, database="travel", table="trips")
    assert verify(pipeline.context, grace=timedelta()) == ()
    for account in (OWN_ACCOUNT, AP_ACCOUNT):
        call_it_text(aws.client("glue", account=account), pipeline.upload(upload_id).extraction_timestamp)
    assert {one.code for one in verify(pipeline.context, grace=timedelta())} == {
        Code.COLUMNS_DIFFER,
        Code.PARTITION_DIFFERS,
        Code.PLATFORM_COLUMNS_DIFFER,
        Code.PLATFORM_PARTITION_DIFFERS,
    }
    rebuild(pipeline)
    clear_strays(pipeline.context, database="travel", table="trips")
    doubt_promoted(pipeline.context, database="travel", table="trips")
    promote_table(pipeline.context, database="travel", table="trips")
    assert verify(pipeline.context, grace=timedelta()) == ()
