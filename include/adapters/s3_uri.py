"""S3 URIs: which bucket and key a URI `s3://bucket/key` means."""

from __future__ import annotations

from include.domain.errors import Terminal

SCHEME = "s3://"


def bucket_and_key(uri: str) -> tuple[str, str]:
    """Bucket and key, which may be empty; the key is taken literally, without any unquoting."""
    bucket, _, key = uri.removeprefix(SCHEME).partition("/")
    if not uri.startswith(SCHEME) or not bucket:
        raise Terminal(
            f"An object's address must look like s3://bucket/key; this is {uri!r}. Check the areas in the settings.",
            code="bad_uri",
            title="Not an S3 address",
        )
    return bucket, key


def object_uri(bucket: str, key: str) -> str:
    """The URI of an object."""
    return f"{SCHEME}{bucket}/{key}"


def unquoted(etag: str) -> str:
    """An ETag as the ports carry it: without the quotes of the HTTP header."""
    return etag.strip('"')
