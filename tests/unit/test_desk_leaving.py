"""What the desk says before an issue leaves: what went already, what was looked at, what waits."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from digest.model.outbox import make_entry
from digest.web.desk import dialogs
from digest.web.desk.labels import Words
from digest.web.desk.send_jobs import OutsideCheck
from digest.web.desk.story_list import key_of
from tests.desk_server import Answered, Running, desk_serving, sample

EN = Words(language="en", timezone="Asia/Taipei")
DAILY = 'when = "daily 23:59"\nwindow = "calendar-week"\nunapproved = "send"\ntargets = ["email"]\n'


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Running]:
    with desk_serving(sample(tmp_path)) as running:
        yield running


def ask(desk: Running, name: str, **form: str) -> Answered:
    issue, kind = desk.desk.revision().issue.id, "application/x-www-form-urlencoded"
    return desk.ask(
        f"/i/{issue}/do/{name}",
        method="POST",
        body=urlencode(form),
        Origin=desk.base,
        Content_Type=kind,
        Accept_Language="en",
    )


def shown(desk: Running) -> dict[str, dialogs.Channel]:
    found = dialogs.list_channels(desk.desk, desk.desk.revision(), EN)
    return {one.name: one for one in found}


def test_what_went_as_another_revision_is_not_offered_again(desk: Running) -> None:
    revision = desk.desk.revision()
    earlier = [
        make_entry(revision.issue.id, "mastodon", "{}", part=1, revision=revision.number + 7)
    ]
    desk.desk.outbox.enqueue(earlier)
    told = shown(desk)
    assert "went this way already" in told["mastodon"].blocked
    assert not told["mastodon"].mend
    assert not told["x"].blocked
    refused = ask(desk, "approve", hash=revision.hash, channels="mastodon")
    assert refused.status == 422
    assert "went this way already" in refused.text


def test_the_dialog_says_what_was_looked_at_outside(desk: Running) -> None:
    revision = desk.desk.revision()

    def said() -> str:
        asked = f"/i/{revision.issue.id}/dialog/approve"
        return desk.ask(asked, Accept_Language="en").text

    assert "have not been looked at" in said()
    assert ask(desk, "look").status == 200
    look = desk.desk.outside.of(revision.mail)
    assert isinstance(look, OutsideCheck)
    deadline = time.monotonic() + 20
    while look.running and time.monotonic() < deadline:
        time.sleep(0.01)
    look.findings = ()
    assert "found nothing" in said()
    look.running = True
    assert "are being looked at" in said()


def test_an_issue_that_no_run_tells_says_so_and_cannot_be_held(tmp_path: Path) -> None:
    folder = sample(tmp_path)
    (folder / "schedules").mkdir(exist_ok=True)
    (folder / "schedules" / "weekly.toml").write_text(DAILY, "utf-8")
    with desk_serving(folder) as desk:
        refused = ask(desk, "run", how="hold")
        assert refused.status == 422  # the week of the demo is long over
        assert "no schedule sends it" in refused.text
        page = desk.ask(f"/i/{desk.desk.revision().issue.id}?tab=plan&lang=en").text
        assert "No run to come tells this issue" in page
        assert "daily 23:59" in page


def test_a_passage_that_the_post_does_not_say_any_more_is_refused(desk: Running) -> None:
    story = next(iter(desk.desk.revision().issue.stories))
    key, text = key_of(story.post.url), story.post.document.text
    refused = ask(desk, "quote", key=key, span="0:8", said="這裡從來沒有這句話。")
    assert refused.status == 422
    assert "verbatim" in refused.text
    moved = ask(desk, "quote", key=key, span="9:17", said=text[4:12])
    assert moved.status == 200
    quoted = next(iter(desk.desk.revision().issue.stories)).reading.quotes[0]
    assert quoted.stands_in(text)
    assert re.sub(r"[「」]", "", text[4:12]).strip() in quoted.text
