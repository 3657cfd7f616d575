"""Preflight: what blocks a revision, and what is only worth knowing."""

from dataclasses import replace

import pytest

from digest.model import Image, Part, Thread
from digest.render.preflight import check_revision
from digest.render.sanitize import clip_text
from tests.make import issue, post, revision, story


def levels(of: object) -> list[tuple[str, str]]:
    return [(finding.level, finding.cause) for finding in check_revision(of)]


def test_a_sound_revision_has_no_findings() -> None:
    assert check_revision(revision()) == ()


def test_an_issue_without_a_story_is_blocked() -> None:
    assert levels(revision(issue(sections=()))) == [("error", "the issue has no story")]


def test_a_quotation_that_is_not_verbatim_is_blocked() -> None:
    told = story()
    moved = replace(told.reading.quotes[0], start=0)
    told = replace(told, reading=replace(told.reading, quotes=(moved,)))
    (finding,) = check_revision(revision(issue(told)))
    assert finding.level == "error"
    assert "「船會等人。」 does not stand verbatim" in str(finding)


@pytest.mark.parametrize(("kib", "level"), [(89, None), (95, "warning"), (103, "error")])
def test_the_size_is_measured_against_the_clipping_limit(kib: int, level: str | None) -> None:
    mail = replace(revision().mail, html="船" * (kib * 1024 // 3))
    found = [finding.level for finding in check_revision(revision(mail=mail))]
    assert found == ([level] if level else [])


def test_what_mail_programs_drop_is_told() -> None:
    html = "<p>&lt;script&gt;</p><!--[if mso]><form><![endif]-->"
    assert check_revision(revision(mail=replace(revision().mail, html=html))) == ()
    mail = replace(revision().mail, html=f"{html}<SCRIPT>x</SCRIPT>")
    assert levels(revision(mail=mail)) == [
        ("warning", "it holds a <script>, which mail programs drop or block")
    ]


def test_a_summary_that_was_cut_to_fit_is_told() -> None:
    told = story()
    long = "船會等人，人也等船。" * 40
    told = replace(told, reading=replace(told.reading, summary=long, quotes=()))
    whole = replace(revision().mail, text=long)
    cut = replace(whole, text=clip_text(long, 80))
    assert check_revision(revision(issue(told), mail=whole)) == ()
    assert levels(revision(issue(told), mail=cut)) == [
        ("warning", "1 summary is cut so that it fits")
    ]


@pytest.mark.parametrize("residue", ['<a href="{{ url }}">', '<p class="{% if %}">', "<mj-text>"])
def test_an_unrendered_template_is_blocked(residue: str) -> None:
    mail = replace(revision().mail, html=residue, text="好")
    assert [level for level, _ in levels(revision(mail=mail))] == ["error"]


def test_a_post_about_templates_may_say_what_templates_say() -> None:
    told = story(post("b", title="為什麼 {{ 7*7 }} 是 49"))
    mail = replace(revision().mail, html="<h2>為什麼 {{ 7*7 }} 是 49</h2>")
    assert check_revision(revision(issue(told), mail=mail)) == ()


def test_a_part_over_its_limit_is_blocked_and_warnings_are_passed_on() -> None:
    thread = Thread(
        network="x", parts=(Part(text="長", length=281, limit=280),), warnings=("a link",)
    )
    found = levels(revision(threads=(thread,)))
    assert found == [("error", "281 of at most 280"), ("warning", "a link")]


def test_errors_come_first() -> None:
    thread = Thread(network="x", parts=(), warnings=("a link",))
    mail = replace(revision().mail, html='<a href="{{">')
    told = story(post("b"))
    found = levels(revision(issue(told), threads=(thread,), mail=mail))
    assert [level for level, _ in found] == ["error", "warning"]


def linked(url: str) -> list[str]:
    return [str(f) for f in check_revision(revision(issue(story(post(url=url)))))]


def test_links_to_nowhere_and_to_http_are_told() -> None:
    (said,) = linked("https://example.invalid/posts/a/")
    assert said.startswith("warning: https://example.invalid/posts/a/: a link leads to a site that")
    assert "--site URL" in said
    (said,) = linked("http://blog.example.org/posts/a/")
    assert "a link leads to http only" in said
    assert linked("https://invalid.example.org/posts/a/") == []


@pytest.mark.parametrize(
    ("image", "told"),
    [
        (Image(url="http://blog.example.org/a.jpg"), True),
        (Image(url="https://blog.example.org/a.jpg", width=40), True),
        (Image(url="https://blog.example.org/a.jpg"), False),
        (None, False),
    ],
    ids=["http", "small", "good", "none"],
)
def test_a_picture_that_no_mail_shows_is_told(image: Image | None, told: bool) -> None:
    found = check_revision(revision(issue(story(post(image=image)))))
    assert ["picture is left out" in finding.cause for finding in found] == [True] * told
