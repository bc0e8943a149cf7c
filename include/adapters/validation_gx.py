"""Validation by Great Expectations: the suite of a table over staged Parquet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.validation.suite import SUITES, suite_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from include.domain.findings import Finding


@dataclass(frozen=True)
class SuiteValidation:
    """Runs suites.

    Attributes:
        suites: the folder of the suite files.
        memory_limit: of the engine, in DuckDB's words; beyond it the engine spills into the folder of the parts.
    """

    suites: Path = SUITES
    memory_limit: str = "1GB"

    def validate(
        self, parts: Sequence[Path], *, lines: Sequence[Path], database: str, table: str, header: Sequence[str]
    ) -> tuple[Finding, ...]:
        """What the suite finds in local Parquet files `parts`; `lines` are their line-number sidecars.

        Findings are in the order of the suite. Nothing is written outside the folder of the parts, and nothing is
        fetched.
        """
        suite = suite_of(database, table, suites=self.suites)

        from include.adapters import gx_findings
        from include.adapters.gx_staged import staged_batch

        findings: dict[int, Finding] = {}
        with staged_batch(parts, lines=lines, header=header, memory_limit=self.memory_limit) as batch:
            asked = []
            for number, expectation in enumerate(suite.expectations):
                absent = [name for name in expectation.columns if name not in batch.columns]
                if absent and expectation.type != "expect_column_to_exist":
                    findings[number] = gx_findings.missing_column(expectation, absent)
                else:
                    asked.append((number, expectation))
            results = batch.ask(asked, header=header)
            for number, expectation in asked:
                result = results[number]
                if gx_findings.failed_to_run(result):
                    # Questions share a query, and one that fails takes the others with it: ask it alone.
                    result = batch.ask([(number, expectation)], header=header)[number]
                if message := gx_findings.failed_to_run(result):
                    findings[number] = gx_findings.of_failure(expectation, message)
                elif not result["success"]:
                    findings[number] = gx_findings.of_result(expectation, result, rows=batch.rows, header=header)
        return tuple(findings[number] for number in sorted(findings))
