"""Large files from a browser to S3: what arrives is what was sent, and it does not come through the front."""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from include.domain.upload import State
from tests.browser.conftest import visitor_of, without_scripts
from tests.browser.front_apart import MIB, FrontApart, front_apart, memory_of
from tests.strict_aws import presign
from tests.strict_aws.server import OWN_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.browser.conftest import Visitor
    from tests.browser.service import Service

GB = 1024**3
MOVED_MAX = 5 * 1000**2  # bytes: the pages, the signing of every part, what S3 answers of them
GROWTH_MAX = 32 * MIB  # of the front, at its most
STORE_GROWTH_MAX = 384 * MIB  # of the S3 of the tests, which is in this process: some parts of 16 MB at once
FORM_GROWTH_MAX = 64 * MIB  # of the front while it takes 100 MB itself
COMPLETE = re.compile(r"/uploads/[0-9a-f]{32}/complete")


@dataclass(frozen=True)
class Sample:
    """A file, and its SHA-256 in hex."""

    path: Path
    sha256: str


def made_file(path: Path, size: int) -> Sample:
    """A CSV file that has no megabyte twice, so that parts in a wrong order have another SHA-256."""
    digest, filling = hashlib.sha256(), b"0123456789abcde\n" * (MIB // 16)
    with path.open("wb") as file:
        for number in range(size // MIB):
            block = (b"%015d\n" % number if number else b"numbered_column\n") + filling[16:]
            digest.update(block)
            file.write(block)
    return Sample(path, digest.hexdigest())


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that does not stay: pytest would keep gigabytes."""
    made = tmp_path / "large"
    made.mkdir()
    yield made
    shutil.rmtree(made)


@pytest.fixture
def front(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FrontApart]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", OWN_ACCOUNT)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", presign.SECRET)
    with front_apart(folder) as running:
        yield running


@pytest.fixture
def service(front: FrontApart) -> Service:
    """What the visitor visits."""
    return front.service


def send_past_the_front(visitor: Visitor, front: FrontApart, sample: Sample, *, minutes: float) -> None:
    """Send a file as a person does, and hold what it took against what was promised."""
    visitor.sign_in()
    visitor.answer_all()
    moved, memory, store = front.moved, front.memory, memory_of_this_process()
    front.forget_most()
    begun = time.monotonic()

    visitor.page.get_by_label("Choose a file").set_input_files(sample.path)
    visitor.page.get_by_role("button", name="Upload without checking here").click()
    visitor.page.wait_for_url(COMPLETE, timeout=minutes * 60_000)

    seconds = time.monotonic() - begun
    size = sample.path.stat().st_size
    moved, growth, store = front.moved - moved, front.most_memory - memory, memory_of_this_process() - store
    say(
        f"{visitor.browser}: {size / GB:.1f} GB in {seconds:.0f} s, {size / seconds / 1e6:.0f} MB/s; the front moved "
        f"{moved / 1e6:.2f} MB and grew by {growth / 1e6:.1f} MB, the S3 of the test by {store / 1e6:.0f} MB"
    )
    assert moved < MOVED_MAX
    assert growth < GROWTH_MAX
    assert store < STORE_GROWTH_MAX
    arrived(front, sample)


def arrived(front: FrontApart, sample: Sample) -> None:
    """What S3 holds is the file, and the ledger has what its browser read."""
    (upload,) = front.service.context.ledger.page().uploads
    assert upload.state is State.LANDED
    assert front.stored_sha256(upload) == sample.sha256
    assert upload.sent_sha256 == sample.sha256


def memory_of_this_process() -> int:
    return memory_of("self", "VmRSS")


def say(figures: str) -> None:
    """For who runs the test with -rP."""
    sys.stdout.write(f"{figures}\n")


@pytest.mark.timeout(1200)
def test_two_gigabytes_arrive_whole_and_leave_the_front_alone(
    visitor: Visitor, front: FrontApart, folder: Path
) -> None:
    send_past_the_front(visitor, front, made_file(folder / "two.csv", 2 * GB), minutes=15)


@pytest.mark.large
@pytest.mark.timeout(1800)
def test_five_gigabytes_arrive_whole_and_leave_the_front_alone(
    visitor: Visitor, front: FrontApart, folder: Path
) -> None:
    send_past_the_front(visitor, front, made_file(folder / "five.csv", 5 * GB), minutes=20)


def test_without_scripts_a_hundred_megabytes_come_through_the_front_and_not_into_its_memory(
    browser: Browser, front: FrontApart, folder: Path, shots: Path
) -> None:
    sample = made_file(folder / "hundred.csv", 99 * MIB)
    visitor = visitor_of(without_scripts(browser), front.service, shots)
    visitor.page.set_default_timeout(120_000)
    visitor.sign_in()
    visitor.answer_all(table="first")
    visitor.choose(made_file(folder / "first.csv", 80 * MIB).path)  # loads what reads a header
    visitor.page.wait_for_url(COMPLETE)
    visitor.answer_all(table="second")
    memory = front.memory
    front.forget_most()

    visitor.choose(sample.path)
    visitor.page.wait_for_url(COMPLETE)

    growth = front.most_memory - memory
    say(f"{visitor.browser}: the front grew by {growth / 1e6:.1f} MB")
    upload = front.service.context.ledger.page().uploads[0]
    assert front.stored_sha256(upload) == sample.sha256
    assert growth < FORM_GROWTH_MAX
    visitor.page.context.close()
