"""A small file, and for each expectation arguments that hold of it and arguments that do not."""

from __future__ import annotations

from typing import Any

ROWS = 6
COLUMNS: dict[str, list[Any]] = {
    "id": [1, 2, 3, 4, 5, 5],
    "code": ["a1", "b2", "c3", "d4", "e5", None],
    "low": [1.5, 2.5, 3.5, 4.5, 5.5, 6.5],
    "high": [2.5, 3.5, 4.5, 5.5, 6.5, 6.5],
    "mixed": ["1", "2", "3", "4", "5", "six"],
    "file_row_number": [0, 0, 0, 0, 0, 0],
    "inside": [{"a": 1}] * 6,
}
HEADER = ["ID", "Code", "low", "high", "mixed", "file_row_number", "inside", "empty"]
FIRST_LINE = 2

# For each expectation: arguments that hold of the file, arguments that do not, and the lines where they do not.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[int, ...]]] = {
    "expect_table_row_count_to_be_between": ({"min_value": 1}, {"min_value": 7}, ()),
    "expect_table_row_count_to_equal": ({"value": 6}, {"value": 7}, ()),
    "expect_column_to_exist": ({"column": "empty"}, {"column": "gone"}, ()),
    "expect_column_values_to_not_be_null": ({"column": "id"}, {"column": "code"}, (7,)),
    "expect_column_values_to_be_null": ({"column": "empty"}, {"column": "code"}, (2, 3, 4, 5, 6)),
    "expect_column_values_to_be_between": (
        {"column": "id", "min_value": 1, "max_value": 5},
        {"column": "id", "min_value": 2, "max_value": 5, "strict_min": True},
        (2, 3),
    ),
    "expect_column_values_to_be_in_set": (
        {"column": "code", "value_set": ["a1", "b2", "c3", "d4", "e5"]},
        {"column": "code", "value_set": ["a1", "b2", "c3", "d4"]},
        (6,),
    ),
    "expect_column_values_to_not_be_in_set": (
        {"column": "code", "value_set": ["x"]},
        {"column": "code", "value_set": ["b2"]},
        (3,),
    ),
    "expect_column_values_to_be_unique": ({"column": "code"}, {"column": "id"}, (6, 7)),
    "expect_column_values_to_match_regex": (
        {"column": "code", "regex": "^[a-e][1-5]$"},
        {"column": "code", "regex": "^[a-d]"},
        (6,),
    ),
    "expect_column_values_to_not_match_regex": (
        {"column": "code", "regex": "x"},
        {"column": "id", "regex": "^[45]$"},
        (5, 6, 7),
    ),
    "expect_column_value_lengths_to_be_between": (
        {"column": "mixed", "max_value": 3},
        {"column": "mixed", "max_value": 2},
        (7,),
    ),
    "expect_column_value_lengths_to_equal": ({"column": "code", "value": 2}, {"column": "mixed", "value": 1}, (7,)),
    "expect_column_min_to_be_between": ({"column": "id", "min_value": 1}, {"column": "id", "min_value": 2}, ()),
    "expect_column_max_to_be_between": ({"column": "id", "max_value": 5}, {"column": "id", "max_value": 4}, ()),
    "expect_column_mean_to_be_between": ({"column": "low", "max_value": 4}, {"column": "low", "max_value": 3}, ()),
    "expect_column_median_to_be_between": ({"column": "low", "max_value": 4}, {"column": "low", "max_value": 3}, ()),
    "expect_column_stdev_to_be_between": ({"column": "low", "max_value": 2}, {"column": "low", "max_value": 1}, ()),
    "expect_column_sum_to_be_between": ({"column": "id", "max_value": 20}, {"column": "id", "max_value": 19}, ()),
    "expect_column_unique_value_count_to_be_between": (
        {"column": "id", "min_value": 5},
        {"column": "id", "min_value": 6},
        (),
    ),
    "expect_column_proportion_of_unique_values_to_be_between": (
        {"column": "code", "min_value": 1},
        {"column": "id", "min_value": 1},
        (),
    ),
    "expect_column_distinct_values_to_be_in_set": (
        {"column": "id", "value_set": [1, 2, 3, 4, 5]},
        {"column": "id", "value_set": [1, 2, 3, 4]},
        (),
    ),
    "expect_column_distinct_values_to_contain_set": (
        {"column": "id", "value_set": [1]},
        {"column": "id", "value_set": [1, 9]},
        (),
    ),
    "expect_column_distinct_values_to_equal_set": (
        {"column": "id", "value_set": [1, 2, 3, 4, 5]},
        {"column": "id", "value_set": [1, 2, 3, 4, 5, 6]},
        (),
    ),
    "expect_column_pair_values_a_to_be_greater_than_b": (
        {"column_A": "high", "column_B": "low", "or_equal": True},
        {"column_A": "high", "column_B": "low"},
        (7,),
    ),
    "expect_column_pair_values_to_be_equal": (
        {"column_A": "id", "column_B": "id"},
        {"column_A": "low", "column_B": "high"},
        (2, 3, 4, 5, 6),
    ),
    "expect_compound_columns_to_be_unique": (
        {"column_list": ["id", "low"]},
        {"column_list": ["id", "file_row_number"]},
        (),
    ),
    "expect_multicolumn_sum_to_equal": (
        {"column_list": ["file_row_number", "file_row_number"], "sum_total": 0},
        {"column_list": ["low", "high"], "sum_total": 4},
        (3, 4, 5, 6, 7),
    ),
}
