"""Every answer that X is known to give, and what comes of it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.delivery.networks.x import ApiAnswer, classify_answer
from digest.delivery.outbox import Pace, list_waiting, post_thread, resend_parts, skip_parts
from digest.model import Attachment, OutboxEntry, Part, Receipt, Revision, Thread
from digest.model.errors import DigestError
from digest.store.outbox import OutboxStore
from tests.accounts import World, approved
from tests.http_server import Answer as Page
from tests.http_server import HttpServer
from tests.make import NOW
from tests.x_server import DUPLICATE, NO_REPLIES, UNSEEN, XServer

PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)
ROOT = OutboxEntry(job="j", target="x", part=1, wire='{"text": "船"}', armed=NOW)
REPLY = OutboxEntry(
    job="j", target="x", part=2, wire='{"text": "船", "reply": {"in_reply_to_tweet_id": "1"}}'
)


@pytest.fixture
def net(open_world: Callable[[str], World]) -> World:
    return open_world("x")


@pytest.fixture
def slept() -> list[float]:
    return []


def run(net: World, outbox: OutboxStore, made: Revision, slept: list[float]) -> list[Receipt]:
    return list(post_thread(made, net.account(), outbox, pace=Pace(sleep=slept.append)))


def answer(status: int, detail: str = "", **headers: str) -> ApiAnswer:
    return ApiAnswer(
        status=status,
        body={"detail": detail} if detail else None,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        said=detail or f"answered {status}",
    )


@pytest.mark.parametrize(
    ("given", "entry", "status"),
    [
        (answer(201), ROOT, "unknown"),
        (answer(0), ROOT, "unknown"),
        (answer(302), ROOT, "unknown"),
        (answer(500), ROOT, "unknown"),
        (answer(503), ROOT, "unknown"),
        (answer(429, "Too Many Requests"), ROOT, "deferred"),
        (answer(403, DUPLICATE), ROOT, "unknown"),
        (answer(403, DUPLICATE), REPLY, "unknown"),
        (answer(403, UNSEEN), REPLY, "deferred"),
        (answer(403, NO_REPLIES), REPLY, "rejected"),
        (answer(403, "Forbidden"), ROOT, "rejected"),
        (answer(400, "text is too long"), ROOT, "rejected"),
        (answer(401, "Unauthorized"), ROOT, "rejected"),
        (answer(402, "CreditsDepleted"), ROOT, "rejected"),
    ],
)
def test_every_answer_has_its_meaning(given: ApiAnswer, entry: OutboxEntry, status: str) -> None:
    assert classify_answer(given, entry, NOW).status == status


def test_a_pause_lasts_until_the_reset_that_x_names() -> None:
    later = NOW + timedelta(minutes=9)
    pause = answer(429, "Too Many Requests", x_rate_limit_reset=str(int(later.timestamp())))
    assert classify_answer(pause, ROOT, NOW).retry_at == later
    assert classify_answer(answer(429, "slow"), ROOT, NOW).retry_at == NOW + timedelta(minutes=15)
    day = answer(
        429,
        "slow",
        x_rate_limit_reset="1",
        x_user_limit_24hour_remaining="0",
        x_user_limit_24hour_reset=str(int((NOW + timedelta(hours=20)).timestamp())),
    )
    assert classify_answer(day, ROOT, NOW).retry_at == NOW + timedelta(hours=20)


def test_a_long_pause_is_not_slept_through(
    net: World, outbox: OutboxStore, http_server: HttpServer, slept: list[float]
) -> None:
    reset = int(time.time()) + 900
    body = b'{"title": "Too Many Requests", "detail": "Too Many Requests", "status": 429}'
    page = Page(body=body, status=429, headers={"x-rate-limit-reset": str(reset)}, etag="")
    http_server.put("/2/tweets", page)
    made = approved("x")
    account = net.account()
    net.proxy.upstream = net.proxy.upstream._replace(netloc=http_server.url.split("//")[1])
    receipts = list(post_thread(made, account, outbox, pace=Pace(sleep=slept.append)))
    assert [one.status for one in receipts] == ["deferred", "held", "held"]
    assert outbox.entries()[0].retry_at == datetime.fromtimestamp(reset, UTC)
    again = list(post_thread(made, account, outbox, pace=Pace(sleep=slept.append)))
    assert [one.status for one in again] == ["deferred", "held", "held"]
    assert slept == []
    assert len(http_server.requests("/2/tweets")) == 1


def test_a_short_pause_is_sat_out(net: World, outbox: OutboxStore, slept: list[float]) -> None:
    net.proxy.fault("429", skip=1)
    made = approved("x")
    assert [one.status for one in run(net, outbox, made, slept)] == ["sent"] * 3
    assert len(slept) == 1


def test_a_reply_waits_until_x_sees_the_post_before_it(
    net: World, outbox: OutboxStore, x_server: XServer, slept: list[float]
) -> None:
    x_server.state.rules.blind = 2
    assert [one.status for one in run(net, outbox, approved("x"), slept)] == ["sent"] * 3
    assert [round(seconds) for seconds in slept] == [5, 5]


def test_where_x_takes_no_replies_the_rest_is_handed_over(
    net: World, outbox: OutboxStore, x_server: XServer, slept: list[float]
) -> None:
    x_server.state.rules.replies = False
    made = approved("x")
    receipts = run(net, outbox, made, slept)
    assert [(one.part, one.status) for one in receipts] == [(1, "sent"), (2, "held"), (3, "held")]
    assert all(one.by_hand for one in outbox.entries()[1:])
    assert "from a person only" in receipts[1].reason
    assert net.proxy.posted() == 2
    run(net, outbox, made, slept)
    assert net.proxy.posted() == 2
    left = list(skip_parts(outbox, "x", list_waiting(outbox)))
    assert [(one.part, one.status) for one in left] == [(2, "skipped"), (3, "skipped")]


def test_a_parent_that_stays_unseen_hands_over_as_well(
    net: World, outbox: OutboxStore, x_server: XServer, slept: list[float]
) -> None:
    x_server.state.rules.blind = 99
    receipts = run(net, outbox, approved("x"), slept)
    assert [one.status for one in receipts] == ["sent", "held", "held"]
    assert net.proxy.posted() == 4


def test_a_text_that_is_out_already_is_found_and_not_skipped(
    net: World, outbox: OutboxStore, slept: list[float]
) -> None:
    """The answer was lost, the program ended, and X says duplicate: the post is ours."""
    made = approved("x")
    thread = net.thread(made)
    first = net.account()
    first.client.request("POST", "/2/tweets", json={"text": thread.parts[0].text}, user_auth=True)
    receipts = run(net, outbox, made, slept)
    assert [one.status for one in receipts] == ["sent"] * 3
    assert [len(same) for same in net.shown(made)] == [1, 1, 1]


@pytest.mark.parametrize("part", [1, 2])
def test_a_duplicate_by_the_newest_post_of_that_parent_is_ours(
    net: World, outbox: OutboxStore, x_server: XServer, slept: list[float], part: int
) -> None:
    """X shows the text otherwise than it was written, and knows it for the same all the same."""
    made = approved("x", "第一。", "第二。", "第三。")
    net.proxy.fault("drop_after", skip=part - 1)
    net.proxy.shown = lambda answer: answer.replace("第".encode(), "之".encode()).replace(
        b"\\u7b2c", b"\\u4e4b"
    )
    run(net, outbox, made, slept)
    waits = list_waiting(outbox, made.issue.id)
    assert [one.state for one in waits if one.part == part] == ["held"]
    list(resend_parts(outbox, net.account(), [one for one in waits if one.part == part]))
    assert run(net, outbox, made, slept)[0].status == "sent"
    assert [len(same) for same in net.shown(made)] == [1, 1, 1]


def test_an_account_that_may_only_read_is_told_how_to_mend_it(
    net: World, outbox: OutboxStore, x_server: XServer, slept: list[float]
) -> None:
    x_server.state.rules.read_only = True
    made = approved("x")
    receipts = run(net, outbox, made, slept)
    assert [one.status for one in receipts] == ["rejected", "held", "held"]
    assert "Read and write" in receipts[0].reason
    assert "digest login x" in receipts[0].reason
    x_server.state.rules.read_only = False
    assert [one.status for one in run(net, outbox, made, slept)] == ["sent"] * 3


def test_a_token_that_is_no_good_names_the_remedy(
    net: World, outbox: OutboxStore, x_server: XServer, slept: list[float]
) -> None:
    x_server.state.rules.token = "another"
    receipts = run(net, outbox, approved("x"), slept)
    assert receipts[0].status == "rejected"
    assert "digest login x" in receipts[0].reason
    with pytest.raises(DigestError, match="digest login x"):
        net.account().check()


def test_a_timeline_that_cannot_be_read_leaves_it_unknown(
    net: World, outbox: OutboxStore, x_server: XServer, slept: list[float]
) -> None:
    made, account = approved("x"), net.account()
    account.check()
    net.proxy.fault(lambda: setattr(x_server.state.rules, "token", "another"))
    receipts = list(post_thread(made, account, outbox, pace=Pace(sleep=slept.append)))
    assert [one.status for one in receipts] == ["unknown", "held", "held"]
    assert "cannot be looked up" in receipts[0].reason
    x_server.state.rules.token = "42-token"
    assert [one.status for one in run(net, outbox, made, slept)] == ["sent"] * 3
    assert [len(same) for same in net.shown(made)] == [1, 1, 1]


@pytest.fixture
def picture(tmp_path: Path) -> Attachment:
    path = tmp_path / "quote.png"
    path.write_bytes(PNG)
    return Attachment(path=str(path), alt="「船會等人。」——林渡")


def with_picture(of: Attachment) -> Revision:
    link = "https://blog.example.org/posts/a/?a=1&b=2"
    part = Part(text=f"全文 & 圖：{link}", length=1, limit=280, link=link, media=(of,))
    return approved("x", threads=(Thread(network="x", parts=(part,)),))


def test_a_picture_goes_out_with_its_words(
    net: World, outbox: OutboxStore, x_server: XServer, picture: Attachment, slept: list[float]
) -> None:
    run(net, outbox, with_picture(picture), slept)
    (out,) = x_server.state.posts.values()
    media = x_server.state.media[out.media[0]]
    assert media["type"] == "image/png"
    assert media["alt"] == "「船會等人。」——林渡"


def test_a_post_with_link_and_picture_is_found_again(
    net: World, outbox: OutboxStore, x_server: XServer, picture: Attachment, slept: list[float]
) -> None:
    net.proxy.fault("drop_after")
    (told,) = run(net, outbox, with_picture(picture), slept)
    assert told.status == "sent"
    assert list(x_server.state.posts) == [told.id]


def test_a_picture_that_is_gone_rejects_the_part_and_posts_nothing(
    net: World, outbox: OutboxStore, x_server: XServer, slept: list[float]
) -> None:
    gone = Attachment(path="no/such/quote.png", alt="")
    (told,) = run(net, outbox, with_picture(gone), slept)
    assert told.status == "rejected"
    assert "quote.png: cannot be read" in told.reason
    assert not x_server.state.posts


def test_a_reply_answers_the_last_part_that_is_out(
    net: World, outbox: OutboxStore, slept: list[float]
) -> None:
    made = approved("x")
    net.proxy.fault("drop_before", skip=1)
    run(net, outbox, made, slept)
    list(skip_parts(outbox, "x", list_waiting(outbox)))
    assert [one.status for one in run(net, outbox, made, slept)] == ["sent"]
    first, second, third = net.shown(made)
    assert second == []
    assert third[0].parent == first[0].id


def test_without_its_root_the_whole_thread_is_left_out(
    net: World, outbox: OutboxStore, slept: list[float]
) -> None:
    made = approved("x")
    net.proxy.fault("drop_before")
    run(net, outbox, made, slept)
    list(skip_parts(outbox, "x", list_waiting(outbox)))
    assert [one.state for one in outbox.entries()] == ["skipped"] * 3


UPLOADING = [
    (Page(status=503, etag=""), "deferred"),
    (Page(body=b"[]", status=400, type="application/json", etag=""), "deferred"),
    (Page(body=b'{"detail": "media type"}', status=400, etag=""), "rejected"),
    (Page(body=b"{}", status=429, headers={"x-rate-limit-reset": "9999999999"}), "deferred"),
]


@pytest.mark.parametrize(("page", "status"), UPLOADING)
def test_a_picture_that_is_not_taken_stops_the_part_and_nothing_is_out(
    net: World,
    outbox: OutboxStore,
    http_server: HttpServer,
    picture: Attachment,
    slept: list[float],
    page: Page,
    status: str,
) -> None:
    http_server.put("/2/media/upload", page)
    net.proxy.upstream = net.proxy.upstream._replace(netloc=http_server.url.split("//")[1])
    made = with_picture(picture)
    (told,) = run(net, outbox, made, slept)
    assert told.status == status
    assert len(http_server.requests("/2/media/upload")) == len(http_server.log) > 0
    assert outbox.entries()[0].armed is None


def test_a_login_page_in_place_of_an_answer_leaves_it_unknown(
    net: World, outbox: OutboxStore, http_server: HttpServer, slept: list[float]
) -> None:
    page = Page(body=b"<title>Please sign in</title>", etag="")
    for path in ("/2/tweets", "/2/users/me"):
        http_server.put(path, page)
    upstream = net.proxy.upstream
    net.proxy.upstream = upstream._replace(netloc=http_server.url.split("//")[1])
    made = approved("x")
    told = run(net, outbox, made, slept)
    assert [one.status for one in told] == ["unknown", "held", "held"]
    assert "a web page (HTML)" in told[0].reason
    net.proxy.upstream = upstream
    assert [one.status for one in run(net, outbox, made, slept)] == ["held"] * 3
    list(resend_parts(outbox, net.account(), list_waiting(outbox)))
    assert [one.status for one in run(net, outbox, made, slept)] == ["sent"] * 3
