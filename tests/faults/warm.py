"""Everything that a child needs at hand: libraries imported, loops compiled, models of AWS read."""

from __future__ import annotations

import gc
import logging
import tempfile
from pathlib import Path

from include.conversion.warm_up import warm_up
from tests.faults.host import Host, assert_single_threaded
from tests.faults.world import make_world
from tests.strict_aws.server import OWN_ACCOUNT


def warm() -> None:
    """Do once what every child would do."""
    # What children would import one by one: each counts for seconds.
    import boto3.s3.transfer
    import duckdb  # noqa: F401
    import great_expectations  # noqa: F401

    from include.adapters import gx_findings, gx_staged  # noqa: F401

    assert boto3.s3.transfer
    logging.disable(logging.CRITICAL)
    warm_up()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_world("http://127.0.0.1:9", folder, seconds=0)
        host = Host(folder)
        host.listen()
        host.work(lambda: _ask_each_service(host))
        host.close()
    assert_single_threaded()
    gc.freeze()  # a collection in a child would touch, and so copy, every page of what is here by now


def _ask_each_service(host: Host) -> None:
    """What moto reads and imports at its first requests stays in the process that is the AWS."""
    bucket, key = "warm", "object"
    s3 = host.aws.client("s3", account=OWN_ACCOUNT)
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    s3.list_objects_v2(Bucket=bucket)
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": key})
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key}, {"Key": "copy"}]})
    s3.delete_bucket(Bucket=bucket)
    glue = host.aws.client("glue", account=OWN_ACCOUNT)
    glue.create_database(DatabaseInput={"Name": "warm"})
    glue.delete_database(Name="warm")
