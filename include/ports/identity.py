"""Who signed in, and by what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from datetime import datetime, timedelta


@dataclass(frozen=True)
class SignInCode:
    """A one-time code sent by mail, good in the browser `entry` that asked for it: only keyed hashes are kept."""

    email: str
    entry: str
    code_hash: str
    expires_at: datetime
    attempts: int


@dataclass(frozen=True)
class Session:
    """A signed-in browser: only the hash of its cookie is kept; `csrf` goes into its forms; `answers` is the wizard.

    `admitted` says that the identity provider, and not the users file, let the person in.
    """

    token_hash: str
    email: str
    csrf: str
    created_at: datetime
    seen_at: datetime
    answers: dict[str, Any] = field(default_factory=dict)
    admitted: bool = False


@dataclass(frozen=True)
class ApiToken:
    """What its owner may know of an API token: never the token."""

    name: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None

    def has_expired(self, now: datetime) -> bool:
        """Whether it no longer works."""
        return self.expires_at is not None and now >= self.expires_at


@dataclass(frozen=True)
class KnownToken:
    """An API token and whose it is."""

    email: str
    token: ApiToken


class IdentityLedger(Protocol):
    """Sign-in codes, sessions, API tokens and counts of tries.

    Of codes, cookies and tokens the hashes are kept. A session also keeps `csrf`, of no use without its cookie, and
    while it lasts the identity provider's ID token, with which to sign out there: both as they are.
    """

    def save_code(self, code: SignInCode) -> None:
        """Keep a code, in place of an earlier one for the same address and entry."""
        ...

    def take_attempt(self, email: str, entry: str) -> SignInCode | None:
        """The code of an address and entry, its attempts counted up by one in the same commit; None without one."""
        ...

    def drop_code(self, email: str, entry: str) -> bool:
        """Use a code up; False when somebody else just did."""
        ...

    def count_try(self, name: str, *, within: timedelta) -> int:
        """Count one more try of a name, and how many that makes since the first one within this time."""
        ...

    def save_session(self, session: Session, *, id_token: str | None = None) -> None:
        """Keep a new session, and the identity provider's token that it began with."""
        ...

    def session(self, token_hash: str) -> Session | None:
        """The session, or None."""
        ...

    def see_session(self, token_hash: str, *, at: datetime) -> None:
        """Remember when a session was last seen."""
        ...

    def save_answers(self, token_hash: str, answers: dict[str, Any]) -> None:
        """Keep the wizard's answers in a session that has not ended."""
        ...

    def drop_session(self, token_hash: str) -> None:
        """End a session; nothing of what it kept is left."""
        ...

    def drop_sessions(self, email: str, *, but: str | None = None) -> int:
        """End all sessions of a person, but for this one if it is given; how many."""
        ...

    def run_out(self, token_hash: str) -> None:
        """End a session that was idle or old for too long; its answers are left for the same person."""
        ...

    def has_run_out(self, token_hash: str) -> bool:
        """Whether a session has run out and left answers."""
        ...

    def answers_left(self, token_hash: str, *, email: str) -> dict[str, Any]:
        """The answers of a session, also of one that has run out, if it was this person's; else none."""
        ...

    def sessions_of(self, email: str) -> tuple[Session, ...]:
        """A person's sessions that have not ended, the one last seen first."""
        ...

    def id_token(self, token_hash: str) -> str | None:
        """The identity provider's token that a session began with, while it lasts."""
        ...

    def past_codes(self, *, before: datetime, drop: bool = False) -> int:
        """How many codes ran out before then, used or not; with `drop` they are deleted."""
        ...

    def past_sessions(self, *, ended: datetime, begun: datetime, seen: datetime, drop: bool = False) -> int:
        """How many sessions were ended, begun or last seen before these moments; with `drop` they are deleted."""
        ...

    def past_tries(self, *, before: datetime, drop: bool = False) -> int:
        """How many counts of tries began before then; with `drop` they are deleted."""
        ...

    def add_token(self, token_hash: str, *, email: str, name: str, expires_at: datetime | None = None) -> None:
        """Keep an API token's hash; an earlier token of the same address and name is revoked."""
        ...

    def token(self, token_hash: str) -> KnownToken | None:
        """The token and whose it is, expired or not; None if unknown or revoked."""
        ...

    def see_token(self, token_hash: str, *, at: datetime) -> None:
        """Remember when a token was last used."""
        ...

    def tokens_of(self, email: str) -> tuple[ApiToken, ...]:
        """A person's tokens, the newest first."""
        ...

    def drop_token(self, email: str, name: str) -> bool:
        """Revoke a token; False if there is none of that name."""
        ...


@dataclass(frozen=True)
class ProvidedIdentity:
    """Who an identity provider says is there, by an ID token that was proved."""

    subject: str
    email: str
    email_verified: bool
    groups: tuple[str, ...]
    id_token: str = field(repr=False)


class IdentityProvider(Protocol):
    """The organisation's OpenID Connect provider. Away it is Transient; what it says that is not so is Refused."""

    def authorize_url(self, *, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where a browser is sent to sign in there."""
        ...

    def redeem(
        self, *, code: str, redirect_uri: str, nonce: str, verifier: str, response_issuer: str | None
    ) -> ProvidedIdentity:
        """Who came back with this code."""
        ...

    def logout_url(self, *, id_token: str, redirect_uri: str) -> str | None:
        """Where a browser is sent to sign out there too; None if the provider has no such place."""
        ...
