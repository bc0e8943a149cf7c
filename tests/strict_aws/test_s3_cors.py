"""What a browser may do by a bucket's CORS rules, which S3 answers without a signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.strict_aws.conftest import sent_whole

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from tests.strict_aws.server import StrictAws

pytestmark = pytest.mark.aws

OURS = "https://uploader.example.org"
ASKING = {"Origin": OURS, "Access-Control-Request-Method": "PUT"}


@pytest.fixture
def url(bucket: S3Client, signing: S3Client) -> str:
    rule: Any = {
        "AllowedOrigins": [OURS, "https://*.example.com"],
        "AllowedMethods": ["PUT"],
        "AllowedHeaders": ["content-*"],
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": 60,
    }
    bucket.put_bucket_cors(Bucket="data", CORSConfiguration={"CORSRules": [rule]})
    made: str = signing.generate_presigned_url("put_object", Params={"Bucket": "data", "Key": "a"})
    return made


def test_a_preflight_is_answered_by_the_rules_whatever_the_signature(url: str, aws: StrictAws) -> None:
    # userguide/cors.html, "How does Amazon S3 evaluate the CORS configuration on a bucket?", and
    # API/RESTOPTIONSobject.html.
    aws.seconds_later = 3601  # expired for a PUT

    for asked in (url, url.partition("?")[0]):
        answer = sent_whole(
            asked,
            method="OPTIONS",
            headers={**ASKING, "Access-Control-Request-Headers": "content-type"},
            data=None,
        )

        assert answer.status == 200
        assert answer.headers["Access-Control-Allow-Origin"] == OURS
        assert answer.headers["Access-Control-Allow-Methods"] == "PUT"
        assert answer.headers["Access-Control-Allow-Headers"] == "content-type"
        assert answer.headers["Access-Control-Max-Age"] == "60"


@pytest.mark.parametrize(
    "asked",
    [
        {**ASKING, "Origin": "https://elsewhere.example.org"},
        {**ASKING, "Origin": "https://example.com"},
        {**ASKING, "Access-Control-Request-Method": "DELETE"},
        {**ASKING, "Access-Control-Request-Headers": "content-type, x-amz-acl"},
    ],
)
def test_a_preflight_that_no_rule_allows_is_refused(url: str, asked: dict[str, str]) -> None:
    # userguide/cors.html: origin, method and every header must match one rule; else AccessForbidden.
    answer = sent_whole(url, method="OPTIONS", headers=asked, data=None)

    assert (answer.status, b"AccessForbidden" in answer.body) == (403, True)
    assert answer.headers["Access-Control-Allow-Origin"] is None


def test_a_bucket_without_rules_refuses_every_preflight(url: str, bucket: S3Client) -> None:
    bucket.delete_bucket_cors(Bucket="data")

    assert sent_whole(url, method="OPTIONS", headers=ASKING, data=None).status == 403


def test_a_browser_may_read_only_what_the_rules_expose(url: str) -> None:
    allowed = sent_whole(url, headers={"Origin": "https://a.example.com"})
    elsewhere = sent_whole(url, headers={"Origin": "https://elsewhere.example.org"})
    no_browser = sent_whole(url)

    assert allowed.headers["Access-Control-Allow-Origin"] == "https://a.example.com"
    assert allowed.headers["Access-Control-Expose-Headers"] == "ETag"
    for other in (elsewhere, no_browser):  # S3 does what is asked: it is the browser that keeps the answer back
        assert other.status == 200
        assert not [name for name in other.headers if name.lower().startswith("access-control-")]
