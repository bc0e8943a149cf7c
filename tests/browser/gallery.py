"""Every page of the front in every state that looks different: what is photographed, and held against WCAG 2.2 AA."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.browser import gallery_step4, gallery_uploads, gallery_wizard

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.gallery_stage import Stage

NO_PAGES = {
    "health": "for load balancers, plain text",
    "begin": "sends people on to the first step",
    "api": "for programs",
    "static": "files",
    "provider": "sends people on to the identity provider",
    "provider_callback": "where the identity provider sends them back",
    "access_file": "a file to save",
    "findings_file": "a file to save",
    "session": "for scripts: whether the session lasts",
    "table_metadata": "a file to save",
}
"""Routes that are asked for by GET and show nothing to a person."""


@dataclass(frozen=True)
class Shown:
    """A page in a state.

    Attributes:
        route: the name of its route; empty for a page that any address may show.
        state: what is special about it.
        arrive: has the browser show it.
        signed_in: whether it is shown to somebody who is.
    """

    route: str
    state: str
    arrive: Callable[[Stage], None]
    signed_in: bool = True

    @property
    def name(self) -> str:
        """For people and for the picture's file."""
        return "-".join(part.replace(" ", "-") for part in (self.route or "any", self.state) if part)


def _at(path: str) -> Callable[[Stage], None]:
    return lambda stage: stage.go(path)


def _code(stage: Stage) -> None:
    stage.go("sign-in")
    stage.page.get_by_label("Email address").fill("nobody@example.org")
    stage.press("Send the code")


def _code_wrong(stage: Stage) -> None:
    _code(stage)
    stage.page.get_by_label("Code").fill("000000")
    stage.press("Continue")


def _email_missing(stage: Stage) -> None:
    stage.go("sign-in")
    stage.press("Send the code")


def _expired(stage: Stage) -> None:
    stage.go("upload/governance")
    stage.page.evaluate("document.querySelector('main [name=csrf_token]').value = 'old'")
    stage.press("Continue")


def _tables(path: str) -> Callable[[Stage], None]:
    def arrive(stage: Stage) -> None:
        stage.scenes.publish()
        stage.go(f"tables{path}")

    return arrive


GALLERY: tuple[Shown, ...] = (
    Shown("start", "", _at(""), signed_in=False),
    Shown("start", "signed in", _at("")),
    Shown("sign_in", "", _at("sign-in"), signed_in=False),
    Shown("sign_in", "nothing entered", _email_missing, signed_in=False),
    Shown("sign_in_code", "", _code, signed_in=False),
    Shown("sign_in_code", "wrong code", _code_wrong, signed_in=False),
    Shown("help", "", _at("help"), signed_in=False),
    Shown("help", "searched", _at("help?q=dates")),
    Shown("help", "nothing found", _at("help?q=zzzz")),
    Shown("cookies", "", _at("cookies"), signed_in=False),
    Shown("privacy", "", _at("privacy")),
    Shown("accessibility", "", _at("accessibility"), signed_in=False),
    Shown("account", "", _at("account")),
    Shown("tokens", "", _at("account/tokens")),
    Shown("", "not found", _at("nothing"), signed_in=False),
    Shown("", "expired form", _expired),
    Shown("tables", "none", _at("tables")),
    Shown("tables", "", _tables("")),
    Shown("tables", "none of that name", _tables("?name=zzzz")),
    Shown("database_tables", "", _tables("/travel")),
    Shown("table_page", "", _tables("/travel/tables/trips")),
    Shown("access_pack", "", _tables("/travel/access")),
    *(Shown(route, state, arrive) for route, state, arrive in gallery_wizard.STATES),
    *(Shown(route, state, arrive) for route, state, arrive in gallery_step4.STATES),
    *(Shown(route, state, arrive) for route, state, arrive in gallery_uploads.STATES),
)
