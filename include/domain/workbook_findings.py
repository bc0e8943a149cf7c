"""Every finding about an Excel workbook: which sheet is meant, and cells that hold no value of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.file_findings import MAX_LISTED, count_of
from include.domain.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence


def spreadsheet_format(what: str) -> Finding:
    """A spreadsheet in a format that is not read; `what` names it: `an old Excel workbook (.xls)`."""
    return Finding(
        code="spreadsheet_format",
        title="This kind of spreadsheet is not read",
        severity=Severity.ERROR,
        message=f"The file is {what}. Save it as an Excel workbook (.xlsx) or as CSV and upload that file.",
        details={"what": what},
    )


def choose_sheet(names: Sequence[str]) -> Finding:
    """Several sheets with values, and none named; `names` are those of all sheets."""
    return Finding(
        code="choose_sheet",
        title="Say which sheet to read",
        severity=Severity.ERROR,
        message=f"Each upload is one table, and several sheets have values. The workbook has: {_listed(names)}. Name "
        "one of them as the sheet in the reading options, or save it alone in a workbook.",
        examples=tuple(names[:MAX_LISTED]),
        details={"sheets": list(names)},
    )


def sheet_not_found(names: Sequence[str], *, asked: str) -> Finding:
    """A name that no sheet has; `names` are those of all sheets."""
    return Finding(
        code="sheet_not_found",
        title="The workbook has no such sheet",
        severity=Severity.ERROR,
        message=f"There is no sheet “{asked}”. The workbook has: {_listed(names)}. Name one of "
        "them as the sheet in the reading options, and upload it again.",
        examples=tuple(names[:MAX_LISTED]),
        details={"sheets": list(names), "asked": asked},
    )


def other_sheets(read: str, names: Sequence[str]) -> Finding:
    """Sheets with values that were not read."""
    return Finding(
        code="other_sheets",
        title="Only one sheet was read",
        severity=Severity.INFO,
        message=f"The sheet “{read}” was read. Not read: {_listed(names)}. To have another one, name "
        "it in the reading options.",
        examples=tuple(names[:MAX_LISTED]),
        details={"read": read, "sheets": list(names)},
    )


def formula_without_value(*, total: int, lines: Sequence[int], cells: Sequence[str]) -> Finding:
    """Formulas of which the file has no result: no program calculated it before it was saved."""
    return Finding(
        code="formula_without_value",
        title="Formulas have no result",
        severity=Severity.ERROR,
        message=f"{count_of(total, 'cell')} ({_cells(cells, total)}) {'has' if total == 1 else 'have'} a formula, and "
        "the file does not have its result. Open the workbook in Excel, save it, and upload it again.",
        lines=tuple(lines),
        details={"count": total, "cells": list(cells)},
    )


def error_cells(*, total: int, lines: Sequence[int], cells: Sequence[str], errors: Sequence[str]) -> Finding:
    """Cells that show an error other than #N/A."""
    return Finding(
        code="error_cells",
        title="Cells show an error",
        severity=Severity.ERROR,
        message=f"{count_of(total, 'cell')} ({_cells(cells, total)}) {'shows' if total == 1 else 'show'} "
        f"{', '.join(errors)} instead of a value. Correct the formulas, or empty the cells.",
        lines=tuple(lines),
        examples=tuple(errors),
        details={"count": total, "cells": list(cells), "errors": list(errors)},
    )


def not_available_cells(*, total: int, lines: Sequence[int], cells: Sequence[str]) -> Finding:
    """Cells that show #N/A, which are NULL."""
    return Finding(
        code="not_available_cells",
        title="Cells with #N/A were read as NULL",
        severity=Severity.INFO,
        message=f"{count_of(total, 'cell')} ({_cells(cells, total)}) {'shows' if total == 1 else 'show'} #N/A, Excel's "
        "word for a missing value, and will be NULL in the table.",
        lines=tuple(lines),
        details={"count": total, "cells": list(cells)},
    )


def blank_rows(*, total: int, lines: Sequence[int]) -> Finding:
    """Rows without a value between others, which are rows of nothing but NULL."""
    return Finding(
        code="blank_rows",
        title="Blank rows were read as rows",
        severity=Severity.WARNING,
        message=f"{count_of(total, 'row')} between the first and the last, from row {lines[0]:,}, "
        f"{'is' if total == 1 else 'are'} blank, and NULL in every column of the table. If that is not meant, delete "
        "them and upload again.",
        lines=tuple(lines),
        details={"count": total},
    )


def merged_cells(*, total: int, lines: Sequence[int], cells: Sequence[str]) -> Finding:
    """Merged cells: the first has the value, the others are empty."""
    return Finding(
        code="merged_cells",
        title="Cells are merged",
        severity=Severity.WARNING,
        message=f"{count_of(total, 'block')} of merged cells ({_cells(cells, total)}). Only the first cell of each has "
        "the value; the others are NULL. If each should have it, unmerge them and fill them.",
        lines=tuple(lines),
        details={"count": total, "cells": list(cells)},
    )


def long_numbers(*, total: int, lines: Sequence[int], cells: Sequence[str]) -> Finding:
    """Whole numbers of more digits than Excel keeps."""
    return Finding(
        code="long_numbers",
        title="Numbers are longer than Excel keeps",
        severity=Severity.WARNING,
        message=f"{count_of(total, 'cell')} ({_cells(cells, total)}) {'is' if total == 1 else 'are'} a number of more "
        "than 15 digits. Excel turns further digits into zeros when they are typed in. If they are codes, format the "
        "column as text and enter them again.",
        lines=tuple(lines),
        details={"count": total, "cells": list(cells)},
    )


def leading_zeros_shown(*, total: int, lines: Sequence[int], cells: Sequence[str]) -> Finding:
    """Numbers that a format shows with leading zeros, which they do not have."""
    return Finding(
        code="leading_zeros_shown",
        title="Excel shows zeros that are not there",
        severity=Severity.WARNING,
        message=f"{count_of(total, 'cell')} ({_cells(cells, total)}) {'is' if total == 1 else 'are'} a number that "
        "Excel shows with leading zeros. The table has the number, without them. If they are codes, make the cells "
        "text that has the zeros.",
        lines=tuple(lines),
        details={"count": total, "cells": list(cells)},
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names[:MAX_LISTED])


def _cells(cells: Sequence[str], total: int) -> str:
    return ", ".join(cells[:5]) + (" and so on" if total > min(len(cells), 5) else "")
