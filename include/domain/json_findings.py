"""What is wrong with a JSON file, given the facts of its records: from the check, or from the page in the browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from include.domain import file_findings
from include.domain.csv_findings import MAX_COLUMNS
from include.domain.file_findings import MAX_LISTED, count_of, lines_text
from include.domain.findings import Finding, Severity
from include.domain.name_findings import json_key_findings, too_many_columns
from include.domain.remarks import Lines

if TYPE_CHECKING:
    from collections.abc import Sequence


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
        found.append(duplicate_keys(lines=twice.lines, total=twice.total, key=facts.duplicate_key))
    if others.total:
        found.append(not_objects(lines=others.lines, total=others.total))
    if facts.column_count > MAX_COLUMNS:
        found.append(too_many_columns(facts.column_count, limit=MAX_COLUMNS))
    if not facts.rows and not found:
        found.append(file_findings.no_rows())
    if blank.total:
        found.append(blank_json_lines(lines=blank.lines, total=blank.total))
    if facts.named_json and not found:
        found.append(json_lines_in_json_file(facts.rows))
    return tuple(found)


def invalid_json(*, line: int, character: int, offset: int, reason: str) -> Finding:
    """Text that is not JSON; only the first fault is known.

    Args:
        line: physical line of the fault.
        character: its place in the line, from 1.
        offset: its byte in the file, from 0.
        reason: what a JSON reader says (`Expecting ',' delimiter`).
    """
    return Finding(
        code="invalid_json",
        title="The selected file is not valid JSON",
        severity=Severity.ERROR,
        message=f"In line {line:,}, character {character:,}: {reason}. What follows was not read.",
        lines=(line,),
        details={"line": line, "character": character, "byte_offset": offset, "reason": reason},
    )


def not_objects(*, lines: Sequence[int], total: int) -> Finding:
    """Rows that are no JSON objects."""
    return Finding(
        code="not_objects",
        title="Rows are not JSON objects",
        severity=Severity.ERROR,
        message='Each row must be a JSON object such as {"name": "value"}: each line of JSON Lines, each element of an '
        f"array. {count_of(total, 'row is', plural='rows are')} not: {lines_text(lines, total=total)}.",
        lines=tuple(lines[:MAX_LISTED]),
        details={"count": total},
    )


def duplicate_keys(*, lines: Sequence[int], total: int, key: str) -> Finding:
    """Objects with a key twice, whatever its case; `key` is the first such."""
    return Finding(
        code="duplicate_keys",
        title="JSON objects have the same key twice",
        severity=Severity.ERROR,
        message=f"{count_of(total, 'row')} with the same key twice in one object, without regard to upper and lower "
        f"case, the first in line {lines[0]:,}. One of the values would be lost: rename or remove one.",
        column=key,
        lines=tuple(lines[:MAX_LISTED]),
        details={"count": total, "key": key},
    )


def blank_json_lines(*, lines: Sequence[int], total: int) -> Finding:
    """Blank lines between or after the records of JSON Lines, which are ignored."""
    return Finding(
        code="blank_lines",
        title="Blank lines were ignored",
        severity=Severity.INFO,
        message=f"{count_of(total, 'blank line')} between the rows, from line {lines[0]:,}, "
        f"{'is' if total == 1 else 'are'} no row.",
        lines=tuple(lines[:MAX_LISTED]),
        details={"count": total},
    )


def json_lines_in_json_file(rows: int) -> Finding:
    """A .json file with one object a line, which is read as JSON Lines."""
    return Finding(
        code="read_as_json_lines",
        title="The file was read as JSON Lines",
        severity=Severity.INFO,
        message=f"The file's name ends in .json, but it holds {count_of(rows, 'object')}, one a line, and no array. "
        "Each object is a row.",
        details={"rows": rows},
    )
