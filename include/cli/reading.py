"""Reading options on the command line: the same flags for the check of a local file and for an upload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.domain.reading_options import DELIMITERS

if TYPE_CHECKING:
    import argparse


def add_reading_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the flags."""
    group = parser.add_argument_group("reading options", "how to read the file where its bytes leave a choice")
    group.add_argument("--delimiter", choices=tuple(DELIMITERS), help="between the fields of a CSV file")
    group.add_argument(
        "--text-column", action="append", metavar="NAME", help="a column that is text whatever its values look like"
    )
    group.add_argument("--day-first", action="append", metavar="NAME", help="a column whose 31/01/2026 is a date")
    words = group.add_mutually_exclusive_group()
    words.add_argument(
        "--null-word", action="append", metavar="WORD", help="a word for a missing value, in place of the usual ones"
    )
    words.add_argument("--no-null-words", action="store_true", help="no word stands for a missing value")
    group.add_argument("--sheet", metavar="NAME", help="of a workbook with several")


def chosen_reading(arguments: argparse.Namespace) -> dict[str, Any] | None:
    """What the flags chose, by the names of the options; None without any flag."""
    words = [] if arguments.no_null_words else arguments.null_word
    given = {
        "delimiter": arguments.delimiter,
        "text_columns": arguments.text_column,
        "day_first_columns": arguments.day_first,
        "null_words": words,
        "sheet": arguments.sheet,
    }
    return {name: value for name, value in given.items() if value is not None} or None
