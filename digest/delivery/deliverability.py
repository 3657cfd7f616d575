"""Will mail of ours be believed? What the DNS says of the sender, and the records to publish.

SPF (RFC 7208), DKIM (RFC 6376), DMARC and its alignment (RFC 7489), the reverse name of the server
that sends, one-click unsubscription (RFC 8058) and block lists by DNS (RFC 5782), each as far as
DNS answers. Nothing is sent.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Literal

Level = Literal["ok", "note", "warning", "error"]
Ask = Callable[[str, str], "Sequence[str] | None"]  # name and type -> records; None: no answer
ADDRESS_LISTS = ("zen.spamhaus.org", "bl.spamcop.net", "psbl.surriel.com")
DOMAIN_LISTS = ("dbl.spamhaus.org",)
_NOT_ASKED = "127.255.255."  # Spamhaus: the resolver may not ask, which says nothing of us


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderSetup:
    """How mail leaves: the domain of From, that of bounces, and the key that signs.

    ``public_key`` is what DKIM's record must hold in "p=", "" where it is not known; ``host`` is
    the server that mail is handed to, and ``own_host`` whether it delivers by itself.
    """

    domain: str
    bounce_domain: str = ""
    dkim_domain: str = ""
    selector: str = ""
    public_key: str = ""
    host: str = ""
    own_host: bool = False
    unsubscribe: str = ""
    report_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One thing looked at; ``record`` is a line for the zone file that would mend it."""

    level: Level
    subject: str
    finding: str
    remedy: str = ""
    record: str = ""


def make_ask(nameserver: str = "", port: int = 53) -> Ask | None:
    """Return what asks the DNS, None where dnspython is not installed or set up."""
    try:
        import dns.exception
        import dns.resolver
    except ModuleNotFoundError:
        return None
    try:
        resolver = dns.resolver.Resolver(configure=not nameserver)
    except dns.exception.DNSException:
        return None
    if nameserver:
        resolver.nameservers, resolver.port = [nameserver], port
    resolver.lifetime = 4.0

    def ask(name: str, kind: str) -> Sequence[str] | None:
        try:
            found = resolver.resolve(name, kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.DNSException, OSError):
            return None
        if kind == "TXT":
            return [b"".join(one.strings).decode("ascii", "replace") for one in found]
        return [one.to_text() for one in found]

    return ask


def examine(sending: SenderSetup, ask: Ask) -> Iterator[Verdict]:
    """Yield one verdict after the other, what stands first that matters most."""
    if ask(sending.domain, "TXT") is None:
        remedy = "Is there a network? Then ask another resolver."
        yield Verdict(level="warning", subject="DNS", finding="does not answer", remedy=remedy)
        return
    yield _spf(sending, ask)
    yield _dkim(sending, ask)
    yield _dmarc(sending, ask)
    yield _alignment(sending)
    yield _one_click(sending)
    yield from _server(sending, ask)
    yield from _listed(sending.domain, f"domain {sending.domain}", DOMAIN_LISTS, ask)


def _spf(sending: SenderSetup, ask: Ask) -> Verdict:
    domain = sending.bounce_domain or sending.domain
    subject = f"SPF of {domain}"
    records = [one for one in ask(domain, "TXT") or () if one.lower().startswith("v=spf1")]
    if len(records) > 1:
        finding = "there are several, so none counts"
        return Verdict(level="error", subject=subject, finding=finding, remedy="Keep one.")
    if not records:
        host = f"a:{sending.host}" if sending.own_host and sending.host else "include:PROVIDER"
        remedy = "Publish it; the provider's help names what to include."
        return Verdict(
            level="error",
            subject=subject,
            finding="there is none",
            remedy=remedy,
            record=_text(domain, f"v=spf1 {host} -all"),
        )
    if records[0].rstrip().lower().endswith(("+all", " all")):
        finding = "lets anybody send in its name"
        return Verdict(level="error", subject=subject, finding=finding, remedy="End it with -all.")
    return Verdict(level="ok", subject=subject, finding=records[0])


def _dkim(sending: SenderSetup, ask: Ask) -> Verdict:
    domain = sending.dkim_domain or sending.domain
    if not sending.selector:
        remedy = "Let the provider sign, or set dkim_key_file and dkim_selector in [mailers.smtp]."
        finding = "no key of ours; whether the provider signs shows in a mail that arrived"
        return Verdict(level="note", subject=f"DKIM of {domain}", finding=finding, remedy=remedy)
    name = f"{sending.selector}._domainkey.{domain}"
    record = _text(name, f"v=DKIM1; k=rsa; p={sending.public_key or 'PUBLIC_KEY'}")
    keys = [_tag(one, "p") for one in ask(name, "TXT") or ()]
    if not any(keys):
        remedy = "Publish the public half of the key."
        finding = "there is no key"
        return Verdict(level="error", subject=name, finding=finding, remedy=remedy, record=record)
    if sending.public_key and sending.public_key not in keys:
        remedy = "Publish the one that belongs to dkim_key_file: signatures do not verify."
        finding = "it is another key"
        return Verdict(level="error", subject=name, finding=finding, remedy=remedy, record=record)
    return Verdict(level="ok", subject=name, finding="the key is there")


def _dmarc(sending: SenderSetup, ask: Ask) -> Verdict:
    labels = sending.domain.split(".")
    for start in range(max(1, len(labels) - 1)):
        name = "_dmarc." + ".".join(labels[start:])
        for one in ask(name, "TXT") or ():
            if one.lower().startswith("v=dmarc1"):
                return Verdict(level="ok", subject=name, finding=f"p={_tag(one, 'p') or 'none'}")
    name = f"_dmarc.{sending.domain}"
    to = f"; rua=mailto:{sending.report_to}" if sending.report_to else ""
    return Verdict(
        level="error",
        subject=name,
        finding="there is none",
        remedy="Publish it; with p=none nothing is refused, and reports come in.",
        record=_text(name, f"v=DMARC1; p=none{to}"),
    )


def _alignment(sending: SenderSetup) -> Verdict:
    """Tell whether SPF or DKIM speaks for the domain that readers see (RFC 7489, 3.1)."""
    by_spf = related(sending.bounce_domain or sending.domain, sending.domain)
    by_dkim = bool(sending.selector) and related(
        sending.dkim_domain or sending.domain, sending.domain
    )
    subject = f"alignment with {sending.domain}"
    if by_spf or by_dkim:
        ways = " and ".join(name for name, good in (("SPF", by_spf), ("DKIM", by_dkim)) if good)
        return Verdict(level="ok", subject=subject, finding=f"by {ways}")
    remedy = "Set return_path in [mail], or dkim_domain, below the domain of from."
    finding = f"bounces go to {sending.bounce_domain}, and no key of its own signs"
    return Verdict(level="warning", subject=subject, finding=finding, remedy=remedy)


def related(one: str, other: str) -> bool:
    """Tell whether one domain is the other or stands below it.

    >>> related("bounce.example.org", "example.org"), related("example.net", "example.org")
    (True, False)
    """
    one, other = one.lower().rstrip("."), other.lower().rstrip(".")
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _one_click(sending: SenderSetup) -> Verdict:
    if sending.unsubscribe.startswith("https://"):
        finding = f"List-Unsubscribe-Post with {sending.unsubscribe}"
        return Verdict(level="ok", subject="one-click unsubscription", finding=finding)
    finding = "is not written: the address is not https" if sending.unsubscribe else "is not set"
    remedy = "Set unsubscribe in [mail] to an https address: Gmail and Yahoo ask for it in bulk."
    return Verdict(
        level="error", subject="one-click unsubscription", finding=finding, remedy=remedy
    )


def _server(sending: SenderSetup, ask: Ask) -> Iterator[Verdict]:
    """Look at the server that delivers: its reverse name and the lists that may hold it."""
    if not sending.host:
        return
    addresses = _addresses(sending.host, ask)
    if not addresses:
        yield Verdict(level="note", subject=sending.host, finding="has no address in DNS")
        return
    if not sending.own_host:
        finding = "hands mail on: its reverse name and lists are the provider's"
        yield Verdict(level="note", subject=sending.host, finding=finding)
        return
    for address in addresses:
        yield _reverse(address, ask)
        reversed_name = (
            address.reverse_pointer.rpartition(".in-addr")[0]
            or (address.reverse_pointer.rpartition(".ip6")[0])
        )
        yield from _listed(reversed_name, f"address {address}", ADDRESS_LISTS, ask)


def _addresses(host: str, ask: Ask) -> list[IPv4Address | IPv6Address]:
    try:
        literal = [ip_address(host)]
    except ValueError:
        literal = []
    named = [*(ask(host, "A") or ()), *(ask(host, "AAAA") or ())] if not literal else []
    known = [*literal, *map(ip_address, named)]
    return [address for address in known if address.is_global]


def _reverse(address: IPv4Address | IPv6Address, ask: Ask) -> Verdict:
    """Look whether the name of *address* leads back to it, as large providers ask."""
    subject = f"reverse name of {address}"
    names = [name.rstrip(".") for name in ask(address.reverse_pointer, "PTR") or ()]
    kind = "A" if address.version == 4 else "AAAA"
    for name in names:
        if str(address) in [str(ip_address(one)) for one in ask(name, kind) or ()]:
            return Verdict(level="ok", subject=subject, finding=name)
    finding = f"{names[0]} does not lead back to it" if names else "there is none"
    remedy = "Ask whoever rents you the address to set its PTR to the server's name."
    return Verdict(level="error", subject=subject, finding=finding, remedy=remedy)


def _listed(prefix: str, what: str, lists: Sequence[str], ask: Ask) -> Iterator[Verdict]:
    """Yield what block lists hold; one that may not be asked from here says nothing."""
    on, clean = list[str](), list[str]()
    for name in lists:
        answers = ask(f"{prefix}.{name}", "A")
        if answers is None or any(one.startswith(_NOT_ASKED) for one in answers):
            continue
        (on if any(one.startswith("127.") for one in answers) else clean).append(name)
    if on:
        remedy = "Look there why, mend that, then ask to be taken off."
        finding = f"is on {', '.join(on)}"
        yield Verdict(level="error", subject=what, finding=finding, remedy=remedy)
    elif clean:
        yield Verdict(level="ok", subject=what, finding=f"is not on {', '.join(clean)}")
    else:
        finding = "no block list could be asked from here"
        yield Verdict(level="note", subject=what, finding=finding)


def _tag(record: str, name: str) -> str:
    """Return the value of a tag of a record: ``p`` of "v=DMARC1; p=none" is "none"."""
    pairs = (part.partition("=") for part in record.split(";"))
    values = ("".join(value.split()) for tag, _, value in pairs if tag.strip().lower() == name)
    return next(values, "")


def _text(name: str, value: str) -> str:
    """Return a TXT record as a zone file has it, in strings of at most 255 characters."""
    parts = [value[start : start + 255] for start in range(0, len(value), 255)]
    return f"{name}. IN TXT " + " ".join(f'"{part}"' for part in parts)
