"""Reading options on pages: what a person types into step 4, what is wrong with it, and how it is said again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Form

from include.domain.errors import Refused
from include.domain.option_words import in_words
from include.domain.reading_options import ReadingOptions, choose
from plugins.front.answers import ReadingAnswer
from plugins.front.rendering import InputError

PLACE = "reading-options"
"""The element that holds them all."""

Field = Annotated[str | None, Form()]


async def _typed(
    *,
    delimiter: Field = None,
    text_columns: Field = None,
    day_first_columns: Field = None,
    null_words: Field = None,
    sheet: Field = None,
) -> ReadingAnswer | None:
    """What the form says; None for one without these inputs."""
    if text_columns is None:
        return None
    return ReadingAnswer(delimiter or "", text_columns, day_first_columns or "", null_words or "", sheet or "")


TypedOptions = Annotated[ReadingAnswer | None, Depends(_typed)]


@dataclass(frozen=True)
class Choice:
    """What was typed, as options; None with what is wrong."""

    options: ReadingOptions | None
    errors: tuple[InputError, ...] = ()


def as_typed(options: ReadingOptions) -> ReadingAnswer:
    """The form filled in with these options."""
    words = in_words(options)
    return ReadingAnswer(
        delimiter=words["delimiter"],
        text_columns=", ".join(words["text_columns"]),
        day_first_columns=", ".join(words["day_first_columns"]),
        null_words="\n".join(words["null_words"]),
        sheet=words["sheet"] or "",
    )


def choice_of(typed: ReadingAnswer) -> Choice:
    """The options, or every input that breaks a rule, in the order of the page."""
    given: dict[str, Any] = {
        "delimiter": typed.delimiter or None,
        "text_columns": _names(typed.text_columns),
        "day_first_columns": _names(typed.day_first_columns),
        "null_words": [word for word in re.split("[\r\n]", typed.null_words) if word],  # exactly as in the file
        "sheet": typed.sheet.strip() or None,
    }
    errors = tuple(_wrong({name: value}) for name, value in given.items())
    found = [error for error in errors if error] or [error for error in [_wrong(given)] if error]
    return Choice(None, tuple(found)) if found else Choice(choose(**given))


def _names(text: str) -> list[str]:
    return [name.strip() for name in re.split("[,\r\n]", text) if name.strip()]


def _wrong(given: dict[str, Any]) -> InputError | None:
    try:
        choose(**given)
    except Refused as refused:
        return InputError(refused.field or PLACE, refused.detail)
    return None
