"""Pictures of mails as approved by eye: ``python -m tests.screens`` makes them anew.

They are kept at half size in 16 greys: enough to see a broken layout or a lost colour, small enough
to keep, and forgiving of what two versions of a font or a browser do to single pixels.
"""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageChops, ImageStat

from digest.app.demo import write_demo
from digest.render import mime
from digest.render.email import render_email
from digest.render.slots import fill_text, read_html
from digest.render.templates import Templates
from tests.issues import chinese, english, letterhead

FOLDER = Path(__file__).parent / "golden" / "screens"
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="900">'
    '<path fill="#9db3bf" d="M0 0h1600v640H0z"/><path fill="#3a4c58" d="M0 640h1600v260H0z"/>'
    '<circle fill="#f7e6c4" cx="1250" cy="210" r="80"/>'
    '<path fill="#f2f0ea" d="M200 600h380l-60 90H250z"/>'
    '<path fill="#fff" d="M820 560h520l-80 130H880z"/></svg>'
)
# issue, theme, width in CSS pixels, colour scheme
SCREENS = (
    ("zh", "default", 375, "light"),
    ("zh", "default", 375, "dark"),
    ("zh", "default", 600, "light"),
    ("zh", "default", 600, "dark"),
    ("en", "default", 375, "light"),
    ("en", "default", 600, "dark"),
    ("zh", "letter", 375, "dark"),
    ("zh", "letter", 600, "light"),
)
ISSUES = {"zh": chinese, "en": english}
# Mean difference of the greys (0-255), and how far the heights may differ.
TOLERANCE, STRETCH = 6.0, 0.02


def path_of(screen):
    return FOLDER / f"{'-'.join(map(str, screen))}.png"


def taken(browser, screen):
    """Return the screenshot of *screen*, made small and grey."""
    shot = photographed(browser, screen).convert("L")
    return shot.resize((shot.width // 2, shot.height // 2), Image.Resampling.BOX)


def photographed(browser, screen):
    """Return the screenshot of *screen* as it is."""
    name, theme, width, scheme = screen
    issue = ISSUES[name]()
    issue = replace(issue, edition=replace(issue.edition, theme=theme))
    mail = render_email(issue, Templates.load(), letterhead())
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    page.route("**/*", lambda route: route.fulfill(body=PICTURE, content_type="image/svg+xml"))
    page.set_content(fill_text(read_html(mail), mime.make_dummy_values()))
    shot = Image.open(BytesIO(page.screenshot(full_page=True)))
    context.close()
    return shot.convert("RGB")


def opened(browser, address, width, scheme):
    """Return the screenshot of the page at *address*."""
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    page.goto(address)
    shot = Image.open(BytesIO(page.screenshot(full_page=True)))
    context.close()
    return shot.convert("RGB")


def showcase(browser):
    """Return the picture of the README: what ``digest demo`` made, on a desk and on a phone."""
    with TemporaryDirectory() as folder:
        made = write_demo(Path(folder) / "demo", datetime(2026, 3, 16, tzinfo=UTC))
        address = made.files[0].as_uri()
        desk, phone = (
            opened(browser, address, width, scheme).crop((0, 0, width, 1180))
            for width, scheme in ((660, "light"), (375, "dark"))
        )
    both = Image.new("RGB", (660 + 40 + 375, 1180), "#ffffff")
    both.paste(desk, (0, 0))
    both.paste(phone, (700, 0))
    return both.quantize(96, dither=Image.Dither.NONE)


def difference(approved, now):
    """Return the mean difference of two pictures cut to the lower height, and their stretch."""
    height = min(approved.height, now.height)
    box = (0, 0, approved.width, height)
    blurred = [p.crop(box).resize((approved.width // 8, height // 8)) for p in (approved, now)]
    mean = ImageStat.Stat(ImageChops.difference(*blurred)).mean[0]
    return mean, abs(approved.height - now.height) / approved.height


def main():
    from tests.servers import browsing

    FOLDER.mkdir(parents=True, exist_ok=True)
    with browsing() as browser:
        for screen in SCREENS:
            taken(browser, screen).quantize(16).save(path_of(screen), optimize=True)
        showcase(browser).save(FOLDER.parent / "issue.png", optimize=True)


if __name__ == "__main__":
    main()
