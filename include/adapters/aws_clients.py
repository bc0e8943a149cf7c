"""AWS clients: the botocore configuration that every client of the service is made with."""

from __future__ import annotations

from typing import Literal

from botocore.config import Config

CONNECTIONS = 32  # a pool as large as the threads of one task


def client_config() -> Config:
    """For all clients: retries in standard mode, a pool that threads do not wait for, no endless waiting."""
    return Config(
        retries={"mode": "standard", "max_attempts": 5},
        max_pool_connections=CONNECTIONS,
        connect_timeout=10,
        read_timeout=60,
    )


def signing_config(endpoint_url: str | None = None) -> Config:
    """For the client that signs URLs for browsers against `endpoint_url`; None is AWS itself.

    Signature version 4 everywhere. On AWS the bucket and the region are in the host: the host without a region
    redirects for a new bucket, which a browser's PUT does not follow. Elsewhere the bucket is in the path.
    """
    style: Literal["virtual", "path"] = "virtual" if endpoint_url is None else "path"
    return client_config().merge(Config(signature_version="s3v4", s3={"addressing_style": style}))
