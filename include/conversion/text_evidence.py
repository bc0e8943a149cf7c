"""What an array of JSON numbers or strings shows of its column's type: `domain.text_rules` for many values at once.

`domain.evidence.of_text` and its siblings are the reference; properties hold the two equal. Wherever an array holds
something rare (a number of 16 digits or more, a day that does not exist) its values are asked one by one there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from include.conversion.arrow_types import Mask, Values
from include.conversion.arrow_types import compute as pc
from include.domain import text_rules as rules
from include.domain.column_types import String
from include.domain.evidence import NOTHING, Evidence, merge_all, of_json_number, of_json_string, of_text
from include.domain.text_rules import Kind

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class _Family:
    """Texts of one form: which they are, and what they show (TEXT where the form is right and the value is not)."""

    kind: Kind
    mask: Callable[[Values], Mask]
    evidence: Callable[[Values], Evidence]


_TEXT = Evidence(frozenset({Kind.TEXT}))
_SAMPLE = 12
_EXACT_DOUBLE = 2**53  # every whole number up to here is a double
_SHORT_NUMBER = 16  # characters: at most 15 digits and a point, which every double prints back
_SHORT_INTEGER = 19  # characters: 18 digits and a sign, within 64 bits for sure
_PLAIN_SCIENTIFIC = r"^-?(?:0|[1-9][0-9]?)(?:\.[0-9]{1,12})?[eE][+-]?[0-9]{1,2}$"  # short, and far from a double's ends


def json_numbers_evidence(texts: Values) -> Evidence:
    """Evidence of JSON numbers as written, without NULLs."""
    return _evidence(texts, of_json_number, _NUMBERS)


def json_strings_evidence(texts: Values) -> Evidence:
    """Evidence of JSON strings, without NULLs."""
    return _evidence(texts, of_json_string, _INSTANTS)


def _evidence(texts: Values, of_one: Callable[[str], Evidence], families: tuple[_Family, ...]) -> Evidence:
    if not len(texts):
        return NOTHING
    step = max(1, len(texts) // _SAMPLE)
    sample = merge_all(of_one(str(texts[at])) for at in range(0, len(texts), step))
    if isinstance(sample.type, String):
        return _TEXT
    if sample.kinds == {Kind.INTEGER} and (whole := _canonical_integers(texts)) is not None:
        return _integers_evidence(whole)
    result, rest = NOTHING, texts
    for family in sorted(families, key=lambda each: each.kind not in sample.kinds):
        mask = family.mask(rest)
        matching = pc.sum(mask).as_py()
        if not matching:
            continue
        result = result.merge(family.evidence(rest if matching == len(rest) else rest.filter(mask)))
        if matching == len(rest) or isinstance(result.type, String):
            return result
        rest = rest.filter(pc.invert(mask))
    return _TEXT


def _canonical_integers(texts: Values) -> Values | None:
    """The texts as integers if every one prints back as it is, which only integers of the rules do."""
    try:
        whole = pc.cast(texts, pa.int64())
    except pa.ArrowInvalid:
        return None
    prints_back: bool = pc.all(pc.equal(pc.cast(whole, pa.string()), texts)).as_py()
    return whole if prints_back else None


def _integers_evidence(whole: Values) -> Evidence:
    bounds = pc.min_max(whole).as_py()
    largest = max(abs(bounds["min"]), abs(bounds["max"]))
    survives = largest <= _EXACT_DOUBLE or all(int(float(value)) == value for value in pc.unique(whole).to_pylist())
    return Evidence(frozenset({Kind.INTEGER}), survives=survives, integer_digits=len(str(largest)) if largest else 0)


def _integers(texts: Values) -> Evidence:
    short = pc.and_(pc.less_equal(pc.binary_length(texts), _SHORT_INTEGER - 1), pc.not_equal(texts, "-0"))
    long = texts.filter(pc.invert(short))
    result = _one_by_one(long, of_text)
    whole = texts.filter(short)
    return result.merge(_integers_evidence(pc.cast(whole, pa.int64()))) if len(whole) else result


def _points(texts: Values) -> Evidence:
    length = pc.binary_length(texts)
    dot = pc.find_substring(texts, ".")
    negative = pc.starts_with(texts, "-")
    before = pc.max(pc.subtract(dot, pc.cast(negative, pa.int32()))).as_py()
    lone_zeros = before == 1 and not pc.any(pc.match_substring_regex(texts, "^-?[1-9]")).as_py()
    zeros = pc.any(negative).as_py() and pc.any(pc.match_substring_regex(texts, r"^-0\.0+$")).as_py()
    return Evidence(
        frozenset({Kind.POINT}),
        survives=_points_survive(texts.filter(pc.greater(length, _SHORT_NUMBER))),
        integer_digits=0 if lone_zeros else before,
        decimal_places=pc.max(pc.subtract(length, pc.add(dot, 1))).as_py(),
        negative_zero=bool(zeros),
    )


def _points_survive(long: Values) -> bool:
    if not len(long):
        return True
    # What a double prints as its shortest text has no trailing zero, at most 17 digits, and is nearest to it.
    printed = pc.cast(pc.cast(long, pa.float64()), pa.string())
    others = pc.unique(long.filter(pc.not_equal(printed, long)))
    return all(rules.number_facts(text).survives for text in others.to_pylist())


def _scientific(texts: Values) -> Evidence:
    plain = pc.match_substring_regex(texts, _PLAIN_SCIENTIFIC)
    result = _one_by_one(texts.filter(pc.invert(plain)), of_text)
    matching = texts.filter(plain)
    if not len(matching) or isinstance(result.type, String):
        return result
    mantissa = pc.replace_substring_regex(matching, "[eE].*$", "")
    whole = pc.find_substring(mantissa, ".")
    points = mantissa.filter(pc.greater_equal(whole, 0))
    integers = mantissa.filter(pc.less(whole, 0))
    shown = merge_all(
        [
            _points(points) if len(points) else NOTHING,
            _integers_evidence(pc.cast(integers, pa.int64())) if len(integers) else NOTHING,
        ]
    )
    zeros = pc.any(pc.match_substring_regex(matching, r"^-0(?:\.0+)?[eE]")).as_py()
    return result.merge(
        Evidence(
            frozenset({Kind.SCIENTIFIC}),
            integer_digits=shown.integer_digits,
            decimal_places=shown.decimal_places,
            negative_zero=bool(zeros),
        )
    )


def _instants(kind: Kind, arrow: pa.DataType) -> Callable[[Values], Evidence]:
    def evidence(texts: Values) -> Evidence:
        try:
            values = pc.cast(texts, arrow)
        except pa.ArrowInvalid:  # some day that does not exist
            return _one_by_one(texts, of_text)
        units = pc.min_max(pc.cast(values, pa.int32() if kind is Kind.DATE else pa.int64())).as_py()
        first, last = _YEARS_IN_DAYS if kind is Kind.DATE else _YEARS_IN_MICROSECONDS
        return Evidence(frozenset({kind})) if first <= units["min"] and units["max"] <= last else _TEXT

    return evidence


_DAY = 86_400_000_000
_YEARS_IN_DAYS = (-719_162, 2_932_896)  # 0001-01-01 and 9999-12-31
_YEARS_IN_MICROSECONDS = (_YEARS_IN_DAYS[0] * _DAY, (_YEARS_IN_DAYS[1] + 1) * _DAY - 1)


def _one_by_one(texts: Values, of_one: Callable[[str], Evidence]) -> Evidence:
    result = NOTHING
    for text in pc.unique(texts).to_pylist():
        result = result.merge(of_one(text))
        if isinstance(result.type, String):
            break
    return result


def _matches(pattern: str) -> Callable[[Values], Mask]:
    whole = f"^(?:{pattern})$"

    def mask(texts: Values) -> Mask:
        found: Mask = pc.match_substring_regex(texts, whole)
        return found

    return mask


_NUMBERS = (
    _Family(Kind.INTEGER, _matches(rules.INTEGER_PATTERN), _integers),
    _Family(Kind.POINT, _matches(rules.POINT_PATTERN), _points),
    _Family(Kind.SCIENTIFIC, _matches(rules.SCIENTIFIC_PATTERN), _scientific),
)
_INSTANTS = (
    _Family(Kind.DATE, _matches(rules.DATE_PATTERN), _instants(Kind.DATE, pa.date32())),
    _Family(Kind.TIMESTAMP, _matches(rules.TIMESTAMP_PATTERN), _instants(Kind.TIMESTAMP, pa.timestamp("us"))),
    _Family(
        Kind.TIMESTAMP_ZONED,
        _matches(rules.TIMESTAMP_PATTERN + rules.OFFSET_PATTERN),
        _instants(Kind.TIMESTAMP_ZONED, pa.timestamp("us", tz="UTC")),
    ),
)
