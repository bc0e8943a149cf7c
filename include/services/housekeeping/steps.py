"""The steps of housekeeping, by the names of their tasks."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from include.services.housekeeping import superseded
from include.services.housekeeping.multipart import AbandonedCopies, AbandonedSendings
from include.services.housekeeping.sign_ins import PastSignIns
from include.services.housekeeping.staging import ExpiredFailures, ExpiredStaging

if TYPE_CHECKING:
    from collections.abc import Mapping

    from include.services.housekeeping.removal import Step

STEPS: Mapping[str, Step] = MappingProxyType(
    {
        "abandoned_uploads": AbandonedSendings(),
        "abandoned_copies": AbandonedCopies(),
        "staging": ExpiredStaging(),
        "refused_files": ExpiredFailures(),
        "superseded_in_curated": superseded.IN_CURATED,
        "superseded_on_platform": superseded.ON_PLATFORM,
        "past_sign_ins": PastSignIns(),
    }
)
"""They touch different things, so they may run at the same time."""
