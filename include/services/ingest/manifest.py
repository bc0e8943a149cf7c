"""The manifest beside an accepted raw file: everything needed to derive its partition again, and who vouched for it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from include.domain.column_types import RULES_VERSION, display
from include.domain.reading_options import ReadingOptions
from include.domain.table_schema import TableSchema
from include.services.areas import MANIFEST, Areas

if TYPE_CHECKING:
    from include.domain.partition_key import PartitionKey
    from include.domain.upload import Upload
    from include.ports import ObjectStore
    from include.services.context import PipelineContext
    from include.services.ingest.staged import Staged


@dataclass(frozen=True)
class Manifest:
    """What a derivation reads of it: the file's name, SHA-256, rows, own evidence, and how it is read."""

    filename: str
    sha256: str
    rows: int
    schema: TableSchema
    options: ReadingOptions


def write_manifest(context: PipelineContext, upload: Upload, staged: Staged) -> None:
    """Write the manifest of an upload that is about to be published."""
    known = context.ledger.get(upload.id) or upload  # with what every stage came to
    document = {
        **facts_of(known),
        "rows": staged.result.rows,
        "env": context.settings.env.value,
        "rules_version": RULES_VERSION,
        "publishing_at": context.clock.now().isoformat(),
        "evidence": staged.result.schema.to_json(),
        "first_types": {name: display(kind) for name, kind in staged.result.written.items()},
        "first_revision": staged.revision,
    }
    context.objects.write(Areas(context.settings).manifest(upload), json.dumps(document, indent=1).encode())


def facts_of(upload: Upload) -> dict[str, Any]:
    """What the manifest of an accepted file and the report of a refused one both say: the upload's row in the ledger.

    With what lies in the catalogues it makes up the row again, should the ledger be lost.
    """
    return {
        "upload_id": upload.id,
        "database": upload.database,
        "table": upload.table,
        "extraction_timestamp": upload.extraction_timestamp,
        "filename": upload.filename,
        "size": upload.size,
        "sha256": upload.sha256,
        "sent_sha256": upload.sent_sha256,
        "rows": upload.rows,
        "uploader": upload.uploader,
        "door": upload.door.value,
        "governance": upload.governance.as_dict(),
        "may_create": upload.may_create,
        "confirmed": upload.confirmed,
        "confirmed_columns": upload.confirmed_columns,
        "landing_uri": upload.landing_uri,
        "etag": upload.etag,
        "landed_at": upload.landed_at.isoformat() if upload.landed_at else None,
        "created_at": upload.created_at.isoformat(),
        "attempt": upload.attempt,
        "reading_options": upload.reading_options.to_json(),
        "reading_options_since": upload.options_since.isoformat() if upload.options_since else None,
        "columns": [list(column) for column in upload.columns],
        "findings": [finding.as_dict() for finding in upload.findings],
    }


def is_raw_file_of(context: PipelineContext, key: PartitionKey, upload_id: str) -> bool:
    """Whether raw_history has this upload's file under a partition's key: then that is its place, whoever says not."""
    uri = f"{context.settings.raw_history_uri}/{key.file(MANIFEST)}"
    if context.objects.head(uri) is None:
        return False
    try:
        document = json.loads(context.objects.read(uri))
    except ValueError:
        return False
    return isinstance(document, dict) and document.get("upload_id") == upload_id


def read_manifest(objects: ObjectStore, uri: str) -> Manifest:
    """Read a manifest; NotFound if there is none."""
    document = json.loads(objects.read(uri))
    return Manifest(
        filename=document["filename"],
        sha256=document["sha256"],
        rows=document["rows"],
        schema=TableSchema.from_json(document["evidence"]),
        options=ReadingOptions.from_json(document["reading_options"]),
    )
