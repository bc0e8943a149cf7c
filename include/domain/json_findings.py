"""What is wrong with a JSON file, given the facts of its records: from the check, or from the page in the browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from include.domain import file_findings
from include.domain.csv_findings import MAX_COLUMNS
from include.domain.name_findings import json_key_findings, too_many_columns
from include.domain.remarks import Lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.domain.findings import Finding


@dataclass(frozen=True, kw_only=True)
class JsonFacts:
    """The facts of a JSON or JSON Lines file's records.

    Attributes:
        rows: records that were read.
        column_count: names at the top of them.
        stopped_by: the finding after which nothing was read, if any.
        refused_keys: each key that cannot be a name once: its place, the key, and the line of the first record with it.
        duplicates: records with an object that has a key twice.
        duplicate_key: the first of these keys.
        not_objects: records that are no objects.
        blank_lines: of JSON Lines.
        named_json: these are JSON Lines in a file whose name ends in .json.
    """

    rows: int
    column_count: int
    stopped_by: Finding | None = None
    refused_keys: Sequence[tuple[str, str, int]] = ()
    duplicates: Lines = field(default_factory=Lines)
    duplicate_key: str = ""
    not_objects: Lines = field(default_factory=Lines)
    blank_lines: Lines = field(default_factory=Lines)
    named_json: bool = False


def json_findings(facts: JsonFacts) -> tuple[Finding, ...]:
    """Everything that is wrong with the records of a file."""
    found = [] if facts.stopped_by is None else [facts.stopped_by]
    found += json_key_findings(facts.refused_keys)
    twice, others, blank = facts.duplicates, facts.not_objects, facts.blank_lines
    if twice.total:
        found.append(file_findings.duplicate_keys(lines=twice.lines, total=twice.total, key=facts.duplicate_key))
    if others.total:
        found.append(file_findings.not_objects(lines=others.lines, total=others.total))
    if facts.column_count > MAX_COLUMNS:
        found.append(too_many_columns(facts.column_count, limit=MAX_COLUMNS))
    if not facts.rows and not found:
        found.append(file_findings.no_rows())
    if blank.total:
        found.append(file_findings.blank_json_lines(lines=blank.lines, total=blank.total))
    if facts.named_json and not found:
        found.append(file_findings.json_lines_in_json_file(facts.rows))
    return tuple(found)
