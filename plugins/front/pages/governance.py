"""Step 1's rules in the words of the page: everything that is wrong at once, each beside its question."""

from __future__ import annotations

from include.domain.errors import Refused
from include.domain.governance import Classification, Document, confirm
from include.services.context import FrontContext
from plugins.front.answers import GovernanceAnswer
from plugins.front.rendering import InputError


def governance_errors(
    context: FrontContext, answer: GovernanceAnswer, *, by: str, responsible: bool
) -> list[InputError]:
    """What is wrong with step 1, in the order of the page."""
    errors = []
    if answer.document not in set(Document):
        errors.append(InputError("document", "Select which data governance document covers the data"))
    elif answer.document != Document.NONE and not answer.reference:
        errors.append(InputError("reference", "Enter the reference of the DPIA or data movement form"))
    if answer.classification not in set(Classification):
        errors.append(InputError("classification", "Select how sensitive the data are"))
    if not errors:
        errors = _rule_broken(context, answer, by=by)
    if not responsible:
        errors.append(InputError("responsible", "Confirm that you have met the data governance requirements"))
    return errors


def _rule_broken(context: FrontContext, answer: GovernanceAnswer, *, by: str) -> list[InputError]:
    try:
        confirm(
            document=answer.document,
            reference=answer.reference,
            classification=answer.classification,
            by=by,
            at=context.clock.now(),
            env=context.settings.env,
        )
    except Refused as refused:
        return [InputError(refused.field or "document", refused.detail)]
    return []
