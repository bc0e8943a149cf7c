"""What the service needs of its local AWS, asked of the very server that `make run` starts."""

from __future__ import annotations

import subprocess
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError

from include.domain.queries import queries_of
from local.accounts import ANALYTICAL_PLATFORM, UPLOADER
from local.aws_areas import make_areas
from local.running_programs import running

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import Message
    from pathlib import Path

    from tests.local.conftest import LocalAws

MIB = 1024 * 1024
LANDING, CURATED, PLATFORM = "data-uploader-landing", "data-uploader-curated", "analytical-platform"


def refused(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def sent(
    url: str, *, method: str = "PUT", data: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, Message]:
    request = urllib.request.Request(url, data=data, method=method, headers=headers or {})  # noqa: S310  a presigned one
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return answer.status, answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.headers


def a_table(name: str, location: str, **parameters: str) -> dict[str, Any]:
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet", **parameters},
        "PartitionKeys": [{"Name": "extraction_timestamp", "Type": "string"}],
        "StorageDescriptor": storage(location),
    }


def storage(location: str) -> dict[str, Any]:
    return {
        "Columns": [{"Name": "island", "Type": "string"}, {"Name": "penguins", "Type": "bigint"}],
        "Location": location,
        "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
    }


def a_partition(value: str, location: str) -> dict[str, Any]:
    return {"Values": [value], "StorageDescriptor": storage(f"{location}/extraction_timestamp={value}")}


def multipart(s3: Any, bucket: str, key: str) -> str:
    upload: str = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
    return upload


def complete(s3: Any, bucket: str, key: str, upload: str, etags: list[str]) -> str:
    parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, start=1)]
    done = s3.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": parts})
    etag: str = done["ETag"]
    return etag


def test_it_listens_on_the_loopback_address_alone_and_on_one_port(local_aws: LocalAws) -> None:
    assert local_aws.program is not None
    pids = {pid for pid, program in running().items() if program.session == local_aws.program.pid}
    listed = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout
    mine = [line.split()[3] for line in listed.splitlines() if any(f"pid={pid}," in line for pid in pids)]
    assert mine == [f"127.0.0.1:{local_aws.port}"]


def test_a_browser_puts_a_presigned_part_and_reads_its_etag(local_aws: LocalAws) -> None:
    s3 = local_aws.client("s3", UPLOADER)
    upload = multipart(s3, LANDING, "landing/browser.csv")
    url = s3.generate_presigned_url(
        "upload_part",
        Params={"Bucket": LANDING, "Key": "landing/browser.csv", "UploadId": upload, "PartNumber": 1},
    )
    origin = {"Origin": "http://127.0.0.1:8080"}
    _, allowed = sent(url, method="OPTIONS", headers={**origin, "Access-Control-Request-Method": "PUT"})
    assert allowed["Access-Control-Allow-Origin"] in {"*", origin["Origin"]}
    assert "PUT" in allowed["Access-Control-Allow-Methods"]
    _, answered = sent(url, data=b"a\n1\n", headers=origin)
    assert (
        answered["Access-Control-Expose-Headers"] == "*" or "etag" in answered["Access-Control-Expose-Headers"].lower()
    )
    etag = answered["ETag"]
    complete(s3, LANDING, "landing/browser.csv", upload, [etag])
    assert s3.get_object(Bucket=LANDING, Key="landing/browser.csv")["Body"].read() == b"a\n1\n"


def test_a_presigned_url_is_good_for_its_own_part_only(local_aws: LocalAws) -> None:
    s3 = local_aws.client("s3", UPLOADER)
    upload = multipart(s3, LANDING, "landing/own.csv")
    url: str = s3.generate_presigned_url(
        "upload_part", Params={"Bucket": LANDING, "Key": "landing/own.csv", "UploadId": upload, "PartNumber": 1}
    )
    status, _ = sent(url.replace("partNumber=1", "partNumber=2"), data=b"x")
    assert status == 403


def test_conditional_writes_are_refused_when_the_object_is_there(local_aws: LocalAws) -> None:
    s3 = local_aws.client("s3", UPLOADER)
    s3.put_object(Bucket=CURATED, Key="curated/once", Body=b"1", IfNoneMatch="*")
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=CURATED, Key="curated/once", Body=b"2", IfNoneMatch="*")
    assert refused(error) == "PreconditionFailed"


def test_the_analytical_platform_copies_from_curated_and_reads_nothing_else(local_aws: LocalAws) -> None:
    own, platform = local_aws.client("s3", UPLOADER), local_aws.client("s3", ANALYTICAL_PLATFORM)
    source = {"Bucket": CURATED, "Key": "curated/copied/part-0.parquet"}
    own.put_object(Body=b"x" * 6 * MIB, **source)
    own.put_object(Bucket=LANDING, Key="landing/private.csv", Body=b"a\n1\n")

    platform.copy_object(Bucket=PLATFORM, Key="uploader/whole", CopySource=source)
    upload = multipart(platform, PLATFORM, "uploader/parts")
    etags = [
        platform.upload_part_copy(
            Bucket=PLATFORM,
            Key="uploader/parts",
            UploadId=upload,
            PartNumber=number,
            CopySource=source,
            CopySourceRange=span,
        )["CopyPartResult"]["ETag"]
        for number, span in ((1, f"bytes=0-{5 * MIB - 1}"), (2, f"bytes={5 * MIB}-{6 * MIB - 1}"))
    ]
    complete(platform, PLATFORM, "uploader/parts", upload, etags)
    for key in ("uploader/whole", "uploader/parts"):
        assert own.get_object(Bucket=PLATFORM, Key=key)["Body"].read() == b"x" * 6 * MIB

    attempts: tuple[Callable[[], object], ...] = (
        lambda: platform.get_object(Bucket=LANDING, Key="landing/private.csv"),
        lambda: platform.copy_object(
            Bucket=PLATFORM, Key="stolen", CopySource={"Bucket": LANDING, "Key": "landing/private.csv"}
        ),
        lambda: platform.put_object(Bucket=CURATED, Key="curated/forged", Body=b""),
        lambda: own.put_object(Bucket=PLATFORM, Key="uploader/forged", Body=b""),
    )
    for forbidden in attempts:
        with pytest.raises(ClientError) as error:
            forbidden()
        assert refused(error) == "AccessDenied"


def test_two_accounts_have_catalogues_of_their_own(local_aws: LocalAws) -> None:
    own, platform = local_aws.client("glue", UPLOADER), local_aws.client("glue", ANALYTICAL_PLATFORM)
    own.create_database(DatabaseInput={"Name": "only_ours"})
    with pytest.raises(ClientError) as error:
        platform.get_database(Name="only_ours")
    assert refused(error) == "EntityNotFoundException"


def test_a_table_is_updated_only_at_the_version_that_was_read(local_aws: LocalAws) -> None:
    glue = local_aws.client("glue", UPLOADER)
    glue.create_database(DatabaseInput={"Name": "versions"})
    glue.create_table(DatabaseName="versions", TableInput=a_table("t", f"s3://{CURATED}/curated/versions/t"))
    read = glue.get_table(DatabaseName="versions", Name="t")["Table"]["VersionId"]
    changed = a_table("t", f"s3://{CURATED}/curated/versions/t", evidence="one")
    glue.update_table(DatabaseName="versions", TableInput=changed, VersionId=read, SkipArchive=True)
    with pytest.raises(ClientError) as error:
        glue.update_table(DatabaseName="versions", TableInput=changed, VersionId=read, SkipArchive=True)
    assert refused(error) == "ConcurrentModificationException"


def test_partitions_are_registered_and_moved_in_batches(local_aws: LocalAws) -> None:
    glue, location = local_aws.client("glue", UPLOADER), f"s3://{CURATED}/curated/batches/t"
    glue.create_database(DatabaseInput={"Name": "batches"})
    glue.create_table(DatabaseName="batches", TableInput=a_table("t", location))
    values = [f"20260101T0000{second:02}Z" for second in range(60)]
    made = glue.batch_create_partition(
        DatabaseName="batches", TableName="t", PartitionInputList=[a_partition(value, location) for value in values]
    )
    assert made["Errors"] == []
    again = glue.batch_create_partition(
        DatabaseName="batches", TableName="t", PartitionInputList=[a_partition(values[0], location)]
    )
    assert [error["ErrorDetail"]["ErrorCode"] for error in again["Errors"]] == ["AlreadyExistsException"]
    moved = glue.batch_update_partition(
        DatabaseName="batches",
        TableName="t",
        Entries=[
            {"PartitionValueList": [value], "PartitionInput": a_partition(value, f"{location}/rev=2")}
            for value in values
        ],
    )
    assert moved["Errors"] == []
    pages = glue.get_paginator("get_partitions").paginate(DatabaseName="batches", TableName="t")
    locations = [part["StorageDescriptor"]["Location"] for page in pages for part in page["Partitions"]]
    assert len(locations) == len(values)
    assert all("/rev=2/" in part for part in locations)


def test_mail_is_accepted(local_aws: LocalAws) -> None:
    ses = local_aws.client("ses", UPLOADER)
    ses.verify_email_identity(EmailAddress="data-uploader@example.org")
    answer = ses.send_email(
        Source="data-uploader@example.org",
        Destination={"ToAddresses": ["analyst@example.org"]},
        Message={"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "b"}}},
    )
    assert answer["MessageId"]


def published(local_aws: LocalAws, database: str, folder: Path) -> None:
    """A table of two partitions in the Analytical Platform's account."""
    s3, glue = local_aws.client("s3", ANALYTICAL_PLATFORM), local_aws.client("glue", ANALYTICAL_PLATFORM)
    location = f"s3://{PLATFORM}/uploader/{database}/penguins"
    glue.create_database(DatabaseInput={"Name": database})
    glue.create_table(DatabaseName=database, TableInput=a_table("penguins", location))
    for value, count in (("20260101T000000Z", 40), ("20260102T000000Z", 2)):
        file = folder / f"{database}-{value}.parquet"
        pq.write_table(pa.table({"island": ["Dream"], "penguins": [count]}), file)
        key = f"uploader/{database}/penguins/extraction_timestamp={value}/rev=1/part-0.parquet"
        s3.put_object(Bucket=PLATFORM, Key=key, Body=file.read_bytes())
        glue.create_partition(DatabaseName=database, TableName="penguins", PartitionInput=a_partition(value, location))


def asked_of_athena(local_aws: LocalAws, sql: str) -> list[list[str | None]]:
    athena = local_aws.client("athena", ANALYTICAL_PLATFORM)
    query = athena.start_query_execution(
        QueryString=sql, ResultConfiguration={"OutputLocation": f"s3://{PLATFORM}/athena-results/"}
    )["QueryExecutionId"]
    while True:
        status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
        if status["State"] not in {"QUEUED", "RUNNING"}:
            break
        time.sleep(0.1)
    assert status["State"] == "SUCCEEDED", status
    rows = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
    return [[cell.get("VarCharValue") for cell in row["Data"]] for row in rows]


def test_athena_reads_a_table_of_the_analytical_platform(local_aws: LocalAws, tmp_path: Path) -> None:
    published(local_aws, "athena", tmp_path)
    rows = asked_of_athena(
        local_aws, 'SELECT island, sum(penguins) AS penguins FROM "athena"."penguins" GROUP BY island'
    )
    assert rows == [["island", "penguins"], ["Dream", "42"]]


def test_athena_takes_the_query_that_a_status_page_offers(local_aws: LocalAws, tmp_path: Path) -> None:
    published(local_aws, "offered", tmp_path)
    offered = queries_of(
        glue_database="offered", table="penguins", extraction_timestamp="20260102T000000Z", region="eu-west-1"
    )
    header, *rows = asked_of_athena(local_aws, offered.sql)
    assert {"island", "penguins", "extraction_timestamp"} <= set(header)
    assert [row[header.index("penguins")] for row in rows] == ["2"]


def test_a_killed_server_comes_back_with_every_object_table_and_rule(local_aws: LocalAws, tmp_path: Path) -> None:
    s3, glue = local_aws.client("s3", UPLOADER), local_aws.client("glue", UPLOADER)
    upload = multipart(s3, CURATED, "curated/kept")
    etag = s3.upload_part(Bucket=CURATED, Key="curated/kept", UploadId=upload, PartNumber=1, Body=b"kept")["ETag"]
    before = complete(s3, CURATED, "curated/kept", upload, [etag])
    seen = s3.head_object(Bucket=CURATED, Key="curated/kept")["LastModified"]
    published(local_aws, "kept", tmp_path)
    glue.create_database(DatabaseInput={"Name": "kept"})

    local_aws.kill()
    local_aws.start()

    head = s3.head_object(Bucket=CURATED, Key="curated/kept")
    assert (head["ETag"], head["LastModified"], head["ContentLength"]) == (before, seen, 4)
    assert glue.get_database(Name="kept")["Database"]["Name"] == "kept"
    assert asked_of_athena(local_aws, 'SELECT sum(penguins) AS n FROM "kept"."penguins"') == [["n"], ["42"]]
    assert s3.get_bucket_cors(Bucket=LANDING)["CORSRules"]
    assert s3.get_bucket_encryption(Bucket=LANDING)["ServerSideEncryptionConfiguration"]
    platform = local_aws.client("s3", ANALYTICAL_PLATFORM)
    assert platform.get_object(Bucket=CURATED, Key="curated/kept")["Body"].read() == b"kept"


def test_the_areas_can_be_made_again(local_aws: LocalAws) -> None:
    make_areas(local_aws.settings)
    buckets = local_aws.client("s3", UPLOADER).list_buckets()["Buckets"]
    assert len(buckets) == 5
