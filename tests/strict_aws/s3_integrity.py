"""Checksums that a request says its body has, compared with the body.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html and …/API/ErrorResponses.html (BadDigest,
InvalidDigest, XAmzContentSHA256Mismatch).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import zlib
from typing import IO, TYPE_CHECKING, Protocol

from tests.strict_aws.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.strict_aws.s3_request import S3Request

CHECKED = frozenset({"PutObject", "UploadPart", "DeleteObjects"})
CHUNK = 1024 * 1024
PREFIX = "x-amz-checksum-"


class _Sum(Protocol):
    def update(self, chunk: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class _Crc:
    """A reflected CRC: its value so far, and how many bytes it has."""

    def __init__(self, step: Callable[[bytes, int], int], width: int) -> None:
        self._step, self._width, self._value = step, width, 0

    def update(self, chunk: bytes, /) -> None:
        self._value = self._step(chunk, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._width, "big")


def _table_step(polynomial: int, bits: int) -> Callable[[bytes, int], int]:
    table, every = [], (1 << bits) - 1
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (polynomial if value & 1 else 0)
        table.append(value)

    def step(chunk: bytes, value: int) -> int:
        value ^= every
        for byte in chunk:
            value = table[(value ^ byte) & 0xFF] ^ (value >> 8)
        return value ^ every

    return step


ALGORITHMS: dict[str, Callable[[], _Sum]] = {
    "crc32": lambda: _Crc(zlib.crc32, 4),
    "crc32c": lambda: _Crc(_table_step(0x82F63B78, 32), 4),
    "crc64nvme": lambda: _Crc(_table_step(0x9A6C9329AC4BC9B5, 64), 8),
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha256": hashlib.sha256,
}


def checksum(algorithm: str, content: bytes) -> str:
    """A checksum as S3 writes it."""
    made = ALGORITHMS[algorithm]()
    made.update(content)
    return base64.b64encode(made.digest()).decode()


def given(request: S3Request) -> dict[str, str]:
    """The checksums that a request gives of its body, by algorithm."""
    return {
        name.removeprefix(PREFIX): value
        for name, value in request.headers.items()
        if name.removeprefix(PREFIX) in ALGORITHMS and name.startswith(PREFIX)
    }


def check(request: S3Request, body: IO[bytes]) -> None:
    """Raise the Refusal of a body that is not what the headers say, and leave it to be read again."""
    sums = given(request)
    _check_headers(request, sums)
    wanted = {name: (ALGORITHMS[name](), _decoded(name, value)) for name, value in sums.items()}
    md5 = request.headers.get("content-md5")
    if md5 is not None:
        wanted["Content-MD5"] = (hashlib.md5(usedforsecurity=False), _decoded("Content-MD5", md5))
    payload = request.headers.get("x-amz-content-sha256", "")
    signed = bytes.fromhex(payload) if re.fullmatch("[0-9a-f]{64}", payload) else None
    if signed is not None:
        wanted["payload"] = (hashlib.sha256(), signed)
    if wanted:
        while chunk := body.read(CHUNK):
            for made, _ in wanted.values():
                made.update(chunk)
        body.seek(0)
    for name, (made, said) in wanted.items():
        if made.digest() != said:
            raise _mismatch(name)


def _check_headers(request: S3Request, sums: dict[str, str]) -> None:
    if len(sums) > 1:
        raise Refusal(
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        )
    if "x-amz-sdk-checksum-algorithm" in request.headers and not sums and "x-amz-trailer" not in request.headers:
        raise Refusal(
            "InvalidRequest",
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers "
            "were found.",
        )
    if request.operation == "DeleteObjects" and not sums and "content-md5" not in request.headers:
        raise Refusal("InvalidRequest", "Missing required header for this request: Content-MD5")


def _decoded(name: str, value: str) -> bytes:
    length = {"Content-MD5": 16, "crc32": 4, "crc32c": 4, "crc64nvme": 8, "sha1": 20, "sha256": 32}[name]
    try:
        decoded = base64.b64decode(value, validate=True)
    except binascii.Error:
        decoded = b""
    if len(decoded) == length:
        return decoded
    if name == "Content-MD5":
        raise Refusal("InvalidDigest", "The Content-MD5 you specified was invalid.")
    raise Refusal("InvalidRequest", f"Value for {PREFIX}{name} header is invalid.")


def _mismatch(name: str) -> Refusal:
    if name == "payload":
        return Refusal(
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        )
    said = name if name == "Content-MD5" else name.upper()
    return Refusal("BadDigest", f"The {said} you specified did not match the calculated checksum.")
