"""Queries to paste: how the rows of one upload are read from Athena, in SQL, from Python and from R."""

from __future__ import annotations

from dataclasses import dataclass

PARTITION = "extraction_timestamp"


@dataclass(frozen=True)
class Queries:
    """The same question three times: every row of one upload."""

    sql: str
    python: str
    r: str


def queries_of(*, glue_database: str, table: str, extraction_timestamp: str, region: str) -> Queries:
    """Queries that run as they are, by somebody who may read the table; identifiers are quoted."""
    sql = (
        f"SELECT *\nFROM {quoted(glue_database)}.{quoted(table)}\n"
        f"WHERE {quoted(PARTITION)} = {literal(extraction_timestamp)}"
    )
    return Queries(sql=sql, python=_python(sql, glue_database), r=_r(sql, region))


def quoted(identifier: str) -> str:
    """An identifier as Athena takes it whatever it is: a keyword, or one that begins with a digit."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _python(sql: str, glue_database: str) -> str:
    return (
        f'import awswrangler as wr\n\nsql = """\n{sql}\n"""\n'
        f'rows = wr.athena.read_sql_query(sql, database="{glue_database}")'
    )


def _r(sql: str, region: str) -> str:
    # A raw string of R, so that neither kind of quotation mark in the SQL needs a backslash.
    return (
        "library(DBI)\n\n"
        "# s3_staging_dir is where your team keeps the results of Athena\n"
        "athena <- dbConnect(noctua::athena(),\n"
        f'  region_name = "{region}",\n'
        '  s3_staging_dir = Sys.getenv("AWS_ATHENA_S3_STAGING_DIR"))\n'
        f'sql <- r"(\n{sql}\n)"\n'
        "rows <- dbGetQuery(athena, sql)"
    )
