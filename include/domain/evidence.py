"""What is known of a column's values, how two such knowledges join, and the type that follows from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from include.domain import column_types as ct
from include.domain.text_rules import (
    DEFAULT_COLUMN,
    ColumnOptions,
    Kind,
    classify,
    classify_json_number,
    classify_json_string,
    number_facts,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NUMBERS = frozenset({Kind.INTEGER, Kind.BIG_INTEGER, Kind.POINT, Kind.SCIENTIFIC})
_WHOLE = frozenset({Kind.INTEGER, Kind.BIG_INTEGER})
_NAIVE = frozenset({Kind.DATE, Kind.TIMESTAMP})
_SIMPLE: dict[frozenset[Kind], ct.ColumnType] = {
    frozenset(): ct.Null(),
    frozenset({Kind.BOOLEAN}): ct.Boolean(),
    frozenset({Kind.INTEGER}): ct.BigInt(),
    frozenset({Kind.DATE}): ct.Date(),
    frozenset({Kind.TIMESTAMP}): ct.Timestamp(),
    _NAIVE: ct.Timestamp(),
    frozenset({Kind.TIMESTAMP_ZONED}): ct.TimestampUtc(),
}


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the values of one column have shown. Empty evidence is a column without values.

    Evidence that can only be a string forgets what made it one: TEXT absorbs all other kinds. So evidence stays small,
    a reader may stop looking, and the result is the same in whatever order values came.
    Two evidences are equal whatever the order of their struct fields; the order itself is the one first seen.

    Attributes:
        kinds: the kinds seen; never EMPTY or NULL_WORD, which say nothing of the type.
        survives: every number is the same as a double.
        integer_digits: the most digits before a point; a lone 0 counts none.
        decimal_places: the most digits after a point.
        negative_zero: there is a `-0.0`.
        null_words: there are null words: NULL in a typed column, themselves in a string column.
        quoted_empties: there are quoted empty fields: NULL in a typed column, the empty string in a string column.
        fields: evidence of the members of OBJECT values.
        element: evidence of the elements of ARRAY values.
    """

    kinds: frozenset[Kind] = frozenset()
    survives: bool = True
    integer_digits: int = 0
    decimal_places: int = 0
    negative_zero: bool = False
    null_words: bool = False
    quoted_empties: bool = False
    fields: Mapping[str, Evidence] = field(default_factory=dict)
    element: Evidence | None = None

    def __post_init__(self) -> None:
        if self.kinds != _TEXT_ONLY and isinstance(decide(self), ct.String):
            forgotten = Evidence(_TEXT_ONLY, null_words=self.null_words, quoted_empties=self.quoted_empties)
            for name in self.__dataclass_fields__:
                object.__setattr__(self, name, getattr(forgotten, name))

    @cached_property
    def type(self) -> ct.ColumnType:
        """The type that holds all these values."""
        return decide(self)

    def merge(self, other: Evidence) -> Evidence:
        """What both have shown; commutative, associative, idempotent. Struct fields keep this one's order."""
        for one, more in ((self, other), (other, self)):
            if one.includes(more):
                return one
        names = dict.fromkeys((*self.fields, *other.fields))
        elements = [evidence.element for evidence in (self, other) if evidence.element is not None]
        return Evidence(
            kinds=self.kinds | other.kinds,
            survives=self.survives and other.survives,
            integer_digits=max(self.integer_digits, other.integer_digits),
            decimal_places=max(self.decimal_places, other.decimal_places),
            negative_zero=self.negative_zero or other.negative_zero,
            null_words=self.null_words or other.null_words,
            quoted_empties=self.quoted_empties or other.quoted_empties,
            fields={name: self.fields.get(name, NOTHING).merge(other.fields.get(name, NOTHING)) for name in names},
            element=merge_all(elements) if elements else None,
        )

    def includes(self, other: Evidence) -> bool:
        """Whether the other shows nothing more; a quick answer for what is not nested: most ranges bring no news."""
        return self is other or (
            not (self.fields or other.fields or self.element or other.element)
            and other.kinds <= self.kinds
            and self.survives <= other.survives
            and other.integer_digits <= self.integer_digits
            and other.decimal_places <= self.decimal_places
            and other.negative_zero <= self.negative_zero
            and other.null_words <= self.null_words
            and other.quoted_empties <= self.quoted_empties
        )

    def to_json(self) -> dict[str, Any]:
        """A small JSON object; what is at its default is left out."""
        result: dict[str, Any] = {"kinds": sorted(kind.value for kind in self.kinds)} if self.kinds else {}
        for name in ("integer_digits", "decimal_places", "negative_zero", "null_words", "quoted_empties"):
            if getattr(self, name):
                result[name] = getattr(self, name)
        if not self.survives:
            result["survives"] = False
        if self.fields:
            result["fields"] = [[name, inner.to_json()] for name, inner in self.fields.items()]
        if self.element is not None:
            result["element"] = self.element.to_json()
        return result

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Evidence:
        """Read back what `to_json` wrote."""
        plain = {key: value for key, value in data.items() if key not in {"kinds", "fields", "element"}}
        return cls(
            kinds=frozenset(Kind(kind) for kind in data.get("kinds", ())),
            fields={name: cls.from_json(inner) for name, inner in data.get("fields", ())},
            element=cls.from_json(data["element"]) if "element" in data else None,
            **plain,
        )

    def _key(self) -> tuple[object, ...]:
        return (
            self.kinds,
            self.survives,
            self.integer_digits,
            self.decimal_places,
            self.negative_zero,
            self.null_words,
            self.quoted_empties,
            frozenset(self.fields.items()),
            self.element,
        )

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Evidence) and self._key() == other._key())

    def __hash__(self) -> int:
        return hash(self._key())


_TEXT_ONLY = frozenset({Kind.TEXT})


def decide(evidence: Evidence) -> ct.ColumnType:
    """The narrowest type that holds every value behind this evidence exactly."""
    kinds = evidence.kinds
    if kinds in _SIMPLE:
        return _SIMPLE[kinds]
    if kinds <= NUMBERS:
        return _decide_number(evidence)
    if kinds == {Kind.OBJECT}:
        decided = ((name, inner.type) for name, inner in evidence.fields.items())
        fields = tuple((name, inner) for name, inner in decided if not isinstance(inner, ct.Null))
        return ct.Struct(fields) if fields else ct.Null()
    if kinds == {Kind.ARRAY}:
        element = (evidence.element or NOTHING).type
        return ct.Null() if isinstance(element, ct.Null) else ct.Array(element)
    return ct.String()


def _decide_number(evidence: Evidence) -> ct.ColumnType:
    whole = evidence.kinds <= _WHOLE
    if not whole and evidence.survives and Kind.BIG_INTEGER not in evidence.kinds:
        return ct.Double()
    exact = Kind.SCIENTIFIC not in evidence.kinds and not evidence.negative_zero
    if exact and evidence.integer_digits + evidence.decimal_places <= ct.DECIMAL_PRECISION:
        return ct.Decimal(evidence.decimal_places)
    return ct.String()


def merge_all(evidences: Iterable[Evidence]) -> Evidence:
    """The join of any number of evidences."""
    result = NOTHING
    for evidence in evidences:
        result = result.merge(evidence)
    return result


def of_text(text: str, *, quoted: bool = False, options: ColumnOptions = DEFAULT_COLUMN) -> Evidence:
    """What one CSV field shows; `quoted` tells a quoted empty field from an empty one."""
    kind = classify(text, options)
    if kind is Kind.EMPTY:
        return TEXT if quoted and options.as_text else Evidence(quoted_empties=quoted)
    if kind is Kind.NULL_WORD:
        return Evidence(null_words=True)
    return _of_kind(kind, text)


def of_json_number(text: str) -> Evidence:
    """What one JSON number shows, given as it is written."""
    return _of_kind(classify_json_number(text), text)


def of_json_string(text: str) -> Evidence:
    """What one JSON string shows."""
    return _of_kind(classify_json_string(text), text)


def _of_kind(kind: Kind, text: str) -> Evidence:
    if kind not in NUMBERS:
        return Evidence(frozenset({kind}))
    facts = number_facts(text)
    return Evidence(
        frozenset({kind}),
        survives=facts.survives,
        integer_digits=facts.integer_digits,
        decimal_places=facts.decimal_places,
        negative_zero=facts.negative_zero,
    )


def fits(evidence: Evidence, column_type: ct.ColumnType) -> bool:
    """Whether a column of this type holds every value behind the evidence exactly."""
    result = evidence.type in (column_type, ct.Null())
    match column_type:
        case ct.String():
            result = True
        case ct.Struct(fields):
            types = dict(fields)
            result = evidence.kinds <= {Kind.OBJECT} and all(
                fits(inner, types.get(name, ct.Null())) for name, inner in evidence.fields.items()
            )
        case ct.Array(element):
            result = evidence.kinds <= {Kind.ARRAY} and fits(evidence.element or NOTHING, element)
        case ct.Decimal(scale):
            result = _fits_decimal(evidence, scale)
        case ct.Double():
            result = evidence.kinds <= NUMBERS - {Kind.BIG_INTEGER} and evidence.survives
        case ct.Timestamp():
            result = evidence.kinds <= _NAIVE
    return result


def _fits_decimal(evidence: Evidence, scale: int) -> bool:
    return (
        evidence.kinds <= NUMBERS - {Kind.SCIENTIFIC}
        and not evidence.negative_zero
        and evidence.decimal_places <= scale
        and evidence.integer_digits + scale <= ct.DECIMAL_PRECISION
    )


def has_values(evidence: Evidence, column_type: ct.ColumnType) -> bool:
    """Whether a column of this type, derived from these values, holds anything but NULL."""
    if isinstance(column_type, ct.Null):
        return False
    if isinstance(column_type, ct.String) and (evidence.null_words or evidence.quoted_empties):
        return True
    return bool(evidence.kinds)


NOTHING = Evidence()
"""A column without values."""

TEXT = Evidence(_TEXT_ONLY)
"""A column with a value that only a string holds."""
