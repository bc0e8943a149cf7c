"""Great Expectations on DuckDB: an engine that keeps its one connection, and the metrics it lacks there.

Imported only where a suite is run: Great Expectations takes seconds to import.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import (
    column_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import (
    ColumnMapMetricProvider,
)

if TYPE_CHECKING:
    import builtins
    from collections.abc import Iterator


class DuckDbEngine(SqlAlchemyExecutionEngine):
    """The stock engine closes its connection before it reads the answer, which DuckDB does not forgive."""

    @contextmanager
    def get_connection(self) -> Iterator[sa.Connection]:
        """The one connection; a failed query does not spoil the next."""
        if self._connection is None:
            self._connection = self.engine.connect()
        try:
            yield self._connection
        except sa.exc.SQLAlchemyError:
            self._connection.rollback()
            raise


class DuckDbDatasource(SQLDatasource):
    """A datasource of the type `duckdb`; defining it makes `context.data_sources.add_duckdb`."""

    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]  # as Great Expectations' own datasources do

    @property
    def execution_engine_type(self) -> builtins.type[SqlAlchemyExecutionEngine]:
        """The engine above."""
        return DuckDbEngine

    def get_engine(self) -> sa.Engine:
        """The engine's own: another one would be another, empty, database in memory."""
        engine: sa.Engine = self.get_execution_engine().engine
        return engine


def _matches(column: Any, regex: str) -> Any:
    return sa.func.regexp_matches(sa.cast(column, sa.String), regex)


class _ValuesMatchRegex(ColumnMapMetricProvider):
    condition_metric_name = "column_values.match_regex"
    condition_value_keys = ("regex",)

    @column_condition_partial(engine=DuckDbEngine)
    def _duckdb(cls, column: Any, regex: str, **_: Any) -> Any:  # noqa: N805 - the decorator makes it a class method
        return _matches(column, regex)


class _ValuesNotMatchRegex(ColumnMapMetricProvider):
    condition_metric_name = "column_values.not_match_regex"
    condition_value_keys = ("regex",)

    @column_condition_partial(engine=DuckDbEngine)
    def _duckdb(cls, column: Any, regex: str, **_: Any) -> Any:  # noqa: N805 - as above
        return sa.not_(_matches(column, regex))
