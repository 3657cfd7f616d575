"""An issue as a mail: everything is in it, nothing else is, and it says so in both parts."""

import dataclasses
import re
from datetime import timedelta

import pytest
from lxml import html as lxml_html

from digest.model import Image, Link, Section
from digest.model.errors import ConfigError, DraftError, TemplateError
from digest.render import mime
from digest.render.branding import Appearance
from digest.render.email import MAX_HTML, render_email
from digest.render.slots import fill_text, read_html, read_text
from digest.render.templates import Templates
from tests.issues import chinese, english, letterhead, post, story

TEMPLATES = Templates.load()


def mail(issue=None, **changes):
    return render_email(issue or chinese(), TEMPLATES, letterhead(**changes))


def tree(issue=None, **changes):
    return lxml_html.document_fromstring(mail(issue, **changes).html)


def with_stories(*posts):
    section = chinese().sections[1]
    stories = tuple(story(item) for item in posts)
    return dataclasses.replace(chinese(), sections=(dataclasses.replace(section, stories=stories),))


@pytest.mark.parametrize("issue", [chinese(), english()])
def test_both_parts_hold_every_title_summary_and_link(issue):
    made = render_email(issue, TEMPLATES, letterhead())
    shown = lxml_html.document_fromstring(made.html).text_content()
    for item in issue.stories:
        for part in (shown, made.text):
            assert item.post.title in part
            assert item.reading.summary in part
        assert item.post.url in made.html
        assert item.post.url in made.text
    for link in issue.also:
        assert link.title in shown
        assert link.url in made.text
    assert issue.pull_quote.quote.text in shown
    assert issue.pull_quote.quote.text in made.text


def test_the_order_of_blocks_is_the_users():
    look = Appearance(order=("also", "lead"))
    headings = tree(look=look).xpath("//h2")
    assert [h.text_content() for h in headings] == [
        "本週其他文章",
        chinese().sections[0].stories[0].post.title,
    ]


def test_a_user_string_replaces_furniture_in_both_parts():
    made = mail(strings={"Read on": "往下讀", "Unsubscribe": "不想再收到"})
    assert "往下讀" in made.html
    assert "不想再收到" in made.text
    assert "取消訂閱" not in made.html


def test_each_reader_has_links_of_their_own():
    made = mail()
    own = {"token": "lin-du"}
    assert "https://digest.example.org/u/lin-du" in fill_text(read_html(made), own)
    assert "https://digest.example.org/p/lin-du" in fill_text(read_text(made), own)
    assert (
        mime.fill_message(mime.open_message(made), mime.make_dummy_values() | own).count(b"lin-du")
        == 5
    )


def test_without_a_way_to_leave_there_is_no_header():
    assert b"List-Unsubscribe" not in mail(unsubscribe="").mime
    assert b"List-Unsubscribe-Post" in mail().mime


def test_leaving_by_mail_comes_second():
    raw = mail(unsubscribe_mail="leave@example.org").mime
    ways = re.search(rb"List-Unsubscribe: (.*?)\r\n[^ ]", raw, re.DOTALL)[1].split(b",\r\n ")
    assert [way.partition(b":")[0] for way in ways] == [b"<https", b"<mailto"]
    assert ways[1].endswith(b"unsubscribe%20SLOT--token--SLOT>")


def test_without_a_configuration_there_is_a_mail():
    made = render_email(chinese(), TEMPLATES, letterhead(sender="", unsubscribe="", reply_to=""))
    assert b"From: nobody@example.invalid" in made.mime


def test_a_sender_that_is_no_address_is_named():
    with pytest.raises(DraftError, match="not an address"):
        mail(sender="weekly at example.org")


def test_links_carry_utm_where_configured_only():
    assert "utm_" not in mail().html
    hrefs = tree(utm={"utm_source": "weekly"}).xpath("//h2/a/@href")
    assert all(href.endswith("?utm_source=weekly") for href in hrefs)


def test_a_passage_in_another_language_says_so():
    (english_title,) = tree().xpath("//h3[@lang='en']")
    assert "repair café" in english_title.text_content()
    assert tree().xpath("//li/a[@lang='en']/text()") == ["Notes on naming boats"]


def test_without_a_lead_the_sections_carry_the_issue():
    issue = dataclasses.replace(
        chinese(), sections=chinese().sections[1:], pull_quote=None, themes=()
    )
    assert len(tree(issue).xpath("//h3")) == 6
    assert not tree(issue).xpath("//img")


def test_markup_in_a_title_is_text():
    title = '<script>alert(1)</script></mj-text><mj-raw>{{ 7 * 7 }}" onclick="x'
    issue = with_stories(post(1, title, "<b>bold</b> & co"), post(2, "x"))
    page = tree(issue)
    assert not page.xpath("//script | //*[@onclick] | //b")
    assert title in page.text_content()


def test_a_picture_never_lacks_an_alternative_and_a_width():
    item = post(1, "標題", image=Image(url="https://e.org/a.jpg"))
    (picture,) = tree(with_stories(item)).xpath("//img")
    assert picture.get("alt") == "標題"
    assert re.fullmatch(r"\d+", picture.get("width"))


def test_an_unknown_theme_names_the_known_ones():
    issue = dataclasses.replace(
        chinese(), edition=dataclasses.replace(chinese().edition, theme="x")
    )
    with pytest.raises(TemplateError, match="There are: default"):
        mail(issue)


def test_rendering_is_pure():
    assert mail() == mail()


@pytest.mark.parametrize(
    "wrong",
    [{"accent": "red"}, {"order": ("lead", "lead")}, {"order": ("leed",)}, {"body": "x;}"}],
)
def test_a_look_that_cannot_be_is_refused(wrong):
    with pytest.raises(ConfigError):
        Appearance(**wrong)


def long_issue(links, stories=7, siblings=0):
    issue, text = chinese(), "這是一段很長的摘要，說明文章在講什麼。" * 20
    items = [post(n, f"第 {n} 篇的標題，長度和一般的標題差不多", text) for n in range(stories)]
    others = [post(100 + n, f"同一集的第 {n} 篇文章，標題也不短") for n in range(siblings)]
    sections = (
        Section(title="", stories=(story(items[0], 5, others),)),
        Section(title="其他", stories=tuple(story(item, 5, others) for item in items[1:])),
    )
    also = tuple(
        Link(
            url=f"https://blog.example.org/posts/{n}/" + "a" * 60,
            title=f"第 {n} 則連結的標題，長度正常",
        )
        for n in range(links)
    )
    return dataclasses.replace(issue, sections=sections, also=also)


def test_seven_stories_and_thirty_links_fit():
    made = mail(long_issue(30))
    assert len(made.html.encode()) <= MAX_HTML
    assert "第 29 則連結" in made.text


@pytest.mark.parametrize(("links", "stories", "siblings"), [(400, 7, 0), (200, 15, 8), (60, 20, 8)])
def test_what_would_be_clipped_is_shortened_and_says_so(links, stories, siblings):
    made = mail(long_issue(links, stories, siblings))
    assert len(made.html.encode()) <= MAX_HTML
    for number in range(stories):
        assert f"第 {number} 篇的標題" in made.html
        assert f"第 {number} 篇的標題" in made.text
    left_out = links - made.text.count("則連結的標題")
    assert left_out > 0
    assert f"網站上還有 {left_out} 篇" in made.text
    assert letterhead().page(chinese().id) in made.html


def test_siblings_stand_under_their_story_only():
    issue = chinese()
    sibling = issue.sections[0].stories[0].pick.siblings[0]
    also = (*issue.also, Link(url=sibling.url, title=sibling.title))
    text = mail(dataclasses.replace(issue, also=also)).text
    assert text.count(sibling.title) == 1


def test_a_day_has_its_year_where_the_period_is_long():
    assert "1月7日 · 7 分鐘" in mail().text
    period = chinese().period
    years = dataclasses.replace(period, start=period.end - timedelta(days=365))
    assert "2026年1月7日 · 7 分鐘" in mail(dataclasses.replace(chinese(), period=years)).text


@pytest.mark.parametrize("theme", ["default", "letter"])
@pytest.mark.parametrize(
    ("language", "start"), [("ar", "right"), ("he-IL", "right"), ("en", "left")]
)
def test_a_language_is_laid_out_from_where_it_starts(language, start, theme):
    edition = dataclasses.replace(english().edition, language=language, theme=theme)
    html = mail(dataclasses.replace(english(), edition=edition)).html
    direction = {"right": "rtl", "left": "ltr"}[start]
    assert set(re.findall(r"direction:(\w+)", html)) == {direction}
    assert set(re.findall(r"border-(left|right):\dpx solid", html)) == {start}
    aligned = lxml_html.document_fromstring(html).xpath("//div[h1]/@style")
    assert f"text-align:{start}" in aligned[0]


def test_a_title_that_runs_the_other_way_keeps_its_own_direction():
    hebrew = "שיחה עם מפעילת המעבורת: למה (AI) טועה, ומה עושים?"
    issue = with_stories(post(1, hebrew), post(2, "渡口的燈"))
    made = mail(issue)
    headings = lxml_html.document_fromstring(made.html).xpath("//h2 | //h3")
    turned = {"".join(h.text_content().split()): h.get("dir") for h in headings}
    assert turned["".join(hebrew.split())] == "rtl"
    assert turned["渡口的燈"] is None
    assert f"\u2068{hebrew}\u2069" in made.text
