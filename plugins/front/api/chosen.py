"""Reading options as a body of the API names them, by the rules of the domain."""

from __future__ import annotations

from include.domain.errors import Refused
from include.domain.reading_options import ReadingOptions, choose
from plugins.front.api.upload_models import ReadingOptionsIn


def chosen_options(given: ReadingOptionsIn | None) -> ReadingOptions | None:
    """The options, None for a body without them; Refused with the field that breaks a rule."""
    if given is None:
        return None
    try:
        return choose(**given.model_dump())
    except Refused as refused:
        field = f"reading_options.{refused.field}"
        raise Refused(refused.detail, code=refused.code, title=refused.title, field=field) from None
