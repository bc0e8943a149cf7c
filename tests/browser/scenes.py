"""Scenes: uploads in the states that people meet, in a served front's real ledger, catalogue and objects."""

from __future__ import annotations

import io
import itertools
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from include.domain.governance import Classification, Document
from include.domain.upload import State
from include.services import glue_tables, uploading
from include.services.announcing import Announcement
from include.services.areas import Areas
from include.services.ownership import OWNER
from tests.fakes.front import ANALYST, REVISION, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.domain.upload import Upload
    from include.services.context import FrontContext

WORKING = (State.CHECKING, State.CONVERTING, State.VALIDATING, State.PUBLISHING)


@dataclass
class Scenes:
    """Makes uploads as the front and the pipeline leave them."""

    context: FrontContext
    _seconds: Iterator[int] = field(default_factory=itertools.count)

    def announcement(self, **changes: Any) -> Announcement:
        """A small CSV of test data for the new table travel.trips."""
        facts: dict[str, Any] = {
            "database": "travel",
            "table": "trips",
            "filename": "Trips January.csv",
            "size": 10,
            "document": Document.NONE,
            "reference": "",
            "classification": Classification.TEST,
            "create": True,
        }
        return Announcement(**{**facts, **changes})

    def land(self, content: bytes = b"year\n2013\n", *, uploader: str = ANALYST, **changes: Any) -> Upload:
        """An upload that has arrived."""
        with tempfile.NamedTemporaryFile() as file:
            Path(file.name).write_bytes(content)
            announced = self.announcement(size=len(content), **changes)
            return uploading.send_file(self.context, announced, path=Path(file.name), uploader=uploader)

    def move(self, upload: Upload, *states: State, **changes: Any) -> Upload:
        """Move it on as the pipeline would, the last time with these fields."""
        for state in states[:-1]:
            self.context.ledger.move(upload.id, state, actor="pipeline")
        return self.context.ledger.move(upload.id, states[-1], actor="pipeline", **changes)

    def publish(self, *, uploader: str = ANALYST, **changes: Any) -> Upload:
        """An upload that is published; its table is made when it is the first."""
        upload = self.land(uploader=uploader, **changes)
        self._catalogue(upload)
        now = datetime.now(UTC) + timedelta(seconds=next(self._seconds))
        return self.move(
            upload,
            *WORKING,
            State.PUBLISHED,
            revision=REVISION,
            rows=1,
            columns=(("year", "bigint"),),
            sha256="5c" * 32,
            published_at=now,
        )

    def write_rows(self, upload: Upload, **columns: list[Any]) -> None:
        """What the pipeline makes of the file: its Parquet in curated."""
        stream = io.BytesIO()
        pq.write_table(pa.table(columns), stream)
        folder = Areas(self.context.settings).revision(upload.key, REVISION)
        self.context.objects.write(f"{folder}part-00000.parquet", stream.getvalue())

    def _catalogue(self, upload: Upload) -> None:
        areas, catalogue = Areas(self.context.settings), self.context.catalogue
        database = areas.database(upload.database)
        if catalogue.database_parameters(database) is None:
            env = self.context.settings.env.value
            catalogue.create_database(database, description="", parameters={OWNER: env})
        if catalogue.table(database, upload.table) is None:
            catalogue.create_table(
                glue_tables.describe(
                    SCHEMA,
                    database=database,
                    name=upload.table,
                    location=areas.table(upload.database, upload.table),
                    env=self.context.settings.env.value,
                    was=None,
                    options=upload.bound_options,
                )
            )
