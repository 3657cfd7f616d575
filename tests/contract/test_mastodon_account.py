"""Mastodon: visibility, pictures, languages, and its timeline read back from HTML."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import mastodon
import pytest

from digest.delivery.networks.mastodon import (
    build,
    classify_error,
    describe_error,
    is_same_post,
    map_language,
    open_account,
)
from digest.delivery.outbox import Pace, list_waiting, post_thread, resend_parts, take_back_thread
from digest.model import Attachment, Part, Receipt, Revision, Thread
from digest.model.errors import ConfigError, DigestError
from digest.store.outbox import OutboxStore
from tests.accounts import World, approved
from tests.png import png

PACE = Pace(sleep=lambda _seconds: None)


@pytest.fixture
def net(open_world: Callable[[str], World]) -> World:
    return open_world("mastodon")


def run(net: World, outbox: OutboxStore, made: Revision) -> list[Receipt]:
    return list(post_thread(made, net.account(), outbox, pace=PACE))


def test_the_root_is_public_and_the_rest_unlisted(net: World, outbox: OutboxStore) -> None:
    made = approved("mastodon")
    run(net, outbox, made)
    raw: list[Any] = [same[0].raw for same in net.shown(made)]
    assert [one["visibility"] for one in raw] == ["public", "unlisted", "unlisted"]
    assert {one["language"] for one in raw} == {"zh-TW"}


def test_a_picture_goes_out_with_its_words(net: World, outbox: OutboxStore, tmp_path: Path) -> None:
    path = tmp_path / "quote.png"
    path.write_bytes(png())
    text = f"看圖 {path.parent.name}"
    shown = Attachment(path=str(path), alt="「船會等人。」")
    part = Part(text=text, length=1, limit=500, media=(shown,))
    made = approved("mastodon", threads=(Thread(network="mastodon", parts=(part,)),))
    run(net, outbox, made)
    ((out,),) = net.shown(made)
    assert [one["description"] for one in out.raw["media_attachments"]] == ["「船會等人。」"]


def test_links_tags_and_lines_are_found_again(net: World, outbox: OutboxStore) -> None:
    text = "船 < 人 & 河\n\nhttps://blog.example.org/posts/a/?x=1&y=2\n#渡口"
    made = approved("mastodon", text)
    net.proxy.fault("drop_after")
    (told,) = run(net, outbox, made)
    assert told.status == "sent"
    assert net.proxy.posted() == 1


def test_a_text_that_is_too_long_is_rejected_and_the_rest_waits(
    net: World, outbox: OutboxStore
) -> None:
    made = approved("mastodon", "好的。", "長" * 501, "結尾。")
    told = run(net, outbox, made)
    assert [one.status for one in told] == ["sent", "rejected", "held"]
    assert "500" in told[1].reason or "limit" in told[1].reason


def test_a_token_that_is_no_good_names_the_remedy(net: World, outbox: OutboxStore) -> None:
    account = net.account()
    account.client.access_token = "wrong"
    with pytest.raises(DigestError, match="digest login mastodon"):
        account.check()
    told = list(post_thread(approved("mastodon"), account, outbox, pace=PACE))
    assert told[0].status == "rejected"
    assert "digest login mastodon" in told[0].reason


def test_a_part_that_is_gone_already_is_taken_back_all_the_same(
    net: World, outbox: OutboxStore
) -> None:
    made = approved("mastodon")
    told = run(net, outbox, made)
    account = net.account()
    account.delete(outbox.entries(made.issue.id)[1])
    assert told[1].id not in {one.id for one in net.read()}
    taken = list(take_back_thread(outbox, account, made.issue.id))
    assert [one.status for one in taken] == ["skipped"] * 3


def test_shortened_links_are_read_whole() -> None:
    content = (
        '<p>讀<br>這篇 <a href="https://blog.example.org/posts/a/"><span class="invisible">'
        'https://</span><span class="ellipsis">blog.example.org/pos</span>'
        '<span class="invisible">ts/a/</span></a> &amp; '
        '<a href="/tags/x" class="mention hashtag">#<span>渡口</span></a></p>'
    )
    wire = {"status": "讀\n這篇 https://blog.example.org/posts/a/ & #渡口"}
    assert is_same_post(content, "", wire)
    assert not is_same_post(content, "7", wire)
    assert not is_same_post(content, "", {"status": "別的"})


def test_a_mention_is_shown_without_its_server() -> None:
    card = (
        '<p>看 <span class="h-card"><a href="https://other.example/@alice" class="u-url mention">'
        "@<span>alice</span></a></span> 的整理。</p>"
    )
    assert is_same_post(card, "", {"status": "看 @alice@other.example 的整理。"})
    assert not is_same_post(card, "", {"status": "看 @alicia@other.example 的整理。"})


@pytest.mark.parametrize(("minutes", "same"), [(50, True), (70, False)])
def test_a_resend_within_the_hour_keeps_its_key(
    net: World, outbox: OutboxStore, minutes: int, same: bool
) -> None:
    made = approved("mastodon")
    net.proxy.fault("drop_before")
    run(net, outbox, made)
    (held,) = [one for one in list_waiting(outbox, made.issue.id) if one.armed]
    assert held.armed
    at = held.armed + timedelta(minutes=minutes)
    list(resend_parts(outbox, net.account(), [held], clock=lambda: at))
    (queued,) = [one for one in outbox.entries(made.issue.id) if one.part == held.part]
    assert (queued.key == held.key) is same


def test_what_a_link_swallows_is_warned_of_and_told() -> None:
    text = "看這裡https://blog.example.org/posts/a，很好看。還有更多。"
    network = build({})
    (warning,) = network.warnings(text)
    assert "takes “，很好看。還有更多。” into the link “https://blog.example.org/" in warning
    assert network.links(text) == ("https://blog.example.org/posts/a，很好看。還有更多。",)
    assert build({}).warnings("看這裡 https://blog.example.org/posts/a ，很好看。") == ()


@pytest.mark.parametrize(
    ("tag", "known"),
    [("zh-Hant-TW", "zh-TW"), ("zh-Hans", "zh"), ("en", "en"), ("en-GB", "en"), ("", "")],
)
def test_languages_are_those_the_server_knows(tag: str, known: str) -> None:
    assert map_language(tag) == known


API = "Mastodon API returned error"
ERRORS = [
    (mastodon.MastodonNetworkError("Could not complete request: reset"), "unknown"),
    (mastodon.MastodonServiceUnavailableError(API, 503, "", ""), "unknown"),
    (mastodon.MastodonAPIError("Could not parse response as JSON, ...", "x"), "unknown"),
    (mastodon.MastodonAPIError(API, 422, "", "too long"), "rejected"),
    (mastodon.MastodonUnauthorizedError(API, 401, "", "no"), "rejected"),
    (mastodon.MastodonRatelimitError("Hit rate limit."), "deferred"),
    (AttributeError("id"), "unknown"),
]


@pytest.mark.parametrize(("error", "status"), ERRORS)
def test_every_error_has_its_meaning(error: Exception, status: str) -> None:
    class Client:
        ratelimit_reset = None

    assert classify_error(error, Client()).status == status
    assert "\n" not in describe_error(error)
    assert len(describe_error(error)) <= 200


def test_without_a_server_nothing_is_opened() -> None:
    with pytest.raises(ConfigError, match=r"instance is not set.*https://mastodon\.example"):
        open_account({}, {"access_token": "x"})


def test_a_picture_that_is_none_posts_nothing(
    net: World, outbox: OutboxStore, tmp_path: Path
) -> None:
    part = Part(
        text="x", length=1, limit=500, media=(Attachment(path=str(tmp_path / "a"), alt=""),)
    )
    made = approved("mastodon", threads=(Thread(network="mastodon", parts=(part,)),))
    assert [one.status for one in run(net, outbox, made)] == ["rejected"]
    (tmp_path / "a").write_bytes(b"not a picture")
    (told,) = run(net, outbox, replace(made))
    assert "is no picture" in told.reason


def pictured(path: Path) -> Revision:
    path.write_bytes(png())
    shown = Attachment(path=str(path), alt="")
    part = Part(text=f"圖 {path.parent.name}", length=1, limit=500, media=(shown,))
    return approved("mastodon", threads=(Thread(network="mastodon", parts=(part,)),))


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "503", "429"])
def test_a_picture_whose_upload_breaks_is_uploaded_again(
    net: World, outbox: OutboxStore, tmp_path: Path, fault: str
) -> None:
    made = pictured(tmp_path / "quote.png")
    net.proxy.script.posts = lambda _method, path: "/media" in path
    net.proxy.fault(fault)
    assert [one.status for one in run(net, outbox, made)] == ["sent"]
    assert [len(same) for same in net.shown(made)] == [1]


def test_a_server_that_shows_pages_cannot_be_read(net: World) -> None:
    net.proxy.script.posts = lambda _method, _path: True
    for _ in range(3):
        net.proxy.fault("html")
    with pytest.raises(DigestError, match=r"the answer is not JSON.*Try again later"):
        net.account().check()
