"""Answers: what a person has said so far in the four steps, and which step comes next."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    from include.domain.upload import Upload

from include.domain.wrong_table import Reason, fingerprint

STEPS = ("governance", "database", "table", "check")
_KEPT = 10  # fingerprints of columns that a person confirmed for one table


@dataclass(frozen=True)
class GovernanceAnswer:
    """Step 1."""

    document: str
    reference: str
    classification: str


@dataclass(frozen=True)
class NameAnswer:
    """Steps 2 and 3: a name, and whether it is to be created."""

    name: str
    new: bool


@dataclass(frozen=True)
class ReadingAnswer:
    """The reading options of step 4, as they were typed."""

    delimiter: str
    text_columns: str
    day_first_columns: str
    null_words: str
    sheet: str


@dataclass(frozen=True)
class ConfirmAnswer:
    """The interruption page: that the file belongs into a table that is there.

    `columns` are fingerprints of those that were shown as unlike the table's; `unused` tells that the person was asked
    whether they meant a table that they had not used before.
    """

    database: str
    table: str
    columns: tuple[str, ...] = ()
    unused: bool = False

    @classmethod
    def of(cls, kept: dict[str, Any]) -> ConfirmAnswer:
        """From what a session keeps; of one that was kept by an earlier release nothing but the table counts."""
        columns = kept.get("columns")
        known = tuple(columns) if isinstance(columns, list | tuple) else ()
        return cls(kept["database"], kept["table"], known, unused=bool(kept.get("unused")))


@dataclass(frozen=True)
class Answers:
    """All answers; None where a step was not taken, and for reading options that nobody touched."""

    governance: GovernanceAnswer | None = None
    database: NameAnswer | None = None
    table: NameAnswer | None = None
    reading: ReadingAnswer | None = None
    confirmed: ConfirmAnswer | None = None
    asked: ConfirmAnswer | None = None
    """The columns that a file sent by the form was interrupted for; the file itself is not kept."""

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Answers:
        """From what a session keeps."""
        governance, database, table = kept.get("governance"), kept.get("database"), kept.get("table")
        reading, confirmed, asked = kept.get("reading"), kept.get("confirmed"), kept.get("asked")
        return cls(
            GovernanceAnswer(**governance) if governance else None,
            NameAnswer(**database) if database else None,
            NameAnswer(**table) if table else None,
            ReadingAnswer(**reading) if reading else None,
            ConfirmAnswer.of(confirmed) if confirmed else None,
            ConfirmAnswer.of(asked) if asked else None,
        )

    @classmethod
    def of_upload(cls, upload: Upload, *, tables: Collection[str], reading: ReadingAnswer | None) -> Answers:
        """As an upload was sent; `tables` are those of its database by now. An existing table has its own `reading`."""
        told = upload.governance
        governance = (
            GovernanceAnswer(told.document.value, told.reference, told.classification.value)
            if told.document and told.classification
            else None
        )
        new = upload.table not in tables
        database, table = NameAnswer(upload.database, new=not tables), NameAnswer(upload.table, new=new)
        return cls(governance, database, table, reading if new else None)

    def as_dict(self) -> dict[str, Any]:
        """What a session keeps."""
        return asdict(self)

    def with_database(self, answer: NameAnswer) -> Answers:
        """Another database. The table goes, unless it is a new one: existing tables are of the old database."""
        keeps_table = self.database == answer or (self.table is not None and self.table.new)
        confirmed = self.confirmed if self.database == answer else None
        if keeps_table:
            return replace(self, database=answer, confirmed=confirmed)
        return replace(self, database=answer, table=None, reading=None, confirmed=confirmed)

    def with_table(self, answer: NameAnswer) -> Answers:
        """Another table. Reading options go with the old one, unless both are new: an existing table has its own."""
        both_new = answer.new and self.table is not None and self.table.new
        return replace(
            self,
            table=answer,
            reading=self.reading if both_new or answer == self.table else None,
            confirmed=self.confirmed if answer == self.table else None,
        )

    def beside(self, tables: Collection[str]) -> Answers:
        """With these tables in the chosen database by now: what was to be created and is there is no longer new."""
        made = self.table is not None and self.table.new and self.table.name in tables
        return replace(
            self,
            database=replace(self.database, new=self.database.new and not tables) if self.database else None,
            table=replace(self.table, new=False) if self.table and made else self.table,
            reading=None if made else self.reading,
        )

    def with_asked(self, columns: str) -> Answers:
        """A file of these columns, a fingerprint, is asked about."""
        return replace(self, asked=ConfirmAnswer(*self.destination, (columns,)))

    def with_confirmed(self, reasons: Collection[Reason], *, columns: str = "") -> Answers:
        """These reasons are confirmed for the chosen table, besides what was before; `columns` is a fingerprint."""
        before = self._of_destination(self.confirmed)
        known = dict.fromkeys([*before.columns, *([columns] if columns else [])])
        unused = before.unused or Reason.NOT_USED_BEFORE in reasons
        kept = ConfirmAnswer(*self.destination, tuple(known)[-_KEPT:], unused=unused)
        return replace(self, confirmed=kept, asked=None)

    def confirmed_reasons(self, columns: tuple[str, ...] = ()) -> frozenset[Reason]:
        """What was confirmed for the chosen table and a file of these columns."""
        kept = self._of_destination(self.confirmed)
        unused = {Reason.NOT_USED_BEFORE} if kept.unused else set()
        unlike = {Reason.COLUMNS_UNLIKE} if columns and fingerprint(columns) in kept.columns else set()
        return frozenset(unused | unlike)

    @property
    def confirmed_columns(self) -> frozenset[str]:
        """Fingerprints of the columns that were confirmed for the chosen table."""
        return frozenset(self._of_destination(self.confirmed).columns)

    @property
    def asked_columns(self) -> frozenset[str]:
        """Fingerprints of the columns that a file for the chosen table was interrupted for."""
        return frozenset(self._of_destination(self.asked).columns)

    def _of_destination(self, answer: ConfirmAnswer | None) -> ConfirmAnswer:
        nothing = ConfirmAnswer(*self.destination)
        return answer if answer and (answer.database, answer.table) == self.destination else nothing

    @property
    def destination(self) -> tuple[str, str]:
        """Database and table; empty where a step was not taken."""
        return (self.database.name if self.database else "", self.table.name if self.table else "")

    def told_in(self, step: str) -> dict[str, object]:
        """What a step was answered with, for the audit trail."""
        if step == "governance":
            return asdict(self.governance) if self.governance else {}
        chosen = self.table if step == "table" else self.database
        names = {"database": self.database.name if self.database else None}
        names |= {"table": chosen.name} if chosen and step == "table" else {}
        return {**names, "new": chosen.new if chosen else None}

    @property
    def creates(self) -> bool:
        """Whether the database or the table is to be created."""
        return any(answer is not None and answer.new for answer in (self.database, self.table))

    @property
    def next_step(self) -> str:
        """The first step that has no answer, or `check`."""
        return next((step for step in STEPS[:3] if getattr(self, step) is None), "check")

    def may_see(self, step: str) -> bool:
        """Whether all steps before this one have an answer."""
        return STEPS.index(step) <= STEPS.index(self.next_step)
