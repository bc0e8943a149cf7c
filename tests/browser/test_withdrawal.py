"""Withdrawing in a real browser: the pages as people see them, by keyboard and without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.upload import State
from include.domain.withdrawal import Approval
from tests.fakes.front import REVISION

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Visitor
    from tests.browser.service import Service

WORKING = (State.CHECKING, State.CONVERTING, State.VALIDATING, State.PUBLISHING)


def publish(visitor: Visitor, folder: Path) -> str:
    """An upload sent by the page and published, as the pipeline would; the browser shows its status."""
    file = folder / "Trips January.csv"
    file.write_bytes(b"year\n2013\n")
    visitor.sign_in()
    visitor.answer_all()
    visitor.choose(file)
    visitor.page.wait_for_url("**/complete")
    upload_id = visitor.upload_id
    visitor.service.move(upload_id, *WORKING, State.PUBLISHED, revision=REVISION, rows=1, columns=(("year", "bigint"),))
    visitor.go(f"uploads/{upload_id}")
    return upload_id


def test_a_published_upload_is_withdrawn_and_the_page_follows(visitor: Visitor, tmp_path: Path) -> None:
    upload_id = publish(visitor, tmp_path)
    visitor.page.get_by_role("link", name="Withdraw this upload").click()
    visitor.page.get_by_role("button", name="Withdraw this upload").click()
    visitor.page.get_by_text("Its rows are being taken out of the table").wait_for()
    visitor.shoot("withdraw-3-being-withdrawn")
    visitor.service.context.withdrawals.done(upload_id)
    visitor.page.get_by_text("Its rows are no longer in the table").wait_for()


def test_a_promoted_upload_waits_for_an_answer(visitor: Visitor, service: Service, tmp_path: Path) -> None:
    visitor.expect_complaint("422")
    upload_id = publish(visitor, tmp_path)
    assert service.context.ledger.take(upload_id, published=REVISION)
    visitor.page.get_by_role("link", name="Withdraw this upload").click()
    visitor.page.get_by_role("button", name="Ask to withdraw this upload").click()
    visitor.page.get_by_role("alert").get_by_text("Enter why the upload should be withdrawn").click()
    assert visitor.page.evaluate("document.activeElement.id") == "reason"
    visitor.page.keyboard.type("These are the rows of last year")
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_text("A data engineer has to approve it").wait_for()
    service.context.withdrawals.decide(upload_id, run_id=upload_id, by="eve", approval=Approval.DECLINED)
    visitor.page.reload()
    visitor.page.get_by_text("eve declined it").wait_for()
