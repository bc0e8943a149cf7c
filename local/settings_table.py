"""The settings as docs/running.md lists them: names, defaults and meanings out of include/settings.py."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from include.settings import PROJECT_ROOT, Settings

if TYPE_CHECKING:
    from pathlib import Path

BEGIN, END = "<!-- settings -->", "<!-- end of settings -->"
DOCUMENT = PROJECT_ROOT / "docs" / "running.md"

# What an area is for; their settings carry no description of their own.
MEANINGS = {
    "env": "dev, preprod or prod: prefixes databases, decides the governance rules, shown on every page and mail",
    "landing_uri": "where files arrive",
    "raw_history_uri": "accepted files, byte for byte, kept for ever",
    "fail_uri": "refused files with their reports",
    "staging_uri": "what conversion is working on",
    "curated_uri": "the tables' Parquet",
    "analytical_platform_uri": "the mirror on the Analytical Platform",
    "aws_region": "the region of both accounts",
    "mail_transport": "folder, smtp or ses",
    "mail_dir": "where the folder transport writes",
    "mail_from": "the sender of every mail",
    "smtp_host": "for the smtp transport",
    "smtp_port": "for the smtp transport",
    "smtp_username": "for the smtp transport; none signs in to nothing",
    "smtp_password": "for the smtp transport",
    "smtp_starttls": "for the smtp transport",
    "users_file": "who may sign in",
    "reading_options_file": "how the files of single tables are read",
    "table_owners_file": "which tables belong to somebody else than who made them",
    "sign_in_code_minutes": "how long a code is good for",
    "session_idle_minutes": "after this long without a request a person signs in again",
    "session_hours": "after this long a person signs in again in any case",
}


def table() -> str:
    """A Markdown table with a row for every setting, in the order of the class."""
    rows = [
        f"| `DATA_UPLOADER_{name.upper()}` | {_shown(field.default)} | {field.description or MEANINGS[name]} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def _shown(default: Any) -> str:
    match default:
        case None | "" | ():
            return "none"
        case SecretStr():
            text = default.get_secret_value()
        case Enum():
            text = str(default.value)
        case tuple():
            text = ",".join(default)
        case bool():
            text = str(default).lower()
        case _:
            text = str(default)
    return f"`{text.replace(f'{PROJECT_ROOT}/', '')}`"


def with_table(text: str) -> str:
    """The document with its table made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def rewrite(document: Path = DOCUMENT) -> None:
    """Bring the document up to date."""
    document.write_text(with_table(document.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    rewrite()
