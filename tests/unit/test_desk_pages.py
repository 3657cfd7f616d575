"""What the desk shows of an issue, without a browser."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from babel.messages import mofile, pofile

from digest.model.outbox import hold_entry, make_entry
from digest.render import mime
from digest.render.slots import fill_text, read_html
from digest.text.localization import LOCALE_DIR
from digest.web.desk import labels, pages, preview_frames
from digest.web.desk.actions import perform_action
from digest.web.desk.labels import choose_language
from digest.web.desk.pages import make_file_address
from digest.web.desk.story_list import key_of, list_quote_choices, list_stories, strip_marks
from digest.web.desk.thread_preview import ink_text, preview_thread, shorten_address
from tests.desk_server import Answered, Running, desk_serving, sample
from tests.drafted import issue


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with desk_serving(sample(tmp_path_factory.mktemp("pages"))) as running:
        yield running


def page(desk: Running, query: str = "", **headers: str) -> str:
    where = desk.ask("/").headers["location"]
    return desk.ask(f"{where}{query}", **headers).text


def test_the_frame_is_the_mail_to_the_byte(desk: Running) -> None:
    revision = desk.desk.revision()
    base = make_file_address(revision)
    served = desk.ask(f"{base}/mail.html").body
    assert served == fill_text(read_html(revision.mail), mime.make_dummy_values()).encode()
    assert desk.ask(f"{base}/mail.eml").body == mime.fill_message(
        mime.open_message(revision.mail), mime.make_dummy_values()
    )


def test_pictures_that_only_this_computer_has_are_lent(desk: Running) -> None:
    revision = desk.desk.revision()
    base = make_file_address(revision)
    lent = desk.ask(f"{base}/mail.html?pictures=lent").text
    own = [s.post.image.url for s in revision.issue.stories if s.post.image]
    assert own
    shown = lent.split(f'src="{base}/picture?url=')[1].partition('"')[0]
    picture = desk.ask(f"{base}/picture?url={shown}")
    assert picture.status == 200
    assert picture.headers["content-type"].startswith("image/")


def test_every_post_of_the_period_is_in_the_list_once() -> None:
    made = issue("sample")
    rows = list_stories(made)
    keys = [row.key for part in (rows.chosen, rows.also, rows.skipped) for row in part]
    assert len(set(keys)) == len(keys) == rows.total
    assert [row.url for row in rows.chosen] == [story.post.url for story in made.stories]
    assert len(made.fates) == rows.total


def test_candidates_are_verbatim_and_the_one_on_display_comes_first() -> None:
    made = issue("sample")
    assert made.pull_quote
    story = next(s for s in made.stories if s.post.url == made.pull_quote.url)
    found = list_quote_choices(story, made)
    assert [one.chosen for one in found] == [True, *[False] * (len(found) - 1)]
    assert all(one.verbatim for one in found)
    text = story.post.document.text
    assert all(one.before + one.text + one.after in text for one in found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("「船來了。」", "船來了。"),
        ("「船來了。", "船來了。"),
        ("船來了。」", "船來了。"),
        ("「船」和「槳」", "「船」和「槳」"),
        ("「『船』來了」", "『船』來了"),
        ("“It comes,”", "It comes,"),
        ("「", ""),
        ("", ""),
    ],
)
def test_a_span_is_quoted_without_the_marks_around_it(text: str, said: str) -> None:
    start, end = strip_marks(f"前{text}後", 1, 1 + len(text))
    assert f"前{text}後"[start:end] == said


def test_a_page_speaks_the_language_that_is_asked_for(desk: Running) -> None:
    assert "預檢" in page(desk, Accept_Language="zh-TW,zh;q=0.9,en;q=0.8")
    assert "Preflight" in page(desk, Accept_Language="en-GB,en;q=0.9")
    assert 'lang="en"' in page(desk, "?lang=en", Accept_Language="zh-TW")


@pytest.mark.parametrize(
    ("wanted", "accepted", "own", "language"),
    [
        ("en", "zh-TW", "zh", "en"),
        ("xx", "zh-TW", "en", "zh-Hant"),
        ("", "de-DE,en;q=0.5", "zh", "en"),
        ("", "fr", "zh-Hant-TW", "zh-Hant"),
        ("", "", "ja", "en"),
    ],
)
def test_which_language_is_spoken(wanted: str, accepted: str, own: str, language: str) -> None:
    assert choose_language(wanted, accepted, own) == language


def test_an_older_revision_is_looked_at_only(desk: Running) -> None:
    now, edits = desk.desk.revision(), "/i/{}?lang=en"
    page = desk.ask(edits.format(now.issue.id)).text
    assert 'class="b go wide" data-open="approve"' in page
    desk.desk.issues.close(now)
    perform_action(desk.desk, now.issue.id, "say", {"block": "subject", "value": "渡船口的早晨"})
    older = desk.ask(f"{edits.format(now.issue.id)}&r={now.number}").text
    assert f"You are looking at r{now.number}" in older
    assert not re.search(r'class="b (go|line) wide" data-open', older)


def test_every_story_of_the_list_has_its_sheet(desk: Running) -> None:
    made = desk.desk.revision().issue
    for story in made.stories:
        shown = desk.ask(f"/i/{made.id}/story/{key_of(story.post.url)}").text
        assert story.reading.summary.split("<")[0][:20] in shown
    assert desk.ask(f"/i/{made.id}/story/nothing").status == 404


def test_no_page_styles_or_scripts_inline(desk: Running) -> None:
    shown = page(desk)
    for forbidden in (" style=", "<style", "<script>", " onclick=", "hx-on", "javascript:"):
        assert forbidden not in shown


def test_text_becomes_links_tags_and_names_in_ink_and_nothing_else() -> None:
    text = "讀 https://blog.example.org/posts/a/，#渡輪 @ferry.test 說 <b> a#b c@d"
    html = str(ink_text(text, "x"))
    assert html.count('class="ink"') == 3
    assert "blog.example.org/posts/a<" in html
    assert "&lt;b&gt; a#b c@d" in html


def test_a_long_address_is_cut_as_networks_do() -> None:
    assert shorten_address("https://www.example.org/", 30) == "example.org"
    assert shorten_address("https://example.org/" + "a" * 40, 20) == "example.org/aaaaaaa…"


def test_what_is_over_the_limit_is_marked(desk: Running) -> None:
    from dataclasses import replace

    revision = desk.desk.revision()
    thread = next(one for one in revision.threads if one.network == "bluesky")
    long = replace(thread.parts[0], text="霧" * 310, length=310, limit=300)
    network = desk.desk.networks["bluesky"]
    shown = preview_thread(replace(thread, parts=(long,)), revision, network, handle="@a")
    assert (shown.over, shown.parts[0].over) == (1, 10)
    assert str(shown.parts[0].html).endswith(f"<mark>{'霧' * 10}</mark>")


def test_a_policy_names_hosts_that_are_hosts_only(desk: Running) -> None:
    revision = desk.desk.revision()
    assert all(
        host.startswith(("https://", "http://"))
        for host in preview_frames.list_picture_hosts(revision)
    )
    assert all(
        " " not in host and ";" not in host for host in preview_frames.list_picture_hosts(revision)
    )


def _posted(desk: Running, **form: str) -> Answered:
    body = urlencode(form)
    kind = "application/x-www-form-urlencoded"
    return desk.ask("/settle", method="POST", body=body, Origin=desk.base, Content_Type=kind)


def test_what_waits_is_settled_in_the_history(desk: Running) -> None:
    issue, outbox = desk.desk.revision().issue.id, desk.desk.outbox
    outbox.enqueue(
        [make_entry(issue, "x", "{}", part=1), make_entry(issue, "mastodon", "{}", part=1)]
    )
    outbox.save([hold_entry(one, "look there") for one in outbox.entries(issue)])
    shown = desk.ask("/history", Accept_Language="zh-TW").text
    assert shown.count('class="settle"') == 2
    assert "look there" in shown
    refused = _posted(desk, issue=issue, target="x", how="resend")
    assert refused.status == 422
    assert "DIGEST_X_" in refused.text
    assert [one.state for one in outbox.entries(issue, "x")] == ["held"]
    assert _posted(desk, issue=issue, target="x", how="skip").status == 200
    assert [one.state for one in outbox.entries(issue, "x")] == ["skipped"]
    assert [one.state for one in outbox.entries(issue, "mastodon")] == ["held"]


def test_the_catalogue_is_compiled_and_fills_the_slots_of_its_messages() -> None:
    folder = LOCALE_DIR / "zh_Hant" / "LC_MESSAGES"
    with (folder / "desk.po").open("rb") as file:
        written = pofile.read_po(file, locale="zh_Hant")
    with (folder / "desk.mo").open("rb") as file:
        compiled = mofile.read_mo(file)
    assert {_ids(one.id): _ids(one.string) for one in written if one.id} == {
        _ids(one.id): _ids(one.string) for one in compiled if one.id
    }
    for one in written:
        ids = one.id if isinstance(one.id, tuple | list) else [one.id]
        strings = one.string if isinstance(one.string, tuple | list) else [one.string]
        slots = {slot for text in ids for slot in re.findall(r"\{\w+\}", text)}
        assert all(set(re.findall(r"\{\w+\}", text)) <= slots for text in strings), one.id


def test_everything_the_templates_say_is_in_the_catalogue() -> None:
    with (LOCALE_DIR / "zh_Hant" / "LC_MESSAGES" / "desk.po").open("rb") as file:
        known = {i for one in pofile.read_po(file) for i in _ids(one.id)}
    folder = Path(pages.__file__).parent / "templates"
    found = {
        text
        for path in folder.glob("*.jinja")
        for text in re.findall(r'(?:_|ngettext)\(\s*"([^"]+)"', path.read_text("utf-8"))
    }
    spoken = re.compile(r'(?:say|words\.count)\(\s*((?:"[^"]+",?\s*)+)')
    for path in Path(pages.__file__).parent.glob("*.py"):
        for several in spoken.findall(path.read_text("utf-8")):
            found |= set(re.findall(r'"([^"]+)"', several))
    tables = (
        labels.ORIGINS,
        labels.UNITS,
        labels.PLACES,
        labels.VIEWS,
        labels.TABS,
        labels.STEPS,
        labels.SHARES,
    )
    found |= {text for table in tables for text in table.values()}
    found |= {*labels.JS_WORDS.values(), *(one[2] for one in labels.MARKS.values())}
    found |= {what for _, what in labels.SHORTCUTS} | {
        message for _, message in labels.SAYINGS if message
    }
    assert found - known == set()


def _ids(found: object) -> tuple[str, ...]:
    return tuple(map(str, found)) if isinstance(found, tuple | list) else (str(found),)
