"""What programs and people see of a revision: JSON, the terminal's report, exported bytes."""

import json
from dataclasses import replace

import pytest

from digest.model import Attachment, Link, Part, PullQuote, Section, SkippedPost, Theme, Thread
from digest.model.errors import ConfigError, DigestError
from digest.render.export import (
    build_issue_json,
    build_thread_json,
    export_revision,
    report_issue,
    report_thread,
)
from tests.make import NOW, issue, post, revision, story

TOLD = story(post("a", episode="https://podcasts.example.org/1"))
WHOLE = issue(
    TOLD,
    pull_quote=PullQuote(quote=TOLD.reading.quotes[0], url=TOLD.post.url, title=TOLD.post.title),
    also=(Link(url="https://blog.example.org/b/", title="另一篇"),),
    skipped=(SkippedPost(url="https://blog.example.org/c/", reason="太短"),),
    themes=(Theme(name="河", posts=3, change=1),),
)
THREAD = Thread(
    network="x",
    parts=(
        Part(text="第一則", length=6, limit=280, media=(Attachment(path="a.png", alt="船"),)),
        Part(text="第二則", length=6, limit=280, link="https://blog.example.org/"),
    ),
    cost_usd=0.29,
    warnings=("一條連結",),
)


def test_the_json_of_an_issue_has_the_shape_that_programs_rely_on() -> None:
    data = build_issue_json(replace(revision(WHOLE), number=2))
    assert json.loads(json.dumps(data)) == data
    contract = "id revision period subject preheader intro sections pull_quote also skipped themes"
    assert set(contract.split()) <= set(data)
    told = data["sections"][0]["stories"][0]
    fields = "url title summary summary_from quotes score reasons image minutes"
    assert set(fields.split()) <= set(told)
    assert told["quotes"][0] == {
        "text": "船會等人。",
        "speaker": "林渡",
        "speech": True,
        "start": 1,
        "end": 6,
        "utterance": 0,
    }
    assert data["pull_quote"]["speaker"] == "林渡"
    assert data["also"] == [{"url": "https://blog.example.org/b/", "title": "另一篇"}]
    assert data["skipped"] == [{"url": "https://blog.example.org/c/", "reason": "太短"}]
    assert data["themes"] == [{"name": "河", "posts": 3, "change": 1}]
    assert build_issue_json(revision())["pull_quote"] is None


def test_the_json_of_a_thread_has_the_shape_that_programs_rely_on() -> None:
    data = build_thread_json(THREAD, WHOLE, 2)
    assert (data["network"], data["issue"], data["revision"]) == ("x", WHOLE.id, 2)
    assert data["parts"][0]["media"] == [{"path": "a.png", "alt": "船"}]
    assert data["parts"][1]["link"] == "https://blog.example.org/"
    assert (data["cost_usd"], data["warnings"]) == (0.29, ["一條連結"])


def test_the_report_says_what_was_chosen_and_why() -> None:
    said = report_issue(revision(WHOLE))
    for part in (
        "第 a 班船",
        "好看",
        "「船會等人。」 林渡",
        "河 3",
        "1 listed, 1 skipped",
        "draft",
    ):
        assert part in said
    assert "太短" not in said
    more = report_issue(revision(WHOLE, approved=NOW), verbose=True)
    for part in (
        "太短",
        TOLD.post.url,
        "擺渡人說船會等人。",
        "另一篇",
        "approved 2026-03-16 09:00 Asia/Taipei",
    ):
        assert part in more


def test_the_report_of_a_thread_shows_each_length_in_the_networks_unit() -> None:
    said = report_thread(THREAD)
    for part in ("x: 2 parts", "$0.29", "1  6/280", "[picture: 船]", "[card: https", "一條連結"):
        assert part in said
    assert "$" not in report_thread(replace(THREAD, cost_usd=None))


@pytest.mark.parametrize("form", ["html", "text", "eml", "mjml", "json"])
def test_every_form_is_exported(form: str) -> None:
    assert export_revision(revision(WHOLE), form)


def test_a_thread_is_exported_in_parts() -> None:
    made = revision(threads=(THREAD,))
    assert export_revision(made, "thread", "x").decode() == (
        "--- 1/2 · 6 of 280\n第一則\n[image] a.png: 船\n"
        "--- 2/2 · 6 of 280\n第二則\n[link] https://blog.example.org/\n"
    )
    with pytest.raises(ConfigError, match=r"--network: there is no draft for .* Give one of: x"):
        export_revision(made, "thread", "y")
    with pytest.raises(ConfigError):
        export_revision(made, "pdf")


def test_the_lead_section_has_no_title() -> None:
    assert build_issue_json(revision(issue(TOLD, story(post("b")))))["sections"][0]["title"] == ""
    assert Section(title="x", stories=()).stories == ()


def test_an_error_is_subject_cause_and_remedy() -> None:
    assert str(DigestError("digest.toml", "is empty.", "Fill it.")) == (
        "digest.toml: is empty. Fill it."
    )
    assert str(DigestError("nothing")) == "nothing"
