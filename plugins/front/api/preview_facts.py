"""Facts that files of every format have, as the domain has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain import file_findings
from include.domain.csv_findings import MAX_RECORD_BYTES
from include.domain.errors import Refused
from include.domain.evidence import Evidence
from include.domain.remarks import Lines, Seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.domain.findings import Finding
    from plugins.front.api.preview_fact_models import EvidenceIn, LinesIn, NotUtf8In, TooLongIn


def contradiction(field: str, detail: str) -> Refused:
    """The problem of facts that cannot be of one file."""
    return Refused(detail, code="bad_facts", title="Facts contradict each other", field=field)


def not_utf8(given: NotUtf8In | None) -> Finding | None:
    """The finding for bytes that are no UTF-8."""
    return None if given is None else file_findings.not_utf8(**given.model_dump())


def too_long(given: TooLongIn | None) -> Finding | None:
    """The finding for a record beyond all limits."""
    if given is None:
        return None
    return file_findings.record_too_long(line=given.line, limit=MAX_RECORD_BYTES, open_quote=given.open_quote)


def lines(given: LinesIn | None) -> Lines:
    """A count with lines."""
    return Lines() if given is None else Lines(given.total, list(given.lines))


def seen(given: LinesIn | None, words: Sequence[str] = ()) -> Seen | None:
    """The same of values."""
    return None if given is None else Seen(given.total, tuple(given.lines), tuple(words))


def evidence(given: EvidenceIn) -> Evidence:
    """What values have shown."""
    return Evidence.from_json(given.model_dump(exclude_defaults=True))
