"""Ways to divide a conversion among tasks and threads, with hints true and false, for properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from include.domain.evidence import Evidence, merge_all, of_json_number, of_json_string, of_text
from include.domain.table_schema import Column, TableSchema
from include.domain.text_rules import Kind
from tests.conversion.files import Split
from tests.conversion.texts import fields

if TYPE_CHECKING:
    from collections.abc import Sequence

texts = st.lists(fields, max_size=3).map(lambda cells: merge_all(of_text(cell) for cell in cells))
json_scalars = st.sampled_from(
    [of_json_number("1"), of_json_number("0.5"), of_json_string("x"), of_json_string("2026-01-31"), Evidence()]
)
json_values = st.recursive(
    json_scalars,
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from(["a", "b", "c", "d_1"]), inner, max_size=3).map(
            lambda members: Evidence(frozenset({Kind.OBJECT}), fields=members)
        ),
        inner.map(lambda element: Evidence(frozenset({Kind.ARRAY}), element=element)),
    ),
    max_leaves=4,
)


def splits(names: Sequence[str], evidence: st.SearchStrategy[Evidence] = texts) -> st.SearchStrategy[Split]:
    """Any division of a small file, beginning with anything about columns of these names."""
    hints = st.dictionaries(st.sampled_from(names), evidence).map(
        lambda known: TableSchema(tuple(Column(*each) for each in known.items()))
    )
    return st.builds(
        Split,
        group_bytes=st.integers(1, 400),
        part_bytes=st.integers(1, 200),
        threads=st.integers(1, 4),
        hint=st.one_of(st.just(TableSchema()), hints),
    )
