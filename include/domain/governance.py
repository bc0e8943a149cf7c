"""Governance: what the uploader confirmed about the data's legal cover, and what that allows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from include.domain.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

REFERENCE_MAX = 200


class Document(StrEnum):
    """The legal cover that exists for the data."""

    DPIA = "dpia"
    MOVEMENT_FORM = "movement_form"
    NONE = "none"


class Classification(StrEnum):
    """How sensitive the data are; SECRET and above are not taken."""

    TEST = "test"
    OFFICIAL = "official"
    OFFICIAL_SENSITIVE = "official_sensitive"


IN_WORDS: Mapping[Document | Classification, str] = MappingProxyType(
    {
        Document.DPIA: "Data Protection Impact Assessment (DPIA)",
        Document.MOVEMENT_FORM: "Data movement form",
        Document.NONE: "None",
        Classification.TEST: "Non-sensitive test data",
        Classification.OFFICIAL: "OFFICIAL",
        Classification.OFFICIAL_SENSITIVE: "OFFICIAL-SENSITIVE",
    }
)
NOT_RECORDED = "Not recorded"


@dataclass(frozen=True, kw_only=True)
class Governance:
    """Who confirmed what, when.

    `document` and `classification` are None when a file came by a door where nothing was confirmed ("not recorded").
    """

    document: Document | None
    reference: str
    classification: Classification | None
    confirmed_by: str
    confirmed_at: datetime

    def as_dict(self) -> dict[str, str | None]:
        """The JSON object kept in ledger and manifest."""
        return {
            "document": self.document.value if self.document else None,
            "reference": self.reference,
            "classification": self.classification.value if self.classification else None,
            "confirmed_by": self.confirmed_by,
            "confirmed_at": self.confirmed_at.isoformat(),
        }

    @classmethod
    def from_dict(cls, data: dict[str, str | None]) -> Governance:
        """Read back what `as_dict` wrote."""
        document, classification = data["document"], data["classification"]
        return cls(
            document=Document(document) if document else None,
            reference=data["reference"] or "",
            classification=Classification(classification) if classification else None,
            confirmed_by=data["confirmed_by"] or "",
            confirmed_at=datetime.fromisoformat(data["confirmed_at"] or ""),
        )


def not_recorded(*, by: str, at: datetime, env: str) -> Governance:
    """The governance of a file dropped into landing without a sidecar; refused in prod."""
    if env == "prod":
        raise Refused(
            "In prod a file dropped into landing needs a _governance.json beside it that names the document, its "
            "reference and the classification.",
            code="governance_not_recorded",
            title="Data governance is not recorded",
            field="governance",
        )
    return Governance(document=None, reference="", classification=None, confirmed_by=by, confirmed_at=at)


def confirm(*, document: str, reference: str, classification: str, by: str, at: datetime, env: str) -> Governance:
    """The governance of an upload, or Refused with the field that is wrong."""
    try:
        chosen = Document(document)
    except ValueError:
        raise Refused(
            "Select which data governance document covers the data: dpia, movement_form or none.",
            code="governance_document",
            title="Data governance document is missing",
            field="document",
        ) from None
    try:
        level = Classification(classification)
    except ValueError:
        raise Refused(
            "Select how sensitive the data are: test, official or official_sensitive. SECRET and above cannot be "
            "uploaded.",
            code="governance_classification",
            title="Classification is missing",
            field="classification",
        ) from None
    reference = reference.strip()
    if chosen is Document.NONE and level is not Classification.TEST:
        raise Refused(
            "Without a DPIA or a data movement form you may only upload non-sensitive test data.",
            code="governance_needed",
            title="Data governance is not complete",
            field="document",
        )
    if chosen is not Document.NONE and not reference:
        raise Refused(
            "Enter the reference of the DPIA or data movement form.",
            code="governance_reference",
            title="Reference is missing",
            field="reference",
        )
    if chosen is Document.NONE and reference:
        raise Refused(
            "There is no document, so leave the reference empty. If there is one, select which it is.",
            code="governance_reference_of_none",
            title="Reference without a document",
            field="reference",
        )
    if chosen is not Document.NONE and not any(map(str.isalnum, reference)):
        raise Refused(
            "The reference must have letters or digits, as the DPIA or data movement form has it.",
            code="governance_reference_characters",
            title="Reference is not permitted",
            field="reference",
        )
    if len(reference) > REFERENCE_MAX or not reference.isprintable():
        raise Refused(
            f"The reference must be {REFERENCE_MAX} printable characters or fewer.",
            code="governance_reference_characters",
            title="Reference is not permitted",
            field="reference",
        )
    if level is Classification.OFFICIAL_SENSITIVE and env != "prod":
        raise Refused(
            f"OFFICIAL-SENSITIVE data may only be uploaded to prod; this is {env}.",
            code="governance_not_here",
            title="OFFICIAL-SENSITIVE data may not be uploaded here",
            field="classification",
        )
    return Governance(document=chosen, reference=reference, classification=level, confirmed_by=by, confirmed_at=at)
