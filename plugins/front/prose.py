"""Prose: Markdown of our own texts as HTML in the design system's classes. Raw HTML in it stays text."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markupsafe import Markup

if TYPE_CHECKING:
    from markdown_it.token import Token

_CLASSES = {
    "paragraph_open": "govuk-body",
    "bullet_list_open": "govuk-list govuk-list--bullet",
    "ordered_list_open": "govuk-list govuk-list--number",
    "link_open": "govuk-link",
    "table_open": "govuk-table app-table",
    "thead_open": "govuk-table__head",
    "tbody_open": "govuk-table__body",
    "tr_open": "govuk-table__row",
    "th_open": "govuk-table__header",
    "td_open": "govuk-table__cell",
}
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


@lru_cache(maxsize=1000)
def as_html(text: str) -> Markup:
    """Paragraphs, lists, tables, code and links; without headings, which are the page's to give."""
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        _dress(token)
    # Every part of it was escaped by the renderer.
    return Markup(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))  # noqa: S704


def _dress(token: Token) -> None:
    if token.type in _CLASSES:
        token.attrJoin("class", _CLASSES[token.type])
    for child in token.children or ():
        _dress(child)
