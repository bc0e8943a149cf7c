"""People who walk through the pages, a few seconds on each, in a process of their own: `python -m tests.load.client`.

Reads one JSON document (see `Plan`) and writes one: seconds by page, alone and together, and what went wrong.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import time
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx

from plugins.front.cookies import SESSION

_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
_POLLS = (1.0, 1.2, 1.44)  # seconds that a status page waits before it asks again
_PAGES = 8  # of a walk: people come spread over one, so that all pages are asked for at any moment
_ALONE = 5  # walks of one person before everybody comes


@dataclass(frozen=True)
class Plan:
    """Where the front is, who comes, for how long, and what they choose."""

    url: str
    people: list[dict[str, str]]
    seconds: float
    think: float
    database: str
    table: str


@dataclass
class Seen:
    """How long each page took, and what was not as it should be."""

    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)


@dataclass
class Visitor:
    """One person with a session."""

    http: httpx.AsyncClient
    upload_id: str
    seen: Seen
    think: float
    until: float
    csrf: str = ""

    async def page(self, name: str, path: str, *, has: str, form: dict[str, str] | None = None) -> None:
        """Load a page, its redirect included, look at it, and go on after a while."""
        began = time.perf_counter()
        try:
            if form is None:
                answer = await self.http.get(path)
            else:
                answer = await self.http.post(path, data={"csrf_token": self.csrf, **form})
        except httpx.HTTPError as error:
            self.seen.errors.append(f"{name}: {error!r}")
            return
        self.seen.seconds[name].append(time.perf_counter() - began)
        if answer.status_code != 200 or not re.search(has, answer.text):
            self.seen.errors.append(f"{name}: {answer.status_code} {answer.url} without {has!r}")
        if found := _CSRF.search(answer.text):
            self.csrf = found[1]

    async def rest(self, seconds: float | None = None) -> None:
        """Read the page; people are not clocks."""
        await asyncio.sleep(self.think * random.uniform(0.8, 1.2) if seconds is None else seconds)  # noqa: S311

    async def walk(self, database: str, table: str) -> None:
        """The four steps for a file, then the uploads and the status of one, which asks for its state meanwhile."""
        governance = {"document": "none", "classification": "test", "responsible": "yes", "new": "yes"}
        choice = {"kind": "existing", "existing": table}
        question = {"database": database, "table": table, "reasons": "not_used_before"}
        steps: list[tuple[str, str, str, dict[str, str] | None]] = [
            ("start", "", "Start now", None),
            ("step 1", "upload", "Data governance", None),
            ("step 1 sent", "upload/governance", "Choose database", governance),
            ("step 2 sent", "upload/database", "Choose table", {"kind": "existing", "existing": database}),
            # A few have used the table before, and are not asked about it.
            ("step 3 sent", "upload/table", 'name="reasons"|Check your answers', choice),
            ("table confirmed", "upload/table/confirm", "Check your answers", question),
            ("my uploads", "uploads", "My uploads", None),
        ]
        for name, path, has, form in steps:
            if time.monotonic() > self.until:
                return
            await self.page(name, path, has=has, form=form)
            await self.rest()
        await self.page("status", f"uploads/{self.upload_id}", has="Population")
        for wait in _POLLS:
            await self.rest(wait if self.think else 0)
            await self.page("state asked", f"api/v1/uploads/{self.upload_id}", has='"state"')
        await self.rest(max(0, self.think - sum(_POLLS)))


async def run(plan: Plan) -> dict[str, Any]:
    """One person alone, then everybody."""
    alone, together = Seen(), Seen()
    async with AsyncExitStack() as browsers:
        browser_of = [await browsers.enter_async_context(_browser(plan, person)) for person in plan.people]
        single = Visitor(browser_of[0], plan.people[0]["upload_id"], alone, think=0, until=time.monotonic() + 600)
        await single.walk(plan.database, plan.table)  # what is made once, such as compiled templates
        alone.seconds.clear()
        for _ in range(_ALONE):
            await single.walk(plan.database, plan.table)
        until = time.monotonic() + _PAGES * plan.think + plan.seconds

        async def come(browser: httpx.AsyncClient, person: dict[str, str]) -> None:
            visitor = Visitor(browser, person["upload_id"], together, think=plan.think, until=until)
            await asyncio.sleep(random.uniform(0, _PAGES * plan.think))  # noqa: S311
            while time.monotonic() < until:
                await visitor.walk(plan.database, plan.table)

        await asyncio.gather(*map(come, browser_of, plan.people))
    return {"alone": alone.seconds, "together": together.seconds, "errors": alone.errors + together.errors}


def _browser(plan: Plan, person: dict[str, str]) -> httpx.AsyncClient:
    """With cookies and connections of its own."""
    cookies = {SESSION: person["cookie"]}
    return httpx.AsyncClient(base_url=plan.url, cookies=cookies, follow_redirects=True, timeout=60, verify=False)  # noqa: S501


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(run(Plan(**json.load(sys.stdin))))))
