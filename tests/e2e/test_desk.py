"""The review desk in a real browser: an editor's whole story, and what may go wrong around it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest.model import Revision
from digest.model.outbox import hold_entry, make_entry
from digest.render import mime
from digest.render.slots import fill_text, read_html
from tests import bluesky_server
from tests.desk_browser import MAIL, Editor, at_the_desk, context_of
from tests.desk_server import Running, desk_serving, sample
from tests.smtp import Sink

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

LONG = "霧。" * 160


@pytest.fixture(scope="module")
def context(browser: "Browser") -> Iterator["BrowserContext"]:
    made = context_of(browser)
    yield made
    made.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Running]:
    with desk_serving(sample(tmp_path)) as running:
        yield running


@pytest.fixture
def editor(context: "BrowserContext", desk: Running) -> Iterator[Editor]:
    context.clear_cookies()
    made = at_the_desk(context, desk)
    yield made
    made.page.evaluate("localStorage.clear()")
    made.page.close()
    assert made.complaints == []


def newest(desk: Running) -> Revision:
    return desk.desk.revision()


def test_an_editor_chooses_and_the_mail_follows(editor: Editor) -> None:
    page, told = editor.page, editor.titles()
    page.locator("#chosen .row").nth(1).click()
    page.wait_for_function(
        "t => document.querySelector('#sheet-title').textContent === t", arg=told[1]
    )
    editor.does("#p-story [data-choice=ban]")
    assert told[1] not in editor.titles()
    assert told[1] in page.locator("ol.out").inner_text()
    page.wait_for_function(
        "([frame, title]) => !document.querySelector(frame).contentDocument.body.innerText"
        ".includes(title)",
        arg=[MAIL, told[1]],
    )
    editor.does("", key="Control+z")
    assert editor.titles() == told


def test_stories_are_put_in_order_by_keys_and_the_move_is_told(editor: Editor) -> None:
    page, told = editor.page, editor.titles()
    page.locator("#chosen .row").nth(1).click()
    page.locator("#chosen .row").nth(1).focus()
    editor.does("", key="Alt+ArrowUp")
    assert editor.titles()[:2] == [told[1], told[0]]
    page.wait_for_function("() => document.querySelector('#say').textContent.includes('1')")
    assert page.evaluate("document.activeElement.closest('.item').dataset.key") == page.locator(
        "#chosen > .item"
    ).first.get_attribute("data-key")
    editor.does("", key="p")
    assert "已釘" in page.locator("#chosen .item").first.inner_text()
    first = next(newest(editor.desk).issue.stories)
    assert first.post.title == told[1]


def test_a_story_is_dragged_to_its_place(editor: Editor) -> None:
    page, told = editor.page, editor.titles()
    before = editor.hash()
    page.locator("#chosen .item").nth(2).hover()
    page.locator("#chosen .grip").nth(2).hover()
    page.mouse.down()
    place = page.locator("#chosen .item").nth(0).bounding_box()
    page.mouse.move(place["x"] + 40, place["y"] + 12, steps=15)
    page.mouse.move(place["x"] + 40, place["y"] + 4, steps=4)
    page.mouse.up()
    editor.changed(before)
    assert editor.titles()[0] == told[2]


def test_the_pull_quote_is_changed_and_its_speaker_corrected(editor: Editor) -> None:
    page = editor.page
    issue = newest(editor.desk).issue
    assert issue.pull_quote
    page.locator(f"#chosen .row[data-url='{issue.pull_quote.url}']").click()
    page.wait_for_function(
        "t => document.querySelector('#sheet-title').textContent === t", arg=issue.pull_quote.title
    )
    said = page.locator("#quotes .q:not(.on) .say").first.inner_text()
    editor.does("#quotes .q:not(.on) input[type=radio]")
    assert page.locator("#quotes .q.on .say").inner_text() == said
    shown = newest(editor.desk).issue.pull_quote
    assert shown
    assert shown.quote.text in said
    page.locator(".q.on .fix input[type=text]").fill("余九如的鄰居")
    editor.does(".q.on .fix button")
    again = newest(editor.desk).issue.pull_quote
    assert again
    assert again.quote.speaker == "余九如的鄰居"
    editor.mail().get_by_text("余九如的鄰居").first.wait_for()


def test_a_passage_of_the_post_is_quoted_as_it_stands(editor: Editor) -> None:
    page = editor.page
    page.locator("#span summary").click()
    page.wait_for_selector("#whole")
    page.evaluate(
        "() => { const t = document.querySelector('#whole');"
        " t.focus(); t.setSelectionRange(3, 15); }"
    )
    editor.does("[data-quote-span]")
    story = next(newest(editor.desk).issue.stories)
    assert story.reading.quotes[0].text == story.post.document.text[3:15].strip()
    assert story.edited == ("quote",)


def test_words_save_themselves_and_can_be_taken_back(editor: Editor) -> None:
    page, field = editor.page, "textarea[data-block^='summary/']"
    before = page.locator(field).input_value()
    editor.writes(field, "這是編輯自己寫的摘要。")
    editor.mail().get_by_text("這是編輯自己寫的摘要。").first.wait_for()
    assert page.locator("#undo").get_attribute("aria-label") == "復原：摘要"
    page.locator(".big .more summary").click()
    assert page.locator(".big .gen del").count() + page.locator(".big .gen ins").count() > 0
    page.wait_for_timeout(2100)  # what is typed within two seconds is one step
    editor.does(".big [data-do=back]")
    assert page.locator(field).input_value() == before
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert page.locator(field).input_value() == before
    editor.does("#undo")
    assert page.locator(field).input_value() == "這是編輯自己寫的摘要。"


def test_a_text_that_was_refused_goes_back_to_the_generators(editor: Editor) -> None:
    page = editor.page
    page.locator("#t-mail").click()
    said = page.locator("#f-subject").input_value()
    editor.writes("#f-subject", "渡船口的早晨")
    page.locator("#f-subject").fill("")
    page.locator("#e-subject:not(:empty)").wait_for()
    page.locator("#field-subject summary").click()
    editor.does("#field-subject [data-do=back]")
    assert page.locator("#f-subject").input_value() == said
    assert page.locator("#e-subject").inner_text() == ""


def test_a_part_over_its_limit_is_refused_kept_and_divided(editor: Editor) -> None:
    page, field = editor.page, "#f-bluesky-2"
    page.locator("#t-thread").click()
    page.locator("[data-net-go=bluesky]").click()
    parts = page.locator(".part[data-net=bluesky]").count()
    before = newest(editor.desk).hash
    page.locator(field).fill(LONG)
    page.locator("#e-bluesky-2", has_text="20").wait_for()
    page.wait_for_function("() => document.querySelector('#f-bluesky-2').ariaInvalid === 'true'")
    assert newest(editor.desk).hash == before
    assert page.locator("#part-bluesky-2 .ed mark").inner_text().startswith("霧。")
    page.reload()
    page.wait_for_selector("html[data-ready]")
    page.wait_for_function("() => document.querySelector('#f-bluesky-2').dataset.dirty === '1'")
    assert page.locator(field).input_value() == LONG
    editor.does("#part-bluesky-2 [data-how=split]")
    assert page.locator(".part[data-net=bluesky]").count() == parts + 1
    thread = next(t for t in newest(editor.desk).threads if t.network == "bluesky")
    assert thread.parts[1].text + thread.parts[2].text == LONG
    editor.does("#part-bluesky-2 [data-how=drop]")
    assert page.locator(".part[data-net=bluesky]").count() == parts


def test_two_tabs_at_once_lose_no_edit(editor: Editor, context: "BrowserContext") -> None:
    """Other fields merge; the same field asks, and shows both texts."""
    other = at_the_desk(context, editor.desk)
    field = "textarea[data-block^='summary/']"
    editor.page.locator("#t-mail").click()
    editor.writes("#f-subject", "甲的主旨")
    other.page.wait_for_function(
        "() => document.querySelector('#top h1').textContent === '甲的主旨'"
    )
    other.page.locator(field).focus()
    editor.page.locator("#t-story").click()
    editor.writes(field, "甲寫的摘要")
    other.page.wait_for_function(
        "hash => document.documentElement.dataset.hash === hash", arg=editor.hash()
    )
    other.page.locator(field).fill("乙寫的摘要")
    notice = other.page.locator("#notice .notice")
    notice.wait_for()
    assert other.page.locator(field).input_value() == "乙寫的摘要"
    story = next(newest(editor.desk).issue.stories)
    assert story.reading.summary == "甲寫的摘要"
    notice.get_by_text("比較").click()
    assert "甲寫的摘要" in other.page.locator("dialog[open]").inner_text()
    other.page.keyboard.press("Escape")
    notice.get_by_text("用我的").click()
    other.page.wait_for_function("() => !document.querySelector('[data-dirty]')")
    assert next(newest(editor.desk).issue.stories).reading.summary == "乙寫的摘要"
    assert newest(editor.desk).issue.subject == "甲的主旨"
    editor.page.locator("#sheet-title").click()
    editor.page.wait_for_function(
        "f => document.querySelector(f).value === '乙寫的摘要'", arg=field
    )
    other.page.close()


def test_what_was_typed_outlives_the_server(context: "BrowserContext", tmp_path: Path) -> None:
    folder, field = sample(tmp_path), "#f-subject"
    with desk_serving(folder) as desk:
        editor = at_the_desk(context, desk)
        editor.page.locator("#t-mail").click()
    editor.page.locator(field).fill("伺服器不在時寫的")
    editor.page.locator("#notice", has_text="沒有回應").wait_for()
    with desk_serving(folder, port=desk.port) as again:
        editor.page.wait_for_function("() => !document.querySelector('[data-dirty]')")
        assert newest(again).issue.subject == "伺服器不在時寫的"
        editor.page.evaluate("localStorage.clear()")
    editor.page.close()


def test_an_approval_is_of_the_bytes_that_were_seen(editor: Editor) -> None:
    page, desk = editor.page, editor.desk
    page.keyboard.press("Shift+A")
    page.wait_for_selector("#d-approve")
    answer = desk.ask(
        f"/i/{newest(desk).issue.id}/do/say",
        method="POST",
        body="block=subject&value=behind",
        Origin=desk.base,
        Content_Type="application/x-www-form-urlencoded",
    )
    assert answer.status == 200
    page.locator("#d-approve button.go").click()
    page.locator("#d-approve .note.warn").wait_for()
    assert newest(desk).approved is None
    page.locator("#ch-x").uncheck()
    page.locator("#d-approve button.go").click()
    page.wait_for_selector("html[data-state=approved]")
    approved = newest(desk)
    assert approved.withheld == ("x",)
    assert page.locator(".seal").is_visible()
    assert page.locator("textarea[data-block^='summary/']").get_attribute("readonly") is not None
    assert page.locator(".grip").count() == 0
    page.locator(".top [data-open=send]").click()
    page.locator("#d-send [data-do=thaw]").click()
    page.wait_for_selector("html[data-state=draft]")
    assert newest(desk).number == approved.number + 1
    assert desk.desk.issues.approved(approved.issue.id) is not None
    editor.writes("textarea[data-block^='summary/']", "核准之後才改的。")
    page.locator(".top [data-open=approve]").click()
    page.wait_for_selector("#d-approve .diff ins")
    assert "核准之後才改的" in page.locator("#d-approve .diff").inner_text()


def test_a_test_mail_is_the_preview_to_the_byte(
    context: "BrowserContext", tmp_path: Path, smtp_sink: Sink
) -> None:
    more = (
        f'mailer = "smtp"\n[mailers.smtp]\nhost = "{smtp_sink.host}"\n'
        f'port = {smtp_sink.port}\nsecurity = "none"\n'
    )
    with desk_serving(sample(tmp_path, more)) as desk:
        editor = at_the_desk(context, desk)
        page = editor.page
        editor.writes("textarea[data-block^='summary/']", "測試信裡也要有這一句。")
        shown = desk.ask(_address(editor)).body
        page.locator(".top [data-open=test]").click()
        page.locator("#d-to").fill("editor@example.org")
        page.locator("#d-test button.go").click()
        page.locator("#notice .ok", has_text="editor@example.org").wait_for()
        (mail,) = smtp_sink.delivered()
        assert mail.recipients == ("editor@example.org",)
        (html,) = (p for p in mail.message.walk() if p.get_content_type() == "text/html")
        sent = html.get_payload(decode=True)
        assert isinstance(sent, bytes)
        assert sent.replace(b"\r\n", b"\n").rstrip() == shown.rstrip()
        before = newest(desk)
        assert not before.open
        editor.writes("textarea[data-block^='summary/']", "寄出之後才改的。")
        assert newest(desk).number == before.number + 1
        page.locator(".top [data-open=approve]").click()
        assert "另一個版本" in page.locator("#d-approve .df").inner_text()
        page.close()


def test_a_thread_is_posted_from_the_desk_once(
    context: "BrowserContext", tmp_path: Path, bluesky_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGEST_BLUESKY_APP_PASSWORD", bluesky_server.PASSWORD)
    more = f'[networks.bluesky]\nservice = "{bluesky_url}"\nhandle = "{bluesky_server.HANDLE}"\n'
    with desk_serving(sample(tmp_path, more)) as desk:
        editor = at_the_desk(context, desk)
        page = editor.page
        page.locator("#t-thread").click()
        page.locator("[data-net-go=bluesky]").click()
        editor.writes("#f-bluesky-1", "這一則是在審稿桌上寫的，第一則。")
        page.keyboard.press("Escape")
        page.locator(".top [data-open=approve]").click()
        page.locator("#d-approve button.go").click()
        page.wait_for_selector("html[data-state=approved]")
        page.locator(".top [data-open=send]").click()
        page.locator("#d-send form:has([value=bluesky]) button").click()
        page.locator("#d-send .receipts li.ok").first.wait_for(timeout=60_000)
        thread = next(t for t in newest(desk).threads if t.network == "bluesky")
        assert page.locator("#d-send .receipts li.ok").count() == len(thread.parts)
        out = [str(one["value"]["text"]) for one in bluesky_server.records(bluesky_url)]
        assert out.count("這一則是在審稿桌上寫的，第一則。") == 1
        assert page.locator("#d-send form:has([value=bluesky]) button").is_disabled()
        page.goto(f"{desk.base}/history")
        assert page.locator("tr.ok").count() == len(thread.parts)
        page.close()


def test_what_waits_is_settled_in_the_history_by_a_click(editor: Editor) -> None:
    page, outbox, issue = editor.page, editor.desk.desk.outbox, newest(editor.desk).issue.id
    outbox.enqueue(
        [make_entry(issue, "x", "{}", part=1), make_entry(issue, "mastodon", "{}", part=1)]
    )
    outbox.save([hold_entry(one, "the line broke") for one in outbox.entries(issue)])
    page.goto(f"{editor.desk.base}/history")
    page.locator(".settle:has([value=x]) [value=skip]").click()
    page.locator(".notice.ok").wait_for()
    assert page.locator(".settle").count() == 1
    assert [one.state for one in outbox.entries(issue, "x")] == ["skipped"]


def test_markup_in_a_title_stays_text(context: "BrowserContext", tmp_path: Path) -> None:
    folder, evil = sample(tmp_path), '<img src=x onerror="window.hit=1"><b>粗</b>&amp;'
    post = next((folder / "blog" / "content" / "posts").glob("*.md"))
    with desk_serving(folder) as desk:
        editor = at_the_desk(context, desk)
        title = next(newest(desk).issue.stories).post.id
        assert post.exists()
        editor.writes(f"textarea[data-block='title/{title}']", evil)
        assert evil in editor.titles()
        editor.page.locator("#v-thread").click()
        assert editor.page.evaluate("window.hit") is None
        assert editor.page.locator(".t b, .t img, #top h1 b").count() == 0
        editor.page.close()


def test_the_frame_runs_nothing_and_a_click_in_it_chooses(editor: Editor) -> None:
    page, told = editor.page, editor.titles()
    editor.mail().get_by_text(told[2]).first.click()
    page.wait_for_function(
        "t => document.querySelector('#sheet-title').textContent === t", arg=told[2]
    )
    frame = page.frame(url=re.compile("mail.html"))
    assert frame
    assert frame.url.startswith(editor.desk.base)
    assert page.locator("#chosen .row[aria-current=true] .t").inner_text() == told[2]
    assert page.locator(".gutter").is_visible()


def test_widths_colours_and_pictures_are_the_readers(editor: Editor) -> None:
    page = editor.page
    inner = f"document.querySelector('{MAIL}').contentWindow"
    page.wait_for_function(f"() => {inner}.innerWidth === 375")
    page.keyboard.press("3")
    page.wait_for_function(f"() => {inner}.innerWidth === 1024")
    assert page.evaluate(f"{inner}.matchMedia('(prefers-color-scheme: dark)').matches") is False
    page.keyboard.press("d")
    page.wait_for_function(f"() => {inner}.matchMedia('(prefers-color-scheme: dark)').matches")
    images = f"[...{inner}.document.images].some(i => i.naturalWidth > 0)"
    page.wait_for_function(f"() => {images}")
    page.locator("#pictures").click()
    page.wait_for_function(f"() => !({images})")
    html = fill_text(read_html(newest(editor.desk).mail), mime.make_dummy_values())
    assert editor.desk.ask(_address(editor)).body == html.encode()


def _address(editor: Editor) -> str:
    source = editor.page.locator(MAIL).get_attribute("data-bare")
    assert source
    return source.partition("?")[0]


def test_what_happens_elsewhere_is_shown(editor: Editor) -> None:
    """The command line, or a feed that changed, made another revision meanwhile."""
    from datetime import UTC, datetime

    from digest.editorial import editing

    desk = editor.desk.desk
    kit = desk.app.kit()
    change = editing.BlockChange(block="subject", value="別處寫的主旨")
    editing.record_changes(kit, newest(editor.desk).issue.id, [change], datetime.now(UTC))
    editor.page.wait_for_function(
        "() => document.querySelector('#top h1').textContent === '別處寫的主旨'"
    )


def test_a_block_and_a_story_of_ones_own(editor: Editor) -> None:
    page = editor.page
    page.locator("#t-mail").click()
    page.locator(".inspector [data-open=note]").first.click()
    page.locator("#d-head").fill("給讀者")
    page.locator("#d-text").fill("週五來聽現場。")
    editor.does("#d-note .go")
    editor.mail().get_by_text("週五來聽現場。").first.wait_for()
    page.locator(".posts [data-open=add]").click()
    page.locator("#d-url").fill("http://127.0.0.1:9/nothing")
    page.locator("#d-add form").first.locator("button").click()
    page.wait_for_function("() => document.querySelector('#d-add .err').textContent.length > 10")
