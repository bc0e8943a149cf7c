"""Staged Parquet as a batch of Great Expectations: one view in a DuckDB that lives in memory and reaches nothing else.

Imported only where a suite is run: Great Expectations takes seconds to import.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import great_expectations as gx
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.expectations.metadata_types import FailureSeverity
from great_expectations.expectations.registry import get_expectation_impl

from include.adapters import gx_duckdb, gx_header_expectations
from include.conversion import LINE_COLUMN
from include.domain.errors import Terminal
from include.domain.header import is_allowed, stored_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import sqlalchemy as sa

    from include.validation.suite import Expectation

    Result = dict[str, Any]

VIEW = "staged"
LISTED = 20  # lines and values of one finding
REGISTERED = (gx_duckdb, gx_header_expectations)  # importing them makes their classes known to Great Expectations

# Its messages quote values of the file, which do not belong in logs; what went wrong is in the results.
logging.getLogger("great_expectations").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class StagedBatch:
    """A file's rows, ready to be asked; `columns` are those it has, with and without values."""

    columns: frozenset[str]
    rows: int
    batch: Any

    def ask(self, expectations: Sequence[tuple[int, Expectation]], *, header: Sequence[str]) -> dict[int, Result]:
        """The result of each expectation by its number; Terminal when one was not run."""
        suite = gx.ExpectationSuite(
            name="suite", expectations=[_built(one, number=number, header=header) for number, one in expectations]
        )
        answer = self.batch.validate(
            suite,
            result_format={
                "result_format": "SUMMARY",
                "unexpected_index_column_names": [LINE_COLUMN],
                "partial_unexpected_count": LISTED,
            },
        )
        results = {each.expectation_config.meta["number"]: each.to_json_dict() for each in answer.results}
        # Great Expectations drops what it does not understand, and an empty suite succeeds.
        if missing := [one.type for number, one in expectations if number not in results]:
            raise Terminal(
                f"Great Expectations did not run {', '.join(sorted(set(missing)))}.",
                code="expectations_not_run",
                title="Rules were not run",
            )
        return results


@contextmanager
def staged_batch(
    parts: Sequence[Path], *, lines: Sequence[Path], header: Sequence[str], memory_limit: str
) -> Iterator[StagedBatch]:
    """The rows of local Parquet files beside their line numbers, until the block ends."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_duckdb(VIEW, connection_string="duckdb:///:memory:")
    engine = source.get_execution_engine()
    try:
        with engine.get_connection() as connection:
            _confine(connection, parts[0].parent, memory_limit=memory_limit)
            columns, rows = _make_view(connection, parts, lines=lines, header=header)
        asset = source.add_table_asset(VIEW, table_name=VIEW)
        batch = asset.add_batch_definition_whole_table(VIEW).get_batch()
        yield StagedBatch(columns=columns, rows=rows, batch=batch)
    finally:
        engine.close()


def _built(expectation: Expectation, *, number: int, header: Sequence[str]) -> Any:
    kwargs = {"header": list(header)} if expectation.is_about_header else expectation.kwargs
    try:
        return get_expectation_impl(expectation.type)(
            **kwargs,
            severity=FailureSeverity(expectation.severity),
            meta={"number": number},
        )
    except ValueError as error:  # pydantic's, of either version
        raise Terminal(
            f"The arguments of {expectation.type} are wrong: {error}", code="bad_suite", title="Bad suite"
        ) from error


def _confine(connection: sa.Connection, folder: Path, *, memory_limit: str) -> None:
    """No network, no file outside the folder of the parts, no more memory than told; nothing undoes it."""
    for setting in (
        f"memory_limit={_text(memory_limit)}",
        f"temp_directory={_text(str(folder / '.spill'))}",
        "autoinstall_known_extensions=false",
        "autoload_known_extensions=false",
        f"allowed_directories=[{_text(str(folder))}]",
        "enable_external_access=false",
        "lock_configuration=true",
    ):
        connection.exec_driver_sql(f"SET {setting}")
    connection.commit()


def _make_view(
    connection: sa.Connection, parts: Sequence[Path], *, lines: Sequence[Path], header: Sequence[str]
) -> tuple[frozenset[str], int]:
    """The columns and the number of rows; a column without a value is in no file, and here one of nulls."""
    data, beside = _parquet(parts), _parquet(lines)
    has = connection.exec_driver_sql(f"SELECT * FROM {data} LIMIT 0").keys()  # noqa: S608 - no user's text but paths
    rows, numbered = (
        connection.exec_driver_sql(f"SELECT count(*) FROM {each}").scalar_one()  # noqa: S608
        for each in (data, beside)
    )
    if rows != numbered:
        raise Terminal(
            f"There are {rows} rows and {numbered} line numbers.", code="lines_do_not_fit", title="Line numbers missing"
        )
    named = {stored_name(name) for name in header if is_allowed(name)}
    nulls = "".join(f", NULL::VARCHAR AS {_identifier(name)}" for name in sorted(named - set(has)))
    connection.exec_driver_sql(
        f"CREATE VIEW {VIEW} AS SELECT data.*{nulls}, beside.{_identifier(LINE_COLUMN)} "  # noqa: S608
        f"FROM {data} AS data POSITIONAL JOIN {beside} AS beside"
    )
    connection.commit()
    return frozenset({*has, *named}), rows


def _parquet(paths: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(_text(str(path)) for path in paths)}])"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
