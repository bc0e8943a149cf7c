"""Templates that whoever runs the service may replace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class AccessTemplates(Protocol):
    """The templates of the access pack: `project`, `database` and `readme`."""

    def render(self, which: str, facts: Mapping[str, Any]) -> str:
        """The file's text with these facts; Terminal (`access_template_broken`) if the template cannot be used."""
        ...
