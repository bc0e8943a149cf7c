"""The pipeline's main path on the real adapters, in front of the strict AWS."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from include.domain.upload import State
from include.services.consistency import Code, examine, verify
from include.services.promotion.promote import promote_table
from tests.aws_pipeline import make_aws_pipeline

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pipeline import Pipeline
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


def test_the_consistency_check_reads_both_accounts(aws: StrictAws, tmp_path: Path) -> None:
    pipeline = make_aws_pipeline(aws, tmp_path)
    context = pipeline.context
    first = pipeline.publish(b"a,b\n1,x\n2,y\n")
    pipeline.publish(b"a,c\n1.5,2026-01-01T00:00:00Z\n")
    promote_table(context, database="travel", table="trips")
    pipeline.publish(b"a\n1\n", table="others")
    report = examine(context, thorough=True, grace=timedelta())
    assert report.disagreements == report.notes == ()
    assert (report.tables, report.partitions, report.files) == (2, 3, 5)

    theirs = context.ap_catalogue.partition(DATABASE, "trips", pipeline.upload(first).extraction_timestamp)
    assert theirs is not None
    context.ap_objects.delete([stored.uri for stored in context.ap_objects.list(theirs.location)])
    context.catalogue.delete_partitions(DATABASE, "others", [pipeline.upload(f"{3:032x}").extraction_timestamp])
    context.objects.write(f"{context.settings.curated_uri}/{DATABASE}/trips/_SUCCESS", b"")
    assert [one.code for one in verify(context, grace=timedelta())] == [
        Code.PARTITION_MISSING,
        Code.NOT_PARQUET,
        Code.PLATFORM_FILES_DIFFER,
    ]


def test_the_consistency_check_reads_the_ends_of_files_not_the_files(aws: StrictAws, tmp_path: Path) -> None:
    pipeline = make_aws_pipeline(aws, tmp_path)
    pipeline.publish(b"a,b\n" + b"".join(b"%d,some text that is stored %d\n" % (n, n) for n in range(2000)))
    first = requests_of_a_check(aws, pipeline)
    assert first["s3", "GetObject"] == 3  # the manifest, a file's last bytes, and its footer
    pipeline.publish(b"a,b\n1,x\n")
    pipeline.publish(b"a,b\n2,y\n")
    assert requests_of_a_check(aws, pipeline) - first == {("s3", "GetObject"): 6}  # and nothing else for a partition


def requests_of_a_check(aws: StrictAws, pipeline: Pipeline) -> Counter[tuple[str, str]]:
    before = Counter(aws.requests)
    assert verify(pipeline.context) == ()
    return Counter(aws.requests) - before
