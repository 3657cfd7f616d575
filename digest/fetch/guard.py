"""Where the HTTP client may connect to: the public Internet, and what the user allowed."""

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
_NAT64 = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Judges addresses; *origin* is a URL the user typed, *allow* hosts and networks they named."""

    origin: str = ""
    allow: tuple[str, ...] = ()

    def permits(self, host: str, port: int, address: str) -> bool:
        """Tell whether a connection to *address*, which *host* resolved to, may be made."""
        return is_public(address) or self._trusts(host, port) or self._names(address)

    def exempts(self, url: str) -> bool:
        """Tell whether the host of *url* is the user's own, which need not be spared.

        Looks the host up where it is the origin's: a private origin is the user's, a public not.
        """
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _default_port(parts.scheme)
        if not self._trusts(host, port) and not self._names(host):
            return False
        if host in self.allow or self._names(host):
            return True
        return not _all_public(host, port)

    def _trusts(self, host: str, port: int) -> bool:
        parts = urlsplit(self.origin)
        own = (parts.hostname or "", parts.port or _default_port(parts.scheme))
        return host in self.allow or (bool(host) and (host, port) == own)

    def _names(self, address: str) -> bool:
        try:
            found = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        return any(found in network for network in _networks(self.allow))


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _networks(names: Iterable[str]) -> Iterable[Any]:
    for name in names:
        try:
            yield ip_network(name, strict=False)
        except ValueError:
            continue


def is_public(address: str) -> bool:
    """Tell whether *address* is one that anybody may reach (IANA special-purpose registries).

    What an IPv6 address carries inside (mapped, 6to4, Teredo, NAT64) is judged as well.
    """
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and any(found in network for network in _NAT64):
        return False
    return all(form.is_global and not form.is_multicast for form in _forms(found))


def _forms(address: Address) -> list[Address]:
    if isinstance(address, IPv4Address):
        return [address]
    carried = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    inner: list[Address] = [form for form in carried if form is not None]
    return inner if address.ipv4_mapped else [address, *inner]


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of *host*, each once, in the system's order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def _all_public(host: str, port: int) -> bool:
    try:
        return all(is_public(address) for address in resolve(host, port))
    except (OSError, UnicodeError, ValueError):
        return True
