"""An editor's own blocks: where they were put, and safe however they were typed."""

from dataclasses import replace

import pytest
from lxml import html as lxml_html

from digest.editorial.edits import note_of, text_of
from digest.model import Image, Link, Note
from digest.model.errors import DraftError
from digest.render.branding import Appearance
from digest.render.editor_notes import render_note
from digest.render.email import render_email
from digest.render.slots import fill_text, read_html
from digest.render.templates import Templates
from digest.render.web_page import render_page
from tests.email_gate import failures
from tests.issues import chinese, letterhead

NOTE = Note(
    title="這一期的話",
    text="我們**搬家**了，請更新[書籤](https://blog.example.org/new/)。\n\n- 一\n- 二",
    link=Link(url="https://blog.example.org/about/", title="關於我們"),
    image=Image(url="https://blog.example.org/map.png", width=900, height=300),
)


def mail(*notes, look=None, theme="default"):
    issue = replace(chinese(), notes=notes)
    issue = replace(issue, edition=replace(issue.edition, theme=theme))
    return render_email(issue, Templates.load(), letterhead(look=look or Appearance()))


def test_a_note_is_in_both_parts_and_on_the_page():
    made = mail(NOTE)
    tree = lxml_html.document_fromstring(made.html)
    assert tree.xpath("//div[contains(@class,'note')]//strong/text()") == ["搬家"]
    assert "https://blog.example.org/new/" in tree.xpath("//div[contains(@class,'note')]//a/@href")
    assert tree.xpath("//img[@src='https://blog.example.org/map.png']/@alt") == ["這一期的話"]
    assert "請更新[書籤](https://blog.example.org/new/)" in made.text
    issue = replace(chinese(), notes=(NOTE,))
    assert "<strong>搬家</strong>" in render_page(
        issue, issue.period.end, Templates.load(), letterhead()
    )


@pytest.mark.parametrize(
    ("place", "before"),
    [
        ("top", "把渡輪停下來"),
        ("lead", "我寧可讓你"),
        ("sections", "渡輪 · 6 篇"),
        ("also", "您收到這封信"),
    ],
)
def test_a_note_stands_where_it_was_put(place, before):
    text = mail(replace(NOTE, place=place)).text
    after = text[text.index("這一期的話") :]
    assert before in after
    assert ("把渡輪停下來" in after) == (place in ("top", "lead"))


def test_a_note_at_a_block_that_is_not_shown_comes_last():
    text = mail(replace(NOTE, place="themes"), look=Appearance(order=("lead", "also"))).text
    assert text.index("讀者來信") < text.index("這一期的話")


def test_a_sponsor_is_named_as_one():
    assert "[贊助]" in mail(replace(NOTE, sponsor=True)).text


@pytest.mark.parametrize("theme", Templates.load().themes("email"))
def test_a_mail_with_notes_passes_the_gate(theme):
    notes = (NOTE, replace(NOTE, place="lead", sponsor=True), replace(NOTE, place="also", title=""))
    assert failures(fill_text(read_html(mail(*notes, theme=theme)), {"token": "x"})) == []


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1)) [y](/relative) [z](data:text/html,x)",
        "# heading\n\n![i](https://e.org/i.png)\n\n```\ncode\n```",
        "</div></mj-text> {{ 7 * 7 }} <mj-raw>",
        "x" * 30_000,
        "*" * 5_000,
        "> " * 2_000 + "deep",
    ],
)
def test_what_an_editor_pastes_cannot_break_out(text):
    tree = lxml_html.document_fromstring(mail(Note(text=text)).html)
    (note,) = tree.xpath("//div[contains(@class,'note')]")
    assert not note.xpath(".//script | .//img | .//h1 | .//pre | .//*[@onclick]")
    assert not [a for a in note.xpath(".//a/@href") if not a.startswith(("http", "mailto"))]
    assert len(tree.xpath("//h1")) == 1


def test_a_note_is_typed_as_a_head_and_a_text() -> None:
    text = (
        "place: quote\ntitle: 編輯的話\nimage: https://x.example/a.png\nalt: 船\n"
        "link: https://x.example/t 票\nsponsor: yes\n\n來 *坐船*。\n\ntitle: 不是頭"
    )
    note = note_of("x", text)
    assert (note.name, note.place, note.title, note.sponsor) == ("x", "quote", "編輯的話", True)
    assert note.image == Image(url="https://x.example/a.png", alt="船")
    assert note.link == Link(url="https://x.example/t", title="票")
    assert note.text == "來 *坐船*。\n\ntitle: 不是頭"
    assert text_of(note) == text
    assert note_of("x", text_of(note)) == note


def test_a_note_needs_no_head() -> None:
    assert note_of("x", "\r\n只有字\r\n") == Note(name="x", text="只有字")


@pytest.mark.parametrize(
    ("text", "said"), [("place: roof\n\nx", "'roof' is no place"), ("title: x\n\n", "says nothing")]
)
def test_a_note_that_cannot_stand_says_why(text: str, said: str) -> None:
    with pytest.raises(DraftError, match=said):
        note_of("mine", text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("![a <harbour>](https://e.org/a.png) quiet", "<p>a &lt;harbour&gt; quiet</p>"),
        ("![](https://t.example/pixel.gif)see", "<p>see</p>"),
        ("[](https://e.org/)see", "<p>see</p>"),
        ("[![](https://t.example/a.gif)](https://e.org/)see", "<p>see</p>"),
    ],
)
def test_a_picture_in_the_text_is_its_words_and_a_link_without_words_is_none(text, shown):
    assert render_note(text) == shown
