"""What a sending left behind: the next ticks see to it, as long as that is wanted and safe."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from digest.app.composition import App
from digest.config.settings import Settings
from digest.delivery.pacing import RetryPolicy
from digest.delivery.send_mail import (
    draft_correction,
    make_correction_mailing,
    pause_mailings,
    settle_mail,
)
from digest.model import Revision
from digest.model.errors import DigestError
from digest.model.mailing import Mailing
from digest.model.outbox import OutboxState
from digest.store.engine import connect
from digest.store.schema import deliveries
from tests.mailing import STARTED
from tests.smtp_server import SmtpServer, smtp_serving
from tests.ticking import World, taipei

ISSUE = "weekly-2026-02-16"
LATER = RetryPolicy(retries=(7000.0,) * 4, sits_out=0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A world whose mail goes to *server*, with an issue that an editor approved."""

    world: World
    server: SmtpServer

    @property
    def settings(self) -> Settings:
        return self.world.settings

    @property
    def approved(self) -> Revision:
        found = self.world.issues.approved(ISSUE)
        assert found
        return found

    def mailing(self, job: str = ISSUE) -> Mailing:
        found = App(self.settings).ledger.find(job)
        assert found
        return found

    def counts(self, job: str = ISSUE) -> Mapping[OutboxState, int]:
        return App(self.settings).ledger.tally(self.mailing(job)).counts

    def aside(self, code: str) -> None:
        """Let *server* answer RCPT with *code*, or as it should where that is empty."""
        self.server.fault = lambda at, _to: code if at == "RCPT" and code else None

    def hours_pass(self) -> None:
        """Let the time come at which what was put off may be tried again."""
        with connect(self.settings.store_url).begin() as connection:
            put_off = update(deliveries).where(deliveries.c.state == "deferred")
            connection.execute(put_off.values(until=STARTED))

    def away(self, *, back: bool = False) -> None:
        """Let nobody answer where the server should be."""
        file, there = self.world.folder / "digest.toml", f"port = {self.server.port}\n"
        text = file.read_text("utf-8")
        nowhere = "port = 1\n"
        text = text.replace(nowhere, there) if back else text.replace(there, nowhere)
        file.write_text(text, "utf-8")

    def tick(self, *, later: timedelta = timedelta(hours=3)) -> list[tuple[str, str]]:
        """Tick so much *later* than now; return target and status of what was done by itself."""
        steps = self.world.tick(datetime.now(UTC) + later)
        return [(one.receipt.target, one.receipt.status) for one in steps if not one.occurrence.key]

    def got(self) -> list[str]:
        return sorted(one for one in self.server.recipients if one.startswith("reader"))


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    world = World(folder=tmp_path, language="en")
    world.schedule('when = "Mon 08:00"\nunapproved = "hold"\nreview = false\n')
    world.subscribe()
    for day in range(9, 16):
        world.post(f"p{day:02}", taipei(f"2026-02-{day:02} 12:00"))
    with smtp_serving() as server:
        file = tmp_path / "digest.toml"
        text = file.read_text("utf-8").replace("[mail]", '[mail]\nmailer = "smtp"')
        text += f'\n[mailers.smtp]\nhost = "{server.host}"\nport = {server.port}\n'
        file.write_text(f'{text}security = "none"\nconnections = 1\n', "utf-8")
        world.tick("2026-02-16 08:00")
        world.issues.approve(world.issues.load(ISSUE), taipei("2026-02-16 09:00"))
        yield Post(world=world, server=server)


@pytest.fixture
def by_hand(post: Post) -> Post:
    """Return a post whose issue a person sent, of a digest that has no schedule."""
    (post.world.folder / "schedules" / "weekly.toml").unlink()
    return post


def send(post: Post) -> list[str]:
    receipts = App(post.settings).mail_sender.send(post.approved, tempo=LATER)
    return [one.status for one in receipts]


def test_what_was_put_off_leaves_with_a_later_tick(by_hand: Post) -> None:
    by_hand.aside("450 4.2.0 later")
    assert send(by_hand) == ["deferred"] * 3
    assert by_hand.tick(later=timedelta()) == []  # its time has not come
    by_hand.aside("")
    by_hand.hours_pass()
    assert [status for _, status in by_hand.tick()] == ["sent"] * 3
    assert by_hand.got() == [f"reader{n}@example.org" for n in (1, 2, 3)]
    assert by_hand.tick() == []


def test_a_server_that_is_away_is_asked_again_by_each_tick(by_hand: Post) -> None:
    by_hand.aside("450 4.2.0 later")
    send(by_hand)
    by_hand.away()
    assert by_hand.tick() == by_hand.tick() == [("email", "deferred")]
    by_hand.away(back=True)
    by_hand.aside("")
    by_hand.hours_pass()
    assert len(by_hand.tick()) == 3


def test_a_run_that_was_killed_goes_on(by_hand: Post) -> None:
    receipts = App(by_hand.settings).mail_sender.send(by_hand.approved)
    next(receipts)
    del receipts
    left = 3 - len(by_hand.got())
    assert [status for _, status in by_hand.tick()] == ["sent"] * left
    assert len(by_hand.got()) == len(set(by_hand.got())) == 3


def test_what_a_person_paused_stays(by_hand: Post) -> None:
    by_hand.aside("450 4.2.0 later")
    send(by_hand)
    pause_mailings(App(by_hand.settings).ledger, ISSUE, paused=True)
    by_hand.aside("")
    by_hand.hours_pass()
    assert by_hand.tick() == []
    pause_mailings(App(by_hand.settings).ledger, ISSUE, paused=False)
    assert len(by_hand.tick()) == 3


def test_what_is_kept_and_printed_of_runs_names_no_reader(post: Post) -> None:
    post.server.fault = lambda at, to: f"550 5.7.1 <{to}> is refused" if at == "RCPT" else None
    post.world.tick("2026-02-16 08:15")
    (run,) = post.world.runs()
    assert run.state == "approved"  # it says nothing of the readers, who are still owed it
    assert "550 5.7.1 <…> is refused" in run.reason
    said = [*(line.text for line in run.log), *post.world.warnings]
    assert not [line for line in said if "reader" in line and "@" in line]


def test_what_is_not_approved_any_more_stays(by_hand: Post) -> None:
    by_hand.aside("450 4.2.0 later")
    send(by_hand)
    by_hand.aside("")
    by_hand.hours_pass()
    by_hand.world.issues.approve(by_hand.approved, taipei("2026-02-16 10:00"), withheld=("email",))
    assert by_hand.tick() == []


def test_what_a_person_lets_out_once_more_leaves_by_itself(by_hand: Post) -> None:
    by_hand.server.fault = lambda at, _to: "drop" if at == "kept" else None
    assert send(by_hand) == ["unknown"] * 3
    by_hand.aside("")
    assert by_hand.tick() == []  # nobody knows whether they are out
    settle_mail(App(by_hand.settings).ledger, ISSUE, resend=True)
    assert [status for _, status in by_hand.tick()] == ["sent"] * 3


def test_a_correction_goes_on_as_well(by_hand: Post) -> None:
    send(by_hand)
    mail = draft_correction(App(by_hand.settings).letterhead, by_hand.approved, "We erred.")
    job = make_correction_mailing(App(by_hand.settings).ledger, by_hand.approved, mail)
    by_hand.aside("450 4.2.0 later")
    list(App(by_hand.settings).mail_sender.send_job(job, mail, tempo=LATER))
    by_hand.aside("")
    by_hand.hours_pass()
    assert [status for _, status in by_hand.tick()] == ["sent"] * 3
    assert by_hand.counts(job.job) == {"sent": 3}
    assert len(by_hand.got()) == 6


def test_after_days_it_is_given_up_and_the_editor_told(by_hand: Post) -> None:
    by_hand.aside("450 4.2.0 later")
    send(by_hand)
    late = timedelta(days=5, hours=1)
    by_hand.away()
    with pytest.raises(DigestError, match="cannot be reached"):
        by_hand.tick(later=late)  # nobody could be told: nothing is given up in silence
    by_hand.away(back=True)
    by_hand.aside("")
    assert by_hand.tick(later=late) == [("email", "held")]
    notice = by_hand.server.kept[-1].message
    assert notice["To"] == "editor@example.org"
    assert f"digest send {ISSUE} --resume" in notice.get_content()
    assert by_hand.mailing().paused
    assert by_hand.tick(later=late) == []
    assert by_hand.got() == []


def test_a_run_of_a_schedule_sees_to_its_own(post: Post) -> None:
    post.away()
    (step,) = post.world.tick("2026-02-16 08:15")
    assert (step.occurrence.key, step.receipt.status) == ("2026-02-16T08:00", "deferred")
    steps = post.world.tick("2026-02-18 08:15")  # later than max_late after its approval
    assert {one.occurrence.key for one in steps} == {"2026-02-16T08:00"}
    assert "given up" in post.world.runs()[-1].reason
    post.away(back=True)
    assert post.world.tick("2026-02-18 08:30") == []  # given up is given up
    assert post.got() == []
