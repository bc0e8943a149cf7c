"""What `check` on the command line says of each case is what the service does with it, down to the cells."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from include.cli.check import check_file
from include.domain.reading_options import choose
from include.domain.upload import State

if TYPE_CHECKING:
    from tests.services.conftest import Pipeline

CASES = sorted(path for path in (Path(__file__).parent.parent / "cases").iterdir() if path.is_dir())


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_the_command_says_of_a_file_what_the_service_does_with_it(
    case: Path, pipeline: Pipeline, tmp_path: Path
) -> None:
    (path,) = case.glob("input.*")
    options = choose(**yaml.safe_load((case / "findings.yaml").read_text(encoding="utf-8")).get("options", {}))
    said = check_file(path, out=tmp_path / "out", options=options)
    upload_id = pipeline.land(path.read_bytes(), filename=path.name, chosen=options)
    assert pipeline.watch() == [upload_id]
    state = pipeline.ingest(upload_id)
    upload = pipeline.upload(upload_id)
    assert state is (State.PUBLISHED if said.accepted else State.REFUSED)
    assert upload.sha256 == said.sha256
    assert upload.findings == said.findings
    if said.accepted:
        assert (upload.rows, upload.columns) == (said.rows, said.columns)
        entry = pipeline.catalogue.partition("data_eng_uploader_dev_travel", "trips", upload.extraction_timestamp)
        assert entry is not None
        published = [
            pq.read_table(io.BytesIO(pipeline.objects.read(one.uri))) for one in pipeline.objects.list(entry.location)
        ]
        assert pa.concat_tables(published).equals(
            pa.concat_tables(map(pq.read_table, sorted((tmp_path / "out").glob("*.parquet"))))
        )
