"""Reading: what a person may see of databases, tables, partitions and their own uploads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from include.domain import names
from include.domain.append_findings import CODES
from include.domain.errors import NotFound
from include.domain.seeking import EVERYTHING, Group, Sought
from include.domain.upload import LIVE, SENDING, Door, State
from include.services.areas import Areas
from include.services.table_owners import owner_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from include.domain.upload import StateChange, Upload
    from include.domain.withdrawal import Withdrawal
    from include.ports import Page, PublishedTable
    from include.services.context import FrontContext

PAGE_MAX = 200
_RECENT = 20


@dataclass(frozen=True, kw_only=True)
class UploadDetail:
    """An upload with everything a person needs to find its data, and the latest request to withdraw it.

    `own` tells whether they may act on it too.
    """

    upload: Upload
    own: bool
    withdrawal: Withdrawal | None
    history: tuple[StateChange, ...]
    athena_reference: str
    s3_path: str


def databases(context: FrontContext) -> tuple[str, ...]:
    """Short names of the databases that have a published upload."""
    return context.ledger.databases()


def tables(context: FrontContext, database: str) -> tuple[PublishedTable, ...]:
    """The published tables of a database; NotFound when it has none."""
    found = context.ledger.tables(database) if database.isascii() and database.isprintable() else ()
    if not found:
        raise NotFound(
            f"There is no database {database} with a published upload.",
            code="database_not_found",
            title="Database not found",
            field="database",
        )
    return found


def is_own(context: FrontContext, upload: Upload, *, by: str) -> bool:
    """Whether an upload is this person's: one that was dropped by hand is the team address's."""
    return upload.uploader == by or (upload.door is Door.LANDING and by == context.settings.team_email)


def own_upload(context: FrontContext, upload_id: str, *, by: str) -> Upload:
    """The upload, for its uploader; for the team's address if it was dropped by hand, as its mail goes there.

    To everybody else it does not exist: findings quote values of the file.
    """
    upload = context.ledger.get(upload_id) if upload_id.isascii() and upload_id.isalnum() else None
    if upload is None or not is_own(context, upload, by=by):
        raise NotFound(
            "There is no such upload, or it is not yours.", code="upload_not_found", title="Upload not found"
        )
    return upload


def upload_detail(context: FrontContext, upload_id: str, *, by: str) -> UploadDetail:
    """An upload of this person, with its history; or one that changed the columns of a table that they own.

    The table's owner sees what was found, and no value of a file that is not theirs.
    """
    try:
        upload, own = own_upload(context, upload_id, by=by), True
    except NotFound:
        changed = _change_of_own_table(context, upload_id, by=by)
        if changed is None:
            raise
        upload, own = changed, False
    return UploadDetail(
        upload=upload,
        own=own,
        withdrawal=context.withdrawals.get(upload_id),
        history=context.ledger.history(upload_id),
        athena_reference=names.athena_reference(upload.database, upload.table, env=context.settings.env),
        s3_path=Areas(context.settings).ap_partition(upload.key),
    )


def _change_of_own_table(context: FrontContext, upload_id: str, *, by: str) -> Upload | None:
    upload = context.ledger.get(upload_id) if upload_id.isascii() and upload_id.isalnum() else None
    if upload is None or upload.state not in LIVE or not any(each.code in CODES for each in upload.findings):
        return None
    if owner_of(context, upload.database, upload.table) != by:
        return None
    return replace(upload, findings=tuple(replace(each, examples=()) for each in upload.findings))


def my_uploads(
    context: FrontContext, *, by: str, sought: Sought = EVERYTHING, limit: int = 50, cursor: str | None = None
) -> Page:
    """A page of this person's uploads that are like this, newest first."""
    return context.ledger.page(uploader=by, sought=sought, limit=limit, cursor=cursor)


def unfinished(context: FrontContext, database: str, table: str, *, by: str) -> Upload | None:
    """The last of this person's uploads into a table whose file has not arrived whole, to be gone on with."""
    sought = Sought(group=Group.UNDER_WAY, database=database, table=table)
    recent = context.ledger.page(uploader=by, sought=sought, limit=_RECENT).uploads
    return next(
        (
            upload
            for upload in recent
            if (upload.database, upload.table) == (database, table)
            and upload.state in SENDING
            and upload.multipart_id is not None
        ),
        None,
    )


def being_withdrawn(context: FrontContext, uploads: Iterable[Upload]) -> frozenset[str]:
    """The ids of those of these uploads that are withdrawn and whose rows are still being taken out."""
    gone = {upload.id for upload in uploads if upload.state is State.WITHDRAWN}
    if not gone:
        return frozenset()
    return frozenset(
        asked.upload_id for asked in context.withdrawals.open() if asked.stands and asked.upload_id in gone
    )
