"""Reading options as a body of the API names them, by the rules of the domain."""

from __future__ import annotations

from include.domain.errors import Refused
from include.domain.reading_options import ReadingOptions, choose
from plugins.front.api import models


def chosen_options(given: models.ReadingOptionsIn) -> ReadingOptions:
    """The options; Refused with the field of the body that breaks a rule."""
    try:
        return choose(**given.model_dump())
    except Refused as refused:
        field = f"reading_options.{refused.field}"
        raise Refused(refused.detail, code=refused.code, title=refused.title, field=field) from None
