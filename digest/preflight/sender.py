"""May mail from a domain come from elsewhere? SPF, DKIM and DMARC as its DNS has them.

What large providers ask of who sends to many (Gmail and Yahoo since 2024, Outlook since 2025).
"""

from collections.abc import Callable, Iterator, Sequence

from digest.model import Finding

Lookup = Callable[[str], "Sequence[str] | None"]  # a name -> its TXT records; None: no answer


class NoName(tuple[str, ...]):
    """No records, for there is no such name at all."""

    __slots__ = ()


def resolver(nameserver: str = "", port: int = 53) -> Lookup | None:
    """Return what looks up TXT records, None where dnspython is not installed or set up."""
    try:
        import dns.exception
        import dns.resolver
    except ModuleNotFoundError:
        return None
    try:
        asked = dns.resolver.Resolver(configure=not nameserver)
    except dns.exception.DNSException:
        return None
    if nameserver:
        asked.nameservers, asked.port = [nameserver], port
    asked.lifetime = 4.0

    def look(name: str) -> Sequence[str] | None:
        try:
            found = asked.resolve(name, "TXT", search=False)
        except dns.resolver.NXDOMAIN:
            return NoName()
        except dns.resolver.NoAnswer:
            return ()
        except (dns.exception.DNSException, OSError):
            return None
        return [b"".join(one.strings).decode("ascii", "replace") for one in found]

    return look


def examine(domain: str, look: Lookup, selector: str = "") -> Iterator[Finding]:
    """Yield what the DNS of *domain* lacks; nothing where DNS does not answer.

    DKIM is looked at where the *selector* of the key is known.
    """
    spf = look(domain)
    if spf is None:
        return
    if isinstance(spf, NoName):
        remedy = "Is from in [mail] right? And is there a network?"
        yield _missing(domain, "there is no such domain", remedy)
        return
    yield from _spf(domain, [one for one in spf if one.lower().startswith("v=spf1")])
    yield from _dmarc(domain, look)
    if selector:
        name = f"{selector}._domainkey.{domain}"
        key = look(name)
        if key is not None and not any("p=" in one and "p=;" not in one for one in key):
            yield _missing(name, "has no DKIM key", "Publish the public half of your key there.")


def _spf(domain: str, found: Sequence[str]) -> Iterator[Finding]:
    if not found:
        remedy = "Publish a TXT record: v=spf1 include:YOUR.PROVIDER -all"
        yield _missing(domain, "has no SPF record", remedy)
    elif len(found) > 1:
        yield _missing(domain, "has more than one SPF record, so none counts", "Keep one.")
    elif found[0].rstrip().endswith("+all"):
        yield _missing(domain, "lets anybody send in its name (+all)", "End it with -all.")


def _dmarc(domain: str, look: Lookup) -> Iterator[Finding]:
    """Look at the domain, then at those above it (RFC 7489, 6.6.3, without the suffix list)."""
    labels = domain.split(".")
    for start in range(max(1, len(labels) - 1)):
        found = look("_dmarc." + ".".join(labels[start:]))
        if found is None or any(one.lower().startswith("v=dmarc1") for one in found):
            return
    remedy = "Publish a TXT record: v=DMARC1; p=none; rua=mailto:you@YOUR.DOMAIN"
    yield _missing(f"_dmarc.{domain}", "has no DMARC record", remedy)


def _missing(name: str, cause: str, remedy: str) -> Finding:
    return Finding(level="warning", subject=f"DNS of {name}", cause=cause, remedy=remedy)
