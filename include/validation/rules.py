"""The expectations a suite may use, and each in words for a person: what it asks, and the finding it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Kwargs = dict[str, Any]


@dataclass(frozen=True)
class Rule:
    """One type of expectation that is known to run on our engine; a test runs each of them.

    Attributes:
        code: of the finding.
        title: of the finding.
        asks: what the rule asks, as a clause, from the expectation's arguments.
    """

    code: str
    title: str
    asks: Callable[[Kwargs], str]


def between(kwargs: Kwargs) -> str:
    """`between 1 and 5`, `at least 1`, `more than 1 and at most 5`."""
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    strict_low, strict_high = kwargs.get("strict_min"), kwargs.get("strict_max")
    if low is not None and high is not None and not strict_low and not strict_high:
        return f"exactly {low}" if low == high else f"between {low} and {high}"
    parts = []
    if low is not None:
        parts.append(f"{'more than' if strict_low else 'at least'} {low}")
    if high is not None:
        parts.append(f"{'less than' if strict_high else 'at most'} {high}")
    return " and ".join(parts) or "anything"


def one_of(kwargs: Kwargs) -> str:
    """The allowed values, the first ten of them."""
    values = [str(value) for value in kwargs.get("value_set", ())]
    more = f" and {len(values) - 10} more" if len(values) > 10 else ""  # noqa: PLR2004
    return ", ".join(values[:10]) + more


def _share(clause: Callable[[Kwargs], str]) -> Callable[[Kwargs], str]:
    """The clause of a rule about every row, with the share of rows it must hold for."""

    def asks(kwargs: Kwargs) -> str:
        mostly = kwargs.get("mostly", 1)
        return clause(kwargs) + (f" (in at least {mostly:.10g} of the rows)" if mostly != 1 else "")

    return asks


def _columns(kwargs: Kwargs) -> str:
    return ", ".join(kwargs.get("column_list", ()))


def _aggregate(code: str, what: str) -> Rule:
    return Rule(code, f"The {what} of a column is not as expected", lambda kwargs: f"the {what} is {between(kwargs)}")


HEADER_RULES = {
    "expect_column_names_to_be_plain": Rule(
        "special_characters",
        "Column names contain special characters",
        lambda _: "column names have only letters A to Z, digits and underscores, at most 255 of them",
    ),
    "expect_column_names_to_be_unique_without_case": Rule(
        "duplicate_columns",
        "Column names occur more than once",
        lambda _: "column names differ in more than upper and lower case",
    ),
    "expect_column_names_not_to_be_reserved": Rule(
        "reserved_column",
        "A column name is reserved",
        lambda _: "no column may be called extraction_timestamp, which the service adds itself",
    ),
}
"""Our own expectations: about the names in the file, which are given to them when the suite runs."""

RULES: dict[str, Rule] = {
    **HEADER_RULES,
    "expect_table_row_count_to_be_between": Rule(
        "row_count", "The number of rows is not as expected", lambda kwargs: f"the number of rows is {between(kwargs)}"
    ),
    "expect_table_row_count_to_equal": Rule(
        "row_count", "The number of rows is not as expected", lambda kwargs: f"the number of rows is {kwargs['value']}"
    ),
    "expect_column_to_exist": Rule(
        "missing_column", "A column is missing", lambda kwargs: f"there is a column {kwargs['column']}"
    ),
    "expect_column_values_to_not_be_null": Rule(
        "missing_values", "Values are missing", _share(lambda _: "every row has a value")
    ),
    "expect_column_values_to_be_null": Rule(
        "values_not_missing", "Values are where there should be none", _share(lambda _: "no row has a value")
    ),
    "expect_column_values_to_be_between": Rule(
        "values_out_of_range", "Values are out of range", _share(lambda kwargs: f"every value is {between(kwargs)}")
    ),
    "expect_column_values_to_be_in_set": Rule(
        "values_not_in_list",
        "Values are not in the list of permitted ones",
        _share(lambda kwargs: f"every value is one of: {one_of(kwargs)}"),
    ),
    "expect_column_values_to_not_be_in_set": Rule(
        "values_forbidden",
        "Values are in the list of forbidden ones",
        _share(lambda kwargs: f"no value is one of: {one_of(kwargs)}"),
    ),
    "expect_column_values_to_be_unique": Rule(
        "values_not_unique", "Values occur more than once", _share(lambda _: "no value occurs twice")
    ),
    "expect_column_values_to_match_regex": Rule(
        "values_not_in_pattern",
        "Values do not have the expected form",
        _share(lambda kwargs: f"every value matches the pattern {kwargs['regex']}"),
    ),
    "expect_column_values_to_not_match_regex": Rule(
        "values_in_pattern",
        "Values have a form that is not permitted",
        _share(lambda kwargs: f"no value matches the pattern {kwargs['regex']}"),
    ),
    "expect_column_value_lengths_to_be_between": Rule(
        "value_lengths",
        "Values are too short or too long",
        _share(lambda kwargs: f"every value has {between(kwargs)} characters"),
    ),
    "expect_column_value_lengths_to_equal": Rule(
        "value_lengths",
        "Values are too short or too long",
        _share(lambda kwargs: f"every value has {kwargs['value']} characters"),
    ),
    "expect_column_min_to_be_between": _aggregate("column_minimum", "smallest value"),
    "expect_column_max_to_be_between": _aggregate("column_maximum", "largest value"),
    "expect_column_mean_to_be_between": _aggregate("column_mean", "mean"),
    "expect_column_median_to_be_between": _aggregate("column_median", "median"),
    "expect_column_stdev_to_be_between": _aggregate("column_deviation", "standard deviation"),
    "expect_column_sum_to_be_between": _aggregate("column_sum", "sum"),
    "expect_column_unique_value_count_to_be_between": _aggregate("column_distinct", "number of different values"),
    "expect_column_proportion_of_unique_values_to_be_between": _aggregate("column_distinct", "share of unique values"),
    "expect_column_distinct_values_to_be_in_set": Rule(
        "values_not_in_list",
        "Values are not in the list of permitted ones",
        lambda kwargs: f"every value is one of: {one_of(kwargs)}",
    ),
    "expect_column_distinct_values_to_contain_set": Rule(
        "values_absent", "Expected values do not occur", lambda kwargs: f"all of these occur: {one_of(kwargs)}"
    ),
    "expect_column_distinct_values_to_equal_set": Rule(
        "values_not_as_listed",
        "The values are not exactly the expected ones",
        lambda kwargs: f"these occur and no others: {one_of(kwargs)}",
    ),
    "expect_column_pair_values_a_to_be_greater_than_b": Rule(
        "columns_out_of_order",
        "Values of two columns are not in order",
        _share(lambda kwargs: f"{kwargs['column_A']} is greater than {kwargs['column_B']} in every row"),
    ),
    "expect_column_pair_values_to_be_equal": Rule(
        "columns_differ",
        "Values of two columns differ",
        _share(lambda kwargs: f"{kwargs['column_A']} and {kwargs['column_B']} are equal in every row"),
    ),
    "expect_compound_columns_to_be_unique": Rule(
        "rows_not_unique",
        "Rows occur more than once",
        _share(lambda kwargs: f"no two rows have the same values in {_columns(kwargs)}"),
    ),
    "expect_multicolumn_sum_to_equal": Rule(
        "columns_do_not_add_up",
        "Columns do not add up",
        _share(lambda kwargs: f"{_columns(kwargs)} add up to {kwargs['sum_total']} in every row"),
    ),
}
