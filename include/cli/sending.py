"""Sending a file in parts: several at once, each streamed from disk to its signed URL until it is there."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
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
class _Urls:
    """Signed URLs, asked for by the batch and again when one no longer works."""

    api: Api
    place: str
    count: int

    def __post_init__(self) -> None:
        self._lock, self._signed = Lock(), dict[str, str]()

    def of(self, number: int, *, fresh: bool) -> str:
        with self._lock:
            if fresh or str(number) not in self._signed:
                last = min(self.count, number + _SIGNED_AT_ONCE - 1)
                answer = self.api.post(f"{self.place}/parts", {"part_numbers": list(range(number, last + 1))})
                self._signed.update(answer["urls"])
            return self._signed[str(number)]


def send_parts(
    api: Api, place: str, file: Path, *, size: int, part_size: int, on_sent: Callable[[int], object]
) -> list[dict[str, Any]]:
    """Put every part of an announced file; the body that completes it, in order.

    Args:
        api: signs the parts.
        place: the upload's path, `uploads/<id>`.
        file: what to send.
        size: bytes announced.
        part_size: bytes of each part but the last.
        on_sent: told how many bytes went out; negative when a part starts again.
    """
    count = max(1, -(-size // part_size))
    urls = _Urls(api, place, count)
    with httpx.Client(timeout=_TIMEOUT) as store, ThreadPoolExecutor(AT_ONCE) as pool:

        def send(number: int) -> dict[str, Any]:
            start = (number - 1) * part_size
            part = _FilePart(file, start, min(part_size, size - start), on_sent)
            return {"part_number": number, "etag": _put(store, urls, number, part)}

        pending = [pool.submit(send, number) for number in range(1, count + 1)]
        try:
            return [each.result() for each in pending]
        except BaseException:
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
                    raise OSError(f"{self.file} became shorter while it was read")
                yield chunk
                self.sent += len(chunk)
                self.on_sent(len(chunk))


def _put(store: httpx.Client, urls: _Urls, number: int, part: _FilePart) -> str:
    for attempt in range(ATTEMPTS):
        url = urls.of(number, fresh=attempt > 0)
        try:
            # With its length given the body is not sent in HTTP chunks, which S3 would not take.
            answer = store.put(url, content=part.again(), headers={"Content-Length": str(part.length)})
            if answer.is_success:
                return answer.headers["ETag"].strip('"')
            problem = f"the store answered {answer.status_code}"
        except httpx.TransportError as error:
            problem = str(error) or type(error).__name__
        if attempt < ATTEMPTS - 1:
            time.sleep(min(20.0, 0.5 * 2**attempt))
    raise OSError(f"part {number} could not be sent: {problem}")
