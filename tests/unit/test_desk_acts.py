"""What the desk does when it is asked, seen from outside: forms in, revisions and refusals out."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from digest.model import Issue, Revision
from digest.model.draft import Finding
from digest.web.desk.actions import outline_moved
from digest.web.desk.findings import list_desk_findings
from digest.web.desk.labels import Words
from digest.web.desk.pages import make_file_address
from digest.web.desk.story_list import key_of
from digest.web.desk.timeline import compare_revisions, mark_changes, split_changes
from tests.desk_server import Answered, Running, desk_serving, sample
from tests.drafted import issue as drafted
from tests.http_server import HttpServer, text

ARTICLE = (
    "<!doctype html><html lang='zh-Hant'><head>"
    "<meta property='og:title' content='河堤上的修鞋匠'></head><body><article><p>"
    + "他在河堤上修了三十年的鞋，認得每一雙腳走過的路。" * 12
    + "</p></article></body></html>"
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Running]:
    with desk_serving(sample(tmp_path)) as running:
        yield running


def ask(desk: Running, name: str, lang: str = "en", **form: str) -> Answered:
    issue = desk.desk.revision().issue.id
    kind = "application/x-www-form-urlencoded"
    body = urlencode({key.rstrip("_"): value for key, value in form.items()})
    return desk.ask(
        f"/i/{issue}/do/{name}",
        method="POST",
        body=body,
        Origin=desk.base,
        Content_Type=kind,
        Accept_Language=lang,
    )


def told(desk: Running) -> list[str]:
    return [story.post.url for story in desk.desk.revision().issue.stories]


def now_of(answer: Answered) -> dict[str, object]:
    found = answer.text.split('id="now">')[1].partition("</script>")[0]
    return dict(json.loads(found))


def test_an_answer_says_what_is_there_now(desk: Running) -> None:
    answer = ask(desk, "say", block="subject", value="渡船口的早晨")
    assert answer.status == 200
    revision = desk.desk.revision()
    assert now_of(answer)["hash"] == revision.hash
    assert revision.issue.subject == "渡船口的早晨"
    assert "渡船口的早晨" in answer.text


def test_what_was_changed_elsewhere_is_not_overwritten(desk: Running) -> None:
    ask(desk, "say", block="subject", value="甲")
    answer = ask(desk, "say", block="subject", value="乙", base="0" * 16)
    assert answer.status == 409
    said = json.loads(answer.body)
    assert (said["block"], said["theirs"]) == ("subject", "甲")
    assert ask(desk, "say", block="subject", value="乙", base=said["base"]).status == 200


@pytest.mark.parametrize(
    ("name", "form", "said"),
    [
        ("say", {"block": "subject", "value": " "}, "It cannot be empty."),
        ("say", {"block": "nonsense", "value": "x"}, "There is no block"),
        ("move", {"key": "none", "to": "1"}, "no such post"),
        ("part", {"net": "x", "part": "1", "how": "say", "value": "長" * 200}, "over the limit"),
        ("part", {"net": "x", "part": "one", "how": "up"}, "is no number"),
        ("part", {"net": "nowhere", "part": "1"}, "no such thread"),
        ("part", {"net": "x", "part": "1", "how": "split", "at": "0"}, "nothing to divide"),
        ("add", {"url": "ftp://x"}, "no web address"),
        ("note", {"place": "nowhere", "text": "x"}, "is no place"),
        ("period", {"week": "2026-W99"}, "no such week"),
        ("undo", {}, "Nothing to undo"),
        ("redo", {}, "Nothing to redo"),
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_changes(
    desk: Running, name: str, form: dict[str, str], said: str
) -> None:
    before = desk.desk.revision()
    answer = ask(desk, name, **form)
    assert answer.status == 422
    assert said in answer.text
    told = ask(desk, name, lang="zh-Hant-TW", **form).text
    assert re.search(r"[\u4e00-\u9fff]", told)
    assert not re.search(r"[a-z]+ [a-z]+ [a-z]+", told), "a refusal in another language"
    assert desk.desk.revision() == before


def test_what_the_desk_does_not_know_is_not_there(desk: Running) -> None:
    assert ask(desk, "explode").status == 404
    issue = desk.desk.revision().issue.id
    assert desk.ask(f"/i/{issue}/dialog/nothing").status == 404
    assert desk.ask(f"/i/{issue}/source/nothing").status == 404


def test_another_post_is_told_instead_and_listed_again(desk: Running) -> None:
    before = told(desk)
    assert ask(desk, "swap", key=key_of(before[1])).status == 200
    after = told(desk)
    assert after[1] not in before
    assert after[0] == before[0]
    assert before[1] not in after
    ask(desk, "choice", key=key_of(after[1]), choice="list")
    assert after[1] not in told(desk)
    rows = desk.ask(f"/i/{desk.desk.revision().issue.id}/rows", Accept_Language="en").text
    assert rows.count("by you") == 2


def test_a_page_is_added_and_a_block_written_and_taken_away(
    desk: Running, http_server: HttpServer
) -> None:
    url = http_server.put("/cobbler/", text(ARTICLE, "text/html; charset=utf-8"))
    assert ask(desk, "add", url=url).status == 200
    assert url in told(desk)
    ask(desk, "note", text="週五見。", title="活動", place="also", sponsor="1")
    (note,) = desk.desk.revision().issue.notes
    assert (note.text, note.place, note.sponsor) == ("週五見。", "also", True)
    shown = desk.ask(f"/i/{desk.desk.revision().issue.id}/dialog/note?name={note.name}").text
    assert "週五見。" in shown
    ask(desk, "note", name_=note.name)
    assert desk.desk.revision().issue.notes == ()


def test_parts_of_a_thread_are_moved_joined_and_left_out(desk: Running) -> None:
    def parts() -> list[str]:
        threads = desk.desk.revision().threads
        return [one.text for one in next(t for t in threads if t.network == "bluesky").parts]

    before = parts()
    ask(desk, "part", net="bluesky", part="2", how="down")
    assert parts()[1:3] == [before[2], before[1]]
    ask(desk, "part", net="bluesky", part="3", how="drop")
    ask(desk, "part", net="bluesky", part="1", how="say", value="短短一句。")
    ask(desk, "part", net="bluesky", part="2", how="say", value="再一句。")
    ask(desk, "part", net="bluesky", part="1", how="merge")
    assert parts() == ["短短一句。\n\n再一句。", *before[3:]]
    ask(desk, "back", block="thread/bluesky")
    assert parts() == before


def test_a_frame_of_bytes_that_are_gone_says_so(desk: Running) -> None:
    where = f"{make_file_address(desk.desk.revision())}/mail.html"
    ask(desk, "say", block="subject", value="甲")
    gone = f"{make_file_address(desk.desk.revision())}/mail.html"
    assert desk.ask(gone).status == 200
    ask(desk, "say", block="subject", value="乙")
    assert desk.ask(gone).status == 410
    assert desk.ask(where).status == 200  # what draft saved stays under its number


def test_another_week_is_drafted(desk: Running) -> None:
    answer = ask(desk, "period", week="2026-W10")
    assert answer.text.startswith("/i/weekly-2026-W10")
    assert desk.ask(answer.text).status == 200


def sections_of(issue: Issue, outline: str) -> list[str]:
    return [line for line in outline.splitlines() if not line.startswith("#")]


def test_a_story_that_is_moved_comes_to_stand_where_it_is_put() -> None:
    issue = drafted("sample")
    ids = [story.post.id for story in issue.stories]
    for place, post in enumerate(ids, 1):
        for to in range(1, len(ids) + 1):
            wanted = [one for one in ids if one != post]
            wanted.insert(to - 1, post)
            assert sections_of(issue, outline_moved(issue, post, to)) == wanted, (place, to)


def test_pieces_of_a_comparison_make_both_texts() -> None:
    old, new = "停線十一次，其中九次無關 chip 。", "停線十二次，只有兩次 chips 。"
    found = tuple(split_changes(old, new))
    assert "".join(t for kind, t in found if kind != "ins") == old
    assert "".join(t for kind, t in found if kind != "del") == new
    assert "<ins>" in mark_changes(old, new)
    assert "&lt;b&gt;" in mark_changes("", "<b>")


def test_a_comparison_names_every_field_that_differs(desk: Running) -> None:
    before: Revision = desk.desk.revision()
    story = next(before.issue.stories)
    ask(desk, "say", block="headline", value="另一個標題")
    ask(desk, "say", block=f"summary/{story.post.id}", value="另一段摘要。")
    ask(desk, "note", text="一句話。")
    ask(desk, "move", key=key_of(story.post.url), to="3")
    ask(desk, "choice", key=key_of(told(desk)[4]), choice="ban")
    found = compare_revisions(before, desk.desk.revision())
    named = {one.what for one in found}
    assert {"Headline", "{place} summary", "Your own blocks", "Order", "Left out"} <= named
    assert compare_revisions(before, before) == ()


def test_what_preflight_finds_leads_to_where_it_is_mended(desk: Running) -> None:
    revision = desk.desk.revision()
    story = next(revision.issue.stories).post
    found = (
        Finding(level="error", subject=story.url, cause="not verbatim", remedy="Choose again."),
        Finding(level="error", subject="x, part 3", cause="290 of at most 280"),
        Finding(level="warning", subject="mastodon", cause="a mention"),
        Finding(level="warning", subject="email", cause="95 KiB"),
    )
    words = Words(language="en")
    quoted, part, network, mail = list_desk_findings(found, revision, words)
    assert (quoted.level, quoted.subject, quoted.story) == ("bad", story.title, key_of(story.url))
    assert (part.subject, part.tab, part.net) == ("X, part 3", "thread", "x")
    assert (network.level, network.net) == ("warn", "mastodon")
    assert (mail.tab, mail.net) == ("mail", "")
    assert all(one.href.startswith(f"/i/{revision.issue.id}?") for one in (quoted, part, mail))


def test_a_mailing_without_readers_says_so_and_a_withheld_channel_stays(desk: Running) -> None:
    revision = desk.desk.revision()
    assert ask(desk, "send", channel="email", hash=revision.hash).status == 422
    assert ask(desk, "approve", channels="", hash=revision.hash).status == 422
    assert ask(desk, "approve", channels="email", hash="0" * 64).status == 409
    assert ask(desk, "approve", channels="email mastodon", hash=revision.hash).status == 200
    assert desk.desk.revision().withheld == ("bluesky", "linkedin", "threads", "x")
    assert ask(desk, "send", channel="x", hash=revision.hash).status == 422
    assert ask(desk, "say", block="subject", value="x").status == 422
    assert ask(desk, "send", channel="email", hash=revision.hash).status == 200
    deadline = time.monotonic() + 20
    while (sending := desk.desk.dispatch.of(revision.issue.id, "email")) and sending.running:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    shown = desk.ask(f"/i/{revision.issue.id}/dialog/send", Accept_Language="en").text
    assert "nobody who gets it" in shown
