"""Presigned URLs as S3 checks them: version, time, signature, headers left unsigned.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.strict_aws.refusals import Refusal

SECRET = "test"
LONGEST = 7 * 24 * 3600  # seconds: "The maximum is 604800 (seven days)"
SKEW = timedelta(minutes=15)

_FORBIDDEN = 403


@dataclass(frozen=True)
class SignedRequest:
    """What of a request its signature is about. `path` and `query` are as they came, still quoted."""

    method: str
    path: str
    query: str
    headers: dict[str, str]  # lower-case names


def is_presigned(query: str) -> bool:
    """Whether the query carries a signature of either version."""
    names = parse_qs(query, keep_blank_values=True).keys()
    return "X-Amz-Signature" in names or "Signature" in names


def check(request: SignedRequest, *, now: datetime) -> None:
    """Raise the Refusal that S3 would answer to this presigned request."""
    given = {name: values[0] for name, values in parse_qs(request.query, keep_blank_values=True).items()}
    if "X-Amz-Signature" not in given:
        # Signature version 2 does not work with buckets made after 24 June 2020.
        raise Refusal(
            "InvalidRequest",
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
        )
    _check_time(given, now=now)
    unsigned = {
        name
        for name in request.headers
        if name.startswith("x-amz-") and name not in given["X-Amz-SignedHeaders"].split(";")
    }
    if unsigned:
        raise Refusal(
            "AccessDenied",
            f"There were headers present in the request which were not signed: {sorted(unsigned)}",
            _FORBIDDEN,
        )
    if not hmac.compare_digest(_signature(request, given), given["X-Amz-Signature"]):
        raise Refusal(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided.",
            _FORBIDDEN,
        )


def _check_time(given: dict[str, str], *, now: datetime) -> None:
    signed_at = datetime.strptime(given["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    seconds = int(given["X-Amz-Expires"])
    if seconds > LONGEST:
        raise Refusal("AuthorizationQueryParametersError", "X-Amz-Expires must be less than a week (in seconds)")
    if now > signed_at + timedelta(seconds=seconds):
        raise Refusal("AccessDenied", "Request has expired", _FORBIDDEN)
    if signed_at > now + SKEW:
        raise Refusal("AccessDenied", "Request is not valid yet", _FORBIDDEN)


def _signature(request: SignedRequest, given: dict[str, str]) -> str:
    key, _, region, service, _ = given["X-Amz-Credential"].split("/")
    query = "&".join(pair for pair in request.query.split("&") if not pair.startswith("X-Amz-Signature="))
    names = given["X-Amz-SignedHeaders"].split(";")
    again = AWSRequest(
        method=request.method,
        url=f"http://{request.headers['host']}{request.path}?{query}",
        headers={name: request.headers.get(name, "") for name in names},
    )
    again.context["timestamp"] = given["X-Amz-Date"]
    signing = S3SigV4QueryAuth(Credentials(key, SECRET), service, region)
    return str(signing.signature(signing.string_to_sign(again, signing.canonical_request(again)), again))
