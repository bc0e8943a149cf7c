"""S3's conditions on what is copied and on what is written over.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html, …/API_PutObject.html,
…/API_CompleteMultipartUpload.html, …/API_DeleteObject.html, and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from tests.strict_aws.refusals import Refusal

if TYPE_CHECKING:
    from tests.strict_aws.s3_request import S3Request, Stored

WRITES = frozenset({"PutObject", "CopyObject", "CompleteMultipartUpload", "DeleteObject"})
_SOURCE = "x-amz-copy-source-"


def check_source(request: S3Request, source: Stored) -> None:
    """Raise the Refusal of a copy whose source is not as the request wants it.

    API_CopyObject: if-match true and if-unmodified-since false together are 200; if-none-match false and
    if-modified-since true together are 412.
    """
    headers = request.headers
    match, unmatched = headers.get(f"{_SOURCE}if-match"), headers.get(f"{_SOURCE}if-none-match")
    unmodified, modified = headers.get(f"{_SOURCE}if-unmodified-since"), headers.get(f"{_SOURCE}if-modified-since")
    if match is not None:
        failed = not _is(match, source)
    else:
        failed = unmodified is not None and source.last_modified > _time(unmodified)
    if unmatched is not None:
        failed = failed or _is(unmatched, source)
    elif modified is not None:
        failed = failed or source.last_modified <= _time(modified)
    if failed:
        raise _failed()


@dataclass
class Conditions:
    """Conditional writes, one at a time for the whole store, and what was deleted while one was on its way."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    deletions: Counter[tuple[str, str]] = field(default_factory=Counter)

    def begun(self, request: S3Request) -> int:
        """Where deletions of this key stand as its write begins; for `check`."""
        return self.deletions[request.bucket, request.key]

    def check(self, request: S3Request, there: Stored | None, *, begun: int) -> None:
        """Raise the Refusal of a write whose condition does not hold, the moment before it is done."""
        match, unmatched = request.headers.get("if-match"), request.headers.get("if-none-match")
        if request.operation == "DeleteObject":
            # API_DeleteObject: "if the object doesn't exist, the operation will return a 204".
            if match is not None and there is not None and not _is(match, there):
                raise _failed()
            return
        if unmatched not in {None, "*"}:
            raise Refusal("NotImplemented", "A header you provided implies functionality that is not implemented", 501)
        if self.deletions[request.bucket, request.key] != begun:
            # userguide/conditional-writes.html: "409 Conflict … if a delete request to an object succeeds before a
            # conditional write operation on that object completes".
            raise Refusal(
                "ConditionalRequestConflict",
                "The conditional request cannot succeed due to a conflicting operation against this resource.",
                409,
            )
        if match is not None and there is None:
            raise Refusal("NoSuchKey", "The specified key does not exist.", 404)
        if (unmatched and there) or (match is not None and there and not _is(match, there)):
            raise _failed()

    def deleted(self, bucket: str, keys: list[str]) -> None:
        """Remember that these keys were deleted."""
        with self.lock:
            self.deletions.update((bucket, key) for key in keys)


def is_conditional(request: S3Request) -> bool:
    """Whether the request writes under a condition on what is there."""
    return request.operation in WRITES and bool({"if-match", "if-none-match"} & request.headers.keys())


def _is(wanted: str, stored: Stored) -> bool:
    return wanted == "*" or wanted.strip('"') == stored.etag


def _time(text: str) -> datetime:
    return parsedate_to_datetime(text).astimezone(UTC)


def _failed() -> Refusal:
    return Refusal("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412)
