from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from include.conversion import check
from include.conversion.containers import Limits
from include.domain.findings import Severity
from include.domain.reading_options import ReadingOptions
from tests.conversion.files import InMemory, checked, converted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def workbook(*rows: Sequence[Any], then: Callable[[Worksheet], None] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            if value is not None:
                sheet.cell(number, column, value)
    if then is not None:
        then(sheet)
    return saved(book)


def shared(*rows: Sequence[Any]) -> bytes:
    """A workbook by another library, which keeps each text once."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    with xlsxwriter.Workbook(stream, options) as book:
        sheet = book.add_worksheet()
        formats = {
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"}),
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            time: book.add_format({"num_format": "hh:mm:ss"}),
        }
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, datetime | date | time):
                    sheet.write_datetime(number, column, value, formats[type(value)])
                elif value is not None:
                    sheet.write(number, column, value)
    return stream.getvalue()


def edited(data: bytes, name: str, edit: Callable[[str], str]) -> bytes:
    """A workbook with one of its files changed: what no library would write."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.namelist():
            content = old.read(each)
            new.writestr(each, edit(content.decode()).encode() if each == name else content)
    return stream.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def column(*values: Any, number_format: str | None = None) -> list[Any]:
    """What cells below a header come out as."""

    def formatted(sheet: Worksheet) -> None:
        for (cell,) in sheet.iter_rows(min_row=2):
            if number_format is not None:
                cell.number_format = number_format

    result = converted(workbook(["a"], *([value] for value in values), then=formatted), filename="a.xlsx")
    return [row["a"] for row in result.rows]


def codes(data: bytes, *, options: ReadingOptions | None = None) -> list[str]:
    return [
        finding.code
        for finding in check(InMemory(data), filename="a.xlsx", options=options or ReadingOptions()).findings
    ]


# --- values ----------------------------------------------------------------------------------------------------------


def test_a_sheet_becomes_typed_columns() -> None:
    data = workbook(
        ["Id", "Name", "Ratio", "Ok", "Day", "At"],
        [1, "x", 0.1, True, date(2026, 1, 31), datetime(2026, 1, 31, 23, 59, 59)],  # noqa: DTZ001 - Excel has no zones
        [2, "é\n“y”\\", 2, False, date(1900, 1, 1), datetime(2026, 1, 31)],  # noqa: DTZ001
    )
    result = converted(data, filename="Some File.XLSX")
    assert {name: str(kind) for name, kind in zip(result.schema.names, result.schema.types, strict=True)} == {  # type: ignore[union-attr]
        "id": "int64",
        "name": "string",
        "ratio": "double",
        "ok": "bool",
        "day": "date32[day]",
        "at": "timestamp[us]",
    }
    assert result.rows == [
        {
            "id": 1,
            "name": "x",
            "ratio": 0.1,
            "ok": True,
            "day": date(2026, 1, 31),
            "at": datetime(2026, 1, 31, 23, 59, 59),  # noqa: DTZ001
        },
        {
            "id": 2,
            "name": "é\n“y”\\",
            "ratio": 2.0,
            "ok": False,
            "day": date(1900, 1, 1),
            "at": datetime(2026, 1, 31),  # noqa: DTZ001
        },
    ]
    assert result.lines == [2, 3]
    assert result.report.format == "jsonl"
    assert result.report.container is not None
    assert (result.report.container.format, result.report.container.member) == ("xlsx", "Sheet")


def test_a_whole_number_is_an_integer_and_every_other_the_double_that_it_is() -> None:
    assert column(1.0, 2, -3) == [1, 2, -3]
    assert column(0.1, 1e-7, 123456.789, -2.5) == [0.1, 1e-7, 123456.789, -2.5]
    assert column(0.5, 1e22) == [0.5, 1e22]


def test_a_number_as_written_by_excel_is_its_double() -> None:
    data = workbook(["a"], [7], [8], [9])
    for text, value in (("0.30000000000000004", 0.30000000000000004), ("1E-4", 0.0001), ("5.0E0", 5.0)):
        changed = edited(data, SHEET, lambda xml, text=text: xml.replace("<v>7</v>", f"<v>{text}</v>"))  # type: ignore[misc]
        assert converted(changed, filename="a.xlsx").rows[0]["a"] == value
    assert codes(edited(data, SHEET, lambda xml: xml.replace("<v>7</v>", "<v>seven</v>"))) == ["damaged_file"]
    assert codes(edited(data, SHEET, lambda xml: xml.replace("<v>7</v>", "<v>1e999</v>"))) == ["damaged_file"]


def test_numbers_of_more_digits_than_excel_keeps_stay_as_the_file_has_them_and_are_pointed_out() -> None:
    data = workbook(["a"], [7], [123456789012345])
    data = edited(data, SHEET, lambda xml: xml.replace("<v>7</v>", "<v>12345678901234567</v>"))
    data = edited(data, SHEET, lambda xml: xml.replace("<v>123456789012345.0</v>", "<v>123456789012345</v>"))
    result = converted(data, filename="a.xlsx")
    assert [row["a"] for row in result.rows] == [12345678901234567, 123456789012345]
    (finding,) = result.report.findings
    assert (finding.code, finding.severity, finding.lines) == ("long_numbers", Severity.WARNING, (2,))
    assert finding.details["cells"] == ["A2"]


@pytest.mark.parametrize(
    ("value", "number_format", "read"),
    [
        (46053, "yyyy-mm-dd", date(2026, 1, 31)),
        (46053.5, "dd/mm/yyyy", datetime(2026, 1, 31, 12)),  # noqa: DTZ001
        (46053, "d. mmm", date(2026, 1, 31)),
        (46053, "mmmm", date(2026, 1, 31)),
        (46053, "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", date(2026, 1, 31)),
        (1, "yyyy-mm-dd", date(1900, 1, 1)),
        (59, "yyyy-mm-dd", date(1900, 2, 28)),
        (60, "yyyy-mm-dd", "1900-02-29"),
        (61, "yyyy-mm-dd", date(1900, 3, 1)),
        (2958465, "yyyy-mm-dd", date(9999, 12, 31)),
        (2958466, "yyyy-mm-dd", 2958466),
        (-1, "yyyy-mm-dd", -1),
        (0.5, "hh:mm", "12:00:00"),
        (0.5, "h:mm AM/PM", "12:00:00"),
        (0.25, "yyyy-mm-dd hh:mm", "06:00:00"),
        (46053.25, "hh:mm", datetime(2026, 1, 31, 6)),  # noqa: DTZ001
        (1.5, "[h]:mm:ss", "36:00:00"),
        (-1.5, "[h]:mm", "-36:00:00"),
        (46053.000001157, "yyyy-mm-dd hh:mm:ss.000", datetime(2026, 1, 31, 0, 0, 0, 100_000)),  # noqa: DTZ001
        (46053.4166666667, "yyyy-mm-dd hh:mm", datetime(2026, 1, 31, 10)),  # noqa: DTZ001
        (46053, "[Red]0", 46053),
        (46053, '0 "days"', 46053),
        (46053, "General", 46053),
        (46053, "0.00E+00", 46053),
        (46053, '_-* #,##0\\ "€"_-;[Yellow]-0', 46053),
        (0.5, "0%", 0.5),
        (46053, "@", 46053),
    ],
)
def test_a_number_is_what_its_format_shows(value: float, number_format: str, read: object) -> None:
    assert column(value, number_format=number_format) == [read]


def test_days_may_be_counted_from_1904() -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    assert sheet is not None
    sheet.append(["a"])
    sheet.append([date(2026, 1, 31)])
    sheet.append([date(1904, 1, 2)])
    assert [row["a"] for row in converted(saved(book), filename="a.xlsx").rows] == [date(2026, 1, 31), date(1904, 1, 2)]


def test_dates_that_the_file_has_as_text_are_dates() -> None:
    book = openpyxl.Workbook()
    book.iso_dates = True
    sheet = book.active
    assert sheet is not None
    sheet.append(["a", "b"])
    sheet.append([date(2026, 1, 31), datetime(2026, 1, 31, 10, 30)])  # noqa: DTZ001
    (row,) = converted(saved(book), filename="a.xlsx").rows
    assert row == {"a": date(2026, 1, 31), "b": datetime(2026, 1, 31, 10, 30)}  # noqa: DTZ001


def test_texts_are_kept_exactly() -> None:
    texts = ["007", " 7 ", "1e5", "NA", "true x", "a\tb", "_x000D_"[:3], "🙂", '"', "\\", "<&>", "x" * 32_767, "=1+1"]
    data = workbook(["a"], *([text] for text in texts), then=lambda sheet: setattr(sheet["A14"], "data_type", "s"))
    assert [row["a"] for row in converted(data, filename="a.xlsx").rows] == texts


def test_characters_that_xml_cannot_hold_are_unescaped() -> None:
    data = edited(
        shared(["a"], ["before"]),
        "xl/sharedStrings.xml",
        lambda xml: xml.replace("before", "a_x000D_b_x005F_x0041_ _xD800_"),
    )
    assert [row["a"] for row in converted(data, filename="a.xlsx").rows] == ["a\rb_x0041_ _xD800_"]


def test_runs_of_rich_text_are_one_text_without_their_pronunciation() -> None:
    rich = CellRichText("a ", TextBlock(InlineFont(b=True), "bold"), " end")
    assert column(rich) == ["a bold end"]
    data = edited(
        shared(["a"], ["課"]),
        "xl/sharedStrings.xml",
        lambda xml: xml.replace("<t>課</t>", '<r><t>課</t></r><rPh sb="0" eb="1"><t>カ</t></rPh>'),
    )
    assert [row["a"] for row in converted(data, filename="a.xlsx").rows] == ["課"]


def test_a_cell_with_the_empty_text_is_empty() -> None:
    data = shared(["a"], [1], ["gone"])
    data = edited(data, "xl/sharedStrings.xml", lambda xml: xml.replace("gone", ""))
    assert [row["a"] for row in converted(data, filename="a.xlsx").rows] == [1]


def test_elements_may_have_a_prefix() -> None:
    def prefixed(xml: str) -> str:
        xml = re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", xml)
        return xml.replace('xmlns="', 'xmlns:x="')

    data = shared(["a"], ["text"], [2])
    for name in (SHEET, "xl/sharedStrings.xml", "xl/styles.xml"):
        data = edited(data, name, prefixed)
    assert [row["a"] for row in converted(data, filename="a.xlsx").rows] == ["text", "2"]


def test_rows_and_cells_without_a_place_follow_one_another() -> None:
    data = edited(workbook(["a", "b"], [1, 2]), SHEET, lambda xml: re.sub(r' r="[A-Z]*[0-9]+"', "", xml))
    assert converted(data, filename="a.xlsx").rows == [{"a": 1, "b": 2}]


# --- rows and columns ------------------------------------------------------------------------------------------------


def test_blank_rows_between_others_are_rows_and_those_at_the_end_are_none() -> None:
    def far(sheet: Worksheet) -> None:
        sheet["A900"].number_format = "0.00"
        sheet["Z900"].number_format = "0.00"

    result = converted(workbook(["a", "b"], [1, 2], [], [], [3, None], then=far), filename="a.xlsx")
    assert [row["a"] for row in result.rows] == [1, None, None, 3]
    assert result.lines == [2, 3, 4, 5]
    (finding,) = result.report.findings
    assert (finding.code, finding.severity, finding.lines) == ("blank_rows", Severity.WARNING, (3, 4))


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["Sample Number"], [1]], "special_characters"),
        ([["a", None, "c"], [1, 2, 3]], "empty_column_name"),
        ([["a"], [1, None, 3]], "empty_column_name"),
        ([["a", "A"], [1, 2]], "duplicate_column_names"),
        ([["extraction_timestamp"], [1]], "reserved_column_name"),
        ([[1, 2], [3, 4]], "no_column_names"),
        ([[], ["a"], [1]], "no_column_names"),
        ([["a"]], "no_rows"),
        ([], "empty_file"),
    ],
)
def test_the_first_row_obeys_the_rules_of_a_header(rows: list[list[Any]], code: str) -> None:
    assert codes(workbook(*rows)) == [code]


def test_merged_cells_are_pointed_out() -> None:
    data = workbook(["a", "b"], [1, None], [None, 2], then=lambda sheet: sheet.merge_cells("A2:B2"))
    (finding,) = check(InMemory(data), filename="a.xlsx").findings
    assert (finding.code, finding.severity, finding.details["cells"]) == ("merged_cells", Severity.WARNING, ["A2:B2"])


def test_a_number_that_is_shown_with_leading_zeros_is_pointed_out() -> None:
    data = workbook(["a"], [123], [12345], then=lambda sheet: setattr(sheet["A2"], "number_format", "00000"))
    (finding,) = check(InMemory(data), filename="a.xlsx").findings
    assert (finding.code, finding.lines) == ("leading_zeros_shown", (2,))


# --- formulas and errors ---------------------------------------------------------------------------------------------


def with_formula(formula: str, result: object) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_row(1, 0, [1])
        sheet.write_formula(1, 1, formula, None, result)
        sheet.write_row(2, 0, [2, 3])
    return stream.getvalue()


def test_a_formula_is_its_result() -> None:
    assert converted(with_formula("=A2+1", 2), filename="a.xlsx").rows == [{"a": 1, "b": 2}, {"a": 2, "b": 3}]
    assert converted(with_formula('="x"', "x"), filename="a.xlsx").rows[0] == {"a": 1, "b": "x"}
    assert converted(with_formula("=A2>0", True), filename="a.xlsx").rows[0] == {"a": 1, "b": "true"}


def test_the_empty_result_of_a_formula_is_an_empty_cell() -> None:
    data = edited(with_formula('=""', "x"), SHEET, lambda xml: xml.replace("<v>x</v>", "<v></v>"))
    assert converted(data, filename="a.xlsx").rows[0] == {"a": 1, "b": None}


def test_a_formula_that_nothing_calculated_is_refused() -> None:
    (finding,) = check(InMemory(workbook(["a"], [1], ["=A2+1"])), filename="a.xlsx").findings
    assert (finding.code, finding.lines, finding.details["cells"]) == ("formula_without_value", (3,), ["A3"])


def test_not_available_is_null_and_every_other_error_refused() -> None:
    result = converted(with_formula("=NA()", "#N/A"), filename="a.xlsx")
    assert [row["b"] for row in result.rows] == [None, 3]
    assert [(finding.code, finding.lines) for finding in result.report.findings] == [("not_available_cells", (2,))]
    for error in ("#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"):
        (finding,) = check(InMemory(with_formula("=1/0", error)), filename="a.xlsx").findings
        assert (finding.code, finding.examples, finding.details["cells"]) == ("error_cells", (error,), ["B2"])


def test_a_last_row_of_nothing_but_not_available_is_a_row() -> None:
    data = edited(with_formula("=NA()", "#N/A"), SHEET, lambda xml: re.sub(r'<row r="3".*?</row>', "", xml))
    data = edited(data, SHEET, lambda xml: xml.replace('<c r="A2"><v>1</v></c>', ""))
    assert check(InMemory(data), filename="a.xlsx").rows == 1


# --- sheets ----------------------------------------------------------------------------------------------------------


def book_of(**sheets: str) -> bytes:
    """A workbook with sheets of one column called like themselves; `hidden` hides one."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, state in sheets.items():
        sheet = book.create_sheet(name)
        if state != "empty":
            sheet.append([name])
            sheet.append([1])
            sheet.sheet_state = state
    return saved(book)


def test_one_sheet_with_values_is_read_and_others_told() -> None:
    result = converted(book_of(Notes="hidden", Data="visible", Sheet3="empty"), filename="a.xlsx")
    assert result.rows == [{"data": 1}]
    (finding,) = result.report.findings
    assert (finding.code, finding.details) == ("other_sheets", {"read": "Data", "sheets": ["Notes"]})


def test_several_sheets_must_be_chosen_from_by_name() -> None:
    data = book_of(One="visible", Two="visible", Three="hidden")
    (finding,) = check(InMemory(data), filename="a.xlsx").findings
    assert (finding.code, finding.details["sheets"]) == ("choose_sheet", ["One", "Two", "Three"])
    for name, found in (("Two", "two"), ("three", "three")):
        result = converted(data, filename="a.xlsx", options=ReadingOptions(sheet=name))
        assert result.rows == [{found: 1}]
    (finding,) = check(InMemory(data), filename="a.xlsx", options=ReadingOptions(sheet="Four")).findings
    assert (finding.code, finding.details["asked"]) == ("sheet_not_found", "Four")


def test_many_names_for_one_large_empty_sheet_are_stopped() -> None:
    rows = '<row><c s="0"/></row>' * 50_000
    sheet = f"<sheetData>{rows}</sheetData>"
    data = edited(shared(["a"], [1]), SHEET, lambda xml: re.sub("<sheetData>.*</sheetData>", sheet, xml))
    data = edited(data, "xl/workbook.xml", lambda xml: re.sub(r"(<sheet .*?/>)", lambda match: match[1] * 1000, xml))
    report = check(InMemory(data), filename="a.xlsx", limits=Limits(50_000_000, ratio=20, free_bytes=5_000_000))
    assert [finding.code for finding in report.findings] == ["unpacks_too_large"]


# --- what is no workbook ---------------------------------------------------------------------------------------------

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000_000)


def test_what_is_no_workbook_is_named() -> None:
    assert codes(b"a,b\n1,2\n") == ["damaged_file"]
    assert codes(OLE + "Workbook".encode("utf-16-le")) == ["spreadsheet_format"]
    assert codes(OLE + "EncryptedPackage".encode("utf-16-le") + bytes(99)) == ["encrypted_file"]
    for inside, code in (("xl/workbook.bin", "spreadsheet_format"), ("other.txt", "damaged_file")):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr(inside, b"x")
        assert codes(stream.getvalue()) == [code]


def test_a_cut_off_or_broken_workbook_is_refused() -> None:
    data = shared(["a"], [1])
    for length in range(1, len(data), 97):
        assert codes(data[:length]) == ["damaged_file"]
    data = edited(data, SHEET, lambda xml: xml.replace('<c r="A2">', '<c r="A2" t="n">'))
    for broken in (
        lambda xml: xml[:-20],
        lambda xml: xml.replace('r="2"', 'r="1"'),
        lambda xml: xml.replace('r="A2"', 'r="XFE2"'),
        lambda xml: xml.replace("<v>0</v>", "<v>9</v>"),
        lambda xml: xml.replace('t="n"', 't="z"'),
        lambda xml: '<!DOCTYPE x [<!ENTITY e "1">]>' + xml.partition("?>")[2],
    ):
        assert codes(edited(data, SHEET, broken)) == ["damaged_file"]


def test_a_workbook_that_unpacks_to_too_much_is_refused_whatever_part_of_it_is_large() -> None:
    small = Limits(unpacked_bytes=50_000_000, ratio=20, free_bytes=1_000_000, memory_bytes=2_000_000)
    one = shared(["a"], [1])
    texts = shared(["a"], ["x"])
    wide = workbook([f"column_{at}" for at in range(50)], [1])
    row = "<row><c><v>1</v></c></row>"
    for data, name, edit, code in (
        (one, SHEET, lambda xml: xml.replace("</sheetData>", row * 400_000 + "</sheetData>"), "unpacks_too_large"),
        (
            texts,
            "xl/sharedStrings.xml",
            lambda xml: xml.replace("</sst>", "<si><t>y</t></si>" * 200_000 + "</sst>"),
            "unpacks_too_large",
        ),
        (wide, SHEET, lambda xml: re.sub(r'r="(A?)2"', r'r="\g<1>1000000"', xml), "unpacks_too_large"),
        (one, SHEET, lambda xml: xml.replace("<v>1</v>", "<v>" + "1" * 4_000_000 + "</v>"), "unpacks_too_large"),
    ):
        report = check(InMemory(edited(data, name, edit)), filename="a.xlsx", limits=small)
        assert [finding.code for finding in report.findings] == [code]
    long = edited(one, SHEET, lambda xml: xml.replace("<v>1</v>", "<v>" + "1" * 4_000_000 + "</v>"))
    assert codes(long) == ["damaged_file"]


# --- the truth -------------------------------------------------------------------------------------------------------

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(-1e300, 1e300, allow_subnormal=False),
    st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=20).filter(
        lambda text: not text.startswith("=")
    ),
    st.dates(date(1900, 3, 1)),
    st.datetimes(datetime(1900, 3, 1), datetime(9999, 12, 30)).map(  # noqa: DTZ001
        lambda each: each.replace(microsecond=each.microsecond // 1000 * 1000)
    ),
    st.times().map(lambda each: each.replace(microsecond=0)),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=6), st.sampled_from((workbook, shared)))
def test_every_cell_is_what_another_reader_reads(rows: list[tuple[Any, Any, Any]], write: Callable[..., bytes]) -> None:
    rows = [*rows, ("end", "end", "end")]  # all columns are text, and text is printed exactly
    data = write(["a", "b", "c"], *rows)
    result = converted(data, filename="a.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(data), data_only=True).active
    assert sheet is not None
    there = [[printed(value) for value in row] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert [list(row.values()) for row in result.rows] == there


def printed(value: Any) -> str | None:
    text = str(value)
    match value:
        case None | "":
            return None
        case bool():
            text = text.lower()
        case float():
            text = str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
        case datetime():
            rest = value - datetime.combine(value.date(), time())
            text = f"{value.date()} {clock(rest)}" if rest else str(value.date())
        case time():
            text = clock(timedelta(hours=value.hour, minutes=value.minute, seconds=value.second))
    return text


def clock(rest: timedelta) -> str:
    moment = datetime(2000, 1, 1, tzinfo=UTC) + rest
    return f"{moment:%H:%M:%S}" + (f".{moment.microsecond // 1000:03}" if moment.microsecond else "")


def test_a_report_of_a_workbook_travels() -> None:
    assert checked(workbook(["a"], [1]), filename="a.xlsx").container is not None


def test_options_that_do_nothing_for_a_workbook_are_named_and_its_sheet_does_something() -> None:
    data = workbook(["code", "n"], [7, 1])
    name = openpyxl.load_workbook(io.BytesIO(data)).sheetnames[0]
    chosen = ReadingOptions(sheet=name, text_columns=("code",))
    assert converted(data, filename="a.xlsx", options=chosen).report.findings == ()
    (finding,) = checked(data, filename="a.xlsx", options=replace(chosen, delimiter=";", null_words=())).findings
    assert (finding.code, finding.severity) == ("option_not_used", Severity.WARNING)
    assert finding.details == {"options": ["delimiter", "null_words"], "format": "xlsx"}
    assert "a delimiter and words for missing values, which do nothing for an Excel workbook" in finding.message
