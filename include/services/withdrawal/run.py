"""One run of a withdrawal: which step comes next, what a data engineer is asked, and what follows from the answer."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from include.domain import names
from include.domain.errors import NotFound, Terminal
from include.domain.markdown import as_text
from include.domain.upload import State
from include.domain.withdrawal import Approval
from include.services.promotion.outcome import Outcome
from include.services.withdrawal.carry_out import carry_out
from include.services.withdrawal.record import restore_withdrawal
from include.services.withdrawal.request import request_as_engineer

if TYPE_CHECKING:
    from include.domain.withdrawal import Withdrawal
    from include.services.context import PipelineContext, PromotionContext


REQUEST_LOST = "not known: the request and its record are lost"


class Step(StrEnum):
    """What a run does next; the values are its task ids."""

    APPROVE = "approve"
    WITHDRAW = "withdraw"
    NOTHING = "nothing"


def begin(context: PipelineContext, upload_id: str, *, run_id: str, by: str, reason: str) -> Step:
    """Find the request that this run carries, or make the one that its form asks for; says what comes next.

    Of several runs about one request only the one that the ledger names goes on. What is done is carried out again by
    any: it takes away what came back. So is what the ledger has as withdrawn and forgot the request of. NotFound if
    nobody asked.
    """
    if reason:
        withdrawal = request_as_engineer(context, upload_id, by=by, reason=reason, run_id=run_id)
    else:
        asked = context.withdrawals.get(upload_id) or _restored(context, upload_id, run_id=run_id, by=by)
        if asked is None:
            raise NotFound(
                f"Nobody asked to withdraw {upload_id}. Give a reason in the form to ask for it.",
                code="no_such_withdrawal",
            )
        withdrawal = asked
    if _is_done(withdrawal):
        return Step.WITHDRAW
    if withdrawal.run_id != run_id:
        return Step.NOTHING
    if withdrawal.approval is Approval.WANTED:
        return Step.APPROVE
    return Step.WITHDRAW if withdrawal.stands else Step.NOTHING


def approve(context: PromotionContext, upload_id: str, *, run_id: str, by: str | None) -> bool:
    """Carry out what stands, or what `by` has just approved; False if this request was decided otherwise before."""
    withdrawal = _decided(context, upload_id, run_id=run_id, by=by, approval=Approval.GIVEN)
    if not withdrawal.stands:
        return False
    carry_out(context, upload_id)
    return True


def taken_off(context: PipelineContext, upload_id: str) -> Outcome:
    """What carrying a withdrawal out will change on the platform: asked before, for afterwards nothing tells of it."""
    upload = context.ledger.get(upload_id)
    if upload is None:
        raise Terminal(f"The ledger has no upload {upload_id}.", code="upload_unknown")
    begun = upload.taken_revision is not None or upload.promoted_revision is not None
    removed = (upload.extraction_timestamp,) if begun else ()
    return Outcome(database=upload.database, table=upload.table, removed=removed)


def decline(context: PipelineContext, upload_id: str, *, run_id: str, by: str | None) -> bool:
    """Leave the upload where it is; False if this request was decided otherwise before."""
    withdrawal = _decided(context, upload_id, run_id=run_id, by=by, approval=Approval.DECLINED)
    return withdrawal.approval is Approval.DECLINED


def question(context: PipelineContext, upload_id: str) -> tuple[str, str]:
    """What a data engineer is asked: a headline, and the facts in Markdown."""
    upload, withdrawal = context.ledger.get(upload_id), context.withdrawals.get(upload_id)
    if upload is None or withdrawal is None:
        raise Terminal(f"Nobody asked to withdraw upload {upload_id}.", code="no_such_withdrawal")
    reference = names.athena_reference(upload.database, upload.table, env=context.settings.env)
    facts = {
        "Table": reference,
        "Partition": f"extraction_timestamp={upload.extraction_timestamp}",
        "Rows": "not counted" if upload.rows is None else f"{upload.rows:,}",
        "File": upload.filename,
        "Uploaded by": upload.uploader,
        "Asked for by": withdrawal.requested_by,
        "Reason": withdrawal.reason,
    }
    lines = [f"* **{name}:** {as_text(value)}" for name, value in facts.items()]
    follows = (
        "**Approve** takes its rows off the Analytical Platform at once and out of the table. The raw file is kept; "
        "the rows come back only by uploading the file again. **Decline** changes nothing."
    )
    return f"Withdraw {upload.filename} from {reference}?", "\n".join([*lines, "", follows])


def _restored(context: PipelineContext, upload_id: str, *, run_id: str, by: str) -> Withdrawal | None:
    """The request of a withdrawn upload that the ledger lost, by its record; for this run to carry."""
    upload = context.ledger.get(upload_id)
    if upload is None or upload.state is not State.WITHDRAWN:
        return None
    restore_withdrawal(context, upload, run_id=run_id)
    known = context.withdrawals.get(upload_id)
    return known or context.withdrawals.request(upload_id, by=by, reason=REQUEST_LOST, run_id=run_id)


def _decided(
    context: PipelineContext, upload_id: str, *, run_id: str, by: str | None, approval: Approval
) -> Withdrawal:
    withdrawal = context.withdrawals.get(upload_id)
    if withdrawal is not None and _is_done(withdrawal):
        return withdrawal
    if withdrawal is None or withdrawal.run_id != run_id:
        raise Terminal(f"This run does not carry the withdrawal of {upload_id}.", code="another_run")
    if withdrawal.approval is not Approval.WANTED:
        return withdrawal
    if by is None:
        raise Terminal(f"The withdrawal of {upload_id} waits for an approval.", code="approval_wanted")
    return context.withdrawals.decide(upload_id, run_id=run_id, by=by, approval=approval)


def _is_done(withdrawal: Withdrawal) -> bool:
    return withdrawal.stands and withdrawal.done_at is not None
