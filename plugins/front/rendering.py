"""Rendering: a template and its facts become a page, with what every page shows around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from include.domain import names
from include.domain.governance import IN_WORDS, NOT_RECORDED
from include.domain.option_words import phrases
from include.domain.promotion import LONDON
from include.ports import Session
from include.services.announcing import in_words
from include.services.context import FrontContext
from plugins.front import table_words
from plugins.front.links import path_of, static_path
from plugins.front.states import BEING_WITHDRAWN, TAG_COLOURS, WORDS

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class InputError:
    """What is wrong with one input of a form: its element's id, and what to do."""

    input: str
    text: str


def page(
    request: Request,
    context: FrontContext,
    template: str,
    /,
    *,
    session: Session | None = None,
    csrf: str = "",
    errors: Sequence[InputError] = (),
    status: int = 200,
    **facts: Any,
) -> HTMLResponse:
    """One page. With errors its status is 422 unless another is given."""
    settings = context.settings
    text = (
        _environment()
        .get_template(template)
        .render(
            url=partial(path_of, request),
            static=partial(static_path, request),
            env=settings.env.value,
            database_prefix=names.database_prefix(settings.env),
            settings=settings,
            email=session.email if session else None,
            csrf=csrf or (session.csrf if session else ""),
            errors=errors,
            error_of={error.input: {"text": error.text} for error in reversed(errors)},
            **facts,
        )
    )
    return HTMLResponse(text, 422 if errors and status == 200 else status)  # noqa: PLR2004


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader(
            [
                FileSystemLoader(_TEMPLATES),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=True,
        auto_reload=False,  # it would look at some 20 files for each page
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["size"] = in_words
    environment.filters["phrases"] = phrases
    environment.filters["moment"] = moment
    environment.filters["moment_to_second"] = partial(moment, time="%H:%M:%S")
    environment.filters["format_words"] = names.format_words
    environment.filters["format_refusals"] = names.format_refusals
    environment.filters["breakable"] = breakable
    environment.filters["who"] = table_words.who
    environment.filters["type_words"] = table_words.type_words
    environment.filters["plain_type"] = table_words.plain_type
    environment.filters["became"] = table_words.became
    environment.globals["plain_types"] = dict(table_words.PLAIN_TYPES)
    environment.globals["governance_words"] = IN_WORDS
    environment.globals["not_recorded"] = NOT_RECORDED
    environment.globals["state_words"] = WORDS
    environment.globals["being_withdrawn_words"] = BEING_WITHDRAWN
    environment.globals["state_colours"] = TAG_COLOURS
    return environment


def breakable(name: str) -> Markup:
    """A long name that a narrow screen breaks after its underscores and slashes, not within its words."""
    return Markup("<wbr>").join(escape(part) for part in re.split(r"(?<=[_/])(?=[^_/])", name))


def moment(at: datetime, *, time: str = "%H:%M") -> str:
    """A moment as people in London read it: `31 January 2026 at 23:59`."""
    local = at.astimezone(LONDON)
    return f"{local.day} {local:%B %Y} at {local.strftime(time)}"
