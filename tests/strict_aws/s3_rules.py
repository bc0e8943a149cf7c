"""S3's rules that moto does not keep: keys, copies, multipart uploads.

Sources: the S3 API reference, https://docs.aws.amazon.com/AmazonS3/latest/API/<operation>.html, and
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field

from tests.strict_aws.refusals import Refusal

KEY_MAX = 1024  # bytes: KeyTooLongError
LIST_PAGE = 1000  # API_ListObjectsV2: "the response might contain fewer keys but will never contain more"
COPY_MAX = 5 * 1024**3  # bytes: API_CopyObject

_NO_SUCH_UPLOAD = Refusal(
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
    "completed.",
    404,
)


@dataclass(frozen=True)
class S3Request:
    """A request to S3: what it asks for, decoded."""

    method: str
    bucket: str
    key: str
    query: dict[str, str]
    headers: dict[str, str]  # lower-case names

    @property
    def operation(self) -> str:
        """The API's name of this request."""
        if self.headers.get("x-amz-copy-source"):
            return "UploadPartCopy" if "uploadId" in self.query else "CopyObject"
        if not self.bucket:
            return "ListBuckets"
        for (method, parameter, has_key), name in _BY_PARAMETER.items():
            if self.method == method and parameter in self.query and bool(self.key) == has_key:
                return name
        return _PLAIN.get((self.method, bool(self.key)), self.method)


_BY_PARAMETER = {
    ("PUT", "partNumber", True): "UploadPart",
    ("POST", "uploads", True): "CreateMultipartUpload",
    ("POST", "uploadId", True): "CompleteMultipartUpload",
    ("DELETE", "uploadId", True): "AbortMultipartUpload",
    ("GET", "uploadId", True): "ListParts",
    ("GET", "uploads", False): "ListMultipartUploads",
    ("POST", "delete", False): "DeleteObjects",
    ("GET", "list-type", False): "ListObjectsV2",
    ("PUT", "cors", False): "PutBucketCors",
    ("PUT", "lifecycle", False): "PutBucketLifecycleConfiguration",
}
_PLAIN = {
    ("GET", True): "GetObject",
    ("HEAD", True): "HeadObject",
    ("PUT", True): "PutObject",
    ("DELETE", True): "DeleteObject",
    ("OPTIONS", True): "Preflight",
    ("GET", False): "ListObjects",
    ("HEAD", False): "HeadBucket",
    ("PUT", False): "CreateBucket",
    ("DELETE", False): "DeleteBucket",
}


@dataclass(frozen=True)
class Source:
    """The object that a copy is made from, as it is now."""

    etag: str
    size: int


def check(request: S3Request) -> None:
    """Raise the Refusal that this request would get whatever is stored."""
    if len(request.key.encode()) > KEY_MAX:
        raise Refusal("KeyTooLongError", "Your key is too long")


def check_copy(request: S3Request, source: Source | None, *, copy_max: int) -> None:
    """Raise the Refusal of a copy whose source has changed, or is too large for one request."""
    if source is None:
        return  # moto itself says that there is no such key
    wanted = request.headers.get("x-amz-copy-source-if-match")
    if wanted is not None and wanted.strip('"') != source.etag:
        raise Refusal("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412)
    if request.operation == "CopyObject" and source.size > copy_max:
        raise Refusal(
            "InvalidRequest",
            f"The specified copy source is larger than the maximum allowable size for a copy source: {copy_max}",
        )


@dataclass
class MultipartRules:
    """What S3 remembers of multipart uploads and moto forgets: which are over, and which need checksums."""

    over: set[str] = field(default_factory=set)
    checksummed: dict[str, str] = field(default_factory=dict)  # upload id → algorithm, lower case
    lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, request: S3Request, body: bytes) -> None:
        """Raise the Refusal for an upload that is over, or completed without the checksums it was begun with."""
        upload_id = request.query.get("uploadId", "")
        with self.lock:
            if upload_id in self.over:
                raise _NO_SUCH_UPLOAD
            algorithm = self.checksummed.get(upload_id)
        if request.operation != "CompleteMultipartUpload" or algorithm is None:
            return
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
        for part in re.findall(rb"<Part>.*?</Part>", body, re.DOTALL):
            if f"<Checksum{algorithm.upper()}>".encode() not in part:
                raise Refusal(
                    "InvalidRequest",
                    f"The upload was created using a {algorithm} checksum. The complete request must include the "
                    "checksum for each part.",
                )

    def learn(self, request: S3Request, *, status: int, answer: bytes) -> None:
        """Remember what an answered request began or ended."""
        if status >= 300:
            return
        with self.lock:
            if request.operation in {"CompleteMultipartUpload", "AbortMultipartUpload"}:
                self.over.add(request.query["uploadId"])
            algorithm = request.headers.get("x-amz-checksum-algorithm")
            begun = re.search(rb"<UploadId>([^<]+)</UploadId>", answer)
            # A checksum of the whole object is S3's to calculate, whatever is said of the parts.
            whole = request.headers.get("x-amz-checksum-type") == "FULL_OBJECT"
            if request.operation == "CreateMultipartUpload" and algorithm and begun and not whole:
                self.checksummed[begun[1].decode()] = algorithm.lower()
