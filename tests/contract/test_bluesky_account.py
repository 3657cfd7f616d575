"""What Bluesky's own server makes of our records: names, facets, cards and pictures."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from PIL import Image

from digest.delivery.networks.bluesky import build, classify_error, find_facets, make_cid, make_tid
from digest.delivery.outbox import Pace, post_thread, take_back_thread
from digest.model import Attachment, Part, Thread
from digest.model.errors import DigestError
from digest.store.outbox import OutboxStore
from tests.accounts import World, approved
from tests.png import png

PACE = Pace(sleep=lambda _seconds: None)
LINK = "https://blog.example.org/weekly/"


@pytest.fixture
def net(open_world: Callable[[str], World]) -> World:
    return open_world("bluesky")


def posted(net: World, outbox: OutboxStore, *parts: Part) -> list[Any]:
    """Post a thread of *parts*; return its records as the server holds them."""
    made = approved("bluesky", threads=(Thread(network="bluesky", parts=parts),))
    receipts = list(post_thread(made, net.account(), outbox, pace=PACE))
    assert [one.status for one in receipts] == ["sent"] * len(parts), receipts
    held = {one.id: one.raw for one in net.read()}
    return [held[one.id] for one in receipts]


def part(text: str, **fields: object) -> Part:
    return replace(Part(text=text, length=1, limit=300), **fields)


def test_a_thread_of_seven_is_one_request(net: World, outbox: OutboxStore) -> None:
    records = posted(net, outbox, *(part(f"第 {n} 則 {make_tid(1, 1)}") for n in range(1, 8)))
    assert net.proxy.posted() == 1
    for before, record in pairwise(records):
        reply = record["value"]["reply"]
        assert reply["root"] == {"uri": records[0]["uri"], "cid": records[0]["cid"]}
        assert reply["parent"] == {"uri": before["uri"], "cid": before["cid"]}


def test_the_content_ids_are_the_servers(net: World, outbox: OutboxStore) -> None:
    (record,) = posted(net, outbox, part("水先知道。#渡口"))
    assert make_cid(record["value"]) == record["cid"]


def test_a_link_travels_as_a_card_and_a_tag_as_a_facet(net: World, outbox: OutboxStore) -> None:
    (record,) = posted(net, outbox, part("船會等人。\n\n#渡口 #擺渡人", link=LINK))
    card = record["value"]["embed"]
    assert card["$type"] == "app.bsky.embed.external"
    assert card["external"]["uri"] == LINK
    assert card["external"]["title"] == "船會等人"
    assert record["value"]["langs"] == ["zh-Hant-TW"]
    assert len(record["value"]["facets"]) == 2


def test_the_card_of_a_story_says_what_the_story_is(net: World, outbox: OutboxStore) -> None:
    made = approved("bluesky")
    told = next(iter(made.issue.stories))
    thread = Thread(network="bluesky", parts=(part("讀這篇。", link=told.post.url),))
    made = replace(made, threads=(thread,))
    (receipt,) = post_thread(made, net.account(), outbox, pace=PACE)
    raw = next(one.raw for one in net.read() if one.id == receipt.id)
    card = raw["value"]["embed"]["external"]
    assert card["title"] == told.post.title
    assert card["description"] == told.reading.summary


def test_a_picture_has_its_words_and_its_id_is_still_the_servers(
    net: World, outbox: OutboxStore, tmp_path: Path
) -> None:
    path = tmp_path / "quote.png"
    path.write_bytes(png())
    shown = Attachment(path=str(path), alt="「船會等人。」")
    pictured, carded = posted(
        net, outbox, part("看圖。", media=(shown,)), part("看卡。", media=(shown,), link=LINK)
    )
    (image,) = pictured["value"]["embed"]["images"]
    assert image["alt"] == "「船會等人。」"
    assert image["image"]["mimeType"] == "image/png"
    assert make_cid(pictured["value"]) == pictured["cid"]
    assert carded["value"]["embed"]["external"]["thumb"]["size"] == len(png())


def test_a_thread_with_one_bad_part_is_refused_whole(net: World, outbox: OutboxStore) -> None:
    made = approved("bluesky", "好的。", "長" * 301)
    told = list(post_thread(made, net.account(), outbox, pace=PACE))
    assert [one.status for one in told] == ["rejected", "rejected"]
    assert net.shown(made) == [[], []]


def noise(side: int) -> bytes:
    """Return a PNG of *side* by *side* pixels that nothing compresses."""
    written = BytesIO()
    Image.frombytes("RGB", (side, side), Random(7).randbytes(3 * side * side)).save(written, "PNG")
    return written.getvalue()


def test_a_picture_that_is_too_large_is_made_smaller(
    net: World, outbox: OutboxStore, tmp_path: Path
) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(noise(1000))
    shown = Attachment(path=str(path), alt="雜訊")
    pictured, carded = posted(
        net, outbox, part("看圖。", media=(shown,)), part("看卡。", media=(shown,), link=LINK)
    )
    (image,) = pictured["value"]["embed"]["images"]
    assert 200_000 < image["image"]["size"] <= 2_000_000 < path.stat().st_size
    assert 200_000 < carded["value"]["embed"]["external"]["thumb"]["size"] <= 1_000_000


def test_a_run_that_is_too_long_for_a_tag_is_text(net: World, outbox: OutboxStore) -> None:
    (record,) = posted(net, outbox, part(f"#{'長' * 64} #{'長' * 65} #渡口"))
    assert [len(f["features"][0]["tag"]) for f in record["value"]["facets"]] == [64, 2]
    assert any("too long for a tag" in line for line in build({}).warnings(f"#{'長' * 65}"))


def test_a_handle_is_a_mention_where_somebody_has_it_and_a_host_is_a_link(
    net: World, outbox: OutboxStore
) -> None:
    text = "看 example.org/a 與 @ferry.test、@nobody.test 的整理。"
    (record,) = posted(net, outbox, part(text))
    link, mention = (facet["features"][0] for facet in record["value"]["facets"])
    assert link == {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/a"}
    assert mention["$type"] == "app.bsky.richtext.facet#mention"
    assert mention["did"].startswith("did:")
    said = " ".join(build({}).warnings(text))
    assert "makes a link of “example.org/a”" in said
    assert "tells @ferry.test of it" in said


def test_a_wrong_password_names_the_remedy(net: World, outbox: OutboxStore) -> None:
    account = net.account()
    account.password = "wrong"
    with pytest.raises(DigestError, match="digest login bluesky"):
        account.check()
    told = list(post_thread(approved("bluesky"), account, outbox, pace=PACE))
    assert [one.status for one in told] == ["rejected"] * 3
    assert "digest login bluesky" in told[0].reason


def test_facets_count_bytes_and_leave_closing_marks_out() -> None:
    text = "讀「https://blog.example.org/a」，#閱讀。 a#b #2026 #\u2060快 #慢"
    found = [(one["index"], one["features"][0]) for one in find_facets(text)]
    shown = [text.encode()[i["byteStart"] : i["byteEnd"]].decode() for i, _ in found]
    assert shown == ["https://blog.example.org/a", "#慢"]
    assert found[0][1]["uri"] == "https://blog.example.org/a"
    assert found[1][1]["tag"] == "慢"


def test_one_session_serves_a_whole_run(net: World, outbox: OutboxStore) -> None:
    """A server allows 30 sessions in five minutes: a thread that is looked up needs one."""
    account, made = net.account(), approved("bluesky")
    net.proxy.fault("drop_after")
    account.check()
    assert {one.status for one in post_thread(made, account, outbox, pace=PACE)} == {"sent"}
    list(take_back_thread(outbox, account, made.issue.id))
    signed_in = [seen for seen in net.proxy.log if seen.path.endswith("createSession")]
    assert len(signed_in) == 1


def test_tids_sort_as_their_times() -> None:
    made = [make_tid(1_700_000_000_000_000 + n, 1023 - n) for n in range(50)]
    assert made == sorted(made)
    assert {len(one) for one in made} == {13}


def test_asked_again_a_refusal_is_a_reason_to_look() -> None:
    from atproto_client.exceptions import BadRequestError
    from atproto_client.request import Response

    refused = BadRequestError(Response(False, 400, None, {}))
    assert classify_error(refused, again=False).status == "rejected"
    assert classify_error(refused, again=True).status == "unknown"


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "503", "429"])
def test_a_picture_whose_upload_breaks_is_uploaded_again(
    net: World, outbox: OutboxStore, tmp_path: Path, fault: str
) -> None:
    path = tmp_path / "quote.png"
    path.write_bytes(png())
    net.proxy.script.posts = lambda _method, where: where.endswith("uploadBlob")
    net.proxy.fault(fault)
    (record,) = posted(net, outbox, part("圖。", media=(Attachment(path=str(path), alt=""),)))
    assert record["value"]["embed"]["images"]


def test_a_server_that_shows_pages_cannot_be_read(net: World) -> None:
    net.proxy.script.posts = lambda _method, _path: True
    net.proxy.fault("html")
    with pytest.raises(DigestError, match=r"Bluesky.*Try again later"):
        net.account().check()
