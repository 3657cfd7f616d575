"""Every public page in real checkers: axe and the Nu HTML checker, light and dark, 320 to 1000."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests import email_gate
from tests.public_site import Running, links, running

LANGUAGES = ("zh-Hant", "en", "ja")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("public")
    with running(folder) as made:
        yield made


@pytest.fixture(scope="module")
def found(site: Running) -> dict[str, str]:
    """Return the paths of pages that need a token."""
    before = len(list((site.folder / "outgoing").glob("*.eml")))  # other tests write letters too
    site.subscribe()
    confirm = links(site.letters(before + 1)[-1])["c"]
    site.post(confirm)
    return links(site.letters(before + 2)[-1]) | {"c": confirm}


PAGES = ("form", "c", "u", "p", "lost")


def opened(page, site: Running, found: dict[str, str], name: str, lang: str) -> None:
    path = {"form": f"/?lang={lang}", "lost": f"/lost?lang={lang}"}.get(name) or found[name]
    page.goto(f"http://127.0.0.1:{site.port}{path}")


def problems(page) -> list[object]:
    """Return what axe finds on *page*, and the widths at which it scrolls sideways."""
    axe = email_gate.beside("axe_playwright_python", "axe.min.js").read_text(encoding="utf-8")
    page.evaluate(axe)
    violations = page.evaluate("axe.run(document)")["violations"]
    bad: list[object] = [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in violations]
    for width in (320, 375, 1000):
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            bad.append(f"sideways at {width}")
    return bad


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(site, found, browser, name, scheme) -> None:
    for lang in LANGUAGES if name in ("form", "lost") else ("en",):
        # The checker is a script: the page's own policy would keep it out.
        context = browser.new_context(color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        opened(page, site, found, name, lang)
        assert problems(page) == []
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_whole_way(site, browser, scheme) -> None:
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    page, address = context.new_page(), f"way-{scheme}@example.org"
    page.goto(f"http://127.0.0.1:{site.port}/?lang=en")
    page.locator("form").evaluate("form => form.noValidate = true")
    page.get_by_role("button").click()
    assert problems(page) == []
    page.get_by_label("Email address").fill(address)
    page.get_by_role("button").click()
    assert page.locator("h1").inner_text() == "Look into your mailbox"
    assert problems(page) == []
    number = site.audience.find(address).id
    soon = datetime.now(UTC) + timedelta(days=7)
    for path, button, heading in (
        (
            f"/c/{site.keyring.sign(number, 'confirm', soon)}",
            "Yes, subscribe me",
            "You are subscribed",
        ),
        (f"/p/{site.keyring.sign(number, 'reader')}", "Save", "Your subscription"),
        (
            f"/p/{site.keyring.sign(number, 'reader')}",
            "Unsubscribe from everything",
            "You have left",
        ),
    ):
        page.goto(f"http://127.0.0.1:{site.port}{path}")
        page.get_by_role("button", name=button, exact=True).click()
        assert page.locator("h1").inner_text() == heading
        assert problems(page) == []
    assert site.state(address) == "unsubscribed"
    context.close()


def test_a_reader_with_a_keyboard_alone_subscribes_and_a_mistake_is_read_out(site, browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{site.port}/?lang=en")
    for text in ("reader", "Anna"):
        page.keyboard.press("Tab")
        while page.evaluate("document.activeElement.tagName") != "INPUT":
            page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.locator("form").evaluate("form => form.noValidate = true")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    field = page.get_by_label("Email address")
    assert field.input_value() == "reader"
    assert field.get_attribute("aria-invalid") == "true"
    assert (
        "typing error" in page.locator(f"#{field.get_attribute('aria-describedby')}").inner_text()
    )
    assert page.get_by_label("Your name").input_value() == "Anna"
    field.fill("keyboard@example.org")
    field.press("Enter")
    page.wait_for_load_state()
    assert page.locator("h1").inner_text() == "Look into your mailbox"
    assert site.state("keyboard@example.org") == "pending"
    context.close()


def test_pages_work_under_their_own_policy(site, found, page) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    for name in PAGES:
        opened(page, site, found, name, "en")
        assert (
            page.evaluate("getComputedStyle(document.querySelector('.sheet')).maxWidth") != "none"
        )
    assert [line for line in told if "Content Security Policy" in line] == []


def test_the_nu_checker_finds_nothing_unexpected(site, found, tmp_path) -> None:
    for name in PAGES:
        path = {"form": "/", "lost": "/lost"}.get(name) or found[name]
        (tmp_path / f"{name}.html").write_text(site.get(path).text, encoding="utf-8")
    assert email_gate.checked_by_nu(tmp_path) == []
