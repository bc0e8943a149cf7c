"""Text to typed Parquet: reading files, measuring evidence, writing what was decided."""

from include.conversion.check import check
from include.conversion.convert import convert
from include.conversion.convert_group import convert_again, convert_group
from include.conversion.groups import Group, Part, plan_groups
from include.conversion.hint import sample_hint
from include.conversion.parts import LINE_COLUMN, lines_name
from include.conversion.report import CheckReport, Conversion, Range, Reading
from include.conversion.results import GroupResult, PartResult, Settled
from include.conversion.settle import settle
from include.conversion.source import ByteSource, LocalFile
from include.conversion.wanted import Wanted

__all__ = [
    "LINE_COLUMN",
    "ByteSource",
    "CheckReport",
    "Conversion",
    "Group",
    "GroupResult",
    "LocalFile",
    "Part",
    "PartResult",
    "Range",
    "Reading",
    "Settled",
    "Wanted",
    "check",
    "convert",
    "convert_again",
    "convert_group",
    "lines_name",
    "plan_groups",
    "sample_hint",
    "settle",
]
