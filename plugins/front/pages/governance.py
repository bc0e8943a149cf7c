"""Step 1's rules in the words of the page: what is wrong at once, each beside its question; and what nothing allows."""

from __future__ import annotations

from enum import StrEnum

from include.domain.errors import Refused
from include.domain.governance import Classification, Document, confirm
from include.services.context import FrontContext
from plugins.front.answers import GovernanceAnswer
from plugins.front.rendering import InputError

ABOVE_OFFICIAL = "secret"
"""The answer of somebody whose data are SECRET or above; no upload has it."""


class Ineligible(StrEnum):
    """Why data may not be uploaded whatever else is answered."""

    ABOVE_OFFICIAL = "secret"
    NO_DOCUMENT = "no_document"
    NOT_HERE = "not_here"


_CODES = {"governance_needed": Ineligible.NO_DOCUMENT, "governance_not_here": Ineligible.NOT_HERE}


def ineligible(context: FrontContext, answer: GovernanceAnswer, *, by: str) -> Ineligible | None:
    """Why these data may not be uploaded here; None if they may, or if step 1 is not answered completely."""
    if answer.classification == ABOVE_OFFICIAL:
        return Ineligible.ABOVE_OFFICIAL
    refused = _refused(context, answer, by=by)
    return _CODES.get(refused.code) if refused else None


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
    refused = _refused(context, answer, by=by)
    return [InputError(refused.field or "document", refused.detail)] if refused else []


def _refused(context: FrontContext, answer: GovernanceAnswer, *, by: str) -> Refused | None:
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
        return refused
    return None
