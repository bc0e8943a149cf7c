"""Promotion in front of the strict AWS: conflicts, batches, copies that are not what they were made from, costs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from include.adapters.aws_clients import client_config
from include.adapters.object_store_s3 import S3ObjectStore
from include.domain.errors import Refused, Terminal, Transient
from include.domain.upload import State
from include.services.promotion.planning import plan_promotion
from include.services.promotion.promote import promote_table
from tests.aws_pipeline import AP_ACCOUNT, make_aws_pipeline
from tests.published import WIDE, derived_again, parquet, published

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from include.ports import CatalogueTable, ObjectStore, StoredObject
    from include.services.context import PromotionContext
    from include.services.promotion.outcome import Outcome
    from tests.pipeline import Pipeline
    from tests.strict_aws.server import StrictAws

DATABASE = "data_eng_uploader_dev_travel"
MIB = 1024 * 1024

pytestmark = pytest.mark.aws


@pytest.fixture
def pipeline(aws: StrictAws, tmp_path: Path) -> Pipeline:
    return make_aws_pipeline(aws, tmp_path)


def promote(context: PromotionContext) -> Outcome:
    return promote_table(context, database="travel", table="trips")


def files(store: ObjectStore, location: str) -> dict[str, bytes]:
    return {one.name: store.read(one.uri) for one in store.list(location)}


@dataclass(frozen=True)
class Spoiling:
    """A store whose copies are spoiled as soon as they are made, the first `times` of them."""

    store: ObjectStore
    spoil: Callable[[bytes], bytes]
    times: Iterator[int]

    def copy(self, source: StoredObject, uri: str) -> StoredObject:
        done = self.store.copy(source, uri)
        if next(self.times, None) is None:
            return done
        self.store.write(uri, self.spoil(self.store.read(uri)))
        spoiled = self.store.head(uri)
        assert spoiled is not None
        return spoiled

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


class WithoutChecksums(Spoiling):
    """The same store, which keeps no checksum that could be compared."""

    def checksums(self, stored: StoredObject) -> dict[str, str]:
        assert stored
        return {}


def altered(content: bytes) -> bytes:
    return content[:8] + bytes([content[8] ^ 1]) + content[9:]


def truncated(content: bytes) -> bytes:
    return content[:-1]


@pytest.mark.parametrize("kind", [Spoiling, WithoutChecksums])
@pytest.mark.parametrize("spoil", [altered, truncated])
def test_a_copy_that_is_not_what_it_was_made_from_is_never_registered(
    pipeline: Pipeline, kind: type[Spoiling], spoil: Callable[[bytes], bytes]
) -> None:
    published(pipeline)
    store: Any = kind(pipeline.context.ap_objects, spoil, iter(range(1000)))
    with pytest.raises(Transient) as raised:
        promote(replace(pipeline.context, ap_objects=store))
    assert raised.value.code == "copy_differs"
    assert pipeline.context.ap_catalogue.table(DATABASE, "trips") is None
    assert list(pipeline.context.ap_objects.list(pipeline.context.settings.analytical_platform_uri)) == []


@pytest.mark.parametrize("kind", [Spoiling, WithoutChecksums])
@pytest.mark.parametrize("spoil", [altered, truncated])
def test_a_copy_that_was_spoiled_once_is_made_again(
    pipeline: Pipeline, kind: type[Spoiling], spoil: Callable[[bytes], bytes]
) -> None:
    upload = published(pipeline)
    store: Any = kind(pipeline.context.ap_objects, spoil, iter(range(1)))
    promote(replace(pipeline.context, ap_objects=store))
    entry = pipeline.context.ap_catalogue.partition(DATABASE, "trips", upload.extraction_timestamp)
    assert entry is not None
    assert files(pipeline.context.ap_objects, entry.location) == {"part-00000.parquet": parquet("bigint")}


def test_a_copy_left_by_a_killed_run_is_kept_only_while_it_is_equal(pipeline: Pipeline, aws: StrictAws) -> None:
    upload = published(pipeline)
    aws.faults.refuse("CreateTable", "AccessDeniedException")
    with pytest.raises(Terminal):
        promote(pipeline.context)
    (copy,) = pipeline.context.ap_objects.list(pipeline.context.settings.analytical_platform_uri)
    aws.requests.clear()
    aws.faults.refuse("CreateTable", "AccessDeniedException")
    with pytest.raises(Terminal):
        promote(pipeline.context)
    assert aws.requests["s3", "CopyObject"] == 0
    pipeline.context.ap_objects.write(copy.uri, altered(parquet("bigint")))
    assert promote(pipeline.context).added == (upload.extraction_timestamp,)
    assert pipeline.context.ap_objects.read(copy.uri) == parquet("bigint")


@pytest.mark.parametrize("content", [parquet("bigint", 1), b"PAR1 is not all of it PAR1"])
def test_files_without_the_rows_that_the_catalogue_says_are_never_registered(
    pipeline: Pipeline, content: bytes
) -> None:
    published(pipeline, files=[content])
    with pytest.raises(Terminal) as raised:
        promote(pipeline.context)
    assert raised.value.code == "rows_differ"
    assert pipeline.context.ap_catalogue.table(DATABASE, "trips") is None


def test_a_file_too_large_for_one_copy_is_copied_in_parts_and_held_against_its_source_unread(
    pipeline: Pipeline, aws: StrictAws
) -> None:
    large = parquet("bigint", 900_000)
    assert len(large) > 6 * MIB
    upload = published(pipeline, files=[large], rows=900_000)
    client = aws.client("s3", account=AP_ACCOUNT, config=client_config())
    aws.copy_max = 5 * MIB
    aws.requests.clear()
    context = replace(pipeline.context, ap_objects=S3ObjectStore(client, single_copy_max=5 * MIB, part_size=5 * MIB))
    assert promote(context).added == (upload.extraction_timestamp,)
    assert aws.requests["s3", "UploadPartCopy"] == 2
    assert aws.requests["s3", "GetObject"] == 2  # the footer, of its length and itself
    theirs = context.ap_catalogue.partition(DATABASE, "trips", upload.extraction_timestamp)
    assert theirs is not None
    assert files(context.ap_objects, theirs.location) == {"part-00000.parquet": large}


def test_a_conflict_on_the_platforms_table_is_read_again_and_the_other_change_stays(
    pipeline: Pipeline, aws: StrictAws
) -> None:
    first = published(pipeline)
    promote(pipeline.context)
    derived_again(pipeline, first)
    catalogue = pipeline.context.ap_catalogue

    class Overtaken:
        """A catalogue in which somebody else comments on a column just before our first change."""

        done = False

        def update_table(self, table: CatalogueTable) -> None:
            if not self.done:
                self.done = True
                now = catalogue.table(DATABASE, "trips")
                assert now is not None
                catalogue.update_table(replace(now, comments={"a": "the number of the trip"}))
            catalogue.update_table(table)

        def __getattr__(self, name: str) -> Any:
            return getattr(catalogue, name)

    aws.requests.clear()
    overtaken: Any = Overtaken()
    assert promote(replace(pipeline.context, ap_catalogue=overtaken)).replaced == (first.extraction_timestamp,)
    theirs = catalogue.table(DATABASE, "trips")
    assert theirs is not None
    assert theirs.columns == WIDE
    assert theirs.comments == {"a": "the number of the trip"}
    assert aws.requests["glue", "UpdateTable"] == 3


@pytest.mark.proof
@pytest.mark.timeout(900)
def test_replaced_partitions_are_registered_by_the_hundred_right_after_their_table(
    pipeline: Pipeline, aws: StrictAws
) -> None:
    uploads = [published(pipeline) for _ in range(101)]
    promote(pipeline.context)
    for upload in uploads:
        derived_again(pipeline, upload)
    new = published(pipeline)
    aws.requests.clear()
    outcome = promote(pipeline.context)
    assert (len(outcome.replaced), outcome.added) == (101, (new.extraction_timestamp,))
    assert aws.requests["glue", "UpdateTable"] == 1
    assert aws.requests["glue", "BatchUpdatePartition"] == 2
    assert aws.requests["glue", "CreatePartition"] == 1
    entries = list(pipeline.context.ap_catalogue.partitions(DATABASE, "trips"))
    assert len(entries) == 102
    replaced = {upload.extraction_timestamp for upload in uploads}
    assert {one.columns for one in entries if one.extraction_timestamp in replaced} == {WIDE}
    assert plan_promotion(pipeline.context) == ()


def test_a_replaced_partition_that_somebody_unregistered_is_registered_anew(pipeline: Pipeline) -> None:
    upload = published(pipeline)
    promote(pipeline.context)
    derived_again(pipeline, upload)
    pipeline.context.ap_catalogue.delete_partitions(DATABASE, "trips", [upload.extraction_timestamp])
    assert promote(pipeline.context).replaced == (upload.extraction_timestamp,)
    assert pipeline.context.ap_catalogue.partition(DATABASE, "trips", upload.extraction_timestamp) is not None


def test_a_foreign_table_on_the_platform_is_not_touched(pipeline: Pipeline, aws: StrictAws) -> None:
    upload = published(pipeline)
    promote(pipeline.context)
    glue = aws.client("glue", account=AP_ACCOUNT)
    glue.delete_table(DatabaseName=DATABASE, Name="trips")
    glue.create_table(DatabaseName=DATABASE, TableInput={"Name": "trips", "Description": "theirs"})
    derived_again(pipeline, upload)
    with pytest.raises(Refused) as raised:
        promote(pipeline.context)
    assert raised.value.code == "not_ours"
    assert glue.get_table(DatabaseName=DATABASE, Name="trips")["Table"]["Description"] == "theirs"


def test_a_night_with_nothing_to_do_asks_aws_nothing(pipeline: Pipeline, aws: StrictAws) -> None:
    published(pipeline)
    promote(pipeline.context)
    aws.requests.clear()
    assert plan_promotion(pipeline.context) == ()
    assert not promote(pipeline.context).changed
    assert sum(aws.requests.values()) == 0


def test_one_changed_partition_costs_what_it_says(pipeline: Pipeline, aws: StrictAws) -> None:
    published(pipeline)
    promote(pipeline.context)
    upload = published(pipeline)
    aws.requests.clear()
    promote(pipeline.context)
    expected = Counter(
        {
            ("glue", "GetTable"): 3,  # ours before and after the copies, theirs
            ("glue", "GetDatabase"): 1,
            ("glue", "GetPartition"): 1,
            ("s3", "ListObjectsV2"): 2,  # the source's folder and the copy's
            ("s3", "HeadObject"): 3,  # is there a copy already, and both checksums
            ("s3", "CopyObject"): 1,
            ("s3", "GetObject"): 2,  # the copy's footer, of its length and itself
            ("glue", "CreatePartition"): 1,
        }
    )
    assert aws.requests == expected
    assert pipeline.upload(upload.id).state is State.PROMOTED
