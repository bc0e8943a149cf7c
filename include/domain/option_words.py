"""Reading options in the words of people: as they choose them, and as pages say them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.domain.reading_options import DELIMITERS
from include.domain.text_rules import NULL_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.domain.reading_options import ReadingOptions


def in_words(options: ReadingOptions) -> dict[str, Any]:
    """The options as a person gives them to `choose`, all of them; null words are listed also by default."""
    words = {mark: word for word, mark in DELIMITERS.items()}
    return {
        "delimiter": words[options.delimiter or ","],
        "text_columns": list(options.text_columns),
        "day_first_columns": list(options.day_first_columns),
        "null_words": list(NULL_WORDS if options.null_words is None else options.null_words),
        "sheet": options.sheet,
    }


def phrases(options: ReadingOptions) -> list[str]:
    """The options that are not the rules as they stand, each as a short text."""
    return list(_phrases(options))


def _phrases(options: ReadingOptions) -> Iterator[str]:
    words = in_words(options)
    if options.delimiter:
        yield f"{words['delimiter']}s between fields"
    if options.text_columns:
        yield f"as text: {', '.join(options.text_columns)}"
    if options.day_first_columns:
        yield f"dates with the day first: {', '.join(options.day_first_columns)}"
    if options.null_words is not None:
        yield f"missing values: {', '.join(options.null_words) or 'empty fields only'}"
    if options.sheet is not None:
        yield f"sheet: {options.sheet}"
