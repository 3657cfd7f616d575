"""The pages of the archive in real checkers: whole pages, so axe's every rule counts."""

from functools import cache

import pytest

from digest.render.templates import Templates
from digest.render.web_page import render_archive
from tests import drafted, email_gate
from tests.hostile import hostile
from tests.issues import chinese, english, letterhead
from tests.unit.test_web import revision

ISSUES = {"zh": chinese(), "en": english(), "hostile": hostile()}


@cache
def pages():
    """Return every page of an archive of each issue by a name of its own."""
    found = {}
    for name, issue in ISSUES.items():
        revisions = [revision(1, issue), revision(2, issue)]
        for path, content in render_archive(revisions, Templates.load(), letterhead()).items():
            if path.endswith(("w02/index.html", "index.html")) and "w01" not in path:
                found[f"{name}-{path.replace('/', '-')}"] = content.decode()
    return found | drafted_pages()


def drafted_pages():
    """Return the pages of the issues that the pipeline drafts, real weeks where they are there."""
    revisions = [revision(n, drafted.issue(name)) for n, name in enumerate(drafted.NAMES, 1)]
    files = render_archive(revisions, Templates.load(), letterhead())
    return {
        f"drafted-{path.replace('/', '-')}": content.decode()
        for path, content in files.items()
        if path.endswith(".html")
    }


@pytest.mark.parametrize("name", sorted(pages()))
def test_axe_finds_nothing_and_nothing_scrolls_sideways(name, browser):
    axe = email_gate.beside("axe_playwright_python", "axe.min.js").read_text(encoding="utf-8")
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        page = context.new_page()
        page.route("**/*", lambda route: route.abort())
        page.set_content(pages()[name])
        for width in (320, 375, 1000):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.evaluate(axe)
        found = page.evaluate("axe.run(document)")["violations"]
        context.close()
        assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found] == []


def test_the_nu_checker_finds_nothing_unexpected(tmp_path):
    for name, source in pages().items():
        (tmp_path / name).write_text(source, encoding="utf-8")
    assert email_gate.checked_by_nu(tmp_path) == []
