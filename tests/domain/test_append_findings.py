"""What people are told of columns that an upload adds to its table, or makes wider there."""

from __future__ import annotations

from include.domain.append_findings import Changes, Misfit, changes_of, is_told, tell
from include.domain.column_types import BigInt, Date, Null, String
from include.domain.evidence import NOTHING, of_json_number, of_text
from include.domain.findings import Severity
from include.domain.table_schema import Column, TableSchema

TABLE = TableSchema((Column("a", of_text("1")), Column("b", of_text("x")), Column("c", NOTHING)))


def file_of(**texts: str) -> TableSchema:
    return TableSchema(tuple(Column(name, of_text(text)) for name, text in texts.items()))


def test_a_file_that_makes_its_table_changes_nothing() -> None:
    assert not changes_of(TableSchema(), file_of(a="1"))


def test_a_file_that_fits_changes_nothing_though_columns_are_missing() -> None:
    assert not changes_of(TABLE, file_of(b="2", a=""))


def test_columns_are_added_made_wider_and_given_their_first_type() -> None:
    assert changes_of(TABLE, file_of(d="", a="x", c="2026-01-31", e="1")) == Changes(
        added={"d": Null(), "e": BigInt()}, widened={"a": (BigInt(), String()), "c": (Null(), Date())}
    )


def test_added_columns_are_one_finding_and_each_that_becomes_wider_is_one() -> None:
    changes = changes_of(TABLE, file_of(d="", a="x", c="2026-01-31", e="1"))
    added, widened, first = tell(changes, {"a": Misfit(7, "x"), "c": Misfit(2, "2026-01-31")})
    assert {added.severity, widened.severity, first.severity} == {Severity.WARNING}
    assert (added.code, added.column, added.details) == (
        "adds_columns",
        None,
        {"columns": [{"column": "d", "type": "null"}, {"column": "e", "type": "bigint"}]},
    )
    assert "does not have these 2 columns: d, e. Publishing this file adds them" in added.message
    assert (widened.code, widened.column, widened.lines, widened.examples) == ("widens_columns", "a", (7,), ("x",))
    assert widened.details == {"from": "bigint", "to": "string"}
    assert "bigint" in widened.message
    assert "line 7" in widened.message
    assert first.title == "The file gives a column its first type"
    assert first.details == {"from": "null", "to": "date"}


def test_one_added_column_is_named_as_the_findings_column() -> None:
    (added,) = tell(Changes(added={"d": BigInt()}), {})
    assert added.column == "d"
    assert added.title == "The file adds a column to the table"
    assert added.message.startswith("The table does not have the column d. Publishing this file adds it; in earlier")


def test_no_message_quotes_a_value_and_a_long_one_is_cut() -> None:
    changes = Changes(widened={"a": (BigInt(), String())})
    (finding,) = tell(changes, {"a": Misfit(7, "secret" * 100, "[].b")})
    assert "secret" not in finding.title + finding.message
    assert finding.details["path"] == "a[].b"
    assert finding.examples == (("secret" * 100)[:200] + "…",)


def test_a_value_that_was_not_looked_for_leaves_the_rest_of_the_finding() -> None:
    (finding,) = tell(Changes(widened={"a": (BigInt(), String())}), {})
    assert (finding.lines, finding.examples) == ((), ())
    assert "a value of this file" in finding.message


def test_findings_tell_changes_wherever_they_were_found() -> None:
    changes = changes_of(TABLE, file_of(a="x", e="1"))
    assert is_told(changes, tell(changes, {"a": Misfit(7, "x")}))
    assert not is_told(changes, ())
    assert not is_told(Changes(), tell(changes, {}))
    assert not is_told(changes_of(TABLE, file_of(a="1.5", e="1")), tell(changes, {}))
    wider = TABLE.union(TableSchema((Column("a", of_json_number("1.5")),)))
    assert not is_told(changes_of(wider, file_of(a="x", e="1")), tell(changes, {}))
