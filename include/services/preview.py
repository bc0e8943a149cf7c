"""Foreseeing an upload: what will be found in a file and become of its table, before a byte of it is sent.

Facts of the file come from the page. They are used for the answer, and neither logged nor kept; how often a person asks
is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.domain import wrong_table
from include.domain.errors import TooMany
from include.domain.preview import Foreseen, Gathered, foresee
from include.domain.table_schema import TableSchema
from include.services import destinations, glue_tables, table_options
from include.services.areas import Areas
from include.services.throttling import Limit, is_within
from include.services.wrong_table import Question, earlier_columns, question

if TYPE_CHECKING:
    from include.domain.reading_options import ReadingOptions
    from include.services.context import FrontContext


PREVIEWS = Limit("checks of files before their upload", 120)
"""Of one person. Each costs a look at the catalogue, and may bring facts of 10,000 columns."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What is foreseen, and what is known of the table now.

    Attributes:
        foreseen: findings, types and changes.
        table: the evidence of the table; of no columns for one that is not there yet.
        differences: of the names of the columns from the table's.
        question: what is to be confirmed, if the columns are unlike the table's.
    """

    foreseen: Foreseen
    table: TableSchema
    differences: wrong_table.Differences
    question: Question | None


def preview(
    context: FrontContext, database: str, table: str, *, gathered: Gathered, options: ReadingOptions, by: str
) -> Preview:
    """Decide what will become of a file, as the ingestion will if the table is then as it is now.

    Args:
        context: of the front.
        database: short name of the database that the file is to go to, whether it exists or not.
        table: name of the table.
        gathered: the facts of the file.
        options: that they were gathered with.
        by: whose file it is, who may choose these options or not.

    Raises:
        Refused: a file cannot go there (see `services.destinations`).
        Conflict, Forbidden: these are not the table's options and not this person's to choose.
        TooMany: this person has asked for more than anybody needs.
    """
    _expect_few(context, by=by)
    destinations.check_database(context, database, create=True)
    destinations.check_table(context, database, table, create=True)
    table_options.bind(context, database, table, chosen=options, by=by, at=context.clock.now())
    there = context.catalogue.table(Areas(context.settings).database(database), table)
    schema = glue_tables.read_schema(there) if there else TableSchema()
    differences = wrong_table.differences(
        gathered.columns, schema.types(), earlier=earlier_columns(context, database, table)
    )
    asked = question(context, database, table, by=by, columns=gathered.columns) if differences.unlike else None
    return Preview(
        foreseen=foresee(gathered, schema, options=options),
        table=schema,
        differences=differences,
        question=asked,
    )


def _expect_few(context: FrontContext, *, by: str) -> None:
    if not is_within(context, PREVIEWS, by, who=by):
        minutes = int(PREVIEWS.within.total_seconds() // 60)
        raise TooMany(
            f"You have had files checked {PREVIEWS.most} times within {minutes} minutes, which is the most that is "
            f"possible. Wait {minutes} minutes, or upload the file: it is checked then, too.",
            code="too_many_previews",
            title="Too many checks",
        )
