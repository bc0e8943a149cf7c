"""Sending a file that takes long: pause, cancel, lost network, refresh, ended session, two tabs, leaving."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from include.adapters.ledger.tables import audit_trail
from include.domain.upload import State
from tests.browser.conftest import visitor_of
from tests.browser.under_way import (
    COMPLETE,
    LONG,
    MIB,
    PART,
    arrived_whole,
    arrives_whole,
    noise,
    only_upload,
    stored,
    under_way,
    wait_until,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Visitor

TEAM = "data-uploader-team@example.org"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six parts."""
    path = tmp_path_factory.mktemp("large") / "large.csv"
    path.write_bytes(noise(5 * PART + MIB))
    return path


def test_progress_tells_bytes_speed_and_time_left_and_is_announced_at_most_ten_times(
    visitor: Visitor, file: Path
) -> None:
    with under_way(visitor, file):
        visitor.page.evaluate(
            """() => {
              window.said = [];
              const watch = (id, kept) => new MutationObserver(() => kept.push(document.getElementById(id).textContent))
                .observe(document.getElementById(id), { childList: true, characterData: true, subtree: true });
              watch("progress-said", said);
              window.addEventListener("pagehide", () =>
                sessionStorage.setItem("told", JSON.stringify({ said })));
            }"""
        )
        expect(visitor.page.locator("#progress-text")).to_have_text(
            re.compile(r"MB of 81 MB \(\d+%\), [\d.]+ [KM]B a second, .+ left")
        )
        visitor.look("40-uploading")
    visitor.page.wait_for_url(COMPLETE, timeout=LONG * 1000)
    told = visitor.page.evaluate("JSON.parse(sessionStorage.getItem('told'))")
    assert 1 <= len(told["said"]) <= 10
    assert told["said"][-1] == "100% uploaded"
    arrived_whole(visitor, file)


def test_a_paused_upload_sends_nothing_until_it_goes_on(visitor: Visitor, file: Path) -> None:
    with under_way(visitor, file):
        visitor.page.get_by_role("button", name="Pause").click()
        expect(visitor.page.get_by_text("Paused. Nothing is sent until you select Continue.")).to_be_visible()
        visitor.look("41-paused")
    before = stored(visitor)
    requests = visitor.service.aws.requests["s3", "UploadPart"]
    visitor.page.wait_for_timeout(1500)  # that nothing is sent can be seen in no other way than by waiting
    assert visitor.service.aws.requests["s3", "UploadPart"] == requests
    visitor.page.get_by_role("button", name="Continue").click()
    arrives_whole(visitor, file)
    assert before


def test_cancelling_mid_upload_aborts_it_and_leaves_nothing_behind(visitor: Visitor, file: Path) -> None:
    with under_way(visitor, file):
        visitor.page.get_by_role("button", name="Cancel upload").click()
        expect(visitor.page.get_by_text("The upload was cancelled.")).to_be_visible()
    upload = only_upload(visitor)
    assert upload.state is State.CANCELLED
    assert list(visitor.service.context.multipart.pending(upload.landing_uri)) == []
    assert visitor.service.context.objects.head(upload.landing_uri) is None


def test_an_upload_goes_on_by_itself_when_the_network_is_back(visitor: Visitor, file: Path) -> None:
    visitor.expect_complaint("")  # of every request that fails
    with under_way(visitor, file):
        visitor.service.aws.faults.dark = True
    expect(visitor.page.get_by_text("The connection is lost")).to_be_visible()
    visitor.look("42-no-network")
    there = stored_by_force(visitor)
    visitor.service.aws.faults.dark = False
    visitor.page.evaluate("window.dispatchEvent(new Event('online'))")
    arrives_whole(visitor, file)
    assert there


def test_an_upload_goes_on_by_itself_when_the_whole_network_is_back(visitor: Visitor, file: Path) -> None:
    visitor.expect_complaint("")  # of every request that fails
    with under_way(visitor, file):
        visitor.service.network.dark = visitor.service.aws.faults.dark = True
    expect(visitor.page.get_by_text("The connection is lost")).to_be_visible()
    visitor.service.aws.faults.dark = False  # the store is there again; that the file is whole nobody can be told
    expect(visitor.page.get_by_text("The connection is lost")).to_be_visible()
    visitor.service.network.dark = False
    visitor.page.evaluate("window.dispatchEvent(new Event('online'))")
    arrives_whole(visitor, file)


def test_answers_that_are_lost_make_no_second_upload(visitor: Visitor, file: Path) -> None:
    visitor.expect_complaint("")  # of every request that fails
    visitor.sign_in()
    visitor.answer_all()
    for end in ("/uploads", "/parts", "/complete"):
        visitor.service.network.answers_to_lose.append(("POST", end))
    visitor.choose(file)
    arrives_whole(visitor, file)
    assert visitor.service.network.answers_to_lose == []


def stored_by_force(visitor: Visitor) -> list[int]:
    visitor.service.aws.faults.dark = False
    try:
        return stored(visitor)
    finally:
        visitor.service.aws.faults.dark = True


@pytest.mark.parametrize("checked", [True, False], ids=["checked", "not-checked-at-first"])
def test_a_refreshed_page_goes_on_when_the_same_file_is_chosen_again(
    visitor: Visitor, file: Path, *, checked: bool
) -> None:
    visitor.expect_complaint("status of 404")
    with under_way(visitor, file, checked=checked):
        there = stored(visitor)
        visitor.page.on("dialog", lambda dialog: dialog.accept())
        visitor.page.reload()
        visitor.page.get_by_label("Choose a file").wait_for()
    visitor.service.aws.forget_requests()
    visitor.choose(file)
    arrives_whole(visitor, file)
    assert visitor.service.aws.requests["s3", "UploadPart"] <= 6 - len(there)
    assert visitor.service.aws.requests["s3", "CreateMultipartUpload"] == 0


def test_another_browser_goes_on_from_the_status_page(visitor: Visitor, file: Path, tmp_path: Path) -> None:
    with under_way(visitor, file):
        visitor.page.on("dialog", lambda dialog: dialog.accept())
        visitor.go("")
        visitor.page.evaluate("localStorage.clear()")
    visitor.go("uploads")
    visitor.page.get_by_role("link", name="large.csv").click()
    visitor.page.get_by_role("link", name="continue this upload").click()
    visitor.page.get_by_role("heading", name="Continue your upload").wait_for()
    visitor.look("43-continue")

    visitor.page.get_by_role("button", name="Continue upload").click()
    visitor.page.get_by_role("link", name="Select large.csv").wait_for()
    shorter = tmp_path / "shorter.csv"
    shorter.write_bytes(b"x")
    go_on(visitor, shorter)
    visitor.page.get_by_role("link", name=re.compile("is not the one that was begun: it has 1 bytes")).wait_for()
    other = tmp_path / "other.csv"
    other.write_bytes(b"other" + file.read_bytes()[5:])
    go_on(visitor, other)
    visitor.page.get_by_role("link", name=re.compile("its content differs from what has arrived")).wait_for()
    visitor.look("44-other-file")

    go_on(visitor, file)
    arrives_whole(visitor, file)


def go_on(visitor: Visitor, file: Path) -> None:
    visitor.page.get_by_label("Choose the same file again").set_input_files(file)
    visitor.page.get_by_role("button", name="Continue upload").click()


def test_an_upload_waits_for_the_person_to_sign_in_again(visitor: Visitor, file: Path) -> None:
    visitor.expect_complaint("401")
    with under_way(visitor, file):
        visitor.page.context.clear_cookies()
    expect(visitor.page.get_by_text("You have been signed out.")).to_be_visible()
    visitor.look("45-signed-out")
    tab = visitor_of(visitor.page.context, visitor.service, visitor.shots)
    tab.sign_in(TEAM)
    visitor.page.get_by_role("button", name="Continue").click()
    expect(visitor.page.get_by_text(f"You are signed in as {TEAM}.")).to_be_visible()
    tab.page.get_by_role("button", name="Sign out").click()
    tab.sign_in()
    visitor.page.get_by_role("button", name="Continue").click()
    arrives_whole(visitor, file)


def test_a_second_tab_waits_for_the_first_and_finishes_what_it_leaves(visitor: Visitor, file: Path) -> None:
    visitor.page.on("dialog", lambda dialog: dialog.accept())
    with under_way(visitor, file):
        tab = visitor_of(visitor.page.context, visitor.service, visitor.shots)
        tab.go(f"uploads/{only_upload(visitor).id}/continue")
        go_on(tab, file)
        expect(tab.page.get_by_text("is being sent in another tab")).to_be_visible()
        visitor.page.close(run_before_unload=False)
    tab.page.wait_for_url(COMPLETE, timeout=LONG * 1000)
    arrived_whole(visitor, file)
    assert tab.unexpected == []


def test_two_tabs_that_send_at_once_do_no_harm(visitor: Visitor, file: Path) -> None:
    # As on a page that is not served over HTTPS, where browsers have no locks.
    visitor.expect_complaint("40")  # what the one sends after the other has completed: 404 and 409
    visitor.page.context.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
    with under_way(visitor, file):
        tab = visitor_of(visitor.page.context, visitor.service, visitor.shots)
        tab.go(f"uploads/{only_upload(visitor).id}/continue")
        go_on(tab, file)
        expect(tab.page.locator("#progress-label")).to_have_text("Uploading")
    for each in (visitor, tab):
        each.page.wait_for_url(COMPLETE, timeout=LONG * 1000)
    arrived_whole(visitor, file)


def test_leaving_while_a_file_is_sent_is_warned_of(visitor: Visitor, file: Path) -> None:
    asked: list[str] = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    with under_way(visitor, file):
        visitor.page.on("dialog", stay)
        visitor.page.get_by_role("link", name="My uploads").first.click(no_wait_after=True)
        while not asked:
            visitor.page.wait_for_timeout(50)  # lets the browser's events in, of which this is none a page tells
        assert asked == ["beforeunload"]
    arrives_whole(visitor, file)


def test_a_file_that_changes_while_it_is_sent_is_not_uploaded(visitor: Visitor, tmp_path: Path) -> None:
    visitor.expect_complaint("")
    changing = tmp_path / "changing.csv"
    changing.write_bytes(noise(3 * PART))
    with under_way(visitor, changing, parts=1):
        changing.write_bytes(noise(3 * PART))
    visitor.page.get_by_role("link", name=re.compile("The selected file was changed or moved")).wait_for(timeout=60_000)
    assert only_upload(visitor).state is State.UPLOADING
    visitor.look("46-file-changed")
    visitor.page.get_by_role("button", name="Cancel the upload that was begun").click()
    expect(visitor.page.get_by_text("The upload was cancelled. Nothing was added to the table.")).to_be_visible()
    assert only_upload(visitor).state is State.CANCELLED


def test_urls_that_expire_before_they_are_used_are_signed_anew(visitor: Visitor, file: Path) -> None:
    visitor.expect_complaint("403")
    aws = visitor.service.aws
    with under_way(visitor, file):
        signed = signings(visitor)
        aws.seconds_later = visitor.service.context.settings.presign_seconds + 60
        before = aws.requests["s3", "UploadPart"]
    # What was held up is refused by the store's clock, and comes again.
    wait_until(lambda: aws.requests["s3", "UploadPart"] > before)
    aws.seconds_later = 0
    arrives_whole(visitor, file)
    again = {number for first, last in signings(visitor)[len(signed) :] for number in range(first, last + 1)}
    assert again & {number for first, last in signed for number in range(first, last + 1)}


def signings(visitor: Visitor) -> list[tuple[int, int]]:
    """The first and the last part of each signing, as the audit trail has them."""
    query = select(audit_trail.c.details).where(audit_trail.c.what == "parts signed").order_by(audit_trail.c.id)
    with visitor.service.context.ledger.engine.connect() as connection:  # type: ignore[attr-defined]
        return [(details["first"], details["last"]) for (details,) in connection.execute(query)]
