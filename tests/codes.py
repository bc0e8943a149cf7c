"""Every code that the sources can emit: of findings about a file, and of problems that pages and API report."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROBLEMS = frozenset(
    {"Refused", "NotFound", "Forbidden", "Conflict", "TooLarge", "TooMany", "Transient", "Unauthenticated", "OtherHost"}
)
# What only data engineers meet, in Airflow's log or at a repair's form. It is in docs/running.md.
ENGINEERS = (
    "include/services/consistency",
    "include/services/housekeeping",
    "include/services/promotion",
    "include/services/repair",
    "include/services/widening",
    "include/services/withdrawal/run.py",
    "include/services/withdrawal/own_table.py",
    "include/adapters/mail",
    "include/adapters/catalogue_glue.py",
    "include/adapters/object_store",
    "include/adapters/s3_stream.py",
    "include/services/glue_tables.py",
    "include/services/ingest/publish.py",
    "include/services/ingest/claimed.py",
    "include/services/lease.py",
    "include/orchestration",
    "include/conversion",
)


def findings() -> dict[str, str | None]:
    """Code and title of every finding; None for a title that is put together as it is told."""
    found: dict[str, str | None] = {}
    for path in (*(ROOT / "include" / "domain").glob("*.py"), *(ROOT / "include" / "adapters").glob("gx_*.py")):
        for code, title in _calls(path, {"Finding"}):
            found[code] = title if found.get(code, title) == title else None
    return found


def rules() -> set[str]:
    """Codes of what a table's own rules find."""
    from include.validation.rules import RULES

    return {rule.code for rule in RULES.values()}


def problems() -> set[str]:
    """Codes of every problem that a person or a program can be answered with."""
    codes: set[str] = set()
    for folder in ("include", "plugins"):
        for path in (ROOT / folder).rglob("*.py"):
            if not str(path.relative_to(ROOT)).startswith(ENGINEERS):
                codes |= {code for code, _ in _calls(path, PROBLEMS)}
    return codes | {"invalid_request", "internal_error", "confirm_needed"}


def _calls(path: Path, names: set[str] | frozenset[str]) -> list[tuple[str, str | None]]:
    """`code` and, where it is plain, `title` of each call of one of these names."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            title = given.get("title")
            plain = str(title.value) if isinstance(title, ast.Constant) else None
            found += [(code, plain) for code in _texts(given.get("code"))]
    return found


def _texts(node: ast.expr | None) -> list[str]:
    """A text, or what a text about `what` (a database or a table) becomes."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        ending = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        return [what + ending for what in ("database", "table")]
    return []
