"""What a widening may derive without a person's approval."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.services.context import PipelineContext
    from include.services.widening.outdated import Outdated


def is_above_budget(context: PipelineContext, partitions: Sequence[Outdated]) -> bool:
    """Whether deriving these again is more than may be done unasked: by their number, or by the bytes to read."""
    too_many = len(partitions) > context.settings.widen_max_partitions
    return too_many or sum(outdated.upload.size for outdated in partitions) > context.settings.widen_max_bytes
