"""The same journey in Firefox, which the original service could not serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.upload import State
from tests.browser.firefox import firefox
from tests.fakes.front import ANALYST, REVISION

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.service import Service


def test_a_file_goes_from_the_start_page_to_its_table(service: Service, shots: Path, tmp_path: Path) -> None:
    file = tmp_path / "Trips January.csv"
    file.write_bytes(b"year\n" + b"2013\n" * (20 * 1024 * 1024 // 5))
    with firefox(tmp_path / "profile") as browser:
        browser.go(service.url)
        browser.press("Start now", arrives="Sign in")
        browser.fill("email", ANALYST)
        browser.press("Send the code", arrives="Check your email")
        browser.fill("code", service.last_code())
        browser.press("Continue", arrives="Data governance requirements")
        browser.tick("document", "none")
        browser.tick("classification", "test")
        browser.tick("responsible", "yes")
        browser.shoot(shots / "40-firefox-governance.png")
        browser.press("Continue", arrives="Choose database")
        browser.tick("kind", "new")
        browser.fill("name", "travel")
        browser.press("Continue", arrives="Choose table")
        browser.fill("name", "trips")
        browser.press("Continue", arrives="Check your answers before you upload")
        browser.press("Upload file", arrives="Check your answers before you upload")
        browser.wait("document.querySelector('#upload-errors').innerText.includes('Select a file')")
        browser.choose(file)
        browser.press("Upload file", arrives="Upload complete")
        browser.shoot(shots / "41-firefox-complete.png")
        upload_id = browser.run("location.pathname.split('/')[3]")
        assert service.landed(upload_id) == file.read_bytes()

        browser.press("See the status", arrives="Trips January.csv")
        service.move(
            upload_id, State.CHECKING, State.CONVERTING, State.VALIDATING, State.PUBLISHING, State.PUBLISHED,
            rows=4, revision=REVISION,
        )  # fmt: skip
        browser.wait("document.querySelector('#status').dataset.state === 'published'")
        browser.shoot(shots / "42-firefox-status.png")
        assert browser.complaints == []
