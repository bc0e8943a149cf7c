"""The users file: the reviewed YAML list of people who may sign in, read again whenever it changes."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from include.adapters.reviewed_file import ReviewedFile, address
from include.domain.errors import Terminal

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

_TELL_EVERY_SECONDS = 300


class UsersFile:
    """`Users` over a YAML file of the shape `users: [{email: …}]`.

    A change that cannot be read or breaks the rules is told in the log, and the list before it stays good: a slip in
    one line must not sign everybody out. Without a list before it, it is Terminal: nobody signs in on a list that
    nobody can vouch for.
    """

    def __init__(self, path: Path) -> None:
        self._file = ReviewedFile(path, parse=_emails, invalid=_invalid)
        self._good: frozenset[str] | None = None
        self._told: tuple[str, float] | None = None

    def knows(self, email: str) -> bool:
        """Whether this address (case-insensitive) is on the list now."""
        # Lowering turns a few other letters into ASCII ones (the Kelvin sign into k): mail for them would go elsewhere.
        return email.isascii() and email.lower() in self._emails()

    def _emails(self) -> frozenset[str]:
        try:
            self._good = self._file.content()
        except Terminal as fault:
            if self._good is None:
                raise
            self._tell(fault.detail)
        return self._good

    def _tell(self, fault: str) -> None:
        """Once when it begins, and again as long as it lasts."""
        now, told = time.monotonic(), self._told
        if told is None or told[0] != fault or now - told[1] >= _TELL_EVERY_SECONDS:
            self._told = (fault, now)
            log.error(
                "%s The list before this change stays good: nobody new is let in, nobody taken off is out.", fault
            )


def _emails(document: Any) -> frozenset[str]:
    if not isinstance(document, dict) or set(document) != {"users"}:
        raise _invalid("it must have one key, `users`")
    users = document["users"]
    if not isinstance(users, list):
        raise _invalid("`users` must be a list")
    return frozenset(_email(user, number=number) for number, user in enumerate(users, start=1))


def _email(user: Any, *, number: int) -> str:
    if not isinstance(user, dict) or set(user) != {"email"}:
        raise _invalid(f"entry {number} of `users` must be `email: somebody@example.org` and nothing else")
    email = address(user["email"])
    if email is None:
        raise _invalid(f"entry {number} of `users` has no e-mail address: {user['email']!r}")
    return email


def _invalid(why: str) -> Terminal:
    return Terminal(
        f"The list of people who may sign in (users file) is not valid: {why}.",
        code="users_file_invalid",
        title="The users file is not valid",
    )
