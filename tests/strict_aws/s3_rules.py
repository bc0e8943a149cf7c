"""S3's rules on sizes and lengths that moto does not keep.

Sources: the S3 API reference, https://docs.aws.amazon.com/AmazonS3/latest/API/<operation>.html, and
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import unescape

from tests.strict_aws.refusals import Refusal

if TYPE_CHECKING:
    from tests.strict_aws.s3_request import S3Request, Stored

KEY_MAX = 1024  # bytes: KeyTooLongError
LIST_PAGE = 1000  # API_ListObjectsV2: "the response might contain fewer keys but will never contain more"
PARTS_PAGE = 1000  # API_ListParts: "The maximum number of parts returned in a response is 1,000"
COPY_MAX = 5 * 1024**3  # bytes: API_CopyObject
PUT_MAX = 5 * 1024**3  # bytes: API_PutObject, and a part of API_UploadPart
DELETE_MAX = 1000  # API_DeleteObjects: "a list of up to 1,000 keys"
PARTS = (1, 10_000)  # userguide/qfacts.html
METADATA_MAX = 2048  # bytes, names and values together: userguide/UsingMetadata.html


def check(request: S3Request) -> None:
    """Raise the Refusal that this request would get whatever is stored."""
    if len(request.key.encode()) > KEY_MAX:
        raise Refusal("KeyTooLongError", "Your key is too long")
    if request.operation in {"PutObject", "UploadPart"} and int(request.headers.get("content-length", 0)) > PUT_MAX:
        raise Refusal("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
    if not PARTS[0] <= int(request.query.get("partNumber", 1)) <= PARTS[1]:
        raise Refusal("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
    prefix = "x-amz-meta-"
    described = sum(
        len(name.removeprefix(prefix)) + len(value)
        for name, value in request.headers.items()
        if name.startswith(prefix)
    )
    if described > METADATA_MAX:
        raise Refusal("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size")


def check_deletes(body: bytes) -> None:
    """Raise the Refusal of a DeleteObjects that names too many keys."""
    if len(keys_of(body)) > DELETE_MAX:
        raise Refusal("MalformedXML", "The XML you provided was not well-formed or did not validate")


def keys_of(body: bytes) -> list[str]:
    """The keys that a DeleteObjects names."""
    return [unescape(key.decode()) for key in re.findall(rb"<Key>(.*?)</Key>", body, re.DOTALL)]


def check_copy_size(request: S3Request, source: Stored, *, copy_max: int) -> None:
    """Raise the Refusal of a copy whose source is too large for one request."""
    size = source.size
    if found := re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("x-amz-copy-source-range", "")):
        first, last = map(int, found.groups())
        size = last - first + 1
        if last >= source.size:
            # API_UploadPartCopy: the range must be within the source.
            raise Refusal("InvalidArgument", f"Range specified is not valid for source object of size: {source.size}")
    if size > copy_max:
        raise Refusal(
            "InvalidRequest",
            f"The specified copy source is larger than the maximum allowable size for a copy source: {copy_max}",
        )
