"""What a rebuild of a table changes, in words for who has to approve it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from include.domain.column_types import display, glue_type
from include.domain.file_findings import count_of
from include.services import glue_tables
from include.services.repair.table_plan import Step
from include.services.repair.table_target import stored_options, stored_schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from include.services.repair.table_plan import RebuildPlan

SHOWN = 50  # of a long list
GB = 1000**3


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What changes.

    Attributes:
        table: `<database>.<table>`, short.
        partition: the one that is meant, or None.
        removed: columns that no upload has.
        added: columns that Glue lacks.
        changed: name, type now, type to be, of the others.
        derive: extraction timestamps of the partitions to be derived again.
        register: of those whose files are whole and whose entry in Glue is missing or wrong.
        unregister: of those whose uploads were withdrawn, refused or cancelled.
        raw_bytes: size of the raw files to be read.
        other: further changes, in sentences.
    """

    table: str
    partition: str | None
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    changed: tuple[tuple[str, str, str], ...] = ()
    derive: tuple[str, ...] = ()
    register: tuple[str, ...] = ()
    unregister: tuple[str, ...] = ()
    raw_bytes: int = 0
    other: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything changes at all."""
        return any((self.removed, self.added, self.changed, self.derive, self.register, self.unregister, self.other))

    def is_within(self, approved: Difference) -> bool:
        """Whether nothing is taken from readers that an approval did not name."""
        return set(self.removed) <= set(approved.removed) and set(self.changed) <= set(approved.changed)

    def as_dict(self) -> dict[str, Any]:
        """A small JSON object."""
        return asdict(self)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Difference:
        """Read back what `as_dict` wrote, through JSON."""
        facts: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in document.items()
        }
        return cls(**{**facts, "changed": tuple((name, was, becomes) for name, was, becomes in facts["changed"])})

    def markdown(self) -> str:
        """The same for a person; it tells columns and types, never a value."""
        if not self:
            return f"**{self.table}**: nothing differs."
        blocks = [f"**{self.table}**" + (f", partition {self.partition}" if self.partition else "")]
        blocks += _list("Columns removed", [f"`{name}`" for name in self.removed])
        blocks += _list("Columns added", [f"`{name}`" for name in self.added])
        blocks += _list("Types", [f"`{name}`: {was} becomes {becomes}" for name, was, becomes in self.changed])
        blocks += _list(f"Partitions derived again, from {self.raw_bytes / GB:,.3f} GB of raw files", list(self.derive))
        blocks += _list("Partitions registered", list(self.register))
        blocks += _list("Partitions taken out", list(self.unregister))
        blocks += _list("Also", list(self.other))
        return "\n\n".join(blocks)


def difference(plan: RebuildPlan) -> Difference:
    """What a plan changes."""
    before, after = _types(plan)
    derive, register = plan.with_step(Step.DERIVE), plan.with_step(Step.REGISTER)
    return Difference(
        table=f"{plan.request.database}.{plan.request.table}",
        partition=plan.request.extraction_timestamp,
        removed=tuple(name for name in before if name not in after),
        added=tuple(name for name in after if plan.known is not None and name not in before),
        changed=tuple(
            (name, kind, after[name]) for name, kind in before.items() if name in after and after[name] != kind
        ),
        derive=tuple(item.timestamp for item in derive),
        register=tuple(item.timestamp for item in register),
        unregister=tuple(each.extraction_timestamp for each in plan.strays),
        raw_bytes=sum(item.published.upload.size for item in derive),
        other=tuple(_other(plan, before, after)),
    )


def _types(plan: RebuildPlan) -> tuple[dict[str, str], dict[str, str]]:
    """Types now and to be: in the words of the API, or in Glue's where the table's evidence is lost."""
    if plan.drops_table or plan.known is None:
        return {}, {}
    stored = stored_schema(plan.known)
    if stored is None:
        return dict(plan.known.columns), {name: glue_type(kind) for name, kind in plan.target.types().items()}
    return (
        {name: display(kind) for name, kind in stored.types().items()},
        {name: display(kind) for name, kind in plan.target.types().items()},
    )


def _other(plan: RebuildPlan, before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    known, stored = plan.known, stored_schema(plan.known) if plan.known else None
    late = [item for item in plan.items if item.ledger_differs]
    words = [f"The ledger is told the revisions of {count_of(len(late), 'partition')}."] if late else []
    if plan.request.extraction_timestamp is not None:
        return words
    if known is None:
        return ["The table is made again in Glue.", *words]
    if plan.drops_table:
        return ["The table is deleted from Glue: nothing is published in it. The raw files stay.", *words]
    columns = tuple((name, glue_type(kind)) for name, kind in plan.target.types().items())
    if stored is None:
        words.append("The table's evidence, which is lost, is made again.")
    elif stored != plan.target and before == after:
        words.append("The table's evidence changes; its types do not.")
    if sorted(before) == sorted(after) and before == after and columns != known.columns:
        words.append("The table's columns in Glue are put right.")
    if plan.misplaced:
        words.append("Where the table lies and how it is stored is put right in Glue.")
    if glue_tables.WIDENING in known.parameters:
        words.append("A change of types that was cut short is brought to its end.")
    if plan.options != stored_options(known):
        words.append("How the table's files are read changes to what was chosen last.")
    return words


def _list(title: str, entries: Sequence[str]) -> list[str]:
    if not entries:
        return []
    shown = [f"* {entry}" for entry in entries[:SHOWN]]
    more = [f"* and {len(entries) - SHOWN} more"] if len(entries) > SHOWN else []
    return [f"{title} ({len(entries)}):", "\n".join([*shown, *more])]
