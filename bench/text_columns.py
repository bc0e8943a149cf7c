"""Random columns as the text of their fields: each by a seeded generator, so the same block is the same everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute

if TYPE_CHECKING:
    from collections.abc import Sequence

Random: TypeAlias = np.random.Generator
Texts: TypeAlias = Any
"""An Arrow array, mostly of strings. Untyped: the stubs describe other signatures than those of our version."""

arrow: Any = pa
pc: Any = pyarrow.compute

SECONDS_TO_2030 = 1_893_456_000
DAYS_TO_2030 = 21_915

CITIES = (
    "Leeds",
    "York",
    "Stoke-on-Trent",
    "São Paulo",
    "Łódź",
    "St Asaph",
    "Köln",
    "Newcastle upon Tyne",
    "東京",
    "Ely",
)
WORDS = ("amber", "basalt", "cedar", "delta", "ember", "fjord", "granite", "harbour", "island", "juniper", "kestrel")


def text(values: Any) -> Texts:
    """Numbers, days and instants as Arrow prints them: doubles in the shortest form that reads back the same."""
    return pc.cast(pa.array(values), pa.string())


def joined(*pieces: Any) -> Texts:
    """Pieces of text, columns or constants, one after another; any NULL makes NULL."""
    return pc.binary_join_element_wise(*pieces, "")


def row_ids(first: int, rows: int) -> Texts:
    """The number of each row: what the checker finds a row by."""
    return text(np.arange(first, first + rows))


def integers(random: Random, rows: int, *, below: int) -> Texts:
    """Whole numbers from 0."""
    return text(random.integers(0, below, rows))


def doubles(random: Random, rows: int) -> Texts:
    """Doubles as programs print them, up to 17 digits."""
    return text(random.uniform(0.001, 1000, rows))


def rounded(random: Random, rows: int) -> Texts:
    """Doubles of at most three decimal places, trailing zeros cut."""
    return text(np.round(random.normal(0, 50, rows), 3) + 0.0)


def fixed_places(random: Random, rows: int) -> Texts:
    """Amounts with always two decimal places: `1234.50`."""
    pence = random.integers(0, 10_000_000, rows)
    return joined(text(pence // 100), ".", pc.utf8_lpad(text(pence % 100), 2, "0"))


def one_of(random: Random, rows: int, choices: Sequence[str]) -> Texts:
    """Few distinct values."""
    return pc.take(pa.array(choices), pa.array(random.integers(0, len(choices), rows)))


def codes(random: Random, rows: int) -> Texts:
    """Nearly all distinct: `KX-00831774-b`."""
    number = pc.utf8_lpad(integers(random, rows, below=100_000_000), 8, "0")
    return joined(one_of(random, rows, ("KX", "LM", "QT")), "-", number, "-", one_of(random, rows, ("a", "b", "c")))


def phrases(random: Random, rows: int, *, words: int) -> Texts:
    """Words with blanks between."""
    picked = [one_of(random, rows, WORDS) for _ in range(words)]
    return pc.binary_join_element_wise(*picked, text(random.integers(0, 10_000, rows)), " ")


def dates(random: Random, rows: int) -> Texts:
    """Days from 1970 to 2029."""
    return text(pa.array(random.integers(0, DAYS_TO_2030, rows).astype(np.int32)).cast(pa.date32()))


def timestamps(random: Random, rows: int) -> Texts:
    """Naive instants to the second, with a blank before the time."""
    return text(pa.array(random.integers(0, SECONDS_TO_2030, rows)).cast(pa.timestamp("s")))


def booleans(random: Random, rows: int) -> Texts:
    """`true` and `false`."""
    return one_of(random, rows, ("true", "false"))


def with_gaps(random: Random, texts: Texts, *, share: float) -> Texts:
    """The column with some fields empty."""
    empty = pa.array(random.random(len(texts)) < share)
    return pc.if_else(empty, pa.scalar(None, pa.string()), texts)
