"""The wrong-table guard: whether a person is asked before a file goes into a table that is there, and what to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.domain import wrong_table
from include.domain.errors import Conflict
from include.domain.seeking import Sought
from include.domain.upload import FINISHED, State
from include.domain.wrong_table import Reason, fingerprint
from include.services.areas import Areas
from include.services.table_owners import owner_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from include.domain.findings import Finding
    from include.domain.upload import Upload
    from include.domain.wrong_table import Differences
    from include.services.context import FrontContext, PipelineContext

LAST = 5  # uploads that are shown, and whose columns count
_UNDER_WAY = frozenset(State) - FINISHED
_RECENT = 20  # uploads of a person into a table, among which those that were refused are looked for


@dataclass(frozen=True)
class LastUpload:
    """A published upload of the table."""

    uploader: str
    published_at: datetime
    extraction_timestamp: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a person is asked before their file is added to a table.

    Attributes:
        database: short name.
        table: which is there.
        owner: of the table; of one that is being made, who will own it.
        reasons: why they are asked.
        last: the last uploads into the table, the newest first.
        differences: between the columns of the file and the table's; None where the file's are not known.
        being_made: whether nothing is published of the table yet, and uploads of other people into it are under way.
    """

    database: str
    table: str
    owner: str
    reasons: tuple[Reason, ...]
    last: tuple[LastUpload, ...]
    differences: Differences | None
    being_made: bool = False


class ConfirmNeeded(Conflict):
    """Somebody must confirm first that the file goes into this table (HTTP 409)."""

    def __init__(self, question: Question) -> None:
        super().__init__(
            f"{' '.join(words(question).values())} If the file belongs there, confirm that (API: confirm = true). "
            "Otherwise choose another table.",
            code="confirm_needed",
            title="Confirm the table",
            field="confirm",
        )
        self.question = question

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.question,))


def question(
    context: FrontContext, database: str, table: str, *, by: str, columns: Iterable[str] = ()
) -> Question | None:
    """What to ask this person about a table; None for nothing, as for a table that nobody has sent a file for.

    They have used a table if they own it, or have an upload in it that came in or is under way: whoever confirmed the
    first of many files is not asked about the others. What was withdrawn, refused or cancelled is no use of it.

    Args:
        context: of the front.
        database: short name.
        table: its name, whether it exists or not.
        by: the uploader.
        columns: of the file, where they are known.
    """
    owner = owner_of(context, database, table)
    if owner is None:
        return _of_table_being_made(context, database, table, by=by)
    last = context.ledger.last_published(database, table, limit=LAST)
    found = compare(context, database, table, columns=columns, last=last)
    reasons = []
    if by != owner and not context.ledger.has_used(database, table, uploader=by):
        reasons.append(Reason.NOT_USED_BEFORE)
    if found is not None and found.unlike:
        reasons.append(Reason.COLUMNS_UNLIKE)
    if not reasons:
        return None
    return Question(
        database=database,
        table=table,
        owner=owner,
        reasons=tuple(reasons),
        last=tuple(_last_upload(upload) for upload in last),
        differences=found,
    )


def _of_table_being_made(context: FrontContext, database: str, table: str, *, by: str) -> Question | None:
    """Whoever chose the same name for a new table while another's first file is under way would add to theirs."""
    under_way = context.ledger.in_states(_UNDER_WAY, database=database, table=table)
    if not under_way or by in {upload.uploader for upload in under_way}:
        return None
    owner = context.reviewed_owners.of(database, table) or under_way[0].uploader
    if owner == by:
        return None
    return Question(
        database=database,
        table=table,
        owner=owner,
        reasons=(Reason.NOT_USED_BEFORE,),
        last=(),
        differences=None,
        being_made=True,
    )


def question_of_refused(
    context: FrontContext, upload_id: str, *, by: str, destination: tuple[str, str]
) -> Question | None:
    """What to ask of the columns for which an upload of this person into this table was refused; None for any other."""
    upload = context.ledger.get(upload_id) if upload_id.isascii() and upload_id.isalnum() else None
    finding = unlike_finding(upload) if upload and (upload.database, upload.table) == destination else None
    owner = owner_of(context, *destination)
    if upload is None or upload.uploader != by or finding is None or owner is None:
        return None
    last = context.ledger.last_published(*destination, limit=LAST)
    return Question(
        database=upload.database,
        table=upload.table,
        owner=owner,
        reasons=(Reason.COLUMNS_UNLIKE,),
        last=tuple(_last_upload(each) for each in last),
        differences=wrong_table.told(finding),
    )


def refused_for_columns(context: FrontContext, database: str, table: str, *, by: str) -> Upload | None:
    """This person's last upload into a table if it was refused because its columns are unlike the table's."""
    last = next(iter(_recent(context, database, table, by=by)), None)
    return last if last is not None and unlike_finding(last) else None


def refused_columns(context: FrontContext, database: str, table: str, *, by: str) -> frozenset[str]:
    """Fingerprints of the columns for which this person's last uploads into a table were refused."""
    found = (unlike_finding(upload) for upload in _recent(context, database, table, by=by))
    return frozenset(fingerprint(wrong_table.told(finding).file) for finding in found if finding)


def is_confirmed(upload: Upload, columns: Iterable[str]) -> bool:
    """Whether the uploader said of these columns, or of whatever columns, that they belong in the table."""
    return upload.confirmed and (
        not upload.confirmed_columns or fingerprint(columns) in upload.confirmed_columns.split()
    )


def _recent(context: FrontContext, database: str, table: str, *, by: str) -> list[Upload]:
    sought = Sought(database=database, table=table)
    recent = context.ledger.page(uploader=by, sought=sought, limit=_RECENT).uploads
    return [each for each in recent if (each.database, each.table) == (database, table)]


def unlike_finding(upload: Upload) -> Finding | None:
    """The finding for which an upload was refused, if it is this one."""
    if upload.state is not State.REFUSED:
        return None
    return next((finding for finding in upload.findings if finding.code == wrong_table.UNLIKE), None)


def audit_confirmed(
    context: FrontContext | PipelineContext,
    database: str,
    table: str,
    *,
    by: str,
    reasons: Iterable[Reason],
    upload_id: str | None = None,
) -> None:
    """Put into the audit trail that somebody said a file belongs there, and why they were asked."""
    context.ledger.audit(
        who=by,
        what="table confirmed",
        database=database,
        table=table,
        reasons=[reason.value for reason in reasons],
        **({"upload_id": upload_id} if upload_id else {}),
    )


def compare(
    context: FrontContext | PipelineContext,
    database: str,
    table: str,
    *,
    columns: Iterable[str],
    last: tuple[Upload, ...] | None = None,
) -> Differences | None:
    """The columns of a file beside those of a table; None if either is not known.

    Args:
        context: of the front or the ingestion.
        database: short name.
        table: its name, whether it exists or not.
        columns: of the file.
        last: the last published uploads of the table, if they were read already.
    """
    given = tuple(columns)
    there = context.catalogue.table(Areas(context.settings).database(database), table) if given else None
    if there is None:
        return None
    if last is None:
        last = context.ledger.last_published(database, table, limit=LAST)
    own = [name for name, _ in there.columns]
    return wrong_table.differences(given, own, earlier=_columns(last))


def columns_of(context: FrontContext, database: str, table: str) -> tuple[str, ...]:
    """The columns of a table, in its order; none of one that is not there."""
    there = context.catalogue.table(Areas(context.settings).database(database), table)
    return tuple(name for name, _ in there.columns) if there else ()


def earlier_columns(context: FrontContext, database: str, table: str) -> list[list[str]]:
    """The columns of each of the last files of a table, the newest first."""
    return _columns(context.ledger.last_published(database, table, limit=LAST))


def _columns(last: tuple[Upload, ...]) -> list[list[str]]:
    return [[name for name, _ in upload.columns] for upload in last]


def words(asked: Question) -> dict[Reason, str]:
    """Each reason in sentences."""
    where = f"{asked.database}.{asked.table}"
    whose = f"an upload that makes it is under way, and {asked.owner} will own it"
    whose = whose if asked.being_made else f"its owner is {asked.owner}"
    said = {Reason.NOT_USED_BEFORE: f"You have not added to {where} before; {whose}."}
    if asked.differences is not None:
        differ = " ".join(wrong_table.sentences(asked.differences))
        said[Reason.COLUMNS_UNLIKE] = f"The columns of the file are unlike those of {where}. {differ}"
    return {reason: said[reason] for reason in asked.reasons}


def _last_upload(upload: Upload) -> LastUpload:
    return LastUpload(upload.uploader, upload.published_at or upload.updated_at, upload.extraction_timestamp)
