"""Who signed in, and by what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class SignInCode:
    """A one-time code sent by mail: only its keyed hash is kept."""

    email: str
    code_hash: str
    expires_at: datetime
    attempts: int


@dataclass(frozen=True)
class Session:
    """A signed-in browser: only the hash of its cookie is kept; `csrf` goes into its forms; `answers` is the wizard."""

    token_hash: str
    email: str
    csrf: str
    created_at: datetime
    seen_at: datetime
    answers: dict[str, Any] = field(default_factory=dict)


class IdentityLedger(Protocol):
    """Sign-in codes, sessions and API tokens; secrets are kept as hashes only."""

    def save_code(self, code: SignInCode) -> None:
        """Keep a code, in place of an earlier one for the same address."""
        ...

    def take_attempt(self, email: str) -> SignInCode | None:
        """The code of an address, its attempts counted up by one in the same commit; None if there is none."""
        ...

    def drop_code(self, email: str) -> bool:
        """Use a code up; False when somebody else just did."""
        ...

    def codes_since(self, email: str, since: datetime) -> int:
        """How many codes were sent to an address since then."""
        ...

    def save_session(self, session: Session) -> None:
        """Keep a session, new or changed."""
        ...

    def session(self, token_hash: str) -> Session | None:
        """The session, or None."""
        ...

    def drop_session(self, token_hash: str) -> None:
        """End a session."""
        ...

    def past_codes(self, *, before: datetime, drop: bool = False) -> int:
        """How many codes ran out before then, used or not; with `drop` they are deleted."""
        ...

    def past_sessions(self, *, ended: datetime, begun: datetime, seen: datetime, drop: bool = False) -> int:
        """How many sessions were ended, begun or last seen before these moments; with `drop` they are deleted."""
        ...

    def add_token(self, token_hash: str, *, email: str, name: str) -> None:
        """Keep an API token's hash; an earlier token of the same address and name is revoked."""
        ...

    def token_email(self, token_hash: str) -> str | None:
        """Whose token this is; None if unknown or revoked."""
        ...
