"""AWS errors: which of botocore's failures pass, which are denials, and which are faults; translated here only."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's name for it
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    PartialCredentialsError,
    SSLError,
)

from include.domain.errors import Terminal, Transient, UploaderError

if TYPE_CHECKING:
    from collections.abc import Iterator

DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AllAccessDisabled", "AuthorizationError", "Forbidden"})
CREDENTIALS = frozenset(
    {
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
        "UnauthorizedAccess",
    }
)
PASSING = frozenset(
    {
        "BandwidthLimitExceeded",
        "ExpiredToken",  # a new attempt fetches new credentials
        "ExpiredTokenException",
        "InternalError",
        "InternalFailure",
        "InternalServiceException",
        "LimitExceededException",
        "OperationAborted",
        "OperationTimeoutException",
        "PriorRequestNotComplete",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)

_HTTP_FORBIDDEN = 403
_HTTP_TOO_MANY = 429
_HTTP_SERVER = 500


def code_of(error: ClientError) -> str:
    """AWS's own code of an error; an HTTP status for answers without a body (HEAD)."""
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: ClientError) -> int:
    """The HTTP status of an error; 0 when there was none."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def from_code(code: str, *, what: str, status: int = 0) -> UploaderError:
    """Our error for a code of AWS. `what` names operation and resource, and is all that a person sees of them."""
    if code in CREDENTIALS:
        return Terminal(
            f"AWS did not accept our credentials ({code}) for {what}. Check the connection's keys or role.",
            code="credentials_refused",
            title="AWS does not accept our credentials",
        )
    if code in PASSING or status == _HTTP_TOO_MANY or status >= _HTTP_SERVER:
        return Transient(
            f"AWS answered {code or status} to {what}. Try again.",
            code="aws_unavailable",
            title="AWS is busy or unavailable",
        )
    if code in DENIED or status == _HTTP_FORBIDDEN:
        return Terminal(
            f"Access denied: {what}. The role that made the request may not do this, or the bucket or key policy "
            "forbids it.",
            code="access_denied",
            title="Access denied",
        )
    return Terminal(f"AWS answered {code or status} to {what}.", code="aws_error", title="AWS refused a request")


def from_client_error(error: ClientError, *, what: str) -> UploaderError:
    """Our error for an answer of AWS that the caller has no meaning for."""
    return from_code(code_of(error), what=what, status=status_of(error))


def from_botocore(error: BotoCoreError, *, what: str) -> UploaderError:
    """Our error for a request that got no whole answer, or was never sent."""
    if isinstance(error, NoCredentialsError | PartialCredentialsError | CredentialRetrievalError):
        return Terminal(
            f"There are no AWS credentials for {what}.", code="no_credentials", title="AWS credentials are missing"
        )
    if isinstance(error, SSLError):
        return Terminal(
            f"The TLS certificate of the AWS endpoint is not trusted ({what}).",
            code="tls_refused",
            title="AWS endpoint is not trusted",
        )
    if isinstance(error, ConnectionError | HTTPClientError | IncompleteReadError):
        return Transient(
            f"The connection to AWS failed ({type(error).__name__}) during {what}. Try again.",
            code="aws_unreachable",
            title="AWS cannot be reached",
        )
    return Terminal(f"{type(error).__name__} during {what}.", code="aws_error", title="A request to AWS failed")


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Raise our errors for what botocore raises inside; `what` names operation and resource (`s3:GetObject …`)."""
    try:
        yield
    except ClientError as error:
        raise from_client_error(error, what=what) from error
    except BotoCoreError as error:
        raise from_botocore(error, what=what) from error
