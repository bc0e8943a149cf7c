"""The two AWS accounts of the local AWS: the uploader's own, and the Analytical Platform's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    """An account of the local AWS, which takes a 12-digit access key id for the account it belongs to."""

    number: str
    access_key_id: str
    secret_access_key: str = "test"  # noqa: S105  the local AWS does not look at it


UPLOADER = Account("000000000000", "test")
ANALYTICAL_PLATFORM = Account("222222222222", "222222222222")
