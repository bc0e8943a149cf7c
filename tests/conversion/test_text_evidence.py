from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import example, given, settings

from include.conversion.field_texts import FieldTexts, evidence_of
from include.conversion.text_evidence import json_numbers_evidence, json_strings_evidence
from include.domain.evidence import Evidence, merge_all, of_json_number, of_json_string, of_text
from include.domain.text_rules import DEFAULT_COLUMN
from tests.conversion.texts import BORDERS, columns, instants, numbers, plain, values

LONG_ENOUGH_TO_MISS = 200  # values before the odd one: the sample does not see it


def of_fields(texts: list[str]) -> Evidence:
    """What a column of these texts shows."""
    encoded = [text.encode() for text in texts]
    ends = np.cumsum([len(text) for text in encoded]).astype(np.int32)
    starts = np.concatenate((np.zeros(1, np.int32), ends[:-1]))[: len(ends)]
    buffer = np.frombuffer(b"".join(encoded), np.uint8)
    return evidence_of(FieldTexts(buffer, starts[None], ends[None], (DEFAULT_COLUMN,)), 0)


@settings(max_examples=150, deadline=None)
@given(columns(values))
@example(["5", "9007199254740993", "0.5"])
def test_arrays_show_what_their_texts_show_one_by_one(texts: list[str]) -> None:
    texts = [text for text in texts if of_text(text).kinds]
    assert of_fields(texts) == merge_all(map(of_text, texts))


@settings(max_examples=150, deadline=None)
@given(values, values)
def test_one_odd_value_among_many_is_not_missed(usual: str, odd: str) -> None:
    texts = [usual] * LONG_ENOUGH_TO_MISS + [odd] + [usual] * 3
    assert of_fields(texts) == merge_all(map(of_text, texts))


def test_every_border_is_judged_as_by_the_reference() -> None:
    for text in BORDERS:
        assert of_fields([text]) == of_text(text), text


@settings(max_examples=120, deadline=None)
@given(columns(numbers))
def test_arrays_of_json_numbers_show_what_they_show_one_by_one(texts: list[str]) -> None:
    assert json_numbers_evidence(pa.array(texts, pa.string())) == merge_all(map(of_json_number, texts))


@settings(max_examples=120, deadline=None)
@given(columns(instants | plain))
def test_arrays_of_json_strings_show_what_they_show_one_by_one(texts: list[str]) -> None:
    assert json_strings_evidence(pa.array(texts, pa.string())) == merge_all(map(of_json_string, texts))
