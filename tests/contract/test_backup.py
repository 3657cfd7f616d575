"""A store that is put back sends nothing again that went out since."""

import contextlib
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from digest.app.backup import back_up_store, restore_store
from digest.app.composition import App
from digest.config.settings import Settings, parse_settings
from digest.delivery.send_mail import list_waiting_mail, settle_mail
from digest.model import Period, Revision, SubscriberEvent
from digest.model.errors import ConfigError, DraftError, NothingToDo, StoreError
from digest.model.outbox import make_entry
from digest.store.engine import connect
from digest.store.issues import IssueStore
from digest.store.outbox import OutboxStore
from digest.store.restore_guard import read_suppressed_marks
from tests import make
from tests.mailing import people, posted
from tests.shared import REPOSITORY

READERS = 6
KILLED = """
import os, signal
from pathlib import Path
from digest.app import backup
from digest.app.composition import App
from digest.config.settings import parse_settings
from digest.store import audience
from digest.store import backup as copies

def dies(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

step = {step!r}
if step == "hold_back": copies.hold_unsettled = dies
if step == "keep_out": audience.AudienceStore.keep_out = dies
if step == "settle_into_one_file": backup.settle_into_one_file = dies
if step == "link": os.link = dies
if step == "replace": Path.replace = dies
backup.restore_store(App(parse_settings('store = "{store}"', "{toml}")), Path("{kept}"))
"""


def settings_of(url: str, folder: Path) -> Settings:
    text = (
        f'store = "{url}"\n[mail]\nfrom = "w@example.org"\nunsubscribe = "https://x.example.org/u"\n'
        f'[mailers.folder]\nfolder = "{folder / "out"}"\n'
    )
    return parse_settings(text, str(folder / "digest.toml"))


@pytest.fixture
def settings(store_url: str, tmp_path: Path) -> Iterator[Settings]:
    made = settings_of(store_url, tmp_path)
    engine = connect(store_url)
    people(engine, READERS)
    engine.dispose()
    return made


def approved(settings: Settings, week: int) -> Revision:
    """Draft and approve the issue of a week that began *week* weeks after the first."""
    start = make.PERIOD.start + timedelta(weeks=week)
    period = Period(start=start, end=start + timedelta(weeks=1), label=f"2026-W{11 + week}")
    story = make.story(make.post(f"p{week}"))
    issue = replace(make.issue(story), id=f"weekly-{period.label}", period=period)
    made = make.revision(issue)
    made = replace(made, mail=posted(made.mail), hash=f"{week:064}")
    engine = connect(settings.store_url)
    store = IssueStore(engine)
    found = store.approve(store.save(made), make.NOW)
    engine.dispose()
    return found


def files(settings: Settings) -> int:
    folder = Path(settings.mailers["folder"]["folder"])
    return len(list(folder.glob("*.eml"))) if folder.exists() else 0


def empty(settings: Settings) -> Settings:
    """Forget what the folder holds: a file written again would not show."""
    shutil.rmtree(settings.mailers["folder"]["folder"], ignore_errors=True)
    return settings


def other_store(settings: Settings, tmp_path: Path) -> Settings:
    return settings_of(str(tmp_path / "restored.db"), tmp_path)


def test_who_left_since_is_told_by_the_store_before_it_where_that_can_be_read(
    tmp_path: Path,
) -> None:
    settings = settings_of(f"sqlite:///{tmp_path / 'digest.db'}", tmp_path)
    people(connect(settings.store_url), READERS)
    kept = back_up_store(App(settings), tmp_path / "kept.db", datetime.now(UTC))
    audience, now = App(settings).audience, datetime.now(UTC)
    for number, state in ((1, "unsubscribed"), (2, "complained")):
        gone = partial(replace, state=state)
        audience.change(number, gone, SubscriberEvent(at=now, what=state))
    audience.erase(3, now)
    assert restore_store(App(settings), kept).left == 3
    audience = App(settings).audience
    assert [one.id for one in audience.everyone("active")] == [4, 5, 6]
    assert audience.get(3) is None
    assert audience.suppressed("reader3@example.org") == "erased"
    assert restore_store(App(settings), kept).left == 3
    (tmp_path / "digest.db").write_bytes(b"broken")
    assert read_suppressed_marks(tmp_path / "digest.db") is None
    done = restore_store(App(settings), kept)
    assert done.left is None
    assert done.aside
    assert done.aside.read_bytes() == b"broken"
    assert len([*App(settings).audience.everyone("active")]) == READERS


def test_a_store_in_use_is_not_replaced(tmp_path: Path) -> None:
    settings = settings_of(f"sqlite:///{tmp_path / 'digest.db'}", tmp_path)
    people(connect(settings.store_url), READERS)
    kept = back_up_store(App(settings), tmp_path / "kept.db", datetime.now(UTC))
    before = sorted(path.name for path in tmp_path.iterdir())
    with closing(sqlite3.connect(tmp_path / "digest.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"cannot be replaced: .* Stop what uses it"):
            restore_store(App(settings), kept)
        other.rollback()
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert len([*App(settings).audience.everyone("active")]) == READERS


@pytest.mark.parametrize(
    "step", ["hold_back", "keep_out", "settle_into_one_file", "link", "replace"]
)
def test_killed_at_any_step_the_store_is_the_old_one_or_the_held_one(
    tmp_path: Path, step: str
) -> None:
    settings = settings_of(f"sqlite:///{tmp_path / 'digest.db'}", tmp_path)
    people(connect(settings.store_url), READERS)
    first = approved(settings, 0)
    kept = back_up_store(App(settings), tmp_path / "kept.db", datetime.now(UTC))
    list(App(settings).mail_sender.send(first))
    App(settings).audience.erase(1, datetime.now(UTC))
    program = KILLED.format(
        step=step, toml=tmp_path / "digest.toml", kept=kept, store=settings.store
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, check=False)
    assert done.returncode == -signal.SIGKILL
    with contextlib.suppress(NothingToDo, DraftError):
        list(App(empty(settings)).mail_sender.send(first))
    assert files(settings) == 0  # sent already, or held


def test_what_went_out_after_the_backup_does_not_leave_again(
    settings: Settings, tmp_path: Path
) -> None:
    """Sent before it: sent. Begun, or drafted and sent, after it: held until a person says."""
    first = approved(settings, 0)
    list(App(settings).mail_sender.send(first))
    second = approved(settings, 1)
    kept = back_up_store(App(settings), tmp_path / "kept.db", datetime.now(UTC))
    list(App(settings).mail_sender.send(second))
    third = approved(settings, 2)
    list(App(settings).mail_sender.send(third))
    assert files(settings) == 3 * READERS

    there = empty(other_store(settings, tmp_path))
    done = restore_store(App(there), kept)
    assert done.aside is None
    with pytest.raises(Exception, match="it is sent already, to 6 readers"):
        list(App(there).mail_sender.send(first))
    for issue in (second, approved(there, 2)):
        with pytest.raises(DraftError, match="6 copies may be out, or not"):
            list(App(there).mail_sender.send(issue))
    assert files(there) == 0
    waits = list(list_waiting_mail(App(there).ledger))
    assert len(waits) == 2 * READERS
    assert "may have gone out before" in waits[0].reason
    settle_mail(App(there).ledger, second.issue.id, resend=False)
    settle_mail(App(there).ledger, third.issue.id, resend=True)
    list(App(there).mail_sender.send(approved(there, 2)))
    assert files(there) == READERS


def test_what_was_half_sent_is_held(settings: Settings, tmp_path: Path) -> None:
    issue = approved(settings, 0)
    receipts = App(settings).mail_sender.send(issue)
    next(receipts)
    receipts.close()
    kept = back_up_store(App(settings), tmp_path / "kept.db", datetime.now(UTC))
    sent = sum(one.status == "sent" for one in App(settings).mail_sender.send(issue))
    there = empty(other_store(settings, tmp_path))
    done = restore_store(App(there), kept)
    assert done.held == sent > 0
    with pytest.raises(DraftError, match=f"{sent} copies"):
        list(App(there).mail_sender.send(issue))
    assert files(there) == 0


def test_an_issue_that_begins_later_leaves_as_ever(settings: Settings, tmp_path: Path) -> None:
    kept = back_up_store(App(settings), tmp_path / "kept.db", datetime.now(UTC))
    there = other_store(settings, tmp_path)
    restore_store(App(there), kept)
    weeks = (datetime.now(UTC) - make.PERIOD.start).days // 7 + 2
    receipts = list(App(there).mail_sender.send(approved(there, weeks)))
    assert [one.status for one in receipts] == ["sent"] * READERS


def test_parts_of_threads_are_held_as_well(settings: Settings, tmp_path: Path) -> None:
    approved(settings, 0)
    kept = back_up_store(App(settings), tmp_path / "kept.db", datetime.now(UTC))
    there = other_store(settings, tmp_path)
    restore_store(App(there), kept)
    engine = connect(there.store_url)
    outbox = OutboxStore(engine)
    outbox.enqueue([make_entry("weekly-2026-W11", "mastodon", "一則", part=1)])
    (one,) = outbox.entries()
    assert one.state == "held"
    assert "may have gone out before" in one.reason
    engine.dispose()


def test_a_copy_put_in_its_place_by_hand_is_noticed(tmp_path: Path) -> None:
    """Without ``digest restore``: the count of runs, kept elsewhere, is ahead of the store's."""
    settings = settings_of(str(tmp_path / "digest.db"), tmp_path)
    engine = connect(settings.store_url)
    people(engine, READERS)
    engine.dispose()
    first, second = approved(settings, 0), approved(settings, 1)
    list(App(settings).mail_sender.send(first))
    kept = back_up_store(App(settings), tmp_path / "kept.db", datetime.now(UTC))
    list(App(settings).mail_sender.send(second))
    shutil.copyfile(kept, tmp_path / "digest.db")
    empty(settings)
    with pytest.raises(StoreError, match="is older than what was sent from it"):
        list(App(settings).mail_sender.send(second))
    with pytest.raises(DraftError, match="6 copies"):
        list(App(settings).mail_sender.send(second))
    assert files(settings) == 0


def test_the_store_that_was_there_is_moved_aside(tmp_path: Path) -> None:
    settings = settings_of(str(tmp_path / "digest.db"), tmp_path)
    approved(settings, 0)
    kept = back_up_store(App(settings), tmp_path, datetime(2026, 3, 16, 8, tzinfo=UTC))
    assert kept.name == "digest-20260316-080000.db"
    approved(settings, 1)
    done = restore_store(App(settings), kept)
    assert done.aside
    assert IssueStore(connect(f"sqlite:///{done.aside}")).load("weekly-2026-W12")
    with pytest.raises(StoreError, match="there is none"):
        IssueStore(connect(settings.store_url)).load("weekly-2026-W12")


def test_a_backup_goes_back_into_postgresql(
    settings: Settings, tmp_path: Path, postgres_url: str
) -> None:
    list(App(settings).mail_sender.send(approved(settings, 0)))
    kept = back_up_store(App(settings), tmp_path / "kept.db", datetime.now(UTC))
    if settings.store_url == postgres_url:
        with pytest.raises(StoreError, match="is not empty"):
            restore_store(App(settings), kept)
        return
    there = settings_of(postgres_url, tmp_path)
    restore_store(App(there), kept)
    books = App(there).ledger
    (mailing,) = books.mailings()
    assert books.tally(mailing)["sent"] == READERS
    again = books.freeze(replace(mailing, job="weekly-2026-W11.correction-1", of=mailing.job))
    assert again.id > mailing.id


def test_the_keys_of_the_links_go_with_it(tmp_path: Path) -> None:

    settings = settings_of(str(tmp_path / "digest.db"), tmp_path)
    token = App(settings).keyring.sign(7, "reader")
    kept = back_up_store(App(settings), tmp_path / "kept.db", datetime.now(UTC))
    assert (tmp_path / "kept.db.keys").stat().st_mode & 0o077 == 0
    (elsewhere := tmp_path / "elsewhere").mkdir()
    there = settings_of(str(elsewhere / "digest.db"), elsewhere)
    restore_store(App(there), kept)
    assert App(there).keyring.verify(token, "reader")


def test_what_is_no_backup_is_named(tmp_path: Path) -> None:
    settings = settings_of(str(tmp_path / "digest.db"), tmp_path)
    approved(settings, 0)
    (tmp_path / "text").write_text("not a database at all, but long enough to be read as one")
    with pytest.raises(StoreError, match="there is no such file"):
        restore_store(App(settings), tmp_path / "none")
    with pytest.raises(StoreError, match="is no backup"):
        restore_store(App(settings), tmp_path / "text")
    with pytest.raises(StoreError, match="is a store, but no backup"):
        restore_store(App(settings), tmp_path / "digest.db")
    with pytest.raises(ConfigError, match="is there already"):
        back_up_store(App(settings), tmp_path / "text", datetime.now(UTC))
    assert IssueStore(connect(settings.store_url)).load().issue.id == "weekly-2026-W11"
