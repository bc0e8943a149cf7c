"""What may be written in a suite, and which files make up the suite of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from include.domain.errors import Terminal
from include.domain.names import check_database_name, check_table_name
from include.validation.rules import RULES
from include.validation.suite import DEFAULT, SUITES, read_suite, suite_of

if TYPE_CHECKING:
    from pathlib import Path

FILES = sorted(SUITES.rglob("*.yaml"))


def written(path: Path, *expectations: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"name": "test", "expectations": list(expectations)}))
    return path


NOT_NULL = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "id"}}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SUITES)))
def test_every_suite_in_the_folder_loads(path: Path) -> None:
    assert read_suite(path).expectations


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SUITES)))
def test_every_suite_in_the_folder_is_where_a_table_finds_it(path: Path) -> None:
    place = path.relative_to(SUITES)
    if str(place) == DEFAULT:
        return
    database, file = place.parts
    assert check_database_name(database, env="preprod") == database
    assert check_table_name(file.removesuffix(".yaml"))


def test_a_type_that_does_not_run_here_is_refused_with_what_may_be_meant(tmp_path: Path) -> None:
    path = written(tmp_path / "suite.yaml", {**NOT_NULL, "type": "expect_column_values_to_not_be_nul"})

    with pytest.raises(Terminal) as refused:
        read_suite(path)

    assert refused.value.code == "bad_suite"
    assert "expect_column_values_to_not_be_null" in refused.value.detail


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        ({"severity": "error"}, "severity"),
        ({"kwargs": {"column": "id", "row_condition": "id > 1"}}, "row_condition"),
        ({"kwargs": {"column": "id", "header": ["id"]}}, "header"),
        ({"kwargs": {"column": "ID"}}, "lower case"),
        ({"kwargs": {"column": "id", "regex": "(?=x)"}}, "regex"),
        ({"kwargs": {"column": "id", "regex": "(a)\\1"}}, "regex"),
        ({"kwargs": {"column": "id", "regex": 5}}, "regex"),
        ({"meta": {"tilte": "x"}}, "tilte"),
        ({"sevrity": "info"}, "sevrity"),
    ],
)
def test_a_fault_in_an_expectation_is_refused_with_its_place(tmp_path: Path, fault: dict[str, Any], word: str) -> None:
    path = written(tmp_path / "suite.yaml", {**NOT_NULL, **fault})

    with pytest.raises(Terminal) as refused:
        read_suite(path)

    assert "expectations.0" in refused.value.detail
    assert word in refused.value.detail


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "name: x\n", "name: x\nexpectations: {}\n", "a: [", "\x00"])
def test_what_is_not_a_suite_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "suite.yaml").write_text(text)

    with pytest.raises(Terminal) as refused:
        read_suite(tmp_path / "suite.yaml")

    assert refused.value.code == "bad_suite"


def test_a_table_without_a_suite_of_its_own_has_the_default_one() -> None:
    assert suite_of("visits", "visits") == read_suite(SUITES / DEFAULT)


def test_a_table_adds_to_the_default_suite(tmp_path: Path) -> None:
    written(tmp_path / DEFAULT, {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1}})
    written(tmp_path / "visits" / "visits.yaml", NOT_NULL)

    suite = suite_of("visits", "visits", suites=tmp_path)

    assert [each.type for each in suite.expectations] == [
        "expect_table_row_count_to_be_between",
        "expect_column_values_to_not_be_null",
    ]
    assert len(suite_of("visits", "others", suites=tmp_path).expectations) == 1


def test_names_that_are_paths_find_no_suite(tmp_path: Path) -> None:
    written(tmp_path / "suites" / DEFAULT)
    written(tmp_path / "elsewhere" / "visits.yaml", NOT_NULL)

    assert suite_of("../elsewhere", "visits", suites=tmp_path / "suites").expectations == ()


def test_the_default_suite_asks_for_a_row_and_for_good_names() -> None:
    assert {each.type for each in read_suite(SUITES / DEFAULT).expectations} == {
        "expect_table_row_count_to_be_between",
        "expect_column_names_to_be_plain",
        "expect_column_names_to_be_unique_without_case",
        "expect_column_names_not_to_be_reserved",
    }


def test_codes_of_findings_are_snake_case() -> None:
    assert all(rule.code.replace("_", "").isalpha() and rule.code.islower() for rule in RULES.values())
