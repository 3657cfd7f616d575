"""The web archive: pages that link to each other wherever they stand, and a feed that is one."""

from dataclasses import replace
from datetime import timedelta

import feedparser
import pytest
from lxml import etree
from lxml import html as lxml_html

from digest.model import Mail, Revision
from digest.render.branding import make_slug
from digest.render.templates import Templates
from digest.render.web_page import render_archive, render_page
from tests.hostile import hostile
from tests.issues import chinese, letterhead

NOTHING = Mail(subject="", preheader="", html="", text="", mjml="", mime=b"")
CARD = b"\x89PNG"


def revision(number, issue=None):
    issue, ahead = issue or chinese(), timedelta(weeks=number - 2)
    period = replace(issue.period, start=issue.period.start + ahead, end=issue.period.end + ahead)
    issue = replace(issue, id=f"weekly-2026-W{number:02}", period=period)
    return Revision(issue=issue, number=1, hash="", created=period.end, mail=NOTHING)


def made(**changes):
    revisions = [revision(number) for number in (2, 1, 3)]
    cards = {"weekly-2026-W02": CARD}
    return render_archive(revisions, Templates.load(), letterhead(**changes), cards)


def tree(content):
    return lxml_html.document_fromstring(content.decode())


def test_the_files_of_an_archive():
    folders = [f"weekly-2026-w0{number}" for number in (1, 2, 3)]
    pages = {f"{folder}/index.html" for folder in folders}
    assert set(made()) == pages | {"weekly-2026-w02/card.png", "index.html", "feed.xml"}


def test_the_index_lists_the_newest_first_and_every_link_leads_to_a_file():
    files = made()
    hrefs = tree(files["index.html"]).xpath("//main//a/@href")
    assert hrefs == ["weekly-2026-w03/", "weekly-2026-w02/", "weekly-2026-w01/"]
    for path, content in files.items():
        for href in tree(content).xpath("//a/@href | //link/@href") if "html" in path else ():
            if not href.startswith(("https:", "#")):
                target = (
                    path.rpartition("/")[0] + "/" if not href.startswith("../") else ""
                ) + href
                target = target.removeprefix("../").removeprefix("/")
                assert (target if "." in target else f"{target}index.html") in files


def test_pages_turn_to_their_neighbours():
    middle = tree(made()["weekly-2026-w02/index.html"])
    assert middle.xpath("//a[@rel='prev']/@href") == ["../weekly-2026-w01/"]
    assert middle.xpath("//a[@rel='next']/@href") == ["../weekly-2026-w03/"]
    assert not tree(made()["weekly-2026-w03/index.html"]).xpath("//a[@rel='next']")


def test_a_page_says_what_others_show_of_it():
    meta = {
        m.get("property"): m.get("content")
        for m in tree(made()["weekly-2026-w02/index.html"]).xpath("//meta[@property]")
    }
    address = "https://digest.example.org/archive/weekly-2026-w02/"
    assert meta["og:url"] == address
    assert meta["og:image"] == f"{address}card.png"
    assert chinese().pull_quote.quote.text in meta["og:image:alt"]
    assert meta["og:title"] == chinese().subject


def test_without_a_card_the_lead_picture_is_shown():
    meta = tree(made()["weekly-2026-w01/index.html"]).xpath("//meta[@property='og:image']/@content")
    assert meta == ["https://blog.example.org/images/harbour.jpg"]


def test_without_an_address_nothing_claims_one():
    files = made(archive="")
    assert b"og:url" not in files["weekly-2026-w02/index.html"]
    assert b"canonical" not in files["index.html"]
    assert b'rel="self"' not in files["feed.xml"]


def test_the_feed_is_atom_with_stable_ids():
    source = made()["feed.xml"]
    etree.fromstring(source)
    feed = feedparser.parse(source)
    assert not feed.bozo
    assert feed.version == "atom10"
    assert [entry.id for entry in feed.entries] == [
        f"tag:example.org,2020:digest/weekly-2026-w0{number}" for number in (3, 2, 1)
    ]
    assert len({feed.feed.id, *(entry.id for entry in feed.entries)}) == 4
    assert "把渡輪停下來" in feed.entries[0].content[0].value
    assert feed.entries[0].link == "https://digest.example.org/archive/weekly-2026-w03/"


def test_a_hostile_issue_is_shown_as_text():
    files = render_archive([revision(2, hostile())], Templates.load(), letterhead())
    for path in ("weekly-2026-w02/index.html", "index.html"):
        found = tree(files[path])
        assert not found.xpath("//script | //iframe | //@onerror | //@onclick")
        assert not [h for h in found.xpath("//a/@href") if h.startswith(("javascript", "data"))]
    assert not feedparser.parse(files["feed.xml"]).bozo


def test_one_issue_makes_a_page_alone():
    issue = chinese()
    html = render_page(issue, issue.period.end, Templates.load(), letterhead())
    assert not tree(html.encode()).xpath("//nav")


@pytest.mark.parametrize(
    ("issue", "folder"),
    [
        ("Weekly-2026-W02", "weekly-2026-w02"),
        ("../../etc", "etc"),
        ("週報", "issue"),
        ("", "issue"),
    ],
)
def test_a_folder_is_a_plain_name(issue, folder):
    assert make_slug(issue) == folder
