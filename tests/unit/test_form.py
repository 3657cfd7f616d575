"""An issue as a text that a person edits: what is not touched stays, what is not clear is told."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial import edit_document
from digest.editorial.edit_document import EditedBlock, Field, Read, parse_blocks
from digest.editorial.editing import BlockChange, choose_posts, record_changes
from digest.model import Post
from digest.model.errors import ConflictError, DigestError
from tests.desks import ISSUE, Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk.at(tmp_path / "demo")


def posts(desk: Desk) -> tuple[Post, ...]:
    made = desk.look().generated
    return desk.kit.posts.within(made.sources, made.period)


def text_of(desk: Desk) -> str:
    return edit_document.write_edit_document(desk.look(), posts(desk))


def read(desk: Desk, text: str) -> Read:
    return edit_document.read_edit_document(text, desk.look(), posts(desk))


def changed(desk: Desk, old: str, new: str) -> Read:
    text = text_of(desk)
    assert text.count(old) >= 1, old
    return read(desk, text.replace(old, new, 1))


def under(desk: Desk, name: str, body: str) -> Read:
    """Return what a text asks for in which *body* stands under the block *name*."""
    made = next(one for one in parse_blocks(text_of(desk)) if one.name == name)
    return read(desk, f"[{name}] {made.mark}\n{body}\n")


def only(found: Read) -> BlockChange:
    assert not found.problems, found.problems
    ((_, change),) = found.changes
    return change


def problem(found: Read) -> DigestError:
    assert not found.changes, found.changes
    ((_, error),) = found.problems
    return error


lines = st.text("abc #*[]\\x/字「", max_size=12)
bodies = st.lists(
    lines | st.sampled_from(["# x", "*", "[subject]", "[x] 12345678", "\\# y", "\\\\*"])
)


@given(bodies.map("\n".join))
def test_whatever_a_block_says_is_read_back(body: str) -> None:
    written = f"# a note\n{Field(name='note/x', body=body, hints=('a hint',))}\n[intro] 00000000\nx"
    first, last = parse_blocks(written)
    assert first.body == body.strip("\n ")
    assert first.untouched
    assert last == EditedBlock(name="intro", mark="00000000", body="x")


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    list(parse_blocks(text))
    assert edit_document.annotate_text(text, {}, {}).count("\n") <= text.count("\n") + text.count(
        "\r"
    )


def test_a_text_that_nobody_touched_asks_for_nothing(desk: Desk) -> None:
    desk.write("subject", "編輯的主旨")
    desk.write("thread/x", "一句。\n---\n# 不是標題\n---\n*")
    desk.write("note/x", "place: quote\n\n# 話\n\n*")
    assert read(desk, text_of(desk)) == Read(changes=())
    assert read(desk, text_of(desk).replace("\n", "\r\n")) == Read(changes=())
    assert read(desk, "") == Read(changes=())


def test_every_block_of_an_issue_stands_in_it(desk: Desk) -> None:
    names = [one.name for one in parse_blocks(text_of(desk))]
    lead = desk.story().post.id[:8]
    assert names[:7] == [
        "subject",
        "preheader",
        "headline",
        "intro",
        "pull-quote",
        "order",
        "posts",
    ]
    for name in ("title", "summary", "alt", "quote", "speakers"):
        assert f"{name}/{lead}" in names
    assert names[-5:] == [
        f"thread/{name}" for name in ("bluesky", "linkedin", "mastodon", "threads", "x")
    ]


def test_an_edited_block_shows_what_the_generator_says(desk: Desk) -> None:
    generated = desk.block("subject").generated
    desk.write("subject", "編輯的主旨")
    assert f"# edited; the generator says now: {generated}\n[subject]" in text_of(desk)


def test_a_changed_word_is_a_change_on_what_was_seen(desk: Desk) -> None:
    subject = desk.block("subject")
    change = only(changed(desk, f"\n{subject.value}\n", "\n我的\n主旨\n"))
    assert change == BlockChange(block="subject", value="我的\n主旨", base=subject.base)
    made = record_changes(desk.kit, ISSUE, [change], desk.tick())
    assert made.revision.issue.subject == "我的 主旨"


def test_a_star_takes_an_edit_back(desk: Desk) -> None:
    desk.write("subject", "編輯的主旨")
    assert only(under(desk, "subject", "*")).value is None
    lead = desk.story()
    quote = lead.reading.quotes[0]
    block = f"speaker/{lead.post.id}/{quote.start}:{quote.end}"
    desk.write(block, "何青")
    assert only(under(desk, f"speakers/{lead.post.id[:8]}", "*")) == BlockChange(
        block=block, value=None
    )


def test_a_pull_quote_is_chosen_by_its_number_or_its_words(desk: Desk) -> None:
    third = desk.story(2)
    quote = third.reading.quotes[1]
    place = f"{third.post.id} {quote.start}:{quote.end} {quote.text}"
    assert only(under(desk, "pull-quote", f"「{quote.text}」")).value == place
    number, words = next(
        (line[2:].split(" ", 1)[0], line)
        for line in text_of(desk).splitlines()
        if line.startswith("# 2 ")
    )
    chosen = only(under(desk, "pull-quote", number)).value
    assert chosen.split(" ", 2)[2] in words
    assert only(under(desk, "pull-quote", "")).value == ""
    assert "no candidate 99" in str(problem(under(desk, "pull-quote", "99")))


def test_words_from_anywhere_in_a_post_can_be_quoted(desk: Desk) -> None:
    lead = desk.story()
    text = lead.post.document.text
    words = text[30:44]
    change = only(under(desk, f"quote/{lead.post.id[:8]}", words))
    assert change.value == f"{text.index(words)}:{text.index(words) + 14} {words}"


def test_words_that_nobody_said_are_kept_in_their_place_to_be_flagged(desk: Desk) -> None:
    change = only(under(desk, "pull-quote", "沒有人說過這句話"))
    shown = desk.look().revision.issue.pull_quote.quote
    assert change.value.split(" ", 2)[1:] == [f"{shown.start}:{shown.end}", "沒有人說過這句話"]


def test_the_order_is_an_outline(desk: Desk) -> None:
    ids = [one.post.id for one in desk.look().revision.issue.stories]
    change = only(under(desk, "order", f"{ids[2][:8]} x\n\n==  今天讀\n{ids[0][:8]}"))
    assert change.value == f"{ids[2]}\n# 今天讀\n{ids[0]}"


def test_posts_are_chosen_by_their_address(desk: Desk) -> None:
    lead, second = desk.story(0).post, desk.story(1).post
    found = under(desk, "posts", f"pin {lead.url}\nban {second.url}\nadd https://x.example/a")
    assert [one for _, one in found.changes] == [
        BlockChange(block=f"choice/{lead.id}", value="pin"),
        BlockChange(block=f"choice/{second.id}", value="ban"),
    ]
    assert found.adds == ("https://x.example/a",)


def test_a_line_less_takes_a_choice_back_unless_something_is_unclear(desk: Desk) -> None:
    lead, second = desk.story(0).post, desk.story(1).post
    choose_posts(desk.kit, ISSUE, {lead.id: "pin", second.id: "ban"}, desk.tick())
    assert f"ban {second.url}" in text_of(desk)
    found = under(desk, "posts", f"pin {lead.url}")
    assert [one for _, one in found.changes][-1] == BlockChange(
        block=f"choice/{second.id}", value=None
    )
    found = under(desk, "posts", f"pin {lead.url}\nbann {second.url}")
    assert BlockChange(block=f"choice/{second.id}", value=None) not in [
        one for _, one in found.changes
    ]
    assert "no post at" in str(found.problems[0][1]) or "not clear" in str(found.problems[0][1])
    assert "has no post at" in str(under(desk, "posts", "pin https://x.example").problems[0][1])


def test_a_speaker_is_corrected_in_a_line(desk: Desk) -> None:
    lead = desk.story()
    first, second = lead.reading.quotes[:2]
    name = f"speakers/{lead.post.id[:8]}"
    found = under(desk, name, f"何青 | {first.text}\n- | {second.text}\n何青 | 沒有這一句")
    place = f"speaker/{lead.post.id}"
    assert [one for _, one in found.changes] == [
        BlockChange(block=f"{place}/{first.start}:{first.end}", value="何青"),
        BlockChange(block=f"{place}/{second.start}:{second.end}", value=""),
    ]
    assert "“沒有這一句” is none of its quotations" in str(found.problems[0][1])


def test_a_new_note_needs_only_a_name(desk: Desk) -> None:
    found = read(desk, "[note/mine]\nplace: lead\n\n我的話")
    assert only(found) == BlockChange(block="note/mine", value="place: lead\n\n我的話")


@pytest.mark.parametrize("name", ["subjet", "title/nobody", "note", "speakers/nobody", "choice/x"])
def test_a_block_that_is_none_is_told(desk: Desk, name: str) -> None:
    text = text_of(desk) + f"\n[{name}]\nx\n" if name != "note" else "[note/]\n[note]\nx"
    assert "no such" in str(problem(read(desk, text)))


def test_a_block_that_stands_there_twice_is_told(desk: Desk) -> None:
    found = read(desk, "[subject]\n一\n[subject]\n二")
    assert len(found.changes) == 1
    assert "twice" in str(found.problems[0][1])


def test_a_block_that_changed_elsewhere_meanwhile_conflicts(desk: Desk) -> None:
    text = text_of(desk)
    old = desk.block("subject").value
    desk.write("subject", "她的")
    desk.write("intro", "她的引言")
    error = problem(read(desk, text.replace(f"\n{old}\n", "\n他的\n", 1)))
    assert isinstance(error, ConflictError)
    assert (error.mine, error.theirs) == ("他的", "她的")


def test_a_text_comes_back_with_what_is_wrong_and_can_be_gone_on_with(desk: Desk) -> None:
    text = text_of(desk)
    old, intro = desk.block("subject").value, desk.block("intro").value
    text = text.replace(f"\n{old}\n", "\n他的\n", 1).replace(f"\n{intro}\n", "\n他的引言\n", 1)
    desk.write("subject", "她的")
    found = read(desk, text)
    record_changes(desk.kit, ISSUE, [one for _, one in found.changes], desk.tick())
    back = edit_document.return_text(text, desk.look(), posts(desk), found.problems)
    assert "# ! subject: it was changed elsewhere meanwhile" in back
    assert "# ! 她的\n[subject]" in back
    change = only(read(desk, back))
    assert (change.block, change.value) == ("subject", "他的")
    made = record_changes(desk.kit, ISSUE, [change], desk.tick())
    assert (made.revision.issue.subject, made.revision.issue.intro) == ("他的", "他的引言")
    assert edit_document.return_text(back, desk.look(), posts(desk), ()).count("# !") == 0
