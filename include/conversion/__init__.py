"""Text to typed Parquet: reading files, measuring evidence, writing what was decided."""

from include.conversion.check import check
from include.conversion.convert import convert
from include.conversion.parts import LINE_COLUMN, lines_name
from include.conversion.report import CheckReport, Conversion, Range, Reading
from include.conversion.source import ByteSource, LocalFile

__all__ = [
    "LINE_COLUMN",
    "ByteSource",
    "CheckReport",
    "Conversion",
    "LocalFile",
    "Range",
    "Reading",
    "check",
    "convert",
    "lines_name",
]
