"""Whether Parquet holds the cells of a file, and nothing else: printed back by the rules, cell by cell.

The rules stand here a second time (docs/types.md), so that a fault in the engine's own is not its own excuse.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tests.corpus.readers import NumberText, load_json

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from tests.corpus.readers import CsvTable

NULL_WORDS = frozenset({"NA", "N/A", "#N/A", "NULL", "null", "None", "NaN", "nan", "\\N"})
BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE][+-]?[0-9]+)?")
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)


class CellDiffers(AssertionError):
    """A stored value is not what the file says."""


def compare_csv(table: CsvTable, stored: pa.Table) -> int:
    """Hold every cell of a CSV file against the Parquet written of it.

    Args:
        table: the file, read independently.
        stored: all rows of all parts.

    Returns:
        How many cells were compared.

    Raises:
        CellDiffers: at the first difference.
    """
    names = [name.lower() for name in table.header]
    _same_shape(names, table.rows, stored)
    for name, texts, quoted_empties in zip(names, table.texts, table.quoted_empties, strict=True):
        if name in stored.column_names:
            column = stored.column(name)
            _compare_texts(name, texts, quoted_empties, column.to_pylist(), column.type)
        elif not {text for text in texts if text not in NULL_WORDS} <= {""}:
            raise CellDiffers(f"column {name} has values and is not stored")
    return table.rows * len(names)


def _same_shape(names: Sequence[str], rows: int, stored: pa.Table) -> None:
    kept = [name for name in names if name in set(stored.column_names)]
    if stored.column_names != kept:
        raise CellDiffers(f"columns {stored.column_names} are stored, of {list(names)}")
    if stored.num_rows != rows:
        raise CellDiffers(f"{stored.num_rows} rows are stored of {rows}")


def _compare_texts(
    name: str, texts: Sequence[str], quoted_empties: frozenset[int], values: Sequence[Any], column_type: pa.DataType
) -> None:
    if pa.types.is_string(column_type):
        wanted = [text or ("" if row in quoted_empties else None) for row, text in enumerate(texts)]
        if wanted != values:
            row = next(at for at, pair in enumerate(zip(wanted, values, strict=True)) if pair[0] != pair[1])
            raise CellDiffers(f"column {name}, row {row}: {wanted[row]!r} is stored as {values[row]!r}")
        return
    prints_back = _PRINTS_BACK[_family(column_type)]
    known: set[tuple[str, Any]] = set()
    for row, (text, value) in enumerate(zip(texts, values, strict=True)):
        if value is None:
            if text and text not in NULL_WORDS:
                raise CellDiffers(f"column {name}, row {row}: {text!r} is stored as NULL")
        elif (text, value) not in known:
            if not prints_back(text, value):
                raise CellDiffers(f"column {name}, row {row}: {text!r} is stored as {value!r}")
            if not isinstance(value, float) or value:  # 0.0 and -0.0 are one key
                known.add((text, value))


def _family(column_type: pa.DataType) -> str:
    if pa.types.is_timestamp(column_type):
        return "timestamp_utc" if column_type.tz == "UTC" else f"timestamp {column_type.tz or ''}".strip()
    return "decimal" if pa.types.is_decimal(column_type) else str(column_type)


def _is_boolean(text: str, value: Any) -> bool:
    return text in BOOLEANS and BOOLEANS[text] is value


def _is_integer(text: str, value: Any) -> bool:
    return text == str(value)


def _is_double(text: str, value: Any) -> bool:
    """The same number: printed with the digits that were written, or as the shortest text of the double."""
    if not _NUMBER.fullmatch(text) or not math.isfinite(value):
        return False
    if float(text) != value or text.startswith("-") != (math.copysign(1, value) < 0):
        return False  # not the double nearest to what is written
    if repr(value) == text:
        return True
    digits = len(re.split("[eE]", text.lstrip("-"))[0].replace(".", "").lstrip("0"))
    return Decimal(text) in (Decimal(f"{value:.{max(digits, 1) - 1}e}"), Decimal(repr(value)))


def _is_decimal(text: str, value: Any) -> bool:
    if not _PLAIN_NUMBER.fullmatch(text):
        return False
    return bool(Decimal(text) == value and text.startswith("-") == value.is_signed())


def _is_date(text: str, value: Any) -> bool:
    return bool(text == f"{value.year:04}-{value.month:02}-{value.day:02}")


def _is_timestamp(text: str, value: Any) -> bool:
    found = _INSTANT.fullmatch(text)
    return found is not None and found[1] is None and datetime.fromisoformat(text) == value


def _is_instant(text: str, value: Any) -> bool:
    found = _INSTANT.fullmatch(text)
    return found is not None and found[1] is not None and datetime.fromisoformat(text).astimezone(UTC) == value


def is_same(text: str, value: Any, *, null_words: Collection[str] = NULL_WORDS) -> bool:
    """Whether a stored value prints back to the text of its field, up to notation of numbers, booleans and instants."""
    if value is None:
        return text == "" or text in null_words
    if isinstance(value, datetime):
        return (_is_instant if value.tzinfo else _is_timestamp)(text, value)
    known: dict[type, Callable[[str, Any], bool]] = {
        bool: _is_boolean,
        int: _is_integer,
        float: _is_double,
        Decimal: _is_decimal,
        date: _is_date,
    }
    prints_back = known.get(type(value))
    return bool(text == value) if prints_back is None else prints_back(text, value)


_PRINTS_BACK: dict[str, Callable[[str, Any], bool]] = {
    "bool": _is_boolean,
    "int64": _is_integer,
    "double": _is_double,
    "decimal": _is_decimal,
    "date32[day]": _is_date,
    "timestamp": _is_timestamp,
    "timestamp_utc": _is_instant,
}


_NUMERIC = frozenset({"int64", "double", "decimal"})
_DATED = frozenset({"date32[day]", "timestamp", "timestamp_utc"})


def compare_json(rows: Sequence[dict[str, Any]], stored: pa.Table, *, source: str) -> int:
    """Hold every value of a JSON file against the Parquet written of it.

    Args:
        rows: the objects, read independently.
        stored: all rows of all parts.
        source: the file's text, which holds the text of every value in a column of mixed kinds.

    Returns:
        How many cells and inner values were compared.

    Raises:
        CellDiffers: at the first difference.
    """
    names = list(dict.fromkeys(key.lower() for row in rows for key in row))
    _same_shape(names, len(rows), stored)
    comparer = _JsonComparer(source)
    lowered = [{key.lower(): value for key, value in row.items()} for row in rows]
    for name in names:
        values = [row.get(name) for row in lowered]
        if name not in stored.column_names:
            if not all(map(is_untyped, values)):
                raise CellDiffers(f"column {name} has values and is not stored")
            continue
        column = stored.column(name)
        for row, (value, kept) in enumerate(zip(values, column.to_pylist(), strict=True)):
            comparer.compare(value, kept, column.type, f"row {row}: {name}")
    return len(names) * len(rows) + comparer.inner


def is_untyped(value: Any) -> bool:
    """Null, `[]`, `{}`, and what is made of nothing else."""
    inner = value.values() if isinstance(value, dict) else value
    return value is None or (isinstance(value, dict | list) and all(map(is_untyped, inner)))


class _JsonComparer:
    def __init__(self, source: str) -> None:
        self.inner = 0
        self._source = source
        self._found: dict[str, int] = {}

    def compare(self, value: Any, kept: Any, kind: pa.DataType, place: str) -> None:
        if not self._is_same(value, kept, kind, place):
            raise CellDiffers(f"{place}: {value!r} is stored as {kept!r}")

    def _is_same(self, value: Any, kept: Any, kind: pa.DataType, place: str) -> bool:
        if value is None or kept is None:
            same = value is kept
        elif isinstance(kind, pa.StructType):
            same = self._is_struct(value, kept, kind, place)
        elif isinstance(kind, pa.ListType):
            same = self._is_list(value, kept, kind, place)
        elif pa.types.is_string(kind):
            same = self._is_string(value, kept)
        elif isinstance(value, bool):
            same = value is kept and pa.types.is_boolean(kind)
        else:
            kinds = _NUMERIC if isinstance(value, NumberText) else _DATED if isinstance(value, str) else frozenset()
            same = _family(kind) in kinds and _PRINTS_BACK[_family(kind)](value, kept)
        return same

    def _is_struct(self, value: Any, kept: Any, kind: pa.StructType, place: str) -> bool:
        if not isinstance(value, dict) or not isinstance(kept, dict):
            return False
        names = [kind.field(at).name for at in range(kind.num_fields)]
        inner = {key.lower(): each for key, each in value.items()}
        if list(kept) != names or not all(is_untyped(each) for key, each in inner.items() if key not in kept):
            return False
        self.inner += len(inner)
        for name in names:
            self.compare(inner.get(name), kept[name], kind.field(name).type, f"{place}.{name}")
        return True

    def _is_list(self, value: Any, kept: Any, kind: pa.ListType[Any], place: str) -> bool:
        if not isinstance(value, list) or not isinstance(kept, list) or len(value) != len(kept):
            return False
        self.inner += len(value)
        for one, other in zip(value, kept, strict=True):
            self.compare(one, other, kind.value_type, f"{place}[]")
        return True

    def _is_string(self, value: Any, kept: str) -> bool:
        if isinstance(value, str):  # also a number, which keeps the text it is written as
            return value == kept
        if isinstance(value, bool):
            return kept == ("true" if value else "false")
        # An object or array: somewhere in the file as it is kept, and the same when read.
        if kept not in self._found:
            self._found[kept] = self._source.find(kept)
        return self._found[kept] >= 0 and _ordered(load_json(kept)) == _ordered(value)


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return [(key, _ordered(inner)) for key, inner in value.items()]
    return [_ordered(inner) for inner in value] if isinstance(value, list) else value
