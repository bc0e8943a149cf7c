"""Text to typed Parquet: reading files, measuring evidence, writing what was decided."""

from include.conversion.check import PLAIN, check, plain_text
from include.conversion.containers import DEFAULT_LIMITS, NO_LIMITS, Limits
from include.conversion.convert import convert
from include.conversion.convert_group import convert_again, convert_group
from include.conversion.groups import Group, Part, plan_groups
from include.conversion.hint import sample_hint
from include.conversion.look import columns_of
from include.conversion.misfits import first_misfits
from include.conversion.parts import LINE_COLUMN, lines_name, stored_columns, stored_rows
from include.conversion.report import CheckReport, Container, Conversion, Range, Reading
from include.conversion.results import GroupResult, PartResult, Settled
from include.conversion.settle import settle
from include.conversion.source import ByteSource, LocalFile
from include.conversion.wanted import Wanted

__all__ = [
    "DEFAULT_LIMITS",
    "LINE_COLUMN",
    "NO_LIMITS",
    "PLAIN",
    "ByteSource",
    "CheckReport",
    "Container",
    "Conversion",
    "Group",
    "GroupResult",
    "Limits",
    "LocalFile",
    "Part",
    "PartResult",
    "Range",
    "Reading",
    "Settled",
    "Wanted",
    "check",
    "columns_of",
    "convert",
    "convert_again",
    "convert_group",
    "first_misfits",
    "lines_name",
    "plain_text",
    "plan_groups",
    "sample_hint",
    "settle",
    "stored_columns",
    "stored_rows",
]
