"""What an uploader or a reviewed file may say of how a file is to be read: options that bind one derivation."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from include.domain.errors import Refused
from include.domain.header import MAX_NAME_LENGTH, is_allowed, stored_name
from include.domain.text_rules import NULL_WORDS, ColumnOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DELIMITERS: Mapping[str, str] = MappingProxyType({"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"})
"""What may stand between the fields of a CSV file, by the word for it."""

MAX_COLUMNS = 1000  # in all options together: they go into one Glue parameter
MAX_NULL_WORDS = 50
MAX_NULL_WORD_LENGTH = 100
MAX_SHEET_LENGTH = 255

_LINE_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"


@dataclass(frozen=True)
class ReadingOptions:
    """How to read a file where its bytes leave a choice. The defaults are the rules as they stand.

    Attributes:
        delimiter: between CSV fields; None is the comma.
        text_columns: stored names of columns that are strings whatever their values look like.
        day_first_columns: stored names of columns whose `31/01/2026` is a date.
        null_words: instead of the rules' own list; None keeps that.
        sheet: of a workbook; None is its only one.
    """

    delimiter: str | None = None
    text_columns: tuple[str, ...] = ()
    day_first_columns: tuple[str, ...] = ()
    null_words: tuple[str, ...] | None = None
    sheet: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Stored names of every column they say something of."""
        return tuple(sorted({*self.text_columns, *self.day_first_columns}))

    def of_column(self, name: str) -> ColumnOptions:
        """What they say of the column with this stored name."""
        return ColumnOptions(
            as_text=name in self.text_columns,
            day_first=name in self.day_first_columns,
            null_words=NULL_WORDS if self.null_words is None else self.null_words,
        )

    def to_json(self) -> dict[str, Any]:
        """A small JSON object; what is at its default is left out."""
        return {
            each.name: list(value) if isinstance(value, tuple) else value
            for each in fields(self)
            if (value := getattr(self, each.name)) != each.default
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ReadingOptions:
        """Read back what `to_json` wrote.

        Raises:
            TypeError: there is a key that is no option.
        """
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
        }
        return cls(**given)


DEFAULT_OPTIONS = ReadingOptions()


@dataclass(frozen=True)
class BoundOptions:
    """Options that an upload is read with, and when they were chosen for its table."""

    options: ReadingOptions
    since: datetime


UNCHOSEN = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when the defaults of a table count for which nobody ever chose: any choice is later."""


def choose(
    *,
    delimiter: str | None = None,
    text_columns: Iterable[str] = (),
    day_first_columns: Iterable[str] = (),
    null_words: Iterable[str] | None = None,
    sheet: str | None = None,
) -> ReadingOptions:
    """The options that a person chose, in the one form that equal choices have.

    Args:
        delimiter: a word of `DELIMITERS`; None or `comma` is the default.
        text_columns: names in any case.
        day_first_columns: names in any case.
        null_words: None, or the rules' own in any order, is the default; none at all is a choice.
        sheet: None is the default.

    Raises:
        Refused: a choice breaks a rule; `field` is the argument's name.
    """
    if delimiter is not None and delimiter not in DELIMITERS:
        raise Refused(
            f"The delimiter must be one of: {', '.join(DELIMITERS)}.",
            code="bad_delimiter",
            title="Delimiter is not permitted",
            field="delimiter",
        )
    texts, days = _names(text_columns, field="text_columns"), _names(day_first_columns, field="day_first_columns")
    if len(texts) + len(days) > MAX_COLUMNS:
        raise Refused(
            f"At most {MAX_COLUMNS:,} columns can be named; these are {len(texts) + len(days):,}.",
            code="too_many_option_columns",
            title="Too many columns are named",
            field="text_columns" if len(texts) >= len(days) else "day_first_columns",
        )
    if both := sorted(set(texts) & set(days)):
        raise Refused(
            f"Column {both[0]} cannot be text and have dates with the day first. Name it in one of the two.",
            code="column_option_twice",
            title="A column is named in two options",
            field="day_first_columns",
        )
    return ReadingOptions(
        delimiter=None if delimiter in {None, "comma"} else DELIMITERS[str(delimiter)],
        text_columns=texts,
        day_first_columns=days,
        null_words=None if null_words is None else _null_words(null_words),
        sheet=None if sheet is None else _sheet(sheet),
    )


def choose_from(document: object) -> ReadingOptions:
    """The options that a document (of JSON or YAML) names by the arguments of `choose`.

    Raises:
        Refused: it is not of that form (`bad_reading_options`), or a choice breaks a rule.
    """
    if not isinstance(document, dict) or not all(_is_choice(name, value) for name, value in document.items()):
        raise Refused(
            "Reading options are delimiter and sheet, each a text, and text_columns, day_first_columns and null_words, "
            "each a list of texts.",
            code="bad_reading_options",
            title="Reading options cannot be read",
        )
    return choose(**document)


def _is_choice(name: object, value: object) -> bool:
    if name in {"delimiter", "sheet"}:
        return isinstance(value, str)
    lists = name in {"text_columns", "day_first_columns", "null_words"}
    return lists and isinstance(value, list) and all(isinstance(each, str) for each in value)


def _names(names: Iterable[str], *, field: str) -> tuple[str, ...]:
    given = tuple(names)
    wrong = next((name for name in given if not is_allowed(name)), None)
    if wrong is not None:
        raise Refused(
            f"“{wrong[:MAX_NAME_LENGTH]}” cannot be a column of a table. Enter names as in the file's header: letters, "
            f"digits and underscores, at most {MAX_NAME_LENGTH} characters.",
            code="bad_option_column",
            title="Column name is not permitted",
            field=field,
        )
    return tuple(sorted({stored_name(name) for name in given}))


def _null_words(words: Iterable[str]) -> tuple[str, ...] | None:
    distinct = tuple(sorted(set(words)))
    if len(distinct) > MAX_NULL_WORDS:
        raise _bad_null_words(
            f"There may be at most {MAX_NULL_WORDS} words for missing values; these are {len(distinct):,}."
        )
    for word in distinct:
        if not word:
            raise _bad_null_words("A word for a missing value cannot be empty: an empty field is missing anyway.")
        if len(word) > MAX_NULL_WORD_LENGTH:
            raise _bad_null_words(f"A word for a missing value may have at most {MAX_NULL_WORD_LENGTH} characters.")
        if any(mark in word for mark in _LINE_BREAKS):
            raise _bad_null_words("A word for a missing value cannot have a line break.")
        if any(mark == "\0" or "\ud800" <= mark <= "\udfff" for mark in word):
            raise _bad_null_words("A word for a missing value has a character that no text file holds.")
    return None if set(distinct) == set(NULL_WORDS) else distinct


def _bad_null_words(detail: str) -> Refused:
    return Refused(
        detail, code="bad_null_words", title="Words for missing values are not permitted", field="null_words"
    )


def _sheet(name: str) -> str:
    if not name.strip() or len(name) > MAX_SHEET_LENGTH or not name.isprintable():
        raise Refused(
            f"Enter the name of the sheet as the workbook shows it, at most {MAX_SHEET_LENGTH} characters.",
            code="bad_sheet",
            title="Sheet name is not permitted",
            field="sheet",
        )
    return name
