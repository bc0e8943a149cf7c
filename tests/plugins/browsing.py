"""A browser for tests: it follows redirects, reads pages and fills in forms, hidden inputs included."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bs4 import BeautifulSoup

from tests.fakes.front import ANALYST, Front

if TYPE_CHECKING:
    from bs4 import Tag
    from fastapi.testclient import TestClient
    from httpx import Response


@dataclass
class Browser:
    """One person's browser; `page` is what it shows."""

    client: TestClient
    front: Front
    response: Response = field(init=False)
    page: BeautifulSoup = field(init=False)

    def get(self, path: str) -> Browser:
        """Go to a path below the front, or to one a link names."""
        return self._show(self.client.get(self._url(path), follow_redirects=True))

    def submit(self, *, action: str | None = None, files: Any = None, **values: str) -> Browser:
        """Send the page's form (the one with this action), its hidden inputs and these values."""
        form = self._form(action)
        hidden = {str(tag["name"]): str(tag.get("value", "")) for tag in form.select("input[type=hidden]")}
        answer = self.client.post(
            self._url(str(form["action"])), data={**hidden, **values}, files=files, follow_redirects=True
        )
        return self._show(answer)

    def submit_search(self, words: str) -> Browser:
        """Send the page's search form."""
        form = self.page.select_one("form[role=search]")
        assert form is not None
        return self._show(self.client.get(self._url(str(form["action"])), params={"q": words}))

    def follow(self, text: str) -> Browser:
        """Follow the first link with this text."""
        link = next(tag for tag in self.page.select("a[href]") if text in tag.get_text(" ", strip=True))
        return self.get(str(link["href"]))

    def sign_in(self, email: str = ANALYST) -> Browser:
        """Sign in with a code from the mail; ends where the service sends people then."""
        self.get("sign-in").submit(action="/uploader/sign-in", email=email)
        return self.submit(action="/uploader/sign-in/code", code=self.front.mailer.last_code(email))

    def answer_all(self, *, database: str = "travel", table: str = "trips") -> Browser:
        """Take the first three steps, for a new database and table."""
        self.get("upload").submit(
            action="/uploader/upload/governance", document="none", classification="test", responsible="yes"
        )
        self.submit(action="/uploader/upload/database", kind="new", name=database)
        return self.submit(action="/uploader/upload/table", name=table)

    @property
    def title(self) -> str:
        """The page's title."""
        return self.page.title.get_text() if self.page.title else ""

    @property
    def heading(self) -> str:
        """The page's h1."""
        return self.page.h1.get_text(strip=True) if self.page.h1 else ""

    @property
    def path(self) -> str:
        """Where it is, with its query."""
        return self.response.url.raw_path.decode()

    @property
    def errors(self) -> list[str]:
        """The error summary's lines."""
        return [tag.get_text(strip=True) for tag in self.page.select(".govuk-error-summary:not([hidden]) li")]

    @property
    def inline_errors(self) -> list[str]:
        """The messages beside the inputs."""
        return [tag.get_text(strip=True).removeprefix("Error:") for tag in self.page.select("p.govuk-error-message")]

    @property
    def facts(self) -> dict[str, str]:
        """Every summary list as one mapping."""
        keys = [tag.get_text(strip=True) for tag in self.page.select(".govuk-summary-list__key")]
        values = [_as_read(tag) for tag in self.page.select(".govuk-summary-list__value")]
        return dict(zip(keys, values, strict=True))

    def _url(self, path: str) -> str:
        """The client puts every path below the front; links are from the root of the host."""
        base = self.client.base_url
        return f"{base.scheme}://{base.netloc.decode()}{path}" if path.startswith("/") else path

    def _form(self, action: str | None) -> Tag:
        forms = [tag for tag in self.page.select("form") if action is None or tag["action"] == action]
        assert forms, f"no form {action} on {self.path}: {self.heading}"
        return forms[-1]

    def _show(self, response: Response) -> Browser:
        self.response = response
        self.page = BeautifulSoup(response.text, "html.parser")
        return self


def _as_read(tag: Tag) -> str:
    """The text, whole where a name may be broken on a narrow screen."""
    for each in tag.select("wbr"):
        each.decompose()
    tag.smooth()
    return tag.get_text(" ", strip=True)
