"""The JSON cases' data: nested records, one a line or in one array."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench import text_columns as texts
from bench.data import Block
from bench.text_columns import arrow as pa
from bench.text_columns import joined, pc

if TYPE_CHECKING:
    from bench.text_columns import Random, Texts

REMARKS = ('said "yes"', "two\nlines", "back\\slash", "café", "plain")
HAVE_REMARKS = 0.1
TAGS = ("new", "returned", "gift", "fragile", "large")


@dataclass(frozen=True)
class Orders:
    """Orders with a customer, tags and items; a string that looks like a number must stay one."""

    format: str
    block_rows: int = 50_000

    @property
    def types(self) -> dict[str, str]:
        """By column."""
        return {
            "id": "bigint",
            "created": "timestamp",
            "day": "date",
            "active": "boolean",
            "score": "double",
            "customer": "struct",
            "tags": "array",
            "items": "array",
            "remark": "string",
        }

    def block(self, random: Random, *, first: int, rows: int, of: int) -> Block:
        """Records from `first`."""
        del of
        ids, created, day = texts.row_ids(first, rows), texts.timestamps(random, rows), texts.dates(random, rows)
        active, score = texts.booleans(random, rows), texts.doubles(random, rows)
        customer, customers = _customers(random, rows)
        tags, tag_lists = _tags(random, rows)
        items, item_lists = _items(random, rows)
        remark, remarks = _remarks(random, rows)
        iso = pc.replace_substring(created, " ", "T")
        records = joined(
            *('{"id":', ids, ',"created":"', iso, '","day":"', day, '","active":', active, ',"score":', score),
            *(',"customer":', customer, ',"tags":', tags, ',"items":', items, remark, "}"),
        )
        expected = {
            "id": ids.cast(pa.int64()),
            "created": created.cast(pa.timestamp("us")),
            "day": day.cast(pa.date32()),
            "active": active.cast(pa.bool_()),
            "score": score.cast(pa.float64()),
            "customer": customers,
            "tags": tag_lists,
            "items": item_lists,
            "remark": remarks,
        }
        return Block(records, pa.table(expected))


def _customers(random: Random, rows: int) -> tuple[Texts, Texts]:
    name, city = texts.phrases(random, rows, words=2), texts.one_of(random, rows, texts.CITIES)
    postcode = pc.utf8_lpad(texts.integers(random, rows, below=100_000), 5, "0")
    visits = texts.integers(random, rows, below=500)
    written = joined(
        *('{"name":"', name, '","visits":', visits, ',"address":{"city":"', city, '","postcode":"', postcode, '"}}')
    )
    address = pa.StructArray.from_arrays([city, postcode], ["city", "postcode"])
    return written, pa.StructArray.from_arrays([name, visits.cast(pa.int64()), address], ["name", "visits", "address"])


def _tags(random: Random, rows: int) -> tuple[Texts, Texts]:
    offsets = _offsets(random, rows, most=3)
    values = texts.one_of(random, int(offsets[-1]), TAGS)
    return _array(joined('"', values, '"'), offsets), pa.ListArray.from_arrays(pa.array(offsets), values)


def _items(random: Random, rows: int) -> tuple[Texts, Texts]:
    offsets = _offsets(random, rows, most=4)
    count = int(offsets[-1])
    sku, price = texts.codes(random, count), texts.fixed_places(random, count)
    number = texts.integers(random, count, below=20)
    written = joined('{"sku":"', sku, '","price":', price, ',"count":', number, "}")
    values = pa.StructArray.from_arrays(
        [sku, price.cast(pa.float64()), number.cast(pa.int64())], ["sku", "price", "count"]
    )
    return _array(written, offsets), pa.ListArray.from_arrays(pa.array(offsets), values)


def _remarks(random: Random, rows: int) -> tuple[Texts, Texts]:
    """A key that one record in ten has, with what JSON escapes."""
    chosen = pa.array(random.integers(0, len(REMARKS), rows))
    absent = pa.array(random.random(rows) >= HAVE_REMARKS)
    written = pa.array([f',"remark":{json.dumps(remark)}' for remark in REMARKS]).take(chosen)
    values = pc.if_else(absent, pa.scalar(None, pa.string()), pa.array(REMARKS).take(chosen))
    return pc.if_else(absent, "", written), values


def _offsets(random: Random, rows: int, *, most: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.concatenate([[0], np.cumsum(random.integers(0, most + 1, rows))]).astype(np.int32)


def _array(values: Texts, offsets: np.ndarray[tuple[int], np.dtype[np.int32]]) -> Texts:
    return joined("[", pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), values), ","), "]")
