"""A person at the desk: a page of a real browser, and the few gestures that the tests share."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.desk_server import Running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page

MAIL = ".view[data-for=mail] iframe:not(.next)"
CLEAN = "() => !document.querySelector('[data-dirty]')"


@dataclass(slots=True, kw_only=True)
class Editor:
    """An editor in front of a desk; ``complaints`` are errors that the browser reported."""

    page: "Page"
    desk: Running
    complaints: list[str]

    def hash(self) -> str:
        """Return which bytes the page says it shows."""
        return str(self.page.evaluate("document.documentElement.dataset.hash"))

    def titles(self) -> list[str]:
        """Return the chosen stories in their order."""
        return [text.strip() for text in self.page.locator("#chosen .row .t").all_text_contents()]

    def mail(self) -> "FrameLocator":
        """Return the mail in its frame."""
        return self.page.frame_locator(MAIL)

    def does(self, gesture: str, *, key: str = "") -> None:
        """Click *gesture*, or press *key*, and wait until the page shows other bytes."""
        before = self.hash()
        if key:
            self.page.keyboard.press(key)
        else:
            self.page.locator(gesture).first.click()
        self.changed(before)

    def changed(self, before: str) -> None:
        """Wait until the page shows other bytes than *before*."""
        self.page.wait_for_function(
            "before => document.documentElement.dataset.hash !== before", arg=before
        )

    def writes(self, field: str, text: str) -> None:
        """Write *text* into *field* and wait until it is saved."""
        self.page.locator(field).fill(text)
        self.page.wait_for_function(CLEAN)


def at_the_desk(context: "BrowserContext", desk: Running, path: str = "") -> Editor:
    """Return an editor who has just opened *desk*."""
    page, complaints = context.new_page(), []
    page.set_default_timeout(15_000)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if _told(said) else None)
    page.goto(desk.url)
    if path:
        page.goto(f"{desk.base}{path}")
    page.wait_for_selector("html[data-ready]")
    return Editor(page=page, desk=desk, complaints=complaints)


def _told(said: object) -> bool:
    """Tell whether a message of the console is a fault of the page: a policy, an exception."""
    text = str(getattr(said, "text", ""))
    if "img-src 'none'" in text:  # a mail without its pictures is one of the views
        return False
    return "Content Security Policy" in text or "Uncaught" in text


def context_of(browser: "Browser", width: int = 1280, height: int = 800) -> "BrowserContext":
    """Return a context whose frames may choose their own colours (``no-override``)."""
    return browser.new_context(
        viewport={"width": width, "height": height},
        locale="zh-TW",
        color_scheme="null",
        reduced_motion="reduce",
    )
