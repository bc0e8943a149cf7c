"""Restricted tables: which ones only named people may add to, by the reviewed file; anybody may to all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.errors import Forbidden
from include.domain.upload import Door
from include.services.table_owners import owner_of

if TYPE_CHECKING:
    from include.services.context import FrontContext, PipelineContext

_NAMED = 3  # people whom a refusal names


def may_append(context: FrontContext | PipelineContext, database: str, table: str, *, by: str) -> bool:
    """Whether this person may add to a table, or make it; `by` is `landing` for files dropped by hand."""
    people = who_may_append(context, database, table)
    return people is None or by in people


def who_may_append(context: FrontContext | PipelineContext, database: str, table: str) -> tuple[str, ...] | None:
    """The people who alone may add to a table, `landing` for files dropped by hand; None if anybody may."""
    return context.reviewed_owners.restricted_to(database, table)


def refuse_restricted(context: FrontContext | PipelineContext, database: str, table: str, *, by: str) -> None:
    """Raise Forbidden (`table_restricted`), and put it into the audit trail, unless this person may add to the table.

    The refusal names whom to ask: the table's owner if they may add, then others who may.
    """
    people = context.reviewed_owners.restricted_to(database, table)
    if people is None or by in people:
        return
    context.ledger.audit(who=by, what="restricted table refused", database=database, table=table)
    owner = owner_of(context, database, table)
    named = [person for person in people if person != Door.LANDING]
    to_ask = sorted(named, key=lambda person: person != owner)[:_NAMED]
    more = " or another of them" if len(named) > _NAMED else ""
    what = "Only named people may add to"
    if by == Door.LANDING:
        what = "Files dropped by hand are not taken into"
    raise Forbidden(
        f"{what} the table {database}.{table}: a reviewed file restricts it. Ask {_joined(to_ask)}{more}, or choose "
        "another table.",
        code="table_restricted",
        title="The table is restricted",
        field="table",
    )


def _joined(people: list[str]) -> str:
    return " or ".join([", ".join(people[:-1]), people[-1]] if people[1:] else people)
