"""Whose reading options count for an upload: the reviewed file's, the uploader's choice, or the table's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from include.domain.errors import Conflict, Forbidden
from include.domain.reading_options import DEFAULT_OPTIONS, UNCHOSEN, BoundOptions
from include.services import glue_tables
from include.services.areas import Areas
from include.services.table_owners import owner_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from include.domain.reading_options import ReadingOptions
    from include.domain.upload import Upload
    from include.services.context import FrontContext, PipelineContext

FIELD = "reading_options"


@dataclass(frozen=True, kw_only=True)
class TableOptions:
    """How the next file of a table is read unless its uploader chooses otherwise.

    Attributes:
        options: the reviewed file's, else what was chosen last, else the defaults.
        since: when they were chosen: `UNCHOSEN` where nobody ever did; None for the reviewed file's, which are
            chosen anew for every upload.
        reviewed: they are the reviewed file's, which nobody overrules.
        owner: of the table, who may change them; None for a table without a published upload.
    """

    options: ReadingOptions
    since: datetime | None
    reviewed: bool
    owner: str | None

    def may_choose(self, person: str) -> bool:
        """Whether this person may choose other options for an upload."""
        return not self.reviewed and self.owner in {None, person}

    @property
    def may_choose_sheet(self) -> bool:
        """Whether everybody may: a sheet says which data are sent, not how a table is read."""
        return not self.reviewed or self.options.sheet is None


def of_table(context: FrontContext | PipelineContext, database: str, table: str) -> TableOptions:
    """What is known of how a table (short database name) is read."""
    owner = owner_of(context, database, table)
    reviewed = context.reviewed_options.of(database, table)
    if reviewed is not None:
        return TableOptions(options=reviewed, since=None, reviewed=True, owner=owner)
    there = context.catalogue.table(Areas(context.settings).database(database), table) if owner else None
    bound = glue_tables.read_options(there) if there else None
    bound = bound or BoundOptions(DEFAULT_OPTIONS, UNCHOSEN)
    return TableOptions(options=bound.options, since=bound.since, reviewed=False, owner=owner)


def bind(
    context: FrontContext | PipelineContext,
    database: str,
    table: str,
    *,
    chosen: ReadingOptions | None,
    by: str,
    at: datetime,
) -> BoundOptions:
    """The options that an upload is read with, for good.

    Options of the table keep the moment they were chosen at: an upload that only follows them, perhaps with another
    sheet of its own, never turns a newer choice back, in whatever order uploads are published.

    Args:
        context: of the front or the ingestion.
        database: short name.
        table: its name, whether it exists or not.
        chosen: by the uploader for this upload; None is whatever the table's are.
        by: the uploader.
        at: when the upload was announced.

    Raises:
        Conflict: the table's are reviewed, and other ones were chosen (`reading_options_reviewed`).
        Forbidden: other ones were chosen by somebody who is not the table's owner (`reading_options_not_owner`).
    """
    known = of_table(context, database, table)
    if chosen is None or chosen == known.options:
        return BoundOptions(known.options, known.since or at)
    if known.may_choose_sheet and chosen == replace(known.options, sheet=chosen.sheet) and not known.may_choose(by):
        return BoundOptions(chosen, known.since or at)
    if known.reviewed:
        raise Conflict(
            f"How files of {database}.{table} are read is kept in a reviewed file and cannot be chosen for one upload. "
            "Leave the reading options as they are, or ask the data engineers to change the file.",
            code="reading_options_reviewed",
            title="Reading options are reviewed",
            field=FIELD,
        )
    if not known.may_choose(by):
        raise Forbidden(
            f"Only the owner of {database}.{table} can change how its files are read. Leave the reading options as "
            "they are, ask the owner, or upload into a table of your own.",
            code="reading_options_not_owner",
            title="Reading options are the owner's",
            field=FIELD,
        )
    return BoundOptions(chosen, at)


def of_uploads(
    context: PipelineContext, published: Iterable[Upload], *, every: Iterable[Upload], stored: BoundOptions | None
) -> BoundOptions:
    """What uploads make the options of their table: those chosen last.

    Args:
        context: of the ingestion.
        published: those that are in the table, in the order they were published.
        every: upload of the table, whatever became of it.
        stored: the table's, which count if one of those has brought them; None for nothing.
    """
    in_turn = list(published)
    distinct = {(upload.uploader, upload.bound_options.since): upload for upload in reversed(in_turn)}
    chosen = [bound for upload in reversed(distinct.values()) if (bound := adopted(context, upload)) is not None]
    if stored is not None and any(upload.bound_options == stored for upload in every):
        chosen.insert(0, stored)
    return max(chosen, key=lambda bound: bound.since, default=BoundOptions(DEFAULT_OPTIONS, UNCHOSEN))


def adopted(context: PipelineContext, upload: Upload) -> BoundOptions | None:
    """What an upload that is being published makes the options of its table; None for nothing.

    It may have been announced before the table had an owner, so whose the table is counts as it is now.
    """
    owner = owner_of(context, upload.database, upload.table)
    reviewed = context.reviewed_options.of(upload.database, upload.table) == upload.reading_options
    return upload.bound_options if reviewed or owner in {None, upload.uploader} else None
