"""Real engines find nothing in an issue but the tags that we put there, whatever a post says."""

import json
import random
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.template import Context, Engine
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment
from lxml import html as lxml_html

from digest.delivery.campaigns import Campaigns
from digest.delivery.mailers import buttondown, listmonk
from digest.delivery.mailers._campaign import Campaign, read_campaign
from digest.delivery.mailers._template_words import harmless_html
from digest.delivery.mailers.resend import make_request
from digest.model.mailing import Message
from digest.render import mime
from digest.render.email import render_email
from digest.render.preflight import check_revision
from digest.render.slots import read_html, split_slots
from digest.render.templates import Templates
from tests import make
from tests.issues import letterhead
from tests.outside import issue_of, letterhead_of

SECRET = "anna@readers.example"
PIECES = [
    *("{", "{{", "{{{", "}", "}}", "%", "#", "{%", "%}", "{#", "#}", "-", "/*", "*/", " ", "\n"),
    *(".Subscriber.Email", "subscriber.email", " now ", "if", "endif", 'define "x"', "raw", "|"),
    *("SLOT--x--SLOT", "SLOT--literal--SLOT", "SLOT--unsubscribe--SLOT", "\u200c", "\x00"),
    *("https://fog.example/@TrackLink", "@TrackLink", "&#123;", "%7B", "渡輪", "The ferry "),
]
WORDS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map("".join)
CAMPAIGNS = Campaigns(
    service="listmonk", open_service=None, outbox=None, preferences="https://digest.example.org/p"
)
TITLES = (
    "Why {{{ .Subscriber.Email }}} is a bad title",
    "{SLOT--x--SLOT{ .Subscriber.Email }}",
    "{%{% now 'Y' %}%} and {#{# gone #}#}",
    "{{{{ subscriber.email }}}}",
)


def sent(words: str, service) -> Campaign:
    made = render_email(issue_of(words), Templates.load(), letterhead_of(words))
    return read_campaign(CAMPAIGNS.make_entry("j", 1, made), service.TAGS)


def texts(made: Campaign) -> tuple[str, ...]:
    return made.subject, made.preheader, made.html, made.text


def tagged(text: str, tags) -> str:
    """Return *text* as it is where only *tags* are read: each its own name in capitals."""
    for name, tag in tags.items():
        text = text.replace(tag, name.upper())
    return text


def visible(html: str) -> str:
    """Return what a reader sees of *html*, and where its links lead."""
    page = lxml_html.document_fromstring(html)
    words = "".join(page.xpath("//body//text()[not(parent::style)] | //@alt | //@aria-label"))
    return words.replace("\u200c", "") + "".join(map(unquote, page.xpath("//@href")))


VALUES = {
    "unsubscribe_url": "UNSUBSCRIBE",
    "manage_subscription_url": "PREFERENCES",
    "subscriber": {"email": SECRET},
}


def by_django(text: str) -> str:
    return Engine().from_string(text).render(Context(VALUES))


def by_jinja(text: str) -> str:
    return Environment(keep_trailing_newline=True).from_string(text).render(VALUES)


@pytest.mark.parametrize("engine", [by_django, by_jinja])
def test_the_engines_read_what_is_not_made_harmless(engine):
    assert SECRET in engine("{ {{ subscriber.email }}")
    assert engine("a{# gone #}b") == "ab"


@settings(max_examples=30, deadline=None)
@given(WORDS)
def test_django_and_jinja_find_the_tags_of_buttondown_alone(words):
    for text in texts(sent(words, buttondown)):
        for engine in (by_django, by_jinja):
            assert engine(text) == tagged(text, buttondown.TAGS)


def by_go(bodies: list[str], folder: Path) -> list[str]:
    """Return what Go's templates make of *bodies*, as listmonk gives them to it."""
    words = re.compile(r"\{\{(?:\s+)?(UnsubscribeURL|ManageURL)(?:\s+)?\}\}")
    track = re.compile(r"(https?://[\w\-.~!#$&'()*+,/:;=?@\[\]]*)@TrackLink")
    names = {"UnsubscribeURL": "UNSUBSCRIBE", "ManageURL": "PREFERENCES"}
    given = [track.sub(r'{{ TrackLink "\1" . }}', body) for body in bodies]
    given = [words.sub(lambda found: f'{{{{ "{names[found[1]]}" }}}}', body) for body in given]
    (folder / "layouts").mkdir()
    (folder / "data").mkdir()
    (folder / "data" / "bodies.json").write_text(json.dumps(given), "utf-8")
    (folder / "hugo.toml").write_text('disableKinds = ["taxonomy", "term", "rss", "sitemap"]')
    (folder / "layouts" / "home.html").write_text(
        "{{ range $at, $body := site.Data.bodies }}"
        '{{ $in := resources.FromString (printf "in/%d.txt" $at) $body }}'
        f'{{{{ $who := dict "Subscriber" (dict "Email" "{SECRET}") }}}}'
        '{{ ($in | resources.ExecuteAsTemplate (printf "out/%d.txt" $at) $who).Publish }}'
        "{{ end }}"
    )
    hugo = str(Path(sys.executable).with_name("hugo"))
    run = subprocess.run([hugo, "--quiet"], check=False, cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    out = folder / "public" / "out"
    return [(out / f"{at}.txt").read_bytes().decode() for at in range(len(bodies))]


def test_go_reads_what_is_not_made_harmless(tmp_path):
    assert by_go(["{ {{ .Subscriber.Email }}"], tmp_path) == [f"{{ {SECRET}"]


def test_go_finds_the_tags_of_listmonk_alone(tmp_path):
    chance = random.Random(12)
    drawn = ["".join(chance.choices(PIECES, k=chance.randint(1, 12))) for _ in range(40)]
    bodies = [text for words in (*TITLES, *drawn) for text in texts(sent(words, listmonk))]
    wanted = [tagged(body, listmonk.TAGS) for body in bodies]
    assert by_go(bodies, tmp_path) == wanted


@settings(max_examples=30, deadline=None)
@given(WORDS)
def test_no_word_of_theirs_is_left_and_a_reader_sees_the_same(words):
    made = render_email(issue_of(words), Templates.load(), letterhead_of(words))
    entry = CAMPAIGNS.make_entry("j", 1, made)
    for text in texts(read_campaign(entry, dict.fromkeys(listmonk.TAGS, ""))):
        assert not re.search(r"\{[{%#]", text)
        assert not re.search(r"https?://\S*@TrackLink", text)
    html = "".join(split_slots(read_html(made))[::2])
    assert visible(harmless_html(html)) == visible(html)


@settings(max_examples=10, deadline=None)
@given(WORDS)
def test_resend_gets_no_word_of_its_own(words):
    made = render_email(issue_of(words), Templates.load(), letterhead_of(words))
    content = mime.fill_message(mime.open_message(made), mime.make_dummy_values())
    copy = Message(sender="", recipient="", content=content, id="", key="")
    (item,) = make_request([copy])
    assert not re.search(r"\{[{%#]", json.dumps(item, ensure_ascii=False))
    assert item["to"] == ["reader@example.invalid"]


@pytest.mark.parametrize("title", TITLES)
def test_a_title_about_templates_can_be_approved(title):
    made = make.revision(issue_of("x"))
    issue = issue_of(title)
    made = make.revision(issue, mail=render_email(issue, Templates.load(), letterhead()))
    assert [f for f in check_revision(made) if "unrendered" in f.cause] == []


def test_a_page_keeps_its_look():
    page = (
        "<style>@media print{#a{color:red}.b{margin:0}}</style><!--[if mso]><i>{{</i><![endif]-->"
        '<a href="https://e.example/?q={{x}}" title="{{">{{ x }}</a>{'
    )
    assert harmless_html(page) == (
        "<style>@media print{ #a{color:red}.b{margin:0}}</style>"
        "<!--[if mso]><i>{ {</i><![endif]-->"
        '<a href="https://e.example/?q=%7B%7Bx%7D%7D" title="&#123;&#8204;&#123;">'
        "&#123;&#8204;&#123; x }}</a>&#123;&#8204;"
    )
