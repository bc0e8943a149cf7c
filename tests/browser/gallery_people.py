"""Who looks at the gallery: somebody who is signed in and somebody who is not, at one front for all states."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import visitor_of
from tests.browser.gallery_stage import Stage
from tests.browser.looking import WIDE
from tests.browser.scenes import Scenes
from tests.browser.service import running_service
from tests.strict_aws import presign
from tests.strict_aws.server import OWN_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Page

    from tests.browser.conftest import Visitor
    from tests.browser.gallery import Shown
    from tests.strict_aws.server import StrictAws

BROKEN = "Sorry, there is a problem with the service"
RESTRICTED = """
tables:
  - {database: courts, table: listings, why: The team that keeps it adds to it, restricted_to: [colleague@example.org]}
"""


@dataclass(frozen=True)
class People:
    """A visitor who is signed in and one who is not."""

    known: Visitor
    unknown: Visitor
    folder: Path

    def look_at(self, shown: Shown) -> Visitor:
        """Have the one for whom it is made come to a state."""
        visitor = self.known if shown.signed_in else self.unknown
        page: Page = visitor.page
        page.bring_to_front()  # only the page in front shows its focus
        page.set_viewport_size({"width": WIDE, "height": 900})
        shown.arrive(Stage(page, visitor.service, Scenes(visitor.service.context), self.folder))
        assert not page.title().startswith(BROKEN)
        return visitor


@contextmanager
def people_at(
    aws: StrictAws, folder: Path, new_context: Callable[[], BrowserContext], *, shots: Path
) -> Iterator[People]:
    """Serve a front whose reviewed file restricts a table, and have two people at it, each in an own context."""
    aws.reset()
    owners = folder / "owners.yaml"
    owners.write_text(RESTRICTED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", OWN_ACCOUNT)
        patch.setenv("AWS_SECRET_ACCESS_KEY", presign.SECRET)
        with running_service(folder, aws, table_owners_file=owners) as service:
            contexts = [new_context() for _ in range(2)]
            known, unknown = (visitor_of(context, service, shots) for context in contexts)
            known.sign_in()
            yield People(known, unknown, folder)
            for context in contexts:
                context.close()
