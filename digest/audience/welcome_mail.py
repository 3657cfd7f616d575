"""Letters leave: to confirm, to welcome; each is recorded before it goes and sent by a mailer."""

import logging
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from digest.audience import subscriptions
from digest.audience.subscriptions import SignUp
from digest.config.link_tokens import Keyring, make_bounce_address
from digest.model import Subscriber
from digest.model.errors import ConfigError, DigestError
from digest.model.mailing import Message
from digest.model.ports.audience import Audience
from digest.model.ports.mail import Mailer
from digest.render.branding import Branding
from digest.render.templates import Templates
from digest.render.transactional import Letter, LetterKind, render_letter

Send = Callable[[Message], None]  # DigestError where it cannot leave
_log = logging.getLogger("digest.letters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """Writes and sends the letters of one site; ``titles`` maps names of digests to titles.

    ``url`` is the address of the public pages, without a slash behind; ``return_path`` the
    mailbox that bounces come back to.
    """

    audience: Audience
    keyring: Keyring
    letterhead: Branding
    templates: Templates
    send: Send
    title: str
    titles: Mapping[str, str]
    url: str
    language: str
    days: int
    archive: str = ""
    return_path: str = ""

    def ask(self, asked: SignUp) -> None:
        """Send the mail that is due to whoever asked to subscribe; what fails is logged."""
        if asked.mail == "confirm":
            self._try(asked.subscriber, "confirm")
        elif asked.mail == "known":
            self._try(asked.subscriber, "known")

    def welcome(self, one: Subscriber) -> None:
        """Greet a new subscriber; what fails is logged."""
        self._try(one, "welcome")

    def send_link(self, one: Subscriber) -> None:
        """Send a reader whose link is outdated a new one; what fails is logged."""
        self._try(one, "link")

    def ask_listed(self, one: Subscriber) -> None:
        """Ask somebody who was taken in from a list to confirm; DigestError where it fails."""
        self.check()
        found = subscriptions.record_confirm_request(self.audience, one.id, datetime.now(UTC))
        if found is not None:
            self._post(found, "confirm")

    def check(self) -> None:
        """Raise ConfigError where nobody would write a letter, or its links would lead nowhere."""
        if "@" not in self.letterhead.sender:
            raise ConfigError(
                "mail.from", "is not set", "Readers see who writes: set it in [mail]."
            )
        if not self.url:
            remedy = 'Set the address that readers reach "digest serve" under: url = "https://..."'
            raise ConfigError("serve.url", "is not set, so a mail could link to nothing", remedy)

    def _try(self, one: Subscriber, kind: LetterKind) -> None:
        try:
            self._post(one, kind)
        except DigestError as error:
            _log.error("letter %s to subscriber %s: %s", kind, one.id, error)

    def _post(self, one: Subscriber, kind: LetterKind) -> None:
        self.check()
        now = datetime.now(UTC)
        asked = one.asked or now
        mailbox = self.return_path
        back = make_bounce_address(mailbox, self.keyring.sign(one.id, "bounce")) if mailbox else ""
        self.send(
            render_letter(
                self._about(one, kind, asked),
                self.letterhead,
                self.templates,
                key=f"letter {kind} {one.id} {asked.isoformat()}",
                moment=now,
                back=back,
            )
        )
        _log.info("letter %s to subscriber %s", kind, one.id)

    def _about(self, one: Subscriber, kind: LetterKind, asked: datetime) -> Letter:
        reader = self.keyring.sign(one.id, "reader")
        url = f"{self.url}/p/{reader}"
        if kind == "confirm":
            ends = asked + timedelta(days=self.days)
            url = f"{self.url}/c/{self.keyring.sign(one.id, 'confirm', ends)}"
        return Letter(
            kind=kind,
            recipient=one.address,
            language=one.language or self.language,
            title=self.title,
            url=url,
            name=one.name,
            titles=tuple(self.titles.get(name, name) for name in one.digests),
            days=self.days,
            leave="" if kind == "confirm" else f"{self.url}/u/{reader}",
            archive=self.archive,
        )


def send_letter(open_mailer: Callable[[], Mailer], message: Message) -> None:
    """Hand a finished *message* to the mailer of single mails; DigestError where it refuses."""
    mailer = open_mailer()
    with closing(mailer.lane()) as lane:
        (outcome,) = lane.send([message], message.key)
    if outcome.status != "sent":
        remedy = "Look at it with: digest doctor"
        raise DigestError(mailer.name, f"did not take a letter: {outcome.reason}", remedy)
