"""Sources: where a request comes from, for limits that one client address must not get around."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.requests import HTTPConnection

from include.settings import Settings

UNKNOWN = "unknown"
_IPV6_CUSTOMER = 64  # the bits of an IPv6 address that a customer cannot choose


def source_of(connection: HTTPConnection, settings: Settings) -> str:
    """The client's address; of IPv6 the network, as a client has as many addresses there as it likes.

    A proxy that is trusted says who it asks for, at the end of X-Forwarded-For. What a client wrote further ahead in
    it, or without a trusted proxy, counts for nothing.
    """
    client = connection.client
    hops = [hop.strip() for value in connection.headers.getlist("x-forwarded-for") for hop in value.split(",")]
    nearest = client.host if client else ""
    source = _address(nearest)
    while source is not None and _is_trusted(source, settings) and hops:
        source = _address(hops.pop())
    if source is None:
        return UNKNOWN
    if isinstance(source, IPv6Address):
        return str(ip_network((source, _IPV6_CUSTOMER), strict=False))
    return str(source)


def _is_trusted(address: IPv4Address | IPv6Address, settings: Settings) -> bool:
    return any(address in network for network in map(ip_network, settings.trusted_proxies))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    text = text.strip().strip('"')
    if text.startswith("["):  # [2001:db8::1]:4711
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:  # 192.0.2.1:4711
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
