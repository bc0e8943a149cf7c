"""The consistency check: whether raw_history, ledger, Parquet, Glue and the Analytical Platform say the same."""

from include.services.consistency.disagreement import Code, Disagreement, Repair
from include.services.consistency.examine import Report, examine, verify

__all__ = ["Code", "Disagreement", "Repair", "Report", "examine", "verify"]
