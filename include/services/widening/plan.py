"""What a table's widening would take: partitions to derive, bytes to read, and whether that is within the budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.domain.column_types import display
from include.domain.file_findings import count_of
from include.domain.markdown import as_text
from include.domain.table_schema import TableSchema
from include.services import glue_tables
from include.services.announcing import in_words
from include.services.areas import Areas
from include.services.widening.budget import is_above_budget
from include.services.widening.readiness import readiness
from include.services.widening.standing import read_standing
from include.services.widening.target import members, target_of

if TYPE_CHECKING:
    from include.domain.upload import Upload
    from include.services.context import PipelineContext
    from include.services.widening.outdated import Outdated


@dataclass(frozen=True)
class WideningPlan:
    """What has to be done before the waiting uploads can be published.

    Attributes:
        database: short name.
        table: its name.
        members: the uploads that wait, the longest waiting first.
        target: the schema that they ask for.
        changes: name, type now and type to be (API words) of each column that becomes wider.
        partitions: those that are still to be derived again.
        over_budget: whether a person has to approve it, and has not yet.
    """

    database: str
    table: str
    members: tuple[Upload, ...]
    target: TableSchema
    changes: tuple[tuple[str, str, str], ...]
    partitions: tuple[Outdated, ...]
    over_budget: bool

    @property
    def raw_bytes(self) -> int:
        """Size of the raw files to read, as they were uploaded."""
        return sum(outdated.upload.size for outdated in self.partitions)

    def describe(self) -> str:
        """The plan in words, as Markdown, for whoever decides on it. It tells columns and types, never a value."""
        waiting = (
            f"* {as_text(upload.filename)} ({upload.extraction_timestamp}) of {as_text(upload.uploader)}: "
            f"upload {upload.id}"
            for upload in self.members
        )
        work = (
            f"**{as_text(f'{self.database}.{self.table}')}**: {count_of(len(self.partitions), 'partition')} to derive "
            f"again from {in_words(self.raw_bytes)} of raw files."
        )
        wider = (f"* `{name}`: {as_text(before)} becomes {as_text(after)}" for name, before, after in self.changes)
        follows = (
            "**Widen** writes these partitions again beside what people read, then changes the table and adds the "
            "uploads. **Decline** refuses the uploads and leaves the table as it is."
        )
        blocks = (
            work,
            "Columns that become wider:",
            "\n".join(wider),
            "Uploads that wait for it (one that is cancelled drops out):",
            "\n".join(waiting),
        )
        return "\n\n".join((*blocks, follows))


def plan_widening(context: PipelineContext, database: str, table: str) -> WideningPlan:
    """What is to be derived for all waiting uploads, those included that wait for an approval; changes nothing."""
    waiting = members(context, database, table, unapproved=True)
    known = context.catalogue.table(Areas(context.settings).database(database), table)
    if known is None:
        return WideningPlan(database, table, waiting, TableSchema(), (), (), over_budget=False)
    target = target_of(context, known, waiting)
    missing = readiness(context, database, table, target).outstanding.partitions
    before, after = glue_tables.read_schema(known).types(), target.types()
    changes = tuple((name, display(kind), display(after[name])) for name, kind in before.items() if kind != after[name])
    approved = read_standing(context, database, table).is_approved_for(waiting)
    over_budget = is_above_budget(context, missing) and not approved
    return WideningPlan(database, table, waiting, target, changes, missing, over_budget=over_budget)
