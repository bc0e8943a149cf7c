"""Templates of the access pack: Jinja2 files that whoever runs the service may replace, rendered in a sandbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from include.domain.errors import Terminal
from include.domain.markdown import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class AccessTemplateFiles:
    """`AccessTemplates` over one file for each; read anew each time, so that a replaced one counts at once.

    Filters beside Jinja2's own: `quoted` makes a YAML scalar that parses back to the same text, `text` Markdown that
    shows the text and does nothing else.
    """

    files: Mapping[str, Path] = field(default_factory=dict)

    def render(self, which: str, facts: Mapping[str, Any]) -> str:
        """The text; Terminal (`access_template_broken`) if the file cannot be used or its YAML does not parse."""
        path = self.files[which]
        try:
            text = _environment().from_string(path.read_text(encoding="utf-8")).render(facts)
            if path.name.removesuffix(".jinja").endswith((".yaml", ".yml")):
                yaml.safe_load(text)
        # A template may fail in whatever way the expressions in it can; each is a fault of the file.
        except (OSError, TemplateError, yaml.YAMLError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise Terminal(
                f"The template {path} cannot be used: {type(error).__name__}: {error}",
                code="access_template_broken",
                title="The template cannot be used",
            ) from error
        return text


@cache
def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        autoescape=False,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["quoted"] = _quoted
    environment.filters["text"] = as_text
    return environment


def _quoted(value: object) -> str:
    return yaml.safe_dump(str(value), default_style='"', allow_unicode=True, width=float("inf")).rstrip("\n")
