"""A page whose text stands in no paragraphs is read all the same, if it proves to be the post."""

import importlib.util

import pytest

from digest.sources import _article, _trafilatura

URL = "https://blog.example/posts/tea/"
LINES = [
    f"On the {day} morning the pickers climbed the hill before the fog had gone, and each of them"
    f" carried a basket, {thing} and enough rice for one long day among the rows of tea."
    for day, thing in (
        ("first", "a lamp"), ("second", "a knife"), ("third", "a letter"), ("fourth", "a radio"),
        ("fifth", "a coat"), ("sixth", "a flute"), ("seventh", "a kettle"), ("eighth", "a map"),
    )
]  # fmt: skip
SIDE = "".join(f"<p>Read more about boat number {n} and its captain.</p>" for n in range(9))
PAGE = (
    "<!doctype html><html lang=en><head><title>Tea hill</title></head><body>"
    f"<div class=sidebar>{SIDE}</div><h1>Tea hill</h1>"
    f"<div class=post-content>{'<br><br>'.join(LINES)}</div><footer>All rights kept</footer>"
)


def test_text_without_paragraphs_is_found_and_the_rule_is_told() -> None:
    page = _article.read_article(PAGE, URL, LINES[0], "Tea hill")
    assert (page.why, page.extracted) == ("", True)
    assert all(line in page.document.text for line in LINES)
    assert "boat number" not in page.document.text


def test_what_is_found_is_put_to_the_same_proof() -> None:
    page = _article.read_article(
        PAGE, URL, "Nobody has ever written of the ferry that " * 4, "Tea hill"
    )
    assert (page.document.text, page.extracted) == ("", False)
    assert "does not hold" in page.why


def test_the_densest_element_goes_first() -> None:
    body = "".join(f"<p>{line}</p>" for line in LINES)
    page = _article.read_article(f"<html><article>{body}</article>", URL, LINES[0], "Tea hill")
    assert (page.why, page.extracted) == ("", False)


def test_without_the_extra_nothing_is_extracted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    _trafilatura._is_installed.cache_clear()
    try:
        page = _article.read_article(PAGE, URL, LINES[0], "Tea hill")
    finally:
        _trafilatura._is_installed.cache_clear()
    assert page.why
    assert not page.extracted


def test_a_page_out_of_all_measure_is_not_searched() -> None:
    assert _trafilatura.extract_document(PAGE + " " * 2_000_000, URL).text == ""
    assert _trafilatura.extract_document("", URL).text == ""


def test_a_page_that_takes_too_long_costs_itself_alone() -> None:
    worker = _trafilatura.ExtractWorker(seconds=0.01)
    try:
        assert worker.ask(PAGE, URL) == ""
        worker._seconds = 60
        assert LINES[0] in worker.ask(PAGE, URL)
        worker._process.kill()
        assert worker.ask(PAGE, URL) == ""
        assert LINES[0] in worker.ask(PAGE, URL)
    finally:
        worker.close()


def test_what_it_is_given_cannot_break_the_line() -> None:
    odd = PAGE.replace("Tea hill</title>", "Tea\r\n\u2028hill\x00</title>")
    assert LINES[3] in _trafilatura.extract_document(odd, URL + "?a=\n").text
