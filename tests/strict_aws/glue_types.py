"""The grammar of column types that Athena reads from Glue."""

from __future__ import annotations

import re

# https://docs.aws.amazon.com/athena/latest/ug/data-types.html. Glue itself stores any string as a type, and Athena then
# fails to read the table (HIVE_METASTORE_ERROR: "type expected at the position"); here it is refused at once.
PLAIN = frozenset(
    {"boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "string", "binary", "date", "timestamp"}
)
MAX_PRECISION = 38
_TOKEN = re.compile(r"[A-Za-z0-9_]+|[<>:,()]")


def is_type(text: str) -> bool:
    """Whether this is a type Athena can read: `decimal(38,2)`, `array<struct<a:int,b:string>>`, …"""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text:  # spaces, and whatever else the grammar does not know
        return False
    rest = _after_type(tokens)
    return rest is not None and not rest


def _after_type(tokens: list[str]) -> list[str] | None:
    """What follows one type, or None when there is no type at the front."""
    match tokens:
        case [("array" | "map" | "struct") as kind, "<", *rest]:
            return _after_nested(kind, rest)
        case ["decimal", "(", precision, ",", scale, ")", *rest]:
            return rest if _is_decimal(precision, scale) else None
        case [("char" | "varchar"), "(", length, ")", *rest]:
            return rest if length.isdecimal() else None
        case [plain, *rest] if plain in PLAIN:
            return rest
    return None


def _after_nested(kind: str, tokens: list[str]) -> list[str] | None:
    if kind == "struct":
        return _after_fields(tokens)
    if kind == "map":
        key = _after_type(tokens)
        if not key or key[0] != ",":
            return None
        tokens = key[1:]
    rest = _after_type(tokens)
    return rest[1:] if rest and rest[0] == ">" else None


def _after_fields(tokens: list[str]) -> list[str] | None:
    match tokens:
        case [name, ":", *rest] if re.fullmatch(r"\w+", name):
            after = _after_type(rest)
            if after and after[0] == ",":
                return _after_fields(after[1:])
            return after[1:] if after and after[0] == ">" else None
    return None


def _is_decimal(precision: str, scale: str) -> bool:
    return precision.isdecimal() and scale.isdecimal() and int(scale) <= int(precision) <= MAX_PRECISION
