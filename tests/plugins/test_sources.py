"""Where a request comes from: nobody can claim to be somebody else."""

from __future__ import annotations

import pytest
from starlette.requests import HTTPConnection

from include.settings import Settings
from plugins.front.sources import source_of


@pytest.mark.parametrize(
    ("client", "forwarded", "trusted", "source"),
    [
        ("192.0.2.1", "", (), "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", (), "192.0.2.1"),
        ("10.0.0.1", "198.51.100.7", ("10.0.0.0/8",), "198.51.100.7"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.7, 10.0.0.2", ("10.0.0.0/8",), "198.51.100.7"),
        ("10.0.0.1", "", ("10.0.0.0/8",), "10.0.0.1"),
        ("10.0.0.1", "nonsense", ("10.0.0.0/8",), "unknown"),
        ("2001:db8:1:2:3:4:5:6", "", (), "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "", (), "192.0.2.1"),
        ("10.0.0.1", "198.51.100.7:4711", ("10.0.0.1",), "198.51.100.7"),
    ],
)
def test_a_source_is_the_nearest_address_that_no_trusted_proxy_has(
    client: str, forwarded: str, trusted: tuple[str, ...], source: str
) -> None:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    connection = HTTPConnection({"type": "http", "client": (client, 1), "headers": headers})

    assert source_of(connection, Settings(trusted_proxies=trusted)) == source
