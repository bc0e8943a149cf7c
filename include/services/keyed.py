"""Keyed hashes: what only this deployment can have made, each worthless for any other purpose."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from include.domain.errors import Terminal

if TYPE_CHECKING:
    from include.services.context import FrontContext

_LEAST_CHARACTERS = 32


def signature(context: FrontContext, purpose: str, text: str) -> str:
    """A keyed hash of a text, worthless for any other purpose."""
    return hmac.new(_key(context), f"{purpose}\n{text}".encode(), hashlib.sha256).hexdigest()


def seal(context: FrontContext, purpose: str, content: dict[str, Any]) -> str:
    """Facts that a browser may keep and read, but not change."""
    body = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
    return f"{body}.{signature(context, purpose, body)}"


def unseal(context: FrontContext, purpose: str, sealed: str) -> dict[str, Any] | None:
    """The facts, or None unless they were sealed here for this purpose."""
    body, dot, given = sealed.partition(".")
    if not dot or not hmac.compare_digest(given.encode(), signature(context, purpose, body).encode()):
        return None
    try:
        content = json.loads(base64.urlsafe_b64decode(body))
    except (ValueError, binascii.Error):
        return None
    return content if isinstance(content, dict) else None


def hash_of_secret(token: str) -> str:
    """What is kept of a secret that we made."""
    # It has 256 random bits: a fast hash without a key is enough, and outlives a change of the key.
    return hashlib.sha256(token.encode()).hexdigest()


def _key(context: FrontContext) -> bytes:
    secret = context.settings.secret_key
    if secret is None or len(secret.get_secret_value()) < _LEAST_CHARACTERS:
        raise Terminal(
            "DATA_UPLOADER_SECRET_KEY must be set to at least 32 random characters.", code="secret_key_missing"
        )
    return secret.get_secret_value().encode()
