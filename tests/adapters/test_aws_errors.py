"""What AWS's failures are to us: to be tried again, or not, and in words that name operation and place only."""

from __future__ import annotations

from typing import Any

import botocore.exceptions as aws
import pytest

from include.adapters.aws_errors import translated
from include.domain.errors import Terminal, Transient, UploaderError


def answered(code: str, status: int = 400, message: str = "secret of the file") -> aws.ClientError:
    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return aws.ClientError(response, "GetObject")


@pytest.mark.parametrize(
    ("failure", "kind", "code"),
    [
        (answered("AccessDenied", 403), Terminal, "access_denied"),
        (answered("AccessDeniedException"), Terminal, "access_denied"),
        (answered("403", 403), Terminal, "access_denied"),
        (answered("InvalidAccessKeyId", 403), Terminal, "credentials_refused"),
        (answered("SignatureDoesNotMatch", 403), Terminal, "credentials_refused"),
        (answered("ExpiredToken", 400), Transient, "aws_unavailable"),
        (answered("ThrottlingException"), Transient, "aws_unavailable"),
        (answered("SlowDown", 503), Transient, "aws_unavailable"),
        (answered("SomethingNew", 500), Transient, "aws_unavailable"),
        (answered("429", 429), Transient, "aws_unavailable"),
        (answered("InvalidInputException"), Terminal, "aws_error"),
        (answered("NoSuchBucket", 404), Terminal, "aws_error"),
        (aws.NoCredentialsError(), Terminal, "no_credentials"),
        (aws.EndpointConnectionError(endpoint_url="http://s3"), Transient, "aws_unreachable"),
        (aws.ReadTimeoutError(endpoint_url="http://s3"), Transient, "aws_unreachable"),
        (aws.IncompleteReadError(actual_bytes=1, expected_bytes=2), Transient, "aws_unreachable"),
        (aws.SSLError(endpoint_url="http://s3", error=OSError("certificate")), Terminal, "tls_refused"),
        (aws.ParamValidationError(report="secret of the file"), Terminal, "aws_error"),
    ],
)
def test_a_failure_is_tried_again_only_if_it_may_pass(failure: Exception, kind: type[UploaderError], code: str) -> None:
    with pytest.raises(kind) as error, translated("s3:GetObject s3://data/raw"):
        raise failure

    assert error.value.code == code
    assert "s3:GetObject s3://data/raw" in error.value.detail
    assert "secret" not in error.value.detail
    assert error.value.__cause__ is failure


def test_our_own_errors_pass_unchanged() -> None:
    ours = Terminal("so it is", code="so_it_is")

    with pytest.raises(Terminal) as error, translated("s3:GetObject s3://data/raw"):
        raise ours

    assert error.value is ours
