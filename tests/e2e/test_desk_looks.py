"""The desk for everybody: axe, keys alone, a phone, two languages, no shift, many posts, files."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest.app.archive import write_files
from digest.web.desk.static_export import make_preview_files
from tests import email_gate
from tests.desk_browser import Editor, at_the_desk, context_of
from tests.desk_server import Running, desk_serving, sample

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

PLACES = (
    "",
    "?tab=mail&view=text",
    "?tab=thread&view=thread&net=x",
    "?tab=plan&view=raw",
    "?tab=thread&view=web&net=linkedin",
)
DIALOGS = ("approve", "test", "note", "add", "keys")
AXE = {
    "exclude": [["iframe"]],
    "options": {"resultTypes": ["violations"], "rules": {"region": {"enabled": True}}},
}


SCHEDULE = 'when = "Mon 08:00"\nwindow = "calendar-week"\nreview = true\nunapproved = "send"\n'


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = sample(tmp_path_factory.mktemp("looks"))
    (folder / "schedules").mkdir(exist_ok=True)
    (folder / "schedules" / "weekly.toml").write_text(SCHEDULE, "utf-8")
    with desk_serving(folder) as running:
        yield running


@pytest.fixture(scope="module")
def context(browser: "Browser") -> Iterator["BrowserContext"]:
    made = context_of(browser)
    yield made
    made.close()


@pytest.fixture(scope="module")
def editor(context: "BrowserContext", desk: Running) -> Editor:
    return at_the_desk(context, desk)


def issue(desk: Running) -> str:
    return f"{desk.base}/i/{desk.desk.revision().issue.id}"


def violations(page: "Page") -> list[tuple[str, list[str]]]:
    source = email_gate.beside("axe_playwright_python", "axe.min.js").read_text(encoding="utf-8")
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(source)
    found = page.evaluate(
        "o => axe.run({exclude: o.exclude}, o.options).then(r => r.violations)", AXE
    )
    return [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found]


@pytest.mark.parametrize("language", ["zh-Hant", "en"])
def test_axe_finds_nothing_by_day_and_by_night(
    editor: Editor, desk: Running, language: str
) -> None:
    page = editor.page
    for place in PLACES:
        join = "&" if place else "?"
        page.goto(f"{issue(desk)}{place}{join}lang={language}")
        page.wait_for_selector("html[data-ready]")
        for theme in ("light", "dark"):
            page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
            assert violations(page) == [], (place, theme)


def test_axe_finds_nothing_in_the_dialogs_and_the_history(editor: Editor, desk: Running) -> None:
    page = editor.page
    page.goto(issue(desk))
    page.wait_for_selector("html[data-ready]")
    page.locator(".pf:visible").click()
    page.wait_for_selector("#checks:popover-open")
    assert violations(page) == [], "checks"
    page.keyboard.press("Escape")
    for name in DIALOGS:
        page.evaluate("name => desk.open(name)", name)
        page.wait_for_selector("dialog[open]")
        assert violations(page) == [], name
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog[open]", state="detached")
    page.goto(f"{desk.base}/history")
    assert violations(page) == []


@pytest.mark.parametrize("width", [320, 375, 760, 1024, 1280])
def test_nothing_stands_out_sideways(editor: Editor, desk: Running, width: int) -> None:
    page = editor.page
    page.set_viewport_size({"width": width, "height": 812})
    for pane in ("posts", "preview", "inspector"):
        page.goto(f"{issue(desk)}?pane={pane}&tab=thread&view=thread")
        page.wait_for_selector("html[data-ready]")
        wide = page.evaluate(
            "() => [document.documentElement, ...document.querySelectorAll('.scroll, .stage')]"
            ".filter(e => e.offsetParent !== null || e === document.documentElement)"
            ".filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.id || e.tagName)"
        )
        assert wide == [], pane
    page.set_viewport_size({"width": 1280, "height": 800})


def test_a_phone_shows_one_pane_and_reaches_the_others(editor: Editor, desk: Running) -> None:
    page = editor.page
    page.set_viewport_size({"width": 375, "height": 812})
    page.goto(issue(desk))
    page.wait_for_selector("html[data-ready]")
    for go, pane in (("posts", ".posts"), ("inspector", ".inspector"), ("preview", ".preview")):
        page.locator(f".dock [data-go={go}]").click()
        assert page.locator(f"{pane}:visible").count() == 1
        assert page.locator(".pane:visible").count() == 1
    page.locator(".dock [data-go=posts]").click()
    page.locator("#chosen .row").nth(1).click()
    assert page.locator(".inspector").is_visible()
    small = page.evaluate(
        "() => [...document.querySelectorAll('.dock button, .inspector .tabs button')]"
        ".filter(b => b.offsetParent && b.getBoundingClientRect().height < 40).length"
    )
    assert small == 0
    page.set_viewport_size({"width": 1280, "height": 800})


def test_the_keyboard_alone_is_enough(editor: Editor, desk: Running) -> None:
    """From the first Tab: skip, choose, look, edit, and out again; the focus is always seen."""
    page = editor.page
    page.goto(issue(desk))
    page.wait_for_selector("html[data-ready]")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("j")
    assert page.locator("#chosen .row").nth(1).get_attribute("aria-current") == "true"
    page.keyboard.press("e")
    page.wait_for_function("() => document.activeElement.tagName === 'TEXTAREA'")
    page.keyboard.press("j")
    assert page.locator("#chosen .row").nth(1).get_attribute("aria-current") == "true"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('.row[aria-current]')")
    page.locator("#v-mail").focus()
    for name in ("text", "web", "thread", "raw", "mail"):
        page.keyboard.press("ArrowRight")
        assert page.evaluate("document.activeElement.dataset.view") == name
        assert page.locator(f".view[data-for={name}]").is_visible()
    seen = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert seen != "none"
    page.keyboard.press("?")
    page.wait_for_selector("dialog#keys[open]")
    page.locator("#keys-on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    assert page.locator(".view[data-for=mail]").is_visible()
    page.evaluate("localStorage.clear()")


def test_nothing_moves_while_the_page_comes_up(context: "BrowserContext", desk: Running) -> None:
    page = context.new_page()
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => { for (const e of list.getEntries())"
        " if (!e.hadRecentInput) window.shift += e.value; })"
        ".observe({type: 'layout-shift', buffered: true});"
    )
    page.goto(issue(desk))
    page.wait_for_selector("html[data-ready]")
    page.wait_for_function("() => !document.querySelector('[data-later]')")
    page.wait_for_timeout(300)
    assert page.evaluate("window.shift") < 0.02
    page.close()


def test_a_week_of_two_hundred_posts_scrolls_without_a_pause(editor: Editor, desk: Running) -> None:
    page = editor.page
    page.goto(issue(desk))
    page.wait_for_selector("html[data-ready]")
    frames = page.evaluate(
        """async () => {
          const list = document.querySelector('.rows.slim'), one = list.querySelector('.item');
          for (let n = 0; n < 200; n += 1) list.append(one.cloneNode(true));
          const box = document.querySelector('#list'), times = [];
          let last = performance.now();
          for (let n = 0; n < 60; n += 1) {
            box.scrollTop += 120;
            await new Promise(requestAnimationFrame);
            const now = performance.now(); times.push(now - last); last = now;
          }
          return times.slice(2).sort((a, b) => a - b);
        }"""
    )
    assert frames[len(frames) // 2] < 50


def test_the_static_preview_opens_without_a_server(
    browser: "Browser", desk: Running, tmp_path: Path
) -> None:
    """Moved elsewhere, opened from a file: every view is there, and nothing can be changed."""
    write_files(make_preview_files(desk.desk, desk.desk.revision()), tmp_path / "made")
    where = Path(shutil.move(tmp_path / "made", tmp_path / "moved"))
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"file://{where}/index.html")
    page.wait_for_selector("html[data-ready]")
    title = page.locator("#chosen .row .t").nth(2).inner_text()
    page.locator("#chosen .row").nth(2).click()
    assert page.locator("#sheet-title").inner_text() == title
    for name in ("text", "web", "thread", "raw"):
        page.locator(f"#v-{name}").click()
        assert page.locator(f".view[data-for={name}]").inner_text().strip() or name == "web"
    page.locator("#v-mail").click()
    assert page.frame(url=f"file://{where}/mail.html")
    assert (
        page.locator(
            "textarea:not([readonly]), [data-do]:not([disabled]), [data-open=approve]"
        ).count()
        == 0
    )
    assert complaints == []
    context.close()
