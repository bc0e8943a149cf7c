"""An upload that is under way for as long as a test wants, and what has come of it."""

from __future__ import annotations

import hashlib
import os
import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from include.domain.upload import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from include.domain.upload import Upload
    from tests.browser.conftest import Visitor

MIB = 1024 * 1024
PART = 16 * MIB
AT_ONCE = 4
LONG = 90  # seconds: on a machine with other work
COMPLETE = re.compile(r"/uploads/[0-9a-f]{32}/complete")


def noise(size: int) -> bytes:
    """A CSV file of so many bytes below its header, like no other; the check in the browser has nothing against it."""
    text = bytearray(os.urandom(-(-size // 2)).hex().encode()[:size])
    text[63::64] = b"\n" * len(text[63::64])
    return b"noise\n" + text


@contextmanager
def under_way(visitor: Visitor, file: Path, *, parts: int = 2, checked: bool = True) -> Iterator[None]:
    """In the block some parts of the file have arrived, and the others are held up before the store.

    One that is not `checked` was sent without the check in the browser, which got no answer.
    """
    visitor.sign_in()
    visitor.answer_all()
    arrived = visitor.service.aws.requests
    visitor.service.aws.faults.let_through("UploadPart", parts)
    released = visitor.service.aws.faults.hold("UploadPart")
    if checked:
        visitor.choose(file)
    else:
        visitor.page.route("**/preview", lambda route: route.fulfill(status=404), times=1)
        visitor.page.get_by_label("Choose a file").set_input_files(file)
        visitor.page.get_by_role("button", name="Upload without checking here").click()
    held = min(AT_ONCE, -(-file.stat().st_size // PART) - parts)
    wait_until(lambda: arrived["s3", "UploadPart"] == parts + held)
    wait_until(lambda: len(stored(visitor)) >= parts)
    try:
        yield
    finally:
        released.set()


def wait_until(true: Callable[[], object], *, seconds: float = LONG) -> None:
    """Look until it is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.05)


def only_upload(visitor: Visitor) -> Upload:
    """The one that there is."""
    (upload,) = visitor.service.context.ledger.page().uploads
    return upload


def stored(visitor: Visitor) -> list[int]:
    """The numbers of the parts that the store has."""
    upload = only_upload(visitor)
    assert upload.multipart_id is not None
    return [part.number for part in visitor.service.context.multipart.stored(upload.landing_uri, upload.multipart_id)]


def arrives_whole(visitor: Visitor, file: Path) -> None:
    """The page says that it is complete; the file is in landing, byte for byte, and its browser said so."""
    expect(visitor.page).to_have_url(COMPLETE, timeout=LONG * 1000)
    arrived_whole(visitor, file)


def arrived_whole(visitor: Visitor, file: Path) -> None:
    """The file is in landing, byte for byte, and its browser said so."""
    upload = only_upload(visitor)
    assert upload.state is State.LANDED
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert hashlib.sha256(visitor.service.landed(upload.id)).hexdigest() == digest
    assert upload.sent_sha256 == digest
