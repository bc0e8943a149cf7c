"""First rows: what an upload looks like in its table, for its uploader and for the table's owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.domain.errors import NotFound
from include.domain.shown_values import shown
from include.domain.upload import LIVE
from include.services.areas import Areas
from include.services.reading import own_upload
from include.services.table_owners import owner_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.domain.upload import Upload
    from include.ports import SampledRows, StoredObject
    from include.services.context import FrontContext

ROWS = 100
COLUMNS = 100
"""Columns that are shown at most; a table may have thousands."""


@dataclass(frozen=True, kw_only=True)
class FirstRows:
    """The beginning of an upload, as it is in its table.

    Attributes:
        own: whether it is this person's own upload, and not one in a table of theirs.
        columns: name and Glue type of each column that is shown.
        left_out: how many further columns there are.
        rows: a text for each column that is shown, None for NULL.
    """

    upload: Upload
    own: bool
    columns: tuple[tuple[str, str], ...]
    left_out: int
    rows: tuple[tuple[str | None, ...], ...]


def first_rows(context: FrontContext, upload_id: str, *, by: str) -> FirstRows:
    """Read them from the revision that is published, and note in the audit trail that they were looked at.

    NotFound for everybody but the uploader and the table's owner, and for what is in no table.
    """
    upload, own = _readable(context, upload_id, by=by)
    sampled = _sampled(context, upload)
    catalogued = context.catalogue.table(Areas(context.settings).database(upload.database), upload.table)
    types = dict(catalogued.columns) if catalogued else {}
    names = sampled.names[:COLUMNS]
    context.ledger.audit(
        who=by, what="rows shown", upload=upload.id, database=upload.database, table=upload.table, own=own
    )
    return FirstRows(
        upload=upload,
        own=own,
        columns=tuple((name, types.get(name, "")) for name in names),
        left_out=len(sampled.names) - len(names),
        rows=tuple(tuple(shown(value) for value in row) for row in sampled.rows),
    )


def may_see_rows(upload: Upload, *, own: bool, owner: str | None, by: str) -> bool:
    """Whether this person is shown the rows of an upload, in a table that somebody owns."""
    return upload.state in LIVE and (own or owner == by)


def _readable(context: FrontContext, upload_id: str, *, by: str) -> tuple[Upload, bool]:
    upload = context.ledger.get(upload_id) if upload_id.isascii() and upload_id.isalnum() else None
    try:
        upload, own = own_upload(context, upload_id, by=by), True
    except NotFound:
        own = False
        if upload is None:
            raise
        owner = owner_of(context, upload.database, upload.table)
        if not may_see_rows(upload, own=False, owner=owner, by=by):
            raise
    if upload.state not in LIVE:
        raise _not_there()
    return upload, own


def _sampled(context: FrontContext, upload: Upload) -> SampledRows:
    """Rows out of the first parts of the published revision; as many parts are opened as it takes."""
    names: tuple[str, ...] = ()
    rows: list[tuple[object, ...]] = []
    for part in _parts(context, upload):
        sampled = context.rows.first(context.objects.file(part), rows=ROWS - len(rows), columns=COLUMNS)
        names, rows = sampled.names, [*rows, *sampled.rows]
        if len(rows) >= ROWS:
            break
    if not names:  # the revision was replaced, or the upload withdrawn, since the ledger was asked
        raise _not_there()
    return type(sampled)(names=names, rows=tuple(rows))


def _parts(context: FrontContext, upload: Upload) -> Iterator[StoredObject]:
    folder = Areas(context.settings).revision(upload.key, upload.revision or "")
    return (part for part in context.objects.list(folder) if part.name.endswith(".parquet"))


def _not_there() -> NotFound:
    return NotFound(
        "The rows of an upload can be seen here as long as they are in its table. See the status of the upload.",
        code="rows_not_there",
        title="There are no rows to show",
    )
