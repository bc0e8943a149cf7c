"""Readers that know nothing of the service agree with the raw files, cell by cell, after each kind of widening."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from include.services.areas import Areas
from include.services.promotion.promote import promote_table
from include.settings import PROJECT_ROOT
from tests.aws_pipeline import AP_ACCOUNT, make_aws_pipeline
from tests.readers.cases import CASES, Case
from tests.readers.glue_types import read_type, tagged
from tests.readers.raw import rows_of
from tests.strict_aws import presign
from tests.strict_aws.server import REGION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from include.ports import CatalogueTable
    from tests.pipeline import Pipeline
    from tests.strict_aws.server import StrictAws

PYTHON = PROJECT_ROOT / ".venv-readers" / "bin" / "python"
READERS = ("awswrangler", "pyarrow", "duckdb", "spark")

pytestmark = [pytest.mark.proof, pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Promoted:
    """A table as the Analytical Platform has it, and the raw files that it is made of."""

    case: Case
    table: CatalogueTable
    timestamps: tuple[str, ...]
    request: dict[str, Any]

    @cached_property
    def expected(self) -> list[list[Any]]:
        types = {name: read_type(kind) for name, kind in self.table.columns}
        return [
            [*(tagged(self._cell(row, name), kind) for name, kind in types.items()), timestamp]
            for text, timestamp in zip(self.case.files, self.timestamps, strict=True)
            for row in rows_of(text, ending=self.case.ending, types=types)
        ]

    def _cell(self, row: dict[str, Any], name: str) -> Any:
        return None if name in self.case.untyped else row[name]


@dataclass
class Platform:
    """All tables, and what each reader says of them: asked once, as an engine takes long to start."""

    aws: StrictAws
    folder: Path
    tables: dict[str, Promoted]

    def __post_init__(self) -> None:
        self.answers: dict[str, dict[str, list[list[Any]]] | str] = {}

    def read(self, reader: str) -> dict[str, list[list[Any]]]:
        if reader not in self.answers:
            request, answer = self.folder / "request.json", self.folder / f"{reader}.json"
            request.write_text(json.dumps([each.request for each in self.tables.values()]))
            environment = {
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(PROJECT_ROOT),
                "TZ": "UTC",
                "AWS_ENDPOINT_URL": self.aws.endpoint_url,
                "AWS_ACCESS_KEY_ID": AP_ACCOUNT,
                "AWS_SECRET_ACCESS_KEY": presign.SECRET,
                "AWS_DEFAULT_REGION": REGION,
                "SPARK_LOCAL_IP": "127.0.0.1",
            }
            command: list[str | Path] = [PYTHON, "-m", "tests.readers.read_with", reader, request, answer]
            done = subprocess.run(
                command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=600
            )
            self.answers[reader] = done.stderr[-3000:] if done.returncode else json.loads(answer.read_text())
        found = self.answers[reader]
        assert not isinstance(found, str), found
        return found


@pytest.fixture(scope="module")
def platform(aws_server: StrictAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Every case published file by file, widened where it must be, and promoted."""
    aws_server.reset()
    folder = tmp_path_factory.mktemp("readers")
    pipeline = make_aws_pipeline(aws_server, folder)
    yield Platform(aws_server, folder, {case.name: _promoted(pipeline, case, folder / case.name) for case in CASES})
    aws_server.reset()


def _promoted(pipeline: Pipeline, case: Case, folder: Path) -> Promoted:
    uploads = [pipeline.publish(text.encode(), table=case.name, filename=f"f.{case.ending}") for text in case.files]
    timestamps = tuple(pipeline.upload(upload_id).extraction_timestamp for upload_id in uploads)
    context = pipeline.context
    promote_table(context, database="travel", table=case.name)
    database = Areas(context.settings).database("travel")
    table = context.ap_catalogue.table(database, case.name)
    assert table is not None
    partitions = []
    for partition in context.ap_catalogue.partitions(database, case.name):
        copies = folder / f"extraction_timestamp={partition.extraction_timestamp}"
        copies.mkdir(parents=True)
        for stored in context.ap_objects.list(partition.location):
            context.ap_objects.fetch(stored.uri, copies / stored.name)
        partitions.append({"timestamp": partition.extraction_timestamp, "folder": str(copies)})
    assert [each["timestamp"] for each in partitions] == sorted(timestamps)
    request = {"database": database, "name": case.name, "columns": table.columns, "partitions": partitions}
    return Promoted(case, table, timestamps, request)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_columns_have_become_as_wide_as_they_should(platform: Platform, case: Case) -> None:
    columns = dict(platform.tables[case.name].table.columns)
    assert columns == {"id": "bigint", **case.becomes}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("reader", READERS)
def test_a_reader_agrees_with_the_raw_files_cell_by_cell(platform: Platform, reader: str, case: Case) -> None:
    table = platform.tables[case.name]
    at = [name for name, _ in table.table.columns].index("id")
    found = sorted(platform.read(reader)[case.name], key=lambda row: int(row[at][1]))
    assert found == sorted(table.expected, key=lambda row: int(row[at][1]))
    assert len(found) == sum(len(text.splitlines()) - (case.ending == "csv") for text in case.files)
