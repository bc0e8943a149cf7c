"""Announcing: what is checked of a file and its destination before a byte is sent, and the partition it reserves."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from include.domain import governance, names
from include.domain.errors import Conflict, Refused, TooLarge, Transient
from include.domain.partition_key import PartitionKey, format_timestamp
from include.domain.upload import MAX_PART_SIZE, Door, State, Upload, plan_parts
from include.domain.wrong_table import Reason, fingerprint
from include.services import destinations, restrictions, wrong_table
from include.services.areas import Areas
from include.services.keyed import signature
from include.services.table_options import bind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from include.domain.reading_options import ReadingOptions
    from include.services.context import FrontContext

_ATTEMPTS = 20  # at an announcement under one key, when S3 does not take the upload
_ID_CHARACTERS = 32
_SECONDS_TO_TRY = 3600  # how far a partition may move into the future to find a free second


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """What a sender says of a file before sending it.

    `size` in bytes; `create` allows a new database or table; without `reading` the file is read as the table's are.
    `columns` are the names of the file's, if the sender knows them; `confirmed` is what they confirmed of a table that
    is there, and `confirmed_columns` the fingerprints of the columns for which they did so; without these it is for
    what the service told them: of `columns`, or those for which their last uploads were refused.
    """

    database: str
    table: str
    filename: str
    size: int
    document: str
    reference: str
    classification: str
    create: bool = False
    reading: ReadingOptions | None = None
    columns: tuple[str, ...] = ()
    confirmed: frozenset[Reason] = frozenset()
    confirmed_columns: frozenset[str] | None = None


def announced_ids(context: FrontContext, announced: Announcement, *, uploader: str, key: str) -> Iterator[str]:
    """The ids that this announcement may have under a key of the sender's, one for each attempt at it.

    What was confirmed is left out: the upload is no other for it.
    """
    facts = {**asdict(announced), "confirmed": None, "confirmed_columns": None}
    text = json.dumps([uploader, key, facts], sort_keys=True)
    for attempt in range(_ATTEMPTS):
        yield signature(context, "announcement", f"{attempt}\n{text}")[:_ID_CHARACTERS]


def reserve(
    context: FrontContext, announced: Announcement, *, uploader: str, door: Door, upload_id: str | None = None
) -> Upload:
    """Check everything that can be checked before a byte is sent, and enter the upload into the ledger.

    Under `upload_id` if that is given; Conflict `upload_exists` if there is one.
    """
    upload = _checked(context, announced, uploader=uploader, door=door)
    if upload_id is not None:
        upload = replace(upload, id=upload_id)
    confirmed = _confirmed(context, announced, by=uploader)
    areas = Areas(context.settings)
    for seconds in range(_SECONDS_TO_TRY):
        timestamp = format_timestamp(upload.created_at + timedelta(seconds=seconds))
        key = PartitionKey(upload.database, upload.table, timestamp)
        reserved = replace(upload, extraction_timestamp=timestamp, landing_uri=areas.landing(key, upload.filename))
        try:
            context.ledger.add(reserved, actor=uploader)
        except Conflict as conflict:
            if conflict.code != "partition_taken":
                raise
            if seconds == 0:  # perhaps by somebody who at the same moment began to make the same table
                confirmed = _confirmed(context, announced, by=uploader)
        else:
            if confirmed:
                where = reserved.database, reserved.table
                wrong_table.audit_confirmed(context, *where, by=uploader, reasons=confirmed, upload_id=reserved.id)
            return reserved
    raise Transient("Too many uploads into this table at once. Try again in a minute.", code="table_busy")


def _confirmed(context: FrontContext, announced: Announcement, *, by: str) -> tuple[Reason, ...]:
    """What the sender was to confirm of the table, and did; ConfirmNeeded if they did not."""
    asked = wrong_table.question(context, announced.database, announced.table, by=by, columns=announced.columns)
    if asked is None:
        return ()
    if not announced.confirmed.issuperset(asked.reasons):
        raise wrong_table.ConfirmNeeded(asked)
    return asked.reasons


def _confirmed_columns(context: FrontContext, announced: Announcement, *, by: str) -> frozenset[str]:
    """Fingerprints of all columns that the sender has confirmed: a file with others is no matter of theirs yet."""
    if announced.confirmed_columns is not None:
        return announced.confirmed_columns
    if Reason.COLUMNS_UNLIKE not in announced.confirmed:
        return frozenset()
    refused = wrong_table.refused_columns(context, announced.database, announced.table, by=by)
    return refused | ({fingerprint(announced.columns)} if announced.columns else frozenset())


def _checked(context: FrontContext, announced: Announcement, *, uploader: str, door: Door) -> Upload:
    settings, now = context.settings, context.clock.now()
    filename = names.original_filename(announced.filename)
    check_file(context, filename, size=announced.size)
    confirmed = governance.confirm(
        document=announced.document,
        reference=announced.reference,
        classification=announced.classification,
        by=uploader,
        at=now,
        env=settings.env,
    )
    destinations.check_database(context, announced.database, create=announced.create)
    destinations.check_table(context, announced.database, announced.table, create=announced.create)
    restrictions.refuse_restricted(context, announced.database, announced.table, by=uploader)
    key = PartitionKey(announced.database, announced.table, format_timestamp(now))
    areas = Areas(settings)
    destinations.check_keys(areas, key, filename)
    bound = bind(context, announced.database, announced.table, chosen=announced.reading, by=uploader, at=now)
    plan = plan_parts(announced.size, smallest=settings.part_size)
    confirmed_columns = _confirmed_columns(context, announced, by=uploader)
    return Upload(
        id=context.new_id(),
        database=announced.database,
        table=announced.table,
        extraction_timestamp=key.extraction_timestamp,
        filename=filename,
        size=announced.size,
        state=State.STARTED,
        uploader=uploader,
        door=door,
        governance=confirmed,
        may_create=announced.create,
        landing_uri=areas.landing(key, filename),
        created_at=now,
        updated_at=now,
        part_size=plan.size,
        part_count=plan.count,
        reading_options=bound.options,
        options_since=bound.since,
        confirmed=bool(confirmed_columns),
        confirmed_columns=" ".join(sorted(confirmed_columns)) or None,
    )


def check_file(context: FrontContext, filename: str, *, size: int) -> None:
    """Raise Refused (`unsupported_format`) or TooLarge (`file_too_large`), by the file's name and size alone."""
    settings = context.settings
    if not names.is_taken(filename, settings.formats):
        raise Refused(
            names.format_refusal(filename, settings.formats),
            code="unsupported_format",
            title="File format is not supported",
            field="file",
        )
    if size > settings.max_bytes or plan_parts(size, smallest=settings.part_size).size > MAX_PART_SIZE:
        limit, own = in_words(settings.max_bytes), in_words(size)
        if limit == own:
            limit, own = f"{settings.max_bytes:,} bytes", f"{size:,} bytes"
        raise TooLarge(
            f"The selected file must be {limit} or smaller; this has {own}.",
            code="file_too_large",
            title="File is too large",
            field="file",
        )


def in_words(size: int) -> str:
    """A number of bytes as people read it: `5 TB`, `1.5 MB`, `12 bytes`; steps of 1,024."""
    value, unit = float(size), "bytes"
    for larger in ("KB", "MB", "GB", "TB", "PB"):
        if value < 1024:  # noqa: PLR2004
            break
        value, unit = value / 1024, larger
    return f"{value:.0f} {unit}" if value >= 100 or unit == "bytes" else f"{value:.3g} {unit}"  # noqa: PLR2004
