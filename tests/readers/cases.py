"""Each kind of widening: the files of a table in the order they come, and what its columns become."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One table.

    Attributes:
        name: the table's.
        files: texts, each an upload; every row has an `id` of its own.
        becomes: Glue's words for the columns besides `id`, at the end.
        ending: of the files' names.
        untyped: the columns that no file has a value in: NULL throughout, null words too.
    """

    name: str
    files: tuple[str, ...]
    becomes: dict[str, str]
    ending: str = "csv"
    untyped: tuple[str, ...] = ()


def of_values(name: str, becomes: str, *files: tuple[str, ...]) -> Case:
    """CSV files of one column `v`; fields as they are written."""
    texts, number = [], 0
    for fields in files:
        rows = []
        for field in fields:
            number += 1
            rows.append(f"{number},{field}\n")
        texts.append("id,v\n" + "".join(rows))
    return Case(name, tuple(texts), {"v": becomes})


def of_json(name: str, becomes: str, *files: tuple[str, ...]) -> Case:
    """JSON Lines of one key `v`; values as they are written, nothing for a row without the key."""
    texts, number = [], 0
    for values in files:
        rows = []
        for value in values:
            number += 1
            rows.append(f'{{"id": {number}, "v": {value}}}\n' if value else f'{{"id": {number}}}\n')
        texts.append("".join(rows))
    return Case(name, tuple(texts), {"v": becomes}, ending="jsonl")


CASES = (
    of_values("bigint_to_double", "double", ("1", "", "-3", "9007199254740992"), ("0.5", "1e5", "-0.0"), ("7",)),
    of_values("bigint_to_decimal", "decimal(38,0)", ("1", "9223372036854775807", "NA"), ("9" * 38, "-" + "1" * 20)),
    of_values(
        "bigint_to_decimal_with_places", "decimal(38,19)", ("1", "-20"), ("0.1234567890123456789", "2.5"), ("3",)
    ),
    of_values("double_to_decimal", "decimal(38,19)", ("1.50", "-2.25", ""), ("0.1234567890123456789",)),
    of_values("decimal_of_more_places", "decimal(38,21)", ("0.1234567890123456789",), ("0.123456789012345678901", "1")),
    of_values("decimal_to_string", "string", ("9" * 38, "NULL"), ("9" * 39,)),
    of_values("double_to_string", "string", ("1.50", "1e5", "-0.0", "NA"), ('"1,000"',)),
    of_values("boolean_to_string", "string", ("true", "NA", "FALSE", "null", ""), ("yes",)),
    of_values("bigint_to_string_of_leading_zeros", "string", ("1", "10", "-5"), ("007",)),
    of_values("bigint_to_string_of_quoted_empties", "string", ("1", '""', "", '"2"'), ("x",)),
    of_values("date_to_timestamp", "timestamp", ("2026-01-31", "0001-01-01", ""), ("2026-02-01T10:20:30.123456",)),
    of_values("date_to_string", "string", ("2026-01-31", "NA", "9999-12-31"), ("31/01/2026",)),
    of_values("timestamp_to_string", "string", ("2026-01-31 10:00", "2026-01-31T10:00:00.5"), ("unknown",)),
    of_values("instant_stays_instant", "timestamp", ("2026-01-31T10:00Z",), ("2026-07-31T10:00:00+01:00", "")),
    of_values("instant_to_string", "string", ("2026-01-31T10:00Z", "2026-01-31T10:00+05:30"), ("2026-01-31T10:00",)),
    of_values("no_values_to_bigint", "bigint", ("", "NA", "NULL"), ("1", "")),
    of_values("no_values_to_string", "string", ("", "NA", '""', "nan"), ("x", "NA")),
    Case("no_values_at_all", ("id,v\n1,\n2,NA\n", "id,v\n3,\n"), {"v": "string"}, untyped=("v",)),
    of_json("empty_arrays_to_array", "array<bigint>", ("[]", "null", ""), ("[1, null, 2]", "[]")),
    of_json("array_of_wider_elements", "array<double>", ("[1, 2]", "[]"), ("[0.5, 7]",)),
    of_json("array_to_array_of_strings", "array<string>", ("[1, 20]", "[null]"), ('["x", "007"]',)),
    of_json("struct_gains_a_field", "struct<a:bigint,b:string>", ('{"a": 1}', "null"), ('{"b": "x", "a": 2}', "{}")),
    of_json(
        "field_within_struct_widens",
        "struct<a:struct<b:string,c:bigint>,d:date>",
        ('{"a": {"b": 1, "c": 5}, "d": "2026-01-31"}', '{"a": {"b": null}}', '{"a": null, "d": "2026-02-28"}'),
        ('{"a": {"b": "x"}}',),
    ),
    of_json(
        "field_within_array_of_structs_widens",
        "array<struct<a:double,b:boolean,c:array<string>>>",
        ('[{"a": 1, "b": true}, {"b": false}, null]', "[]"),
        ('[{"a": 2.5, "c": ["x"]}, {"c": []}]',),
    ),
    of_json("numbers_to_text_of_mixed_kinds", "string", ("1", "2.50", "null"), ('"x"', "true", '{"a":[1,"y"]}')),
    of_json("strings_of_dates_to_timestamps", "timestamp", ('"2026-01-31"', "null"), ('"2026-01-31T10:00:00.25"',)),
    Case(
        "columns_come_and_go",
        (
            "id,a,b,c\n1,1,x,2026-01-31\n2,2,NA,\n",
            "d,id,a\n0.5,3,7\n,4,8\n",
            "c,id,e\n2026-02-28T10:00,5,true\n",
        ),
        {"a": "bigint", "b": "string", "c": "timestamp", "d": "double", "e": "boolean"},
    ),
    Case(
        "everything_widens_at_once",
        ("id,a,b,c,d\n1,1,true,2026-01-31,\n2,NA,,NA,NA\n", "id,a,b,c,d,e\n3,0.5,yes,31/01/2026,1,new\n"),
        {"a": "double", "b": "string", "c": "string", "d": "bigint", "e": "string"},
    ),
)
