"""What a result of Great Expectations says to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.conversion import LINE_COLUMN
from include.domain.errors import Terminal
from include.domain.findings import Finding, Severity
from include.domain.header import corrected_names
from include.validation.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from include.validation.suite import Expectation

    Result = dict[str, Any]

SEVERITIES = {"critical": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.INFO}
LISTED = 20

# How DuckDB words a comparison or a sum that the column's type does not allow.
_OTHER_TYPE = ("Conversion Error", "Binder Error", "Cannot compare", "Could not convert")


def missing_column(expectation: Expectation, absent: Sequence[str]) -> Finding:
    """The rule is about columns that the file does not have."""
    names = ", ".join(absent)
    return Finding(
        code="missing_column",
        title="A column is missing",
        severity=SEVERITIES[expectation.severity],
        message=f"The rules of this table need the column {names}, which the file does not have. Add it, or check how "
        "its name is spelled.",
        column=absent[0] if len(absent) == 1 else None,
        details={"expectation": expectation.type, "columns": list(absent)},
    )


def failed_to_run(result: Result) -> str | None:
    """The exception's text when the expectation could not be evaluated; it may quote values of the file."""
    info = result.get("exception_info") or {}
    # One exception, or several by the metric that raised them.
    raised = [info] if "raised_exception" in info else [each for each in info.values() if isinstance(each, dict)]
    messages = [str(each.get("exception_message")) for each in raised if each.get("raised_exception")]
    return "; ".join(messages) or None


def of_failure(expectation: Expectation, message: str) -> Finding:
    """A rule that could not be evaluated: the column's type does not fit, or (Terminal) something is wrong with us."""
    where = ", ".join(expectation.columns)
    if not any(words in message for words in _OTHER_TYPE):
        raise Terminal(
            f"The rule {expectation.type} about {where or 'the file'} could not be evaluated.",
            code="expectation_failed",
            title="A rule could not be evaluated",
        )
    asks = RULES[expectation.type].asks(expectation.kwargs)
    return Finding(
        code="other_type",
        title="A column has another type than the rules need",
        severity=SEVERITIES[expectation.severity],
        message=f"The rules of this table ask that {asks}, but in this file {where} has values of another kind, so "
        "that they cannot be compared. Look for a value that is not written like the others.",
        column=expectation.columns[0] if len(expectation.columns) == 1 else None,
        details={"expectation": expectation.type},
    )


def of_result(expectation: Expectation, result: Result, *, rows: int, header: Sequence[str]) -> Finding:
    """A rule that the file breaks."""
    rule = RULES[expectation.type]
    found = result.get("result") or {}
    unexpected = int(found.get("unexpected_count") or 0)
    column = expectation.kwargs.get("column")
    details: dict[str, Any] = {"expectation": expectation.type, "rows": rows}
    if unexpected:
        details["unexpected"] = unexpected
    elif not expectation.is_about_header and found.get("observed_value") is not None:
        details["observed"] = found["observed_value"]
    if expectation.is_about_header:
        details["names"] = list(found["observed_value"])
        details["corrected_header"] = ",".join(corrected_names(header))
    return Finding(
        code=rule.code,
        title=expectation.meta.title or rule.title,
        severity=SEVERITIES[expectation.severity],
        message=_message(expectation, details, column=column),
        column=column,
        lines=_lines(found),
        examples=_examples(found),
        details=details,
    )


def _message(expectation: Expectation, details: dict[str, Any], *, column: str | None) -> str:
    about = f"In the column {column}: t" if column else "T"
    asked = f"{about}he rules ask that {RULES[expectation.type].asks(expectation.kwargs)}"
    if "names" in details:
        seen = f"these are not so: {', '.join(map(repr, details['names']))}"
    elif "unexpected" in details:
        count = details["unexpected"]
        seen = f"{count:,} of {details['rows']:,} rows {'is' if count == 1 else 'are'} not so"
    else:
        seen = "in this file it is not so"
    return f"{asked}; {seen}. {expectation.meta.advice or 'Correct the file and upload it again.'}"


def _lines(found: dict[str, Any]) -> tuple[int, ...]:
    rows = found.get("partial_unexpected_index_list") or ()
    return tuple(sorted({int(row[LINE_COLUMN]) for row in rows if row.get(LINE_COLUMN) is not None})[:LISTED])


def _examples(found: dict[str, Any]) -> tuple[str, ...]:
    # The rows that the lines are of, where there are any: the list of values alone comes in no order.
    rows = found.get("partial_unexpected_index_list") or ()
    values = [_of_row(row) for row in rows] or found.get("partial_unexpected_list") or ()
    return tuple(dict.fromkeys(_text(value) for value in values if value is not None))[:LISTED]


def _of_row(row: dict[str, Any]) -> Any:
    values = {name: value for name, value in row.items() if name != LINE_COLUMN}
    return next(iter(values.values())) if len(values) == 1 else values


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={each}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)
