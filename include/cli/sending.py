"""Sending a file in parts: several at once, each streamed from disk to a URL that is good for these very bytes."""

from __future__ import annotations

import base64
import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Condition, Event, Lock
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from include.cli.api import Api

AT_ONCE = 4
ATTEMPTS = 8
_SIGNED_AT_ONCE = 50
_CHUNK = 256 * 1024  # bytes read and reported at a time
_TIMEOUT = httpx.Timeout(120, connect=10)


@dataclass
class _Digests:
    """The SHA-256 of each part and of the whole file, by one reading of it."""

    file: Path
    size: int
    part_size: int
    ended: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self._parts, self._news, self._error = dict[int, str](), Condition(), Exception()
        self._over = False

    def bounds(self, number: int) -> tuple[int, int]:
        """Where a part starts, and how many bytes it has."""
        start = (number - 1) * self.part_size
        return start, min(self.part_size, self.size - start)

    def read(self) -> str:
        """Read it all; the SHA-256 of the whole, in hex."""
        whole = hashlib.sha256()
        try:
            with self.file.open("rb") as stream:
                for number in range(1, count_parts(self.size, self.part_size) + 1):
                    part, left = hashlib.sha256(), self.bounds(number)[1]
                    while left:
                        chunk = b"" if self.ended.is_set() else stream.read(min(_CHUNK, left))
                        if not chunk:
                            raise shorter(self.file)
                        part.update(chunk)
                        whole.update(chunk)
                        left -= len(chunk)
                    self._tell(number, base64.b64encode(part.digest()).decode())
        except OSError as error:
            with self._news:
                self._error, self._over = error, True
                self._news.notify_all()
            raise
        return whole.hexdigest()

    def of(self, number: int) -> str:
        """The SHA-256 of a part in base64, once it has been read."""
        with self._news:
            self._news.wait_for(lambda: number in self._parts or self._over)
            if number not in self._parts:
                raise self._error
            return self._parts[number]

    def known_from(self, number: int, most: int) -> dict[int, str]:
        """Those of this part and of the ones after it that have been read."""
        with self._news:
            return {each: self._parts[each] for each in range(number, number + most) if each in self._parts}

    def _tell(self, number: int, digest: str) -> None:
        with self._news:
            self._parts[number] = digest
            self._news.notify_all()


def count_parts(size: int, part_size: int) -> int:
    """A file of 0 bytes is one part of 0 bytes."""
    return max(1, -(-size // part_size))


def shorter(file: Path) -> OSError:
    """The error of a file that lost bytes while it was read."""
    return OSError(f"{file} became shorter while it was read")


@dataclass
class _Urls:
    """Signed URLs with the headers they want, asked for by the batch and again when one no longer works."""

    api: Api
    place: str
    digests: _Digests

    def __post_init__(self) -> None:
        self._lock, self._signed = Lock(), dict[int, dict[str, Any]]()

    def of(self, number: int, *, fresh: bool) -> dict[str, Any]:
        self.digests.of(number)
        with self._lock:
            if fresh or number not in self._signed:
                parts = [
                    {"part_number": each, "size": self.digests.bounds(each)[1], "sha256": digest}
                    for each, digest in self.digests.known_from(number, _SIGNED_AT_ONCE).items()
                ]
                answer = self.api.post(f"{self.place}/parts", {"parts": parts})
                self._signed.update({signed["part_number"]: signed for signed in answer["parts"]})
            return self._signed[number]


def send_parts(
    api: Api, place: str, file: Path, *, size: int, part_size: int, on_sent: Callable[[int], object]
) -> dict[str, Any]:
    """Put every part of an announced file; the body that completes it.

    Args:
        api: signs the parts.
        place: the upload's path, `uploads/<id>`.
        file: what to send.
        size: bytes announced.
        part_size: bytes of each part but the last.
        on_sent: told how many bytes went out; negative when a part starts again.
    """
    digests = _Digests(file, size, part_size)
    urls = _Urls(api, place, digests)
    with httpx.Client(timeout=_TIMEOUT) as store, ThreadPoolExecutor(AT_ONCE + 1) as pool:
        whole = pool.submit(digests.read)

        def send(number: int) -> dict[str, Any]:
            part = _FilePart(file, *digests.bounds(number), on_sent)
            etag = _put(store, urls, number, part)
            return {"part_number": number, "etag": etag, "sha256": digests.of(number)}

        pending = [pool.submit(send, number) for number in range(1, count_parts(size, part_size) + 1)]
        try:
            return {"parts": [each.result() for each in pending], "sha256": whole.result()}
        except BaseException:
            digests.ended.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@dataclass
class _FilePart:
    """Some bytes of a file, streamed, and streamed again."""

    file: Path
    start: int
    length: int
    on_sent: Callable[[int], object]
    sent: int = 0

    def again(self) -> Iterator[bytes]:
        self.on_sent(-self.sent)
        self.sent = 0
        with self.file.open("rb") as stream:
            stream.seek(self.start)
            while self.sent < self.length:
                chunk = stream.read(min(_CHUNK, self.length - self.sent))
                if not chunk:
                    raise shorter(self.file)
                yield chunk
                self.sent += len(chunk)
                self.on_sent(len(chunk))


def _put(store: httpx.Client, urls: _Urls, number: int, part: _FilePart) -> str:
    for attempt in range(ATTEMPTS):
        signed = urls.of(number, fresh=attempt > 0)
        try:
            # Its length is among the headers: the body is not sent in HTTP chunks, which S3 would not take.
            answer = store.put(signed["url"], content=part.again(), headers=signed["headers"])
            if answer.is_success:
                return answer.headers["ETag"].strip('"')
            problem = f"the store answered {answer.status_code}"
        except httpx.TransportError as error:
            problem = str(error) or type(error).__name__
        if attempt < ATTEMPTS - 1:
            time.sleep(min(20.0, 0.5 * 2**attempt))
    raise OSError(f"part {number} could not be sent: {problem}")
