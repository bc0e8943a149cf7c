"""A request to S3: what it asks for, and what the object behind it is now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.strict_aws.wsgi import headers_of, path_parts, query_of, raw_target

if TYPE_CHECKING:
    from datetime import datetime

    from tests.strict_aws.wsgi import Environ

_BY_PARAMETER = {
    ("PUT", "partNumber", True): "UploadPart",
    ("POST", "uploads", True): "CreateMultipartUpload",
    ("POST", "uploadId", True): "CompleteMultipartUpload",
    ("DELETE", "uploadId", True): "AbortMultipartUpload",
    ("GET", "uploadId", True): "ListParts",
    ("GET", "uploads", False): "ListMultipartUploads",
    ("POST", "delete", False): "DeleteObjects",
    ("GET", "list-type", False): "ListObjectsV2",
    ("GET", "cors", False): "GetBucketCors",
    ("PUT", "cors", False): "PutBucketCors",
    ("PUT", "lifecycle", False): "PutBucketLifecycleConfiguration",
}
_PLAIN = {
    ("GET", True): "GetObject",
    ("HEAD", True): "HeadObject",
    ("PUT", True): "PutObject",
    ("DELETE", True): "DeleteObject",
    ("OPTIONS", True): "Preflight",
    ("OPTIONS", False): "Preflight",
    ("GET", False): "ListObjects",
    ("HEAD", False): "HeadBucket",
    ("PUT", False): "CreateBucket",
    ("DELETE", False): "DeleteBucket",
}


@dataclass(frozen=True)
class S3Request:
    """What is asked for, decoded."""

    method: str
    bucket: str
    key: str
    query: dict[str, str]
    headers: dict[str, str]  # lower-case names

    @classmethod
    def of(cls, environ: Environ) -> S3Request:
        """The request that came."""
        path, query = raw_target(environ)
        bucket, key = path_parts(path)
        return cls(environ["REQUEST_METHOD"], bucket, key, query_of(query), headers_of(environ))

    @property
    def operation(self) -> str:
        """The API's name of this request."""
        if self.headers.get("x-amz-copy-source"):
            return "UploadPartCopy" if "uploadId" in self.query else "CopyObject"
        if self.method == "OPTIONS":
            return "Preflight"
        if not self.bucket:
            return "ListBuckets"
        for (method, parameter, has_key), name in _BY_PARAMETER.items():
            if self.method == method and parameter in self.query and bool(self.key) == has_key:
                return name
        return _PLAIN.get((self.method, bool(self.key)), self.method)


@dataclass(frozen=True)
class Stored:
    """An object as it is now."""

    etag: str
    size: int
    last_modified: datetime
