"""The gate: every shipped theme on good, bare and hostile issues, in real checkers."""

import email
import email.policy
from dataclasses import dataclass, replace
from functools import cache

import pytest

from digest.model import Issue, Mail
from digest.render import mime
from digest.render.email import render_email
from digest.render.slots import fill_text, read_html, read_slots
from digest.render.templates import Templates
from tests import drafted, email_gate
from tests.hostile import ATTACKS, hostile
from tests.issues import chinese, english, letterhead

THEMES = Templates.load().themes("email")
AXE = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    # A mail is a part of the client's page, which has the landmarks.
    "rules": {"region": {"enabled": False}, "landmark-one-main": {"enabled": False}},
}
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="4000"/>'
VALUES = mime.make_dummy_values() | {"date": "Mon, 12 Jan 2026 08:00:00 +0800"}


def bare():
    """Return an issue of two stories and nothing else."""
    only = replace(chinese().sections[1], title="")
    return replace(chinese(), sections=(only,), pull_quote=None, also=(), themes=(), intro="")


@dataclass(frozen=True)
class Case:
    name: str
    issue: Issue
    mail: Mail

    @property
    def html(self) -> str:
        return fill_text(read_html(self.mail), VALUES)

    @property
    def message(self) -> bytes:
        return mime.fill_message(mime.open_message(self.mail), VALUES)


BY_HAND = {"zh": chinese, "en": english, "bare": bare, "hostile": hostile}
NAMES = [f"{name}-{theme}" for name in (*BY_HAND, *drafted.NAMES) for theme in THEMES]


@cache
def made(name: str) -> Case:
    """Return the case of *name*: an issue and a theme."""
    what, _, theme = name.rpartition("-")
    issue = BY_HAND[what]() if what in BY_HAND else drafted.issue(what)
    issue = replace(issue, edition=replace(issue.edition, theme=theme))
    return Case(name, issue, render_email(issue, Templates.load(), letterhead()))


@pytest.fixture
def case(request):
    """Return the case that the test is parametrized with."""
    return made(request.param)


every = pytest.mark.parametrize("case", NAMES, indirect=True)
BENIGN = [name for name in NAMES if "hostile" not in name]


@every
def test_the_html_passes_the_gate(case):
    assert email_gate.failures(case.html) == []


@every
def test_the_message_is_well_formed(case):
    parsed = email.message_from_bytes(case.message, policy=email.policy.default)
    assert email_gate.message_failures(case.message, parsed, case.mail.subject) == []
    assert parsed["Bcc"] is None


@every
def test_the_text_part_holds_titles_and_links_and_no_markup(case):
    if case.issue.subject == hostile().subject:
        assert not set(case.mail.text) & {"\x00", "\x1b", "\u202e"}
        return
    stories = list(case.issue.stories)
    wanted = [story.post.title for story in stories] + [story.post.url for story in stories]
    assert email_gate.missing(case.mail.text, wanted) == []
    assert not {"<p", "</", "&amp;", "&#"} & set(case.mail.text.split("\n"))


def test_a_feed_cannot_bring_the_slot_of_a_token_into_a_link():
    for case in map(made, NAMES):
        slots = read_slots(case.mail)
        assert {slot.name for slot in (*slots.html, *slots.text)} == {"token"}
        assert len(slots.html) == len(slots.text) == 2
        for text, own in ((case.mail.html, slots.html), (case.mail.text, slots.text)):
            before = [text[: slot.start].rpartition("//digest.example.org")[2] for slot in own]
            assert before == ["/p/", "/u/"]


def test_the_attacks_are_shown_as_text():
    text = made("hostile-default").mail.text
    shown = [attack for attack in ATTACKS if attack and " ".join(attack.split())[:30] in text]
    assert ATTACKS[0] in shown
    assert ATTACKS[9] in shown


def test_the_nu_checker_finds_nothing_unexpected(tmp_path):
    for case in map(made, NAMES):
        (tmp_path / f"{case.name}.html").write_text(case.html, encoding="utf-8")
    assert email_gate.checked_by_nu(tmp_path) == []


@pytest.mark.parametrize("case", BENIGN, indirect=True)
def test_spamassassin_has_no_quarrel_with_it(case):
    score, report = email_gate.spam_score(case.message)
    assert score <= 0.5, report


@pytest.fixture
def opened(browser):
    """Return a function that opens HTML at a width in a colour scheme."""
    contexts = []

    def opened(source, width=600, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.route("**/*", lambda route: route.fulfill(body=PICTURE, content_type="image/svg+xml"))
        page.set_content(source)
        return page

    yield opened
    for context in contexts:
        context.close()


@every
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(case, scheme, opened):
    page = opened(case.html, 600, scheme)
    page.evaluate(axe_source())
    found = page.evaluate("options => axe.run(document, options)", AXE)["violations"]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == []


@every
def test_nothing_scrolls_sideways(case, opened):
    page = opened(case.html)
    for width in (320, 375, 600):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


# Characters that may not start a line, and in which lines they do.
LINE_STARTS = """() => {
  const found = [], range = document.createRange();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const top = (node, at) => {
    range.setStart(node, at); range.setEnd(node, at + 1);
    return range.getClientRects()[0]?.top;
  };
  for (let node, last; (node = texts.nextNode());) {
    for (let at = 0; at < node.data.length; at++) {
      const here = top(node, at);
      if (here === undefined) continue;
      const block = node.parentElement.closest('p,h1,h2,h3,blockquote,li,td,div');
      const after = last && last.block === block && here > last.top + 8;
      if (after && '，。、；：！？」』）》〉'.includes(node.data[at]))
        found.push(node.data.slice(Math.max(0, at - 8), at + 2));
      last = {block, top: here};
    }
  }
  return found;
}"""


@every
def test_no_line_starts_with_a_closing_mark(case, opened):
    page = opened(case.html)
    for width in (320, 375, 414, 600):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(LINE_STARTS) == []


def test_a_line_that_starts_with_a_closing_mark_would_be_seen(opened):
    style = "width:4em;word-break:keep-all;overflow-wrap:anywhere"
    page = opened(f"<p style='{style}'>我們一起，好</p><p style='width:4em'>我們一起，好</p>")
    assert page.evaluate(LINE_STARTS) == ["我們一起，好"]


@every
def test_the_dark_is_dark(case, opened):
    page = opened(case.html, 600, "dark")
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert all(int(channel) < 80 for channel in colour[4:-1].split(",")[:3])


@cache
def axe_source() -> str:
    return email_gate.beside("axe_playwright_python", "axe.min.js").read_text(encoding="utf-8")
