"""Withdrawals: taking a published upload out again, and whose consent that needs."""

from __future__ import annotations

from enum import StrEnum


class Approval(StrEnum):
    """Whether a withdrawal needs the consent of a data engineer, and how that came out."""

    NOT_NEEDED = "not_needed"  # promotion had not begun: the uploader's own word is enough
    WANTED = "wanted"
    GIVEN = "given"
    DECLINED = "declined"
