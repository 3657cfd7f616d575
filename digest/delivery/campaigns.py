"""An issue through a service that keeps its readers itself: one request, kept in the outbox."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from digest.delivery.outbox import Pace, send_campaign
from digest.model import Mail, OutboxEntry, Receipt
from digest.model.outbox import make_entry
from digest.model.ports.mail import CampaignService
from digest.model.ports.social import Outbox
from digest.render.export import embed_pictures
from digest.render.slots import SlottedText, make_placeholder, read_html, read_text, split_slots

_URL = re.compile(r"(?:https?://|mailto:)[^\s\"'<>]*$")
_OPENS = "SLOT--"


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaigns:
    """Sends whole issues through ``service``, which ``open_service`` opens, each once.

    The outbox keeps each as one entry; ``preferences`` is the address that readers choose at.
    """

    service: str
    open_service: Callable[[], CampaignService]
    outbox: Outbox
    preferences: str = ""

    def check(self) -> str:
        """Return in words where an issue would go; DigestError where it could not."""
        with closing(self.open_service()) as service:
            return service.check()

    def send(
        self, job: str, revision: int, mail: Mail, *, pace: Pace | None = None
    ) -> Iterator[Receipt]:
        """Send *mail* through the service, once; see ``digest.delivery.outbox``."""
        campaign = self.make_entry(job, revision, mail)
        with closing(self.open_service()) as service:
            yield from send_campaign(campaign, service, self.outbox, pace=pace)

    def test(
        self, job: str, revision: int, mail: Mail, addresses: Sequence[str]
    ) -> Iterator[Receipt]:
        """Let the service send *mail* to *addresses* alone; yield a receipt for each."""
        with closing(self.open_service()) as service:
            outcome = service.test(self.make_entry(job, revision, mail), addresses)
        for address in addresses:
            yield Receipt(
                target=address, status=outcome.status, id=outcome.id, reason=outcome.reason
            )

    def make_entry(self, job: str, revision: int, mail: Mail) -> OutboxEntry:
        """Return *mail* as the outbox keeps it: named slots where a reader's own links stand.

        The service puts its own links there; pictures that the message carries stand in the HTML.
        """
        fields = {
            "subject": mail.subject,
            "preheader": mail.preheader,
            "html": self._slot_links(read_html(mail), mail),
            "text": self._slot_links(read_text(mail)),
        }
        payload = json.dumps(fields, ensure_ascii=False)
        return make_entry(job, self.service, payload, revision=revision)

    def _slot_links(self, slotted: SlottedText, mail: Mail | None = None) -> str:
        """Return the text with slots in place of the links to leave and to choose.

        The payload is one text, so here a slot is known by its mark: where the words hold what
        opens one, the slot "literal" stands for it.
        """
        chooses, pieces = f"{self.preferences.rstrip('/')}/", split_slots(slotted)
        for at in range(0, len(pieces), 2):
            words = pieces[at]
            if at + 1 < len(pieces) and (url := _URL.search(words)):
                words = words[: url.start()]
                pieces[at + 1] = "preferences" if url[0] == chooses else "unsubscribe"
            words = embed_pictures(mail, words) if mail else words
            pieces[at] = words.replace(_OPENS, make_placeholder("literal"))
        return "".join(make_placeholder(one) if at % 2 else one for at, one in enumerate(pieces))

    def list_put_off(self, now: datetime) -> Sequence[str]:
        """Return the jobs that a run did not finish and that may go on at *now*."""
        return [
            campaign.job
            for campaign in self.outbox.entries(target=self.service)
            if not campaign.done and campaign.state not in ("held", "rejected")
            if campaign.retry_at is None or campaign.retry_at <= now
        ]

    def is_done(self, job: str) -> bool:
        """Tell whether *job* went out."""
        return any(campaign.done for campaign in self.outbox.entries(job, self.service))
