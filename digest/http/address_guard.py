"""Where the HTTP client may connect to: the public Internet, and what the user allowed.

A private host is trusted only where the user typed it as a literal address or ``localhost``, or
named it in ``allow_private``. What answers a name is anybody's to choose, so a name that was typed
is not enough; nor is a name trusted that answers public and private addresses, at once or in turn.
Link-local addresses are never reached: cloud machines keep their secrets there.
"""

import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# What is routed lies in 2000::/3:
# https://www.iana.org/assignments/ipv6-unicast-address-assignments
_UNICAST = IPv6Network("2000::/3")
# https://www.iana.org/assignments/iana-ipv4-special-registry and -ipv6-: what differs between
# versions of Python, or is not to be reached although it is routed (6to4, Teredo, ORCHID).
_SPECIAL: tuple[Network, ...] = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.31.196.0/24"),
    IPv4Network("192.52.193.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv4Network("192.175.48.0/24"),
    IPv6Network("2001::/23"),
    IPv6Network("2001:db8::/32"),
    IPv6Network("2002::/16"),
    IPv6Network("2620:4f:8000::/48"),
    IPv6Network("3fff::/20"),
)
_NAT64 = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressGuard:
    """Judges addresses; *origin* is a URL the user typed, *allow* hosts and networks they named."""

    origin: str = ""
    allow: tuple[str, ...] = ()
    _was_public: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)

    def refusal(self, host: str, port: int, addresses: Sequence[str]) -> str:
        """Return why none of *addresses*, to which *host* resolved, may be reached; else ""."""
        if any(_is_link_local(address) for address in addresses):
            return f"{host} is a link-local address, which is never read"
        public = [is_public(address) for address in addresses]
        if any(public) and not all(public):
            return f"{host} answers public and private addresses at once"
        if not all(public) and not self._trusts(host, port, addresses):
            return (
                f"{host} is on a private network, where nobody allowed to read."
                " If it is yours, name it in [fetch] allow_private"
            )
        if self._was_public.setdefault(host, all(public)) != all(public):
            return f"{host} answers public addresses one time and private ones another"
        return ""

    def exempts(self, url: str) -> bool:
        """Tell whether the host of *url* is the user's own, which need not be spared."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _find_default_port(parts.scheme)
        return self._typed(host, port) or self._named(host) or self._allows(host)

    def _trusts(self, host: str, port: int, addresses: Iterable[str]) -> bool:
        if self._typed(host, port) or self._named(host):
            return True
        return all(is_public(address) or self._allows(address) for address in addresses)

    def _typed(self, host: str, port: int) -> bool:
        """Tell whether the user typed this private host, and port, as one that names no other."""
        parts = urlsplit(self.origin)
        own = (parts.hostname or "", parts.port or _find_default_port(parts.scheme))
        if (host, port) != own:
            return False
        return host == "localhost" or (_is_address(host) and not is_public(host))

    def _named(self, host: str) -> bool:
        return bool(host) and host in {name.lower() for name in self.allow}

    def _allows(self, address: str) -> bool:
        """Tell whether *address* lies in a network that the user named."""
        if not _is_address(address):
            return False
        return any(
            form in network
            for form in _list_address_forms(address)
            for network in _parse_networks(self.allow)
        )


def is_public(address: str) -> bool:
    """Tell whether *address* is one that anybody may reach (IANA special-purpose registries).

    IPv6 addresses that carry another inside (mapped, compatible, 6to4, Teredo, NAT64) are not:
    who asks by name never needs them.
    """
    outer = _list_address_forms(address)[0]
    if isinstance(outer, IPv6Address) and outer not in _UNICAST:
        return False
    if any(outer in network for network in _SPECIAL):
        return False
    return outer.is_global and not outer.is_multicast


def resolve_host(host: str, port: int) -> list[str]:
    """Return the addresses of *host*, each once, in the system's order."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def _is_address(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _is_link_local(address: str) -> bool:
    return any(form.is_link_local for form in _list_address_forms(address))


def _list_address_forms(address: str) -> list[Address]:
    """Return *address*, then the addresses that it carries inside."""
    outer = ip_address(address.partition("%")[0])
    if isinstance(outer, IPv4Address):
        return [outer]
    inner = [outer.ipv4_mapped, outer.sixtofour, *(outer.teredo or ())]
    if outer in _NAT64 or outer in _COMPATIBLE:
        inner.append(IPv4Address(int(outer) & 0xFFFFFFFF))
    return [outer, *(form for form in inner if form is not None)]


def _find_default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _parse_networks(names: Iterable[str]) -> Iterable[Network]:
    for name in names:
        try:
            yield ip_network(name, strict=False)
        except ValueError:
            continue
