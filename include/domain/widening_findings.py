"""Findings about what a file does to its table: its words for widenings."""

from __future__ import annotations

from include.domain.findings import Finding, Severity


def widening_declined() -> Finding:
    """The file asks for types that earlier partitions do not have, and a data engineer declined to derive them."""
    return Finding(
        code="widening_declined",
        title="Earlier data will not be changed for this file",
        severity=Severity.ERROR,
        message=(
            "The file has values that do not fit the table's column types. To take it, too much of the table's earlier "
            "data would have to be derived again, and the data engineering team declined that. Correct the values and "
            "upload the file again, upload it to another table, or ask the team."
        ),
    )
