"""What is to be known of a mail before it leaves, from itself and from outside.

Do the links and pictures of a mail answer?

May mail from a domain come from elsewhere? SPF, DKIM and DMARC as its DNS has them.

What large providers ask of who sends to many (Gmail and Yahoo since 2024, Outlook since 2025).

All that is to be known of a revision before it leaves, from itself and from outside.

Is a mail addressed, signed and titled as mail to many should be? Pure.

What SpamAssassin makes of a mail, where it is installed; it runs here and asks nobody.

A look outside before a mail leaves: do its links answer, may its sender send, is it spam?

Each look is bounded and none blocks: what cannot be looked at is no finding. What is wrong with
the mail itself is found without a network, by ``render.preflight``.
"""

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.policy import default
from email.utils import parseaddr
from html import unescape
from urllib.parse import urlsplit

from digest.http.client import Client, Response
from digest.http.content_coding import LargeError
from digest.model import Finding, Mail, Revision
from digest.model.draft import Slot
from digest.model.errors import DraftError, FetchError
from digest.render import mime
from digest.render.personalize import find_sender
from digest.render.preflight import check_revision
from digest.render.slots import read_slots

_LINK = re.compile(r"""<a\b[^<>]*?\shref\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
_PICTURE = re.compile(r"""<img\b[^<>]*?\ssrc\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
_AT_ONCE, _MOST = 8, 80
_PEEK = 64 << 10  # bytes that are read of an answer
_SHY = (401, 403, 405, 429, 999)  # what sites answer programs that a browser is let in by


def check_links(
    mail: Mail, own: Sequence[Slot], client: Client, *, seconds: float = 20.0
) -> Iterator[Finding]:
    """Yield what of *mail* does not answer, or answers that it is gone; all of it in *seconds*.

    *own* are the slots of its HTML: what leads to a reader's own page is not tried.
    """
    looks = list_addresses(mail, own)
    deadline = time.monotonic() + seconds
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        tasks = [pool.submit(_try_url, url, what, client.get, deadline) for url, what in looks]
        wait(tasks, timeout=seconds + 1)
        found = [one for task in tasks if task.done() and (one := task.result())]
        yield from _gather_findings(found, len(tasks))
        if late := sum(not task.done() for task in tasks):
            cause = f"{late} links were not tried: the others took too long"
            yield Finding(level="warning", subject="links", cause=cause)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        client.close()


def list_addresses(mail: Mail, own: Sequence[Slot]) -> tuple[tuple[str, str], ...]:
    """Return what ``reach`` tries of *mail*: each address, and whether it is a link or picture."""
    pages, pictures = _find_urls(_LINK, mail.html, own), _find_urls(_PICTURE, mail.html, own)
    looks = [(url, "link") for url in pages] + [(url, "picture") for url in pictures]
    return tuple(looks[:_MOST])


def _gather_findings(found: Sequence[Finding], tried: int) -> Iterator[Finding]:
    """Yield *found*, or one finding where nothing at all could be reached."""
    if tried > 2 and len(found) == tried and all("answers" not in one.cause for one in found):
        cause = f"none of {tried} could be reached"
        remedy = "Is there a network? Then try one in a browser."
        yield Finding(level="warning", subject="links", cause=cause, remedy=remedy)
        return
    yield from found


def _find_urls(pattern: re.Pattern[str], html: str, own: Sequence[Slot]) -> Sequence[str]:
    """Return the web addresses that *pattern* finds, each once, but for those that hold a slot."""
    places = (
        place
        for place in pattern.finditer(html)
        if not any(place.start(1) <= slot.start < place.end(1) for slot in own)
    )
    found = (unescape(place[1]).partition("#")[0] for place in places)
    web = (url for url in found if url.startswith(("http://", "https://")))
    return [url for url in dict.fromkeys(web) if not _is_reserved(url)]


def _is_reserved(url: str) -> bool:
    """Tell whether the host of *url* is one that never answers (RFC 2606)."""
    return (urlsplit(url).hostname or "").endswith((".invalid", ".test"))


def _try_url(url: str, what: str, get: Callable[..., Response], deadline: float) -> Finding | None:
    left = deadline - time.monotonic()
    if left <= 0:
        return None
    try:
        answer = get(url, max_bytes=_PEEK, deadline=min(8.0, left))
    except LargeError:
        return None
    except FetchError as error:
        return _make_finding(url, what, error.cause)
    if answer.status >= 400 and answer.status not in _SHY:
        return _make_finding(url, what, f"answers {answer.status}")
    if what == "picture" and answer.status == 200 and not _is_picture(answer):
        return _make_finding(
            url, what, f"is no picture but {answer.content_type or 'something else'}"
        )
    return None


def _is_picture(answer: Response) -> bool:
    return answer.content_type.startswith("image/") or not answer.content_type


def _make_finding(url: str, what: str, cause: str) -> Finding:
    remedy = "Mend the post, or leave it out."
    return Finding(level="warning", subject=f"{what} {url}", cause=cause, remedy=remedy)


Lookup = Callable[[str], "Sequence[str] | None"]  # a name -> its TXT records; None: no answer


class NoName(tuple[str, ...]):
    """No records, for there is no such name at all."""

    __slots__ = ()


def make_resolver(nameserver: str = "", port: int = 53) -> Lookup | None:
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


def examine_sender(domain: str, look: Lookup, selector: str = "") -> Iterator[Finding]:
    """Yield what the DNS of *domain* lacks; nothing where DNS does not answer.

    DKIM is looked at where the *selector* of the key is known.
    """
    spf = look(domain)
    if spf is None:
        return
    if isinstance(spf, NoName):
        remedy = "Is from in [mail] right? And is there a network?"
        yield _missing_record(domain, "there is no such domain", remedy)
        return
    yield from _check_spf(domain, [one for one in spf if one.lower().startswith("v=spf1")])
    yield from _check_dmarc(domain, look)
    if selector:
        name = f"{selector}._domainkey.{domain}"
        key = look(name)
        if key is not None and not any("p=" in one and "p=;" not in one for one in key):
            yield _missing_record(
                name, "has no DKIM key", "Publish the public half of your key there."
            )


def _check_spf(domain: str, found: Sequence[str]) -> Iterator[Finding]:
    if not found:
        remedy = "Publish a TXT record: v=spf1 include:YOUR.PROVIDER -all"
        yield _missing_record(domain, "has no SPF record", remedy)
    elif len(found) > 1:
        yield _missing_record(domain, "has more than one SPF record, so none counts", "Keep one.")
    elif found[0].rstrip().endswith("+all"):
        yield _missing_record(domain, "lets anybody send in its name (+all)", "End it with -all.")


def _check_dmarc(domain: str, look: Lookup) -> Iterator[Finding]:
    """Look at the domain, then at those above it (RFC 7489, 6.6.3, without the suffix list)."""
    labels = domain.split(".")
    for start in range(max(1, len(labels) - 1)):
        found = look("_dmarc." + ".".join(labels[start:]))
        if found is None or any(one.lower().startswith("v=dmarc1") for one in found):
            return
    remedy = "Publish a TXT record: v=DMARC1; p=none; rua=mailto:you@YOUR.DOMAIN"
    yield _missing_record(f"_dmarc.{domain}", "has no DMARC record", remedy)


def _missing_record(name: str, cause: str, remedy: str) -> Finding:
    return Finding(level="warning", subject=f"DNS of {name}", cause=cause, remedy=remedy)


_SPAM_SECONDS = 60
_SCORE = re.compile(
    r"^X-Spam-Status:.*?score=(-?[\d.]+) required=([\d.]+) tests=([A-Z0-9_,\s]*)", re.MULTILINE
)
# What a finished message on its way gets, and a test that never left cannot have.
_NEVER_LEFT = frozenset({"NO_RELAYS", "NO_RECEIVED", "MISSING_DATE", "DATE_IN_PAST_96_XX"})


def score_spam(message: bytes) -> Iterator[Finding]:
    """Yield the score of a finished *message* where it is too high."""
    program = shutil.which("spamassassin")
    if not program:
        return
    command = [program, "--local", "--test-mode"]
    try:
        done = subprocess.run(  # noqa: S603 - our own words to a program of the system
            command, input=message, capture_output=True, timeout=_SPAM_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    found = _SCORE.search(done.stdout.decode("utf-8", "replace"))
    if found and float(found[1]) >= float(found[2]):
        rules = [rule for rule in re.split(r"[,\s]+", found[3]) if rule not in _NEVER_LEFT | {""}]
        yield Finding(
            level="warning",
            subject="spam",
            cause=f"SpamAssassin gives it {found[1]} of {found[2]}: {', '.join(rules)}",
            remedy="Change what these rules point at.",
        )


_LONG = 120  # characters; a phone shows a third of it


def check_letter(mail: Mail, *, leaves: bool, postal_address: bool) -> Iterator[Finding]:
    """Yield what *mail* lacks to go to many; an error where it may not.

    It *leaves* readers a way out where its HTML holds a link of their own.
    """
    head = BytesHeaderParser(policy=default).parsebytes(mail.mime.partition(b"\r\n\r\n")[0])
    yield from _check_sender(parseaddr(str(head.get("From", "")))[1])
    yield from _check_subject(mail.subject)
    if "List-Unsubscribe" not in head or not leaves:
        yield Finding(
            level="error",
            subject="email",
            cause="it has no way to unsubscribe",
            remedy="Set unsubscribe in [mail], then draft and approve it again.",
        )
    elif "List-Unsubscribe-Post" not in head:
        yield Finding(
            level="warning",
            subject="mail.unsubscribe",
            cause="is not on https, so no mail program offers one click to leave (RFC 8058)",
            remedy="Set unsubscribe to an https address; large providers ask senders for that.",
        )
    if not postal_address:
        yield Finding(
            level="warning",
            subject="mail.postal_address",
            cause="is not set; many countries ask for one",
            remedy="Set postal_address in [mail], then draft and approve it again.",
        )


def _check_sender(address: str) -> Iterator[Finding]:
    if "@" not in address or address.startswith("nobody@"):
        yield Finding(
            level="error",
            subject="email",
            cause="nobody sends it",
            remedy="Set from in [mail], then draft and approve it again.",
        )


def _check_subject(subject: str) -> Iterator[Finding]:
    cause, level = "", "warning"
    if not subject.strip():
        cause, level = "is empty", "error"
    elif len(subject) > _LONG:
        cause = f"has {len(subject)} characters; few readers see more than 50"
    elif subject.lower().startswith(("re:", "fwd:", "aw:")):
        cause = "looks like an answer, which filters punish"
    elif len(subject) > 8 and subject.isupper() and subject.isascii():
        cause = "shouts"
    if cause:
        yield Finding(
            level="error" if level == "error" else "warning", subject="subject", cause=cause
        )


_PACE = 0.1  # seconds between two looks at one host


def find_lacks(mail: Mail, *, postal_address: bool) -> Iterator[Finding]:
    """Yield what *mail* lacks to go to many; an error where it may not."""
    leaves = any(slot.name == "token" for slot in read_slots(mail).html)
    yield from check_letter(mail, leaves=leaves, postal_address=postal_address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """Looks at an issue before it leaves, with what its sender has set up.

    ``site`` and ``allow_private`` say which addresses may be tried (``fetch.allow_private``).
    """

    site: str = ""
    allow_private: tuple[str, ...] = ()
    postal_address: bool = False
    dkim_selector: str = ""

    def examine(
        self, revision: Revision, mail: Mail | None = None, *, offline: bool = False
    ) -> tuple[Finding, ...]:
        """Return what is wrong with *revision* or worth knowing, errors first; or of *mail* of it.

        Unless *offline* the links are tried, and SpamAssassin and the sender's DNS are asked. An
        error blocks.
        """
        findings = [*check_revision(revision)] if mail is None else []
        mail = mail or revision.mail
        findings += find_lacks(mail, postal_address=self.postal_address)
        if not any(finding.level == "error" for finding in findings):
            findings += () if offline else self.examine_outside(mail)
        return tuple(sorted(findings, key=lambda finding: finding.level))

    def examine_outside(self, mail: Mail) -> Iterator[Finding]:
        """Yield what SpamAssassin, the addresses in *mail* and its sender's DNS say against it."""
        yield from score_spam(mime.fill_message(mime.open_message(mail), mime.make_dummy_values()))
        client = Client(origin=self.site, allow_private=self.allow_private, pace=_PACE)
        yield from check_links(mail, read_slots(mail).html, client)
        if lookup := make_resolver():
            domain = find_sender(mail.mime).rpartition("@")[2]
            if not domain.endswith((".invalid", ".test")):
                yield from examine_sender(domain, lookup, self.dkim_selector)


def list_tried(mail: Mail) -> tuple[tuple[str, str], ...]:
    """Return the addresses that are tried of *mail*, each a "link" or a "picture"."""
    return list_addresses(mail, read_slots(mail).html)


def raise_first_error(revision: Revision, findings: tuple[Finding, ...]) -> None:
    """DraftError that names the first error of *findings*, if there is one."""
    for one in findings:
        if one.level == "error":
            subject = f"{revision.issue.id}: {one.subject}"
            raise DraftError(subject, one.cause, one.remedy)
