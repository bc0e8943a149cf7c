"""The CSV cases' data: twelve mixed columns with or without a surprise, quoted text, and a thousand columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from bench import text_columns as texts
from bench.data import Block
from bench.text_columns import joined, pc

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.text_columns import Random, Texts

LATE = 0.993
WORST = 0.618
"""Where a sample of a file's ranges (its ends, its middle, its quarters or tenths) does not look."""


@dataclass(frozen=True)
class Surprise:
    """Where a column stops being what it was.

    Attributes:
        column: its name.
        begins: the share of the file after which it does.
        becomes: the new texts of the old ones.
        family: the type that then holds every value exactly.
        once: it is in one record only.
    """

    column: str
    begins: float
    becomes: Callable[[Texts], Texts]
    family: str
    once: bool = False

    def rows(self, of: int) -> range:
        """The records that have it in a file of `of` records."""
        begins = int(of * self.begins)
        return range(begins, begins + 1) if self.once else range(begins, of)


def word(replacement: str) -> Callable[[Texts], Texts]:
    """Always the same word."""
    return lambda column: pa.array([replacement] * len(column))


def leading_zeros(column: Texts) -> Texts:
    """As codes are written: `000000123456`."""
    return joined("00", column)


def halves(column: Texts) -> Texts:
    """Whole numbers with a half more."""
    return joined(column, ".5")


@dataclass(frozen=True)
class Mixed:
    """Twelve columns of the kinds that files have."""

    surprise: Surprise | None = None
    block_rows: int = 100_000
    format: str = "csv"

    @property
    def types(self) -> dict[str, str]:
        """By column."""
        found = {
            "id": "bigint",
            "quantity": "bigint",
            "account": "bigint",
            "score": "double",
            "ratio": "double",
            "price": "double",
            "code": "string",
            "city": "string",
            "note": "string",
            "born": "date",
            "seen": "timestamp",
            "active": "boolean",
        }
        return found | ({self.surprise.column: self.surprise.family} if self.surprise else {})

    def block(self, random: Random, *, first: int, rows: int, of: int) -> Block:
        """Records from `first`."""
        columns = {
            "id": texts.row_ids(first, rows),
            "quantity": texts.with_gaps(random, texts.integers(random, rows, below=5_000), share=0.03),
            "account": texts.integers(random, rows, below=10**11),
            "score": texts.doubles(random, rows),
            "ratio": texts.with_gaps(random, texts.rounded(random, rows), share=0.04),
            "price": texts.fixed_places(random, rows),
            "code": texts.codes(random, rows),
            "city": texts.one_of(random, rows, texts.CITIES),
            "note": texts.with_gaps(random, texts.phrases(random, rows, words=3), share=0.1),
            "born": texts.with_gaps(random, texts.dates(random, rows), share=0.01),
            "seen": texts.timestamps(random, rows),
            "active": texts.booleans(random, rows),
        }
        if self.surprise:
            column = columns[self.surprise.column]
            affected = self.surprise.rows(of)
            numbers = np.arange(first, first + rows)
            mask = pa.array((numbers >= affected.start) & (numbers < affected.stop))
            columns[self.surprise.column] = pc.if_else(mask, self.surprise.becomes(column), column)
        return records_of(columns)


@dataclass(frozen=True)
class Quoted:
    """Text with newlines, commas and doubled quotes inside quoted fields."""

    block_rows: int = 50_000
    format: str = "csv"

    @property
    def types(self) -> dict[str, str]:
        """By column."""
        return {"id": "bigint", "title": "string", "body": "string", "amount": "double", "day": "date"}

    def block(self, random: Random, *, first: int, rows: int, of: int) -> Block:
        """Records from `first`."""
        del of
        between = [texts.one_of(random, rows, (",\n", ' said "no"\r\n', ", ", '"\n\n', " ")) for _ in range(3)]
        phrases = [texts.phrases(random, rows, words=6) for _ in range(4)]
        body = joined(phrases[0], between[0], phrases[1], between[1], phrases[2], between[2], phrases[3])
        columns = {
            "id": texts.row_ids(first, rows),
            "title": joined(texts.one_of(random, rows, texts.CITIES), ", ", texts.codes(random, rows)),
            "body": body,
            "amount": texts.fixed_places(random, rows),
            "day": texts.dates(random, rows),
        }
        return records_of(columns, quoted=("title", "body"))


@dataclass(frozen=True)
class Wide:
    """A thousand columns: an id, then five kinds in turn."""

    width: int = 1_000
    block_rows: int = 2_000
    format: str = "csv"

    @property
    def types(self) -> dict[str, str]:
        """By column."""
        kinds = ("bigint", "double", "string", "date", "double")
        return {"id": "bigint"} | {f"c{number:03}": kinds[number % 5] for number in range(1, self.width)}

    def block(self, random: Random, *, first: int, rows: int, of: int) -> Block:
        """Records from `first`."""
        del of
        makers: tuple[Callable[[], Texts], ...] = (
            lambda: texts.with_gaps(random, texts.integers(random, rows, below=1_000_000), share=0.05),
            lambda: texts.rounded(random, rows),
            lambda: texts.one_of(random, rows, texts.CITIES),
            lambda: texts.dates(random, rows),
            lambda: texts.fixed_places(random, rows),
        )
        columns = {"id": texts.row_ids(first, rows)}
        columns |= {f"c{number:03}": makers[number % 5]() for number in range(1, self.width)}
        return records_of(columns)


def records_of(columns: Mapping[str, Texts], *, quoted: tuple[str, ...] = ()) -> Block:
    """The records of columns of texts; the `quoted` ones stand in quotes."""
    fields = [
        joined('"', pc.replace_substring(column, '"', '""'), '"') if name in quoted else pc.fill_null(column, "")
        for name, column in columns.items()
    ]
    return Block(pc.binary_join_element_wise(*fields, ","), pa.table(dict(columns)))
