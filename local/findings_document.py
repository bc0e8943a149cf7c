"""The findings as docs/findings.md lists them: made of the help's entries, so that both say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.settings import PROJECT_ROOT
from plugins.front.help_entries import Section, sections

if TYPE_CHECKING:
    from pathlib import Path

BEGIN, END = "<!-- findings -->", "<!-- end of findings -->"
DOCUMENT = PROJECT_ROOT / "docs" / "findings.md"


def tables() -> str:
    """A heading and a Markdown table for each section of findings."""
    return "\n\n".join(_part(section) for section in sections() if section.kind == "findings")


def _part(section: Section) -> str:
    document = section.document
    rows = [
        f"| `{each['code']}` | {_severity(each)} | {_means(each)} | {_plain(each['do'])} |"
        for each in document["findings"]
    ]
    parts = [
        f"## {document['docs']}",
        document.get("note", "").strip(),
        "\n".join(["| code | severity | what it means | what to do |", "|---|---|---|---|", *rows]),
        document.get("after", "").strip(),
    ]
    return "\n\n".join(part for part in parts if part)


def _severity(entry: dict[str, str]) -> str:
    return "as the rule says" if entry["severity"] == "rule" else entry["severity"]


def _means(entry: dict[str, str]) -> str:
    return " ".join(part for part in (_plain(entry["means"]), _plain(entry.get("programs", ""))) if part)


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def with_tables(text: str) -> str:
    """The document with its tables made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


def rewrite(document: Path = DOCUMENT) -> None:
    """Bring the document up to date."""
    document.write_text(with_tables(document.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    rewrite()
