"""Facts of a JSON or JSON Lines file, as the domain has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain import file_findings
from include.domain.findings import refuses
from include.domain.header import stored_name
from include.domain.json_findings import JsonFacts, invalid_json, json_findings
from include.domain.preview import ColumnFacts, Gathered
from include.domain.preview_steps import Step
from include.domain.remarks import Remark
from plugins.front.api.preview_facts import contradiction, evidence, lines, not_utf8, seen, too_long

if TYPE_CHECKING:
    from include.domain.findings import Finding
    from plugins.front.api.preview_json_models import JsonColumnIn, JsonFactsIn


def gathered_json(facts: JsonFactsIn) -> Gathered:
    """The facts of the file; Refused if they contradict each other."""
    findings = json_findings(
        JsonFacts(
            rows=facts.rows,
            column_count=max(facts.column_count, len(facts.columns)),
            stopped_by=_stopped_by(facts),
            refused_keys=[(key.path, key.name, key.line) for key in facts.refused_keys],
            duplicates=lines(facts.duplicates),
            duplicate_key=facts.duplicates.key if facts.duplicates else "",
            not_objects=lines(facts.not_objects),
            blank_lines=lines(facts.blank_lines),
            named_json=facts.named_json,
        )
    )
    columns = {stored_name(each.name): _column(each) for each in facts.columns}
    if len(columns) < len(facts.columns):
        raise contradiction("facts.columns", "Each column must be there once.")
    if not refuses(findings) and facts.column_count not in {0, len(columns)}:
        raise contradiction("facts.columns", "There must be facts of as many columns as the file has.")
    return Gathered(file_format=facts.format, columns=columns, rows=facts.rows, findings=findings)


def _stopped_by(facts: JsonFactsIn) -> Finding | None:
    if facts.empty:
        return file_findings.empty_file()
    if facts.syntax is not None:
        return invalid_json(**facts.syntax.model_dump())
    return not_utf8(facts.encoding) or too_long(facts.too_long)


def _column(given: JsonColumnIn) -> ColumnFacts:
    fine = seen(given.fine_timestamps)
    return ColumnFacts(
        evidence=evidence(given.evidence),
        steps=tuple(
            Step(evidence=evidence(step.evidence), line=step.line, path=tuple(step.path), begun=tuple(step.begun))
            for step in given.steps
        ),
        remarks={} if fine is None else {Remark.FINE_TIMESTAMP: fine},
    )
