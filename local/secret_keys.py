"""The secrets of one local service, made once and kept between starts."""

from __future__ import annotations

import base64
import secrets
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from local.private_files import read_private, write_private

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class SecretKeys:
    """What signs, encrypts and signs in."""

    uploader_secret_key: str
    airflow_fernet_key: str
    airflow_jwt_secret: str
    airflow_api_secret_key: str
    airflow_password: str

    @classmethod
    def made(cls) -> SecretKeys:
        """A fresh set."""
        return cls(
            uploader_secret_key=secrets.token_urlsafe(48),
            airflow_fernet_key=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            airflow_jwt_secret=secrets.token_urlsafe(64),
            airflow_api_secret_key=secrets.token_urlsafe(48),
            airflow_password=secrets.token_urlsafe(12),
        )

    @classmethod
    def kept_in(cls, path: Path) -> SecretKeys:
        """The set kept in `path`; what is missing there is made and written."""
        kept = read_private(path)
        complete = asdict(cls.made()) | {field.name: kept[field.name] for field in fields(cls) if field.name in kept}
        if complete != kept:
            write_private(path, complete)
        return cls(**complete)
