"""Debian's own Firefox, driven over WebDriver BiDi: Playwright's driver needs a Firefox of its own build."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from websockets.sync.client import connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from websockets.sync.client import ClientConnection

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox") or "firefox-esr"
_PATIENCE = 60  # seconds


@dataclass
class Firefox:
    """One tab."""

    socket: ClientConnection
    tab: str = ""
    complaints: list[str] = field(default_factory=list)
    _count: int = 0

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of a command; what the browser says of itself meanwhile is noted."""
        self._count += 1
        self.socket.send(json.dumps({"id": self._count, "method": method, "params": parameters}))
        while True:
            message: dict[str, Any] = json.loads(self.socket.recv(timeout=_PATIENCE))
            if message.get("method") == "log.entryAdded" and message["params"]["level"] == "error":
                self.complaints.append(message["params"]["text"])
            if message.get("id") == self._count:
                assert message["type"] == "success", message
                result: dict[str, Any] = message["result"]
                return result

    def go(self, url: str) -> None:
        """Visit an address and wait until it is loaded."""
        self.ask("browsingContext.navigate", context=self.tab, url=url, wait="complete")

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        target = {"context": self.tab}
        result = self.ask("script.evaluate", expression=script, target=target, awaitPromise=True)
        assert result["type"] == "success", result
        return result["result"].get("value")

    def wait(self, script: str) -> Any:
        """The value of an expression once it is true; pages may change meanwhile."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            if value := self.run(script):
                return value
            time.sleep(0.1)
        raise AssertionError(
            f"never true: {script}; at {self.run('location.href')}: {self.run('document.body.innerText')}"
        )

    def press(self, text: str, *, arrives: str) -> None:
        """Press the button or link with this text, and wait for a page whose heading is `arrives`."""
        find = (
            f"[...document.querySelectorAll('button, a')].find((each) => each.innerText.trim() === {json.dumps(text)})"
        )
        self.run(f"({find}).click()")
        self.wait(
            f"document.querySelector('h1')?.innerText === {json.dumps(arrives)} && document.readyState === 'complete'"
        )

    def fill(self, name: str, value: str) -> None:
        """Give the input with this name a value."""
        self.run(f"document.querySelector('[name={name}]:not([type=hidden])').value = {json.dumps(value)}")

    def tick(self, name: str, value: str) -> None:
        """Choose a radio button or a checkbox."""
        self.run(f"document.querySelector('[name={name}][value={value}]').click()")

    def choose(self, file: Path) -> None:
        """Choose a file in the page's file input."""
        found = self.ask("browsingContext.locateNodes", context=self.tab, locator={"type": "css", "value": "#file"})
        self.ask(
            "input.setFiles", context=self.tab, element={"sharedId": found["nodes"][0]["sharedId"]}, files=[str(file)]
        )

    def shoot(self, path: Path) -> None:
        """Keep a picture of the whole page."""
        picture = self.ask("browsingContext.captureScreenshot", context=self.tab, origin="document")
        path.write_bytes(base64.b64decode(picture["data"]))


@contextmanager
def firefox(profile: Path) -> Iterator[Firefox]:
    """A headless Firefox with a fresh profile, ended with the block."""
    profile.mkdir()
    command = [FIREFOX, "--headless", "--no-remote", "--remote-debugging-port", "0", "--profile", str(profile)]
    said = profile.with_suffix(".log")
    with said.open("w") as log, subprocess.Popen(command, stderr=log, stdout=log) as process:
        try:
            address = _address(said)
            with connect(f"{address}/session", max_size=None) as socket:
                browser = Firefox(socket)
                browser.ask("session.new", capabilities={})
                browser.ask("session.subscribe", events=["log.entryAdded"])
                browser.tab = browser.ask("browsingContext.create", type="tab")["context"]
                yield browser
                browser.ask("browser.close")
        finally:
            process.terminate()


def _address(said: Path) -> str:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if found := re.search(r"BiDi listening on (ws://\S+)", said.read_text()):
            return found[1]
        time.sleep(0.1)
    raise AssertionError(f"Firefox does not listen: {said.read_text()}")
