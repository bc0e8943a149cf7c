"""When a file looks as if it belonged to another table."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from include.domain.file_findings import MAX_LISTED
from include.domain.findings import Finding, Severity
from include.domain.wrong_table import UNLIKE, columns_unlike_table, differences, fingerprint, listed, sentences, told

VISITS = ("visit_id", "prison", "visited_on", "visitors")
NAMES = st.lists(st.sampled_from([f"c{number}" for number in range(12)]), unique=True)


def test_the_differences_name_what_is_new_missing_and_shared_each_in_its_own_order() -> None:
    found = differences(("late", "VISITORS", "cancelled", "prison"), VISITS)
    assert found.new == ("late", "cancelled")
    assert found.missing == ("visit_id", "visited_on")
    assert found.shared == ("prison", "visitors")
    assert not found.unlike


def test_a_file_of_the_tables_own_columns_is_like_it_in_any_order_and_case() -> None:
    found = differences(("Visitors", "visited_on", "PRISON", "visit_id"), VISITS)
    assert not found
    assert not found.unlike


def test_a_file_with_none_of_the_columns_is_unlike() -> None:
    assert differences(("species", "island"), VISITS).unlike


def test_a_file_that_would_add_mostly_new_columns_is_unlike_though_it_has_all_of_a_small_table() -> None:
    assert differences(("id", "name", "born_on", "town"), ("id",)).unlike


def test_a_file_with_a_few_everyday_columns_of_a_wide_table_is_unlike() -> None:
    wide = ("id", "date", *(f"measure_{number}" for number in range(28)))
    assert differences(("id", "date"), wide).unlike


def test_a_file_with_half_of_the_columns_is_like_and_with_fewer_it_is_not() -> None:
    assert not differences(VISITS[:2], VISITS).unlike
    assert differences(VISITS[:1], VISITS).unlike


def test_tables_of_one_column() -> None:
    assert not differences(("amount",), ("amount",)).unlike
    assert not differences(("amount", "paid_on"), ("amount",)).unlike
    assert differences(("price",), ("amount",)).unlike


def test_a_table_that_grows_by_a_column_each_month_stays_like_its_files() -> None:
    table: tuple[str, ...] = ("id",)
    for month in range(60):
        file = (*table, f"month_{month}")
        assert not differences(file, table).unlike
        table = file


def test_a_table_that_has_outgrown_its_files_is_like_one_that_came_before() -> None:
    formats = [tuple(f"{name}_{version}" for name in "abcd") for version in range(3)]
    table = [name for columns in formats for name in columns]
    assert differences(formats[2], table).unlike
    assert not differences(formats[2], table, earlier=formats).unlike
    assert differences(("a_0", "b_1", "c_2"), table, earlier=formats).unlike


def test_nothing_is_unlike_a_table_that_is_not_there_and_what_is_not_known_is_unlike_nothing() -> None:
    assert not differences(VISITS, ()).unlike
    assert not differences((), VISITS).unlike
    assert differences(VISITS, ("x",), earlier=[()]).unlike


@given(NAMES, NAMES)
def test_the_columns_are_divided_among_new_missing_and_shared(file: list[str], table: list[str]) -> None:
    found = differences(file, table)
    assert sorted((*found.new, *found.shared)) == sorted(file)
    assert sorted((*found.missing, *found.shared)) == sorted(table)


@given(NAMES, NAMES)
def test_being_unlike_is_the_same_from_both_sides(file: list[str], table: list[str]) -> None:
    assert differences(file, table).unlike == differences(table, file).unlike


@given(NAMES, NAMES, st.lists(NAMES, max_size=3))
def test_an_earlier_file_never_makes_a_file_unlike(file: list[str], table: list[str], earlier: list[list[str]]) -> None:
    assert differences(file, table, earlier=earlier).unlike <= differences(file, table).unlike
    assert not differences(file, table, earlier=[*earlier, file]).unlike


@given(NAMES, NAMES)
def test_once_a_file_is_in_its_table_a_copy_of_it_is_not_unlike_a_table_of_at_most_twice_its_columns(
    file: list[str], table: list[str]
) -> None:
    union = [*table, *(name for name in file if name not in table)]
    assert differences(file, union).unlike == (bool(file) and 2 * len(file) < len(union))


def test_the_differences_are_said_in_sentences() -> None:
    assert sentences(differences(("prison", "late"), VISITS)) == (
        "The file has 1 of the table's 4 columns.",
        "The table does not have 1 column of the file: late.",
        "The file does not have 3 columns of the table: visit_id, visited_on, visitors.",
    )
    assert sentences(differences(VISITS, VISITS)) == ("The file has 4 of the table's 4 columns.",)


def test_a_long_list_of_names_is_cut_and_counted() -> None:
    many = [f"c{number}" for number in range(MAX_LISTED + 5)]
    assert listed(many).endswith(f"c{MAX_LISTED - 1} and 5 more")


def test_a_set_of_columns_is_known_again_in_any_order_and_case() -> None:
    assert fingerprint(("id", "Name")) == fingerprint(("NAME", "id"))
    assert len({fingerprint(each) for each in (("id",), ("id", "name"), ("idname",), ())}) == 4


def test_the_finding_refuses_the_file_and_says_how_to_confirm() -> None:
    found = differences(("species", "prison"), (*VISITS, "late"))
    finding = columns_unlike_table(found)
    assert (finding.code, finding.severity) == (UNLIKE, Severity.ERROR)
    assert told(Finding.from_dict(finding.as_dict())) == found
    assert sorted(found.file) == ["prison", "species"]
    assert "--confirm" in finding.message
    assert "another table" in finding.message


def test_the_fingerprint_of_one_name_with_a_line_feed_is_not_that_of_two_names() -> None:
    assert fingerprint(["a\nb"]) != fingerprint(["a", "b"])
    assert fingerprint(["B", "a"]) == fingerprint(["a", "b"])
    assert len(fingerprint(["\ud800"])) == 64
