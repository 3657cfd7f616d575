"""Pictures of a thread are checked where they are edited, and by preflight."""

from dataclasses import replace
from io import BytesIO
from random import Random

import pytest
from PIL import Image

from digest.delivery.networks import bluesky, mastodon, x
from digest.model import Thread
from digest.model.picture_name import name_picture
from digest.render.images import fit_bytes
from digest.render.preflight import check_revision
from digest.render.thread_edit import read_manuscript, rename_pictures, weighed
from tests.make import issue, revision


def noise(side: int, kind: str = "PNG") -> bytes:
    """Return a picture of *side* by *side* pixels that nothing compresses."""
    written = BytesIO()
    Image.frombytes("RGB", (side, side), Random(7).randbytes(3 * side * side)).save(written, kind)
    return written.getvalue()


def test_five_pictures_are_more_than_a_post_takes_and_block_the_thread() -> None:
    text = "---\n五張圖。\n" + "".join(f"[image] {n}.png: 第 {n} 張\n" for n in range(5))
    thread = read_manuscript(text, bluesky.build({}))
    assert thread.faults == ("part 1: 5 pictures, and 4 is the most a post takes",)
    (error,) = [f for f in check_revision(carrying(thread)) if f.level == "error"]
    assert (error.channel, error.cause) == ("bluesky", thread.faults[0])


def carrying(thread: Thread) -> object:
    return revision(issue(), threads=(thread,))


@pytest.mark.parametrize("line", ["[image] a.png: ", "[image] a.png:", "[image] a.png"])
def test_a_picture_without_words_is_warned_of_and_keeps_its_name(line: str) -> None:
    thread = read_manuscript(f"---\n沒有替代文字。\n{line}\n", x.build({}))
    assert [(m.path, m.alt) for m in thread.parts[0].media] == [("a.png", "")]
    assert any("no alternative text" in warning for warning in thread.warnings)
    assert (
        rename_pictures(f"---\n圖。\n{line}\n", lambda path: f"kept-{path}").count("kept-a.png")
        == 1
    )


@pytest.mark.parametrize("link", ["", "https://blog.example.org/weekly/"])
def test_a_picture_that_is_too_large_is_said_to_be_made_smaller(link: str) -> None:
    network, large = bluesky.build({}), noise(700)
    assert 1_000_000 < len(large) < 2_000_000
    line = f"[link] {link}\n" if link else ""
    thread = read_manuscript(f"---\n大圖。\n{line}[image] {name_picture(large)}: 雜訊\n", network)
    (checked,) = weighed([thread], [network], lambda _: large)
    said = [warning for warning in checked.warnings if "made smaller" in warning]
    assert (len(said), checked.faults) == (1 if link else 0, ())
    (held,) = weighed([thread], [network], lambda _: b"GIF89a" + bytes(3_000_000))
    assert "one that moves cannot be made smaller" in held.faults[0]


def test_what_is_made_smaller_is_as_large_as_it_may_be() -> None:
    fitted = fit_bytes(noise(1000), 1_000_000)
    assert 500_000 < len(fitted) <= 1_000_000
    assert Image.open(BytesIO(fitted)).format == "JPEG"


@pytest.mark.parametrize("network", [bluesky, x])
def test_hosts_without_a_scheme_are_warned_of_where_they_become_links(network: object) -> None:
    built = network.build({})
    assert built.links("看 example.org/a 吧") == ("example.org/a",)
    assert any("example.org/a" in warning for warning in built.warnings("看 example.org/a 吧"))
    assert mastodon.build({}).links("看 example.org/a 吧") == ()
    assert replace(mastodon.build({}), link=23).warnings("看 example.org/a 吧") == ()
