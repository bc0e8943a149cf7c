"""Help entries: what the files of `help/` say, in the order of their names; docs/findings.md is made of them too."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from jinja2 import Environment, StrictUndefined, Template

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parent / "help"
SEVERITIES = {
    "error": "The file is refused",
    "warning": "The file is accepted, but have a look",
    "info": "The file is accepted; good to know",
    "rule": "The rule itself says whether the file is refused",
}
_TEXTS = Environment(undefined=StrictUndefined, trim_blocks=True, autoescape=False)  # noqa: S701  Markdown, escaped later


@dataclass(frozen=True)
class Entry:
    """One question and its answer.

    Attributes:
        anchor: the id that links name: a finding's or a problem's is its code.
        words: what people may look for who mean this, and what the text does not say; they are searched, never shown.
    """

    anchor: str
    title: str
    text: Template
    severity: str = ""
    words: tuple[str, ...] = ()

    def say(self, facts: Mapping[str, Any]) -> str:
        """The answer in this deployment's names and limits, as Markdown."""
        return self.text.render(facts).strip()


@dataclass(frozen=True)
class Section:
    """One file: entries of one kind (`entries`, `findings`, `problems`), and the file as it was read."""

    anchor: str
    title: str
    kind: str
    intro: Template
    entries: tuple[Entry, ...]
    document: Mapping[str, Any]


@cache
def sections() -> tuple[Section, ...]:
    """All help, as the release has it."""
    return tuple(_section(path) for path in sorted(FOLDER.glob("*.yaml")))


def codes(kind: str) -> dict[str, Entry]:
    """The entries of one kind by their anchors."""
    return {entry.anchor: entry for section in sections() if section.kind == kind for entry in section.entries}


def _section(path: Path) -> Section:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    (kind,) = {"entries", "findings", "problems"} & set(document)
    make = {"entries": _answer, "findings": _finding, "problems": _problem}[kind]
    return Section(
        anchor=f"section-{path.stem[3:]}",
        title=document["title"],
        kind=kind,
        intro=_TEXTS.from_string(document.get("intro", "")),
        entries=tuple(make(each) for each in document[kind]),
        document=document,
    )


def _answer(given: dict[str, Any]) -> Entry:
    words = tuple(given.get("words", ()))
    return Entry(given["anchor"], given["title"], _TEXTS.from_string(given["text"]), words=words)


def _finding(given: dict[str, str]) -> Entry:
    text = f"{given['means']}\n\n**For example.** {given['example']}\n\n**What to do.** {given['do']}"
    if given["example"].startswith("```"):
        text = text.replace("**For example.** ", "**For example.**\n\n")
    return Entry(given["code"], given["title"], _TEXTS.from_string(text), given["severity"])


def _problem(given: dict[str, str]) -> Entry:
    return Entry(given["code"], given["code"], _TEXTS.from_string(given["means"]))
