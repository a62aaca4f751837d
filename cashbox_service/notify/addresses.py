"""Where messages may be sent: public addresses over HTTPS, and what an operator allows beside (notifications §1.1).

Whoever sets up a subscription decides where this service connects to. It must not become a way into the network that
the service stands in: an address is looked at again whenever a connection is made, after its name was resolved, and it
is that very address which is connected to.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

MAX_LENGTH = 2000

_TRANSLATED = ip_network("64:ff9b::/96")
"""Addresses of IPv6 that a gateway turns into those of IPv4 in their last four bytes (RFC 6052)."""


class RefusedEndpoint(ValueError):
    """Messages cannot be sent there; the text says why."""


def check_endpoint(url: str, allowed: Sequence[Network]) -> None:
    """Whether a subscription may name the URL. Raises RefusedEndpoint.

    What a name resolves to is seen when a message is sent, since it may change.
    """
    if len(url) > MAX_LENGTH:
        raise RefusedEndpoint(f"must not be longer than {MAX_LENGTH} characters")
    if not url.isascii() or any(character.isspace() or not character.isprintable() for character in url):
        raise RefusedEndpoint("must be encoded: ASCII letters and no blanks")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise RefusedEndpoint("is not a URL") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        raise RefusedEndpoint("must be an https URL")
    if parts.username is not None or parts.password is not None:
        raise RefusedEndpoint("must not hold a user name; give user and password by themselves")
    if parts.fragment:
        raise RefusedEndpoint("must not have a fragment")
    literal = _literal(parts.hostname)
    if literal is None:
        if parts.scheme == "http" and not allowed:
            raise RefusedEndpoint("must be an https URL")
        return
    check_address(literal, allowed, plain=parts.scheme == "http")


def check_address(address: Address, allowed: Sequence[Network], *, plain: bool) -> None:
    """Whether to connect to the address; ``plain`` without TLS. Raises RefusedEndpoint."""
    for seen in {address, _within(address)}:
        if any(seen in network for network in allowed):
            return
    if plain:
        raise RefusedEndpoint("must be an https URL: the address is not among those allowed without")
    if not _is_public(address) or not _is_public(_within(address)):
        raise RefusedEndpoint("must not be an address of a private network")


def _literal(host: str) -> Address | None:
    if host.lower().rstrip(".") == "localhost":
        return ip_address("127.0.0.1")
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_public(address: Address) -> bool:
    return address.is_global and not address.is_multicast


def _within(address: Address) -> Address:
    """The address of IPv4 that one of IPv6 leads to, itself where it leads to none."""
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
