"""Foreseeing an upload over HTTP: from facts of a file to what will be found in it and become of its table."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from include.domain.column_types import ColumnType, display
from include.domain.csv_findings import CsvFacts, csv_findings
from include.domain.file_findings import MAX_LISTED
from include.domain.findings import Finding
from include.domain.header import stored_name
from include.domain.preview import ColumnFacts, Foreseen, Gathered
from include.domain.preview_steps import Step
from include.domain.reading_options import DEFAULT_OPTIONS, DELIMITERS, ReadingOptions
from include.domain.remarks import Remark
from include.services.preview import Preview, preview
from plugins.front.api.chosen import chosen_options
from plugins.front.api.confirm_models import confirm_out
from plugins.front.api.models import ColumnOut
from plugins.front.api.preview_fact_models import EvidenceIn
from plugins.front.api.preview_facts import contradiction, evidence, lines, not_utf8, seen, too_long
from plugins.front.api.preview_json import gathered_json
from plugins.front.api.preview_json_models import JsonFactsIn
from plugins.front.api.preview_models import (
    ChangesOut,
    ColumnChange,
    ColumnFactsIn,
    CsvFactsIn,
    ForeseenColumn,
    PreviewIn,
    PreviewOut,
    SplitsIn,
)
from plugins.front.api.problems import describe
from plugins.front.api.upload_models import FindingOut
from plugins.front.provided import Context
from plugins.front.visitors import ApiCaller

_LONGEST = 10_000  # characters of a text in the answer

router = APIRouter(prefix="/databases", tags=["databases"])


@router.post(
    "/{database}/tables/{table}/preview",
    summary="Foresee an upload",
    responses=describe(401, 403, 404, 405, 409, 413, 422, 429, 503),
)
def foresee_upload(database: str, table: str, *, body: PreviewIn, caller: ApiCaller, context: Context) -> PreviewOut:
    """Say what will be found in a file and become of its table, from facts that were gathered of it elsewhere.

    The page of the upload gathers them in the browser. Nothing of the file is kept, and the table may be one
    that is not there yet. Whether a file is accepted is decided once it has been uploaded.
    """
    options = chosen_options(body.reading_options) or DEFAULT_OPTIONS
    facts = gathered(body.facts, options)
    return _answer(preview(context, database, table, gathered=facts, options=options, by=caller.email), facts)


def gathered(facts: CsvFactsIn | JsonFactsIn, options: ReadingOptions) -> Gathered:
    """The facts of a file as the domain has them; Refused if they contradict each other."""
    return gathered_json(facts) if isinstance(facts, JsonFactsIn) else _gathered_csv(facts, options)


def _gathered_csv(facts: CsvFactsIn, options: ReadingOptions) -> Gathered:
    header = tuple(facts.header or ())
    findings = csv_findings(_csv_facts(facts, options), delimiter=options.delimiter or ",")
    if facts.columns and len(facts.columns) != len(header):
        raise contradiction("facts.columns", "There must be facts of as many columns as the header has.")
    known = set(options.of_column("").null_words)
    words = {word for each in facts.columns if each.null_words for word in each.null_words.words}
    if words - known:
        raise contradiction("facts.columns", "These are not the words for missing values that the options have.")
    columns = facts.columns or [ColumnFactsIn(evidence=EvidenceIn()) for _ in header]
    return Gathered(
        file_format="csv",
        columns={stored_name(name): _column(each) for name, each in zip(header, columns, strict=True)},
        rows=facts.rows,
        findings=findings,
    )


def _csv_facts(facts: CsvFactsIn, options: ReadingOptions) -> CsvFacts:
    delimiter = options.delimiter or ","
    return CsvFacts(
        header=None if facts.header is None else tuple(facts.header),
        column_count=len(facts.header or ()) if facts.column_count is None else facts.column_count,
        blank_header=facts.blank_header,
        rows=facts.rows,
        stopped=facts.stopped,
        encoding=not_utf8(facts.encoding),
        nul=lines(facts.nul),
        after_quotes=lines(facts.after_quotes),
        ragged=[(row.line, row.found) for row in facts.ragged.rows] if facts.ragged else (),
        ragged_total=facts.ragged.total if facts.ragged else 0,
        blank_end=lines(facts.blank_end),
        unclosed_quote=facts.unclosed_quote,
        too_long=too_long(facts.too_long),
        header_splits=_splits(facts.header_splits, delimiter) or {},
        second_splits=_splits(facts.second_splits, delimiter),
    )


def _splits(given: SplitsIn | None, delimiter: str) -> dict[str, int] | None:
    if given is None:
        return None
    counts = given.model_dump()
    return {mark: counts[word] for word, mark in DELIMITERS.items() if mark != delimiter}


def _column(given: ColumnFactsIn) -> ColumnFacts:
    remarks = {
        Remark.NULL_WORD: seen(given.null_words, given.null_words.words if given.null_words else ()),
        Remark.SCIENTIFIC: seen(given.scientific),
        Remark.FINE_TIMESTAMP: seen(given.fine_timestamps),
    }
    return ColumnFacts(
        evidence=evidence(given.evidence),
        steps=tuple(Step(evidence=evidence(step.evidence), line=step.line) for step in given.steps),
        remarks={remark: each for remark, each in remarks.items() if each is not None},
    )


def _answer(found: Preview, facts: Gathered) -> PreviewOut:
    foreseen, before = found.foreseen, found.table.types()
    return PreviewOut(
        accepted=not foreseen.refused,
        rows=facts.rows,
        columns=[
            ForeseenColumn(name=name, type=display(kind), was=_shown(before.get(name)))
            for name, kind in foreseen.types.items()
        ],
        findings=[_told(finding) for finding in foreseen.findings],
        changes=ChangesOut(
            new_table=not before,
            added=[ColumnOut(name=name, type=display(kind)) for name, kind in foreseen.changes.added.items()],
            widened=[
                _widened(name, was, becomes, foreseen) for name, (was, becomes) in foreseen.changes.widened.items()
            ],
            missing=list(foreseen.missing),
            unlike=found.differences.unlike,
        ),
        confirm=None if found.question is None else confirm_out(found.question),
    )


def _widened(name: str, was: ColumnType, becomes: ColumnType, foreseen: Foreseen) -> ColumnChange:
    found = foreseen.widenings.get(name)
    step, depth = (found.step, found.depth) if found else (None, 0)
    return ColumnChange(name=name, was=display(was), becomes=display(becomes), step=step, depth=depth)


def _told(finding: Finding) -> FindingOut:
    """The finding with the first of each list in its details: all ten thousand are in the report of the upload."""
    told = FindingOut(**finding.as_dict())
    told.details = {name: _first(value) for name, value in told.details.items() if name != "corrected_header"}
    told.message, told.examples = told.message[:_LONGEST], [text[:_LONGEST] for text in told.examples]
    return told


def _first(value: Any) -> Any:
    match value:
        case str():
            return value[:_LONGEST]
        case list() | tuple():
            return [_first(each) for each in value[:MAX_LISTED]]
        case dict():
            return {name: _first(each) for name, each in value.items()}
        case _:
            return value


def _shown(kind: ColumnType | None) -> str | None:
    return None if kind is None else display(kind)
