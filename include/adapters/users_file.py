"""The users file: the reviewed YAML list of people who may sign in, read again whenever it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from include.domain.errors import Terminal

if TYPE_CHECKING:
    from pathlib import Path

_PUNCTUATION = frozenset(' ,;:<>()[]\\"')  # an apostrophe is part of many people's addresses


class UsersFile:
    """`Users` over a YAML file of the shape `users: [{email: …}]`.

    A file that cannot be read or breaks the rules is Terminal: nobody signs in on a list that nobody can vouch for.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[object, frozenset[str]] | None = None

    def knows(self, email: str) -> bool:
        """Whether this address (case-insensitive) is on the list now."""
        # Lowering turns a few other letters into ASCII ones (the Kelvin sign into k): mail for them would go elsewhere.
        return email.isascii() and email.lower() in self._emails()

    def _emails(self) -> frozenset[str]:
        try:
            stat = self._path.stat()
            version = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            read = self._read
            if read is None or read[0] != version:
                read = (version, _parse(self._path.read_text(encoding="utf-8")))
                self._read = read  # one assignment: threads see the old list or the new one
        except OSError as error:
            raise _invalid(f"it cannot be read ({error.strerror})") from error
        except (UnicodeDecodeError, yaml.YAMLError) as error:
            # The parser's own words quote the file, and so people's addresses.
            line = getattr(getattr(error, "problem_mark", None), "line", None)
            raise _invalid("it is not YAML" if line is None else f"it is not YAML at line {line + 1}") from None
        return read[1]


def _parse(text: str) -> frozenset[str]:
    document = yaml.safe_load(text)
    if not isinstance(document, dict) or set(document) != {"users"}:
        raise _invalid("it must have one key, `users`")
    users = document["users"]
    if not isinstance(users, list):
        raise _invalid("`users` must be a list")
    return frozenset(_email(user, number=number) for number, user in enumerate(users, start=1))


def _email(user: Any, *, number: int) -> str:
    if not isinstance(user, dict) or set(user) != {"email"}:
        raise _invalid(f"entry {number} of `users` must be `email: somebody@example.org` and nothing else")
    email = user["email"]
    local, at, domain = email.rpartition("@") if isinstance(email, str) else ("", "", "")
    plain = email.isascii() and email.isprintable() and not _PUNCTUATION & set(email) if at else False
    if not plain or not local or not domain or "@" in local:
        raise _invalid(f"entry {number} of `users` has no e-mail address: {email!r}")
    return str(email).lower()


def _invalid(why: str) -> Terminal:
    return Terminal(
        f"The list of people who may sign in (users file) is not valid: {why}.",
        code="users_file_invalid",
        title="The users file is not valid",
    )
