"""What an uploader or a reviewed file may say of how a file is to be read: options that bind one derivation."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from include.domain.text_rules import NULL_WORDS, ColumnOptions

if TYPE_CHECKING:
    from collections.abc import Mapping


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
