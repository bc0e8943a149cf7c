"""API tokens in SQL, of which only hashes are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from include.adapters.ledger.engine import reading, writing
from include.adapters.ledger.tables import api_tokens
from include.ports import ApiToken, KnownToken

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from include.ports import Clock

_TOKEN = (api_tokens.c.name, api_tokens.c.created_at, api_tokens.c.last_used_at, api_tokens.c.expires_at)


@dataclass(frozen=True)
class SqlApiTokens:
    """The part of `IdentityLedger` that is about API tokens."""

    engine: Engine
    clock: Clock

    def add_token(self, token_hash: str, *, email: str, name: str, expires_at: datetime | None = None) -> None:
        """Keep an API token's hash; an earlier token of the same address and name is revoked."""
        row: dict[str, Any] = {
            "token_hash": token_hash,
            "created_at": self.clock.now(),
            "last_used_at": None,
            "expires_at": expires_at,
        }
        change = update(api_tokens).where(api_tokens.c.email == email.lower(), api_tokens.c.name == name).values(row)
        with writing(self.engine) as connection:
            if connection.execute(change).rowcount:
                return
        try:
            with writing(self.engine) as connection:
                connection.execute(insert(api_tokens).values(email=email.lower(), name=name, **row))
        except IntegrityError:  # of two that add one at once the later one takes its place
            with writing(self.engine) as connection:
                connection.execute(change)

    def token(self, token_hash: str) -> KnownToken | None:
        """The token and whose it is, expired or not; None if unknown or revoked."""
        query = select(api_tokens.c.email, *_TOKEN).where(api_tokens.c.token_hash == token_hash)
        with reading(self.engine) as connection:
            row = connection.execute(query).first()
            return None if row is None else KnownToken(row[0], ApiToken(*row[1:]))

    def see_token(self, token_hash: str, *, at: datetime) -> None:
        """Remember when a token was last used."""
        with writing(self.engine) as connection:
            seen = update(api_tokens).where(api_tokens.c.token_hash == token_hash)
            connection.execute(seen.values(last_used_at=at))

    def tokens_of(self, email: str) -> tuple[ApiToken, ...]:
        """A person's tokens, the newest first."""
        query = select(*_TOKEN).where(api_tokens.c.email == email.lower())
        with reading(self.engine) as connection:
            found = [ApiToken(*row) for row in connection.execute(query)]
        return tuple(sorted(found, key=lambda token: (token.created_at, token.name), reverse=True))

    def drop_token(self, email: str, name: str) -> bool:
        """Revoke a token; False if there is none of that name."""
        gone = delete(api_tokens).where(api_tokens.c.email == email.lower(), api_tokens.c.name == name)
        with writing(self.engine) as connection:
            return connection.execute(gone).rowcount > 0
