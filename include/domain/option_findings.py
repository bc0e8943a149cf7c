"""What the reading options say and a file has no use for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.file_findings import option_not_used, option_without_column

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from include.domain.findings import Finding
    from include.domain.reading_options import ReadingOptions

_USED_BY = {"delimiter": ("csv",), "day_first_columns": ("csv",), "null_words": ("csv",), "sheet": ("xlsx",)}
"""Which formats each reading option says something of; columns that are text are for all."""


def option_findings(options: ReadingOptions, *, file_format: str, columns: Collection[str]) -> Iterator[Finding]:
    """The findings of options that do nothing for a file of this format with these columns (stored names)."""
    chosen = options.to_json()
    if unused := [name for name, formats in _USED_BY.items() if name in chosen and file_format not in formats]:
        yield option_not_used(unused, file_format=file_format)
    named = options.text_columns if "day_first_columns" in unused else options.columns
    if missing := [name for name in named if name not in columns]:
        yield option_without_column(missing)
