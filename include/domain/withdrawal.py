"""Withdrawals: taking a published upload out again, and whose consent that needs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from include.domain.errors import Conflict, Refused
from include.domain.upload import LIVE, State

if TYPE_CHECKING:
    from datetime import datetime

    from include.domain.upload import Upload

REASON_MAX = 500  # characters


class Approval(StrEnum):
    """Whether a withdrawal needs the consent of a data engineer, and how that came out."""

    NOT_NEEDED = "not_needed"  # promotion had not begun: the uploader's own word is enough
    WANTED = "wanted"
    GIVEN = "given"
    DECLINED = "declined"


class Progress(StrEnum):
    """How far a request to withdraw an upload is."""

    WAITING_FOR_APPROVAL = "waiting_for_approval"
    DECLINED = "declined"
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"


STANDING = frozenset({Approval.NOT_NEEDED, Approval.GIVEN})


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """A request to take a published upload out again, and what became of it.

    Attributes:
        reason: in the words of who asked; may be empty while no approval is needed.
        run_id: of the run of `withdraw_upload` that carries it; a request after a declined one has another.
        decided_by: the data engineer who approved or declined it.
        done_at: when nothing of the upload was left but its raw file.
    """

    upload_id: str
    requested_by: str
    reason: str
    requested_at: datetime
    run_id: str
    approval: Approval
    decided_by: str | None = None
    decided_at: datetime | None = None
    done_at: datetime | None = None

    @property
    def stands(self) -> bool:
        """Whether it is decided that the upload goes."""
        return self.approval in STANDING

    @property
    def progress(self) -> Progress:
        """How far it is."""
        if self.approval is Approval.WANTED:
            return Progress.WAITING_FOR_APPROVAL
        if self.approval is Approval.DECLINED:
            return Progress.DECLINED
        return Progress.WITHDRAWING if self.done_at is None else Progress.WITHDRAWN


def is_free(upload: Upload) -> bool:
    """Whether its uploader's own word is enough: promotion has not begun to bring it over."""
    return upload.state is State.PUBLISHED and upload.taken_revision is None and upload.promoted_revision is None


def may_be_asked(upload: Upload, withdrawal: Withdrawal | None) -> bool:
    """Whether there is something to withdraw, and nobody's request to do so waits or stands."""
    return upload.state in LIVE and (withdrawal is None or withdrawal.approval is Approval.DECLINED)


def approval_needed(upload: Upload, *, reason: str) -> Approval:
    """Whether a withdrawal asked for now waits for an approval.

    Conflict (`wrong_state`) for an upload that is not published, Refused (`reason_missing`) for an approval that nobody
    could give, as there is no reason.
    """
    if upload.state not in LIVE:
        raise Conflict(
            f"The upload is {upload.state.value.replace('_', ' ')}; only what is published can be withdrawn.",
            code="wrong_state",
            title="The upload cannot be withdrawn",
        )
    if is_free(upload):
        return Approval.NOT_NEEDED
    if not reason:
        raise reason_missing()
    return Approval.WANTED


def reason_missing() -> Refused:
    """A reason is needed and there is none."""
    return Refused(
        "Enter why the upload should be withdrawn.", code="reason_missing", title="Reason is missing", field="reason"
    )


def check_reason(text: str) -> str:
    """The reason as it is kept: one paragraph, no control characters; Refused when it is too long."""
    reason = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if len(reason) > REASON_MAX:
        raise Refused(
            f"The reason must be {REASON_MAX} characters or fewer; this has {len(reason)}.",
            code="reason_too_long",
            title="Reason is too long",
            field="reason",
        )
    return reason
