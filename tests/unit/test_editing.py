"""An editor at work on the sample week: kept through regeneration, undone, never lost."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from digest.app.composition import App
from digest.config.settings import CONFIG_FILE, load_settings
from digest.editorial import candidates, editing, edits, pipeline
from digest.editorial.editable_blocks import describe_edits, list_editable_blocks
from digest.editorial.editing import BlockChange
from digest.editorial.pipeline import Drafted
from digest.model import DetailedSummary, Post, Quote, Story, Summary, Thread
from digest.model.errors import ConflictError, DraftError, FrozenError, NothingToDo
from digest.render.thread_edit import describe_picture, move_part, rewrite_part, write_manuscript
from digest.store.choices import ChoiceStore
from digest.store.engine import connect
from digest.text.localization import load_catalogue
from tests.desks import ISSUE, Desk
from tests.http_server import HttpServer, text
from tests.png import png


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk.at(tmp_path / "demo")


def thread_of(made: Drafted, network: str) -> Thread:
    return next(one for one in made.revision.threads if one.network == network)


def network(desk: Desk, name: str) -> Any:
    return next(one for one in desk.kit.networks if one.name == name)


def quoted(desk: Desk) -> tuple[Story, Quote]:
    """Return the pull-quote and the story that it is of."""
    issue = desk.look().revision.issue
    assert issue.pull_quote is not None
    url = issue.pull_quote.url
    return next(one for one in issue.stories if one.post.url == url), issue.pull_quote.quote


def rewrite_file(desk: Desk, place: int, old: str, new: str) -> None:
    path = desk.file(desk.story(place))
    before = path.read_text("utf-8")
    assert old in before
    path.write_text(before.replace(old, new), "utf-8")


def test_every_word_of_the_issue_can_be_edited_and_leaves_as_edited(desk: Desk) -> None:
    post = desk.story().post.id
    for block in ("subject", "preheader", "headline", "intro", f"title/{post}", f"summary/{post}"):
        desk.write(block, f"編輯的 {block.partition('/')[0]}")
    mail = desk.kit.issues.load(ISSUE).mail
    assert mail.subject == "編輯的 subject"
    assert mail.preheader == "編輯的 preheader"
    for name in ("headline", "intro", "title", "summary"):
        assert f"編輯的 {name}" in mail.html
        assert f"編輯的 {name}" in mail.text


def test_the_subject_follows_the_title_of_the_lead_until_it_is_edited(desk: Desk) -> None:
    post = desk.story().post.id
    made = desk.write(f"title/{post}", "渡船")
    assert made.revision.issue.subject.startswith("渡船")
    assert not desk.block("subject").edited
    desk.write("subject", "我的主旨")
    desk.write(f"title/{post}", "船渡")
    block = desk.block("subject")
    assert (block.value, block.edited, block.stale) == ("我的主旨", True, True)
    assert block.generated.startswith("船渡")


def test_undoing_all_restores_the_bytes(desk: Desk) -> None:
    before = desk.kit.issues.load(ISSUE)
    lead, second = desk.story(0), desk.story(1)
    desk.write("subject", "一")
    desk.write(f"alt/{lead.post.id}", "樹冠上的土")
    desk.write("order", f"{second.post.id}\n{lead.post.id}")
    editing.choose_posts(desk.kit, ISSUE, {second.post.id: "ban"}, desk.tick())
    desk.write("note/x", "place: quote\n\n編輯的話")
    desk.write("thread/x", "一句話。")
    assert desk.kit.issues.load(ISSUE).hash != before.hash
    for _ in range(6):
        made = editing.undo_step(desk.kit, ISSUE, desk.tick())
    assert made.revision.hash == before.hash
    assert (made.revision.mail, made.revision.threads) == (before.mail, before.threads)
    with pytest.raises(NothingToDo):
        editing.undo_step(desk.kit, ISSUE, desk.tick())
    for _ in range(6):
        made = editing.redo_step(desk.kit, ISSUE, desk.tick())
    assert made.revision.mail.subject == "一"
    assert thread_of(made, "x").parts[0].text == "一句話。"


def test_edits_hold_when_the_week_has_changed(desk: Desk) -> None:
    lead, second = desk.story(0), desk.story(1)
    desk.write("subject", "編輯的主旨")
    desk.write(f"summary/{lead.post.id}", "編輯的摘要。")
    desk.write("note/x", "編輯的話")
    rewrite_file(desk, 0, "title:", "description: 作者改過的說明，說的是樹冠上的土。\ntitle:")
    rewrite_file(desk, 1, "Being Bad at the Cello", "Being Bad at the Oboe")
    made = desk.draft()
    stories = {one.post.id: one for one in made.revision.issue.stories}
    assert made.revision.issue.subject == "編輯的主旨"
    assert stories[lead.post.id].reading.summary == "編輯的摘要。"
    assert "Oboe" in stories[second.post.id].post.title
    assert [note.text for note in made.revision.issue.notes] == ["編輯的話"]
    block = desk.block(f"summary/{lead.post.id}")
    assert block.edited
    assert "3 edits hold" in describe_edits(made)[0]


def test_the_generator_changing_its_mind_is_shown_and_taken_with_one_call(desk: Desk) -> None:
    lead = desk.story()
    block = f"title/{lead.post.id}"
    desk.write(block, "我的題")
    assert not desk.block(block).stale
    rewrite_file(desk, 0, lead.post.title, "作者的新題")
    desk.draft()
    found = desk.block(block)
    assert (found.value, found.generated, found.stale) == ("我的題", "作者的新題", True)
    made = desk.write(block, None)
    assert next(made.revision.issue.stories).post.title == "作者的新題"
    assert not desk.block(block).edited


def test_a_thread_that_was_edited_survives_regeneration(desk: Desk) -> None:
    before = thread_of(desk.look(), "bluesky")
    made = rewrite_part(before, network(desk, "bluesky"), 2, "編輯的第二段。")
    made = move_part(made, network(desk, "bluesky"), 2, 4)
    editing.rewrite_thread(desk.kit, ISSUE, made, desk.tick())
    kept = thread_of(desk.look(), "bluesky")
    assert [part.text for part in kept.parts] == [part.text for part in made.parts]
    desk.write(f"summary/{desk.story().post.id}", "全新的摘要，和以前不同。")
    rewrite_file(desk, 1, "Adults learn the cello", "Adults learn the Oboe")
    after = desk.draft()
    assert thread_of(after, "bluesky") == kept
    block = desk.block("thread/bluesky")
    assert block.stale
    assert "全新的摘要" in block.generated
    assert "全新的摘要" in thread_of(after, "mastodon").parts[0].text
    assert any("Oboe" in part.text for part in thread_of(after, "mastodon").parts)


def test_an_edited_thread_always_shows_the_card_of_now(desk: Desk) -> None:
    plain = thread_of(desk.look(), "bluesky")
    place = next(n for n, part in enumerate(plain.parts, 1) if part.media)
    (card,) = plain.parts[place - 1].media
    made = move_part(plain, network(desk, "bluesky"), place, 3)
    after = editing.rewrite_thread(desk.kit, ISSUE, made, desk.tick())
    assert thread_of(after, "bluesky").parts[2].media == (card,)
    lead, quote = quoted(desk)
    after = desk.write(f"speaker/{lead.post.id}/{quote.start}:{quote.end}", "余九如")
    (fresh,) = thread_of(after, "bluesky").parts[2].media
    assert fresh.path != card.path
    assert fresh.alt.endswith("余九如")
    described = describe_picture(
        thread_of(after, "bluesky"), network(desk, "bluesky"), 3, 1, "一張卡"
    )
    after = editing.rewrite_thread(desk.kit, ISSUE, described, desk.tick())
    assert thread_of(after, "bluesky").parts[2].media == (replace(fresh, alt="一張卡"),)
    after = desk.write("pull-quote", "")
    assert thread_of(after, "bluesky").parts[2].media == ()


def test_a_picture_of_the_editors_own_is_kept(desk: Desk) -> None:
    own = desk.folder / "own.png"
    own.write_bytes(png())
    after = desk.write("thread/x", f"看。\n[image] {own}: 我的圖\n---\n完。")
    (shown,) = thread_of(after, "x").parts[0].media
    assert shown.alt == "我的圖"
    own.unlink()
    assert desk.kit.pictures.read(shown.path) == png()
    for wrong, why in ((own, "cannot be read"), (desk.folder / "digest.toml", "is no picture")):
        with pytest.raises(DraftError, match=why):
            desk.write("thread/x", f"看。\n[image] {wrong}: 圖")


def test_a_part_over_its_limit_is_refused_and_nothing_is_saved(desk: Desk) -> None:
    before = desk.kit.edits.history(ISSUE).length
    with pytest.raises(DraftError, match="over the limit of 280"):
        rewrite_part(thread_of(desk.look(), "x"), network(desk, "x"), 2, "字" * 200)
    assert desk.kit.edits.history(ISSUE).length == before


def test_an_edit_of_a_story_that_fell_out_waits_and_is_told(desk: Desk) -> None:
    second = desk.story(1)
    block = f"summary/{second.post.id}"
    desk.write(block, "編輯的摘要。")
    made = editing.choose_posts(desk.kit, ISSUE, {second.post.id: "ban"}, desk.tick())
    lost = next(one for one in list_editable_blocks(made) if one.name == block)
    assert (lost.lost, lost.value, lost.generated) == (True, "編輯的摘要。", "")
    assert describe_edits(made)[1] == f"{block} waits: its post is not told in the issue"
    made = editing.choose_posts(desk.kit, ISSUE, {second.post.id: None}, desk.tick())
    assert desk.block(block).value == "編輯的摘要。"
    assert not desk.block(block).lost
    assert any(one.reading.summary == "編輯的摘要。" for one in made.revision.issue.stories)


def test_saying_what_the_generator_says_is_no_edit(desk: Desk) -> None:
    block = desk.block("subject")
    made = desk.write("subject", block.generated)
    assert made.history.done == ()
    desk.write("subject", "別的")
    made = desk.write("subject", block.generated)
    assert "subject" not in made.history.edits
    thread = thread_of(desk.look(), "x")
    made = editing.rewrite_thread(desk.kit, ISSUE, thread, desk.tick())
    assert "thread/x" not in made.history.edits


def test_two_tabs_merge_in_other_blocks_and_conflict_in_one(desk: Desk) -> None:
    subject, intro = desk.block("subject"), desk.block("intro")
    desk.write("subject", "甲", base=subject.base)
    made = desk.write("intro", "乙", base=intro.base)
    assert (made.revision.issue.subject, made.revision.issue.intro) == ("甲", "乙")
    with pytest.raises(ConflictError) as caught:
        desk.write("subject", "乙", base=subject.base)
    assert (caught.value.mine, caught.value.theirs) == ("乙", "甲")
    made = desk.write("subject", "乙", base=caught.value.base)
    assert made.revision.issue.subject == "乙"


def test_a_text_that_was_generated_anew_meanwhile_is_written_over_and_kept_in_sight(
    desk: Desk,
) -> None:
    lead = desk.story()
    block = desk.block(f"title/{lead.post.id}")
    rewrite_file(desk, 0, lead.post.title, "作者的新題")
    desk.draft()
    desk.write(block.name, "我的題", base=block.base)
    found = desk.block(block.name)
    assert (found.value, found.generated, found.stale) == ("我的題", "作者的新題", True)


def test_writers_at_once_lose_no_edit_and_the_last_revision_has_them_all(desk: Desk) -> None:
    names = [f"title/{one.post.id}" for one in desk.look().revision.issue.stories]

    def work(name: str) -> None:
        kit = App(load_settings(str(desk.folder / CONFIG_FILE), {})).kit()
        change = BlockChange(block=name, value=f"新 {name[-4:]}")
        editing.record_changes(kit, ISSUE, [change], desk.now)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, names))
    titles = [one.post.title for one in desk.kit.issues.load(ISSUE).issue.stories]
    assert sorted(titles) == sorted(f"新 {name[-4:]}" for name in names)


def test_an_edit_of_words_asks_no_source_and_chooses_nothing_anew(desk: Desk) -> None:
    words = replace(desk.kit, sources=(), feeds=None, posts=None, find_summarizer=None, get=None)
    change = BlockChange(block="subject", value="快")
    made = editing.record_changes(words, ISSUE, [change], desk.tick())
    assert made.revision.mail.subject == "快"
    assert editing.undo_step(words, ISSUE, desk.tick()).history.done == ()


def test_a_choice_asks_no_source_either(desk: Desk) -> None:
    stored = replace(desk.kit, sources=(), feeds=None, get=None)
    second = desk.story(1).post.id
    made = editing.choose_posts(stored, ISSUE, {second: "ban"}, desk.tick())
    assert second not in {one.post.id for one in made.revision.issue.stories}
    assert made.revision.issue.fates[second] == "skipped"


def test_pins_lists_and_bans_survive_the_next_draft(desk: Desk) -> None:
    found = candidates.list_period_posts(desk.kit, ISSUE)
    extra = next(one.post.id for one in found if one.fate == "listed" and one.rank)
    told_, other = desk.story(1).post.id, desk.story(2).post.id
    choices = {extra: "pin", told_: "list", other: "ban"}
    editing.choose_posts(desk.kit, ISSUE, choices, desk.tick())
    for made in (desk.look(), desk.draft()):
        fates = made.revision.issue.fates
        assert (fates[extra], fates[told_], fates[other]) == ("featured", "listed", "skipped")
    now = {one.post.id: one for one in candidates.list_period_posts(desk.kit, ISSUE)}
    assert {name: now[name].choice for name in choices} == choices
    assert now[other].reasons == (load_catalogue("zh-Hant").gettext("left out by the editor"),)
    assert now[told_].rank > 7


def test_a_swap_is_one_step_and_keeps_the_place(desk: Desk) -> None:
    found = candidates.list_period_posts(desk.kit, ISSUE)
    next_best = next(one for one in found if one.fate == "listed" and one.rank)
    assert next_best.rank == 8
    third = desk.story(2).post.id
    before = [one.post.id for one in desk.look().revision.issue.stories]
    made = editing.swap_posts(desk.kit, ISSUE, third, next_best.post.id, desk.tick())
    after = [one.post.id for one in made.revision.issue.stories]
    assert after == [next_best.post.id if one == third else one for one in before]
    assert made.revision.issue.fates[third] == "listed"
    made = editing.undo_step(desk.kit, ISSUE, desk.tick())
    assert [one.post.id for one in made.revision.issue.stories] == before


def test_swapping_the_only_story_works(desk: Desk) -> None:
    only, other = (one.post.id for one in candidates.list_period_posts(desk.kit, ISSUE)[:2])
    rest = {one.post.id: "list" for one in candidates.list_period_posts(desk.kit, ISSUE)[1:]}
    editing.choose_posts(desk.kit, ISSUE, rest, desk.tick())
    assert [one.post.id for one in desk.look().revision.issue.stories] == [only]
    made = editing.swap_posts(desk.kit, ISSUE, only, other, desk.tick())
    assert [one.post.id for one in made.revision.issue.stories] == [other]


def test_the_order_is_the_editors_and_so_is_the_lead(desk: Desk) -> None:
    ids = [one.post.id for one in desk.look().revision.issue.stories]
    made = desk.write("order", "\n".join([ids[3], "# 今天讀", ids[1], ids[0]]))
    sections = [(s.title, [one.post.id for one in s.stories]) for s in made.revision.issue.sections]
    assert sections[:2] == [("", [ids[3]]), ("今天讀", [ids[1], ids[0]])]
    assert sorted(one.post.id for one in made.revision.issue.stories) == sorted(ids)
    assert made.revision.issue.subject.startswith(next(made.revision.issue.stories).post.title[:6])
    made = editing.choose_posts(desk.kit, ISSUE, {ids[3]: "ban"}, desk.tick())
    assert next(made.revision.issue.stories).post.id == ids[1]


def test_a_story_added_by_its_url_needs_the_network_once(
    desk: Desk, http_server: HttpServer
) -> None:
    page = (
        '<html><head><meta property="og:title" content="河口的新橋"></head>'
        "<body><article><h1>河口的新橋</h1><p>"
        + "新橋在河口落成，走過去要三分鐘。" * 20
        + "</p></article></body></html>"
    )
    url = http_server.put("/bridge/", text(page))
    settings = load_settings(str(desk.folder / CONFIG_FILE), {})
    (post,) = App(settings).read_pages([url], desk.now)
    made = editing.add_post(desk.kit, ISSUE, post, desk.tick())
    assert url in [one.post.url for one in made.revision.issue.stories]
    asked = len(http_server.requests("/bridge/"))
    made = desk.draft()
    assert url in [one.post.url for one in made.revision.issue.stories]
    assert len(http_server.requests("/bridge/")) == asked
    assert desk.block(f"added/{post.id}").value == url
    desk.write(f"summary/{post.id}", "橋落成了。")
    made = desk.write(f"added/{post.id}", None)
    assert url not in [one.post.url for one in made.revision.issue.stories]
    assert next(one for one in list_editable_blocks(made) if one.name == f"summary/{post.id}").lost


def test_adding_a_post_of_the_period_pins_it(desk: Desk) -> None:
    extra = next(
        one for one in candidates.list_period_posts(desk.kit, ISSUE) if one.fate == "listed"
    )
    copy = replace(extra.post, id="another", url=extra.post.url.rstrip("/"))
    made = editing.add_post(desk.kit, ISSUE, copy, desk.tick())
    assert made.history.values == {f"choice/{extra.post.id}": "pin"}
    assert extra.post.id in [one.post.id for one in made.revision.issue.stories]


def test_a_corrected_speaker_is_told_everywhere(desk: Desk) -> None:
    lead, quote = quoted(desk)
    made = desk.write(f"speaker/{lead.post.id}/{quote.start}:{quote.end}", "余九如")
    assert made.revision.issue.pull_quote.quote.speaker == "余九如"
    assert made.revision.issue.pull_quote.quote.why == edits.BY_EDITOR
    assert "余九如" in made.revision.mail.text
    assert any("余九如" in part.text for part in thread_of(made, "mastodon").parts)
    block = desk.block(f"speaker/{lead.post.id}/{quote.start}:{quote.end}")
    assert (block.value, block.generated) == ("余九如", quote.speaker)


def test_a_quotation_of_ones_own_choice_is_shown_and_told_in_threads(desk: Desk) -> None:
    third = desk.story(2)
    other = third.reading.quotes[0]
    made = desk.write("pull-quote", f"{third.post.id} {other.start}:{other.end}")
    assert made.revision.issue.pull_quote.quote.text == other.text
    assert other.text in made.revision.mail.text
    assert not [one for one in made.findings if one.level == "error"]


def test_a_quotation_that_is_no_longer_verbatim_is_flagged_and_never_approved(desk: Desk) -> None:
    lead, quote = quoted(desk)
    wrong = f"{lead.post.id} {quote.start}:{quote.end} 我沒有說過這句話。"
    made = desk.write("pull-quote", wrong)
    assert (
        "verbatim"
        in next(one for one in list_editable_blocks(made) if one.name == "pull-quote").problem
    )
    with pytest.raises(DraftError, match="does not stand verbatim"):
        pipeline.approve_revision(desk.kit.issues, made.revision, desk.now)
    made = editing.undo_step(desk.kit, ISSUE, desk.tick())
    assert pipeline.approve_revision(desk.kit.issues, made.revision, desk.now).approved


def test_approval_freezes_until_a_new_revision_is_opened(desk: Desk) -> None:
    approved = pipeline.approve_revision(desk.kit.issues, desk.kit.issues.load(ISSUE), desk.now)
    for act in (
        lambda: desk.write("subject", "太晚"),
        lambda: editing.choose_posts(desk.kit, ISSUE, {desk.story().post.id: "ban"}, desk.now),
    ):
        with pytest.raises(FrozenError, match="approval freezes it"):
            act()
    assert desk.kit.edits.history(ISSUE).length == 0
    made = desk.write("subject", "新的修訂", reopen=True)
    assert made.revision.number == approved.number + 1
    assert not made.revision.approved
    leaves = desk.kit.issues.approved(ISSUE)
    assert leaves is not None
    assert (leaves.hash, leaves.number) == (approved.hash, approved.number)
    made = desk.write("subject", "不用再開")
    assert made.revision.number == approved.number + 1
    after = pipeline.approve_revision(desk.kit.issues, made.revision, desk.now)
    assert desk.kit.issues.approved(ISSUE) == after
    with pytest.raises(FrozenError):
        editing.undo_step(desk.kit, ISSUE, desk.tick())
    editing.undo_step(desk.kit, ISSUE, desk.tick(), reopen=True)


def test_edits_take_no_number_each(desk: Desk) -> None:
    numbers = {desk.write("subject", f"主旨 {n}").revision.number for n in range(5)}
    assert numbers == {2}
    desk.kit.issues.close(desk.kit.issues.load(ISSUE))
    assert desk.write("subject", "看過以後").revision.number == 3
    assert desk.kit.issues.load(ISSUE, 2).mail.subject == "主旨 4"


@pytest.mark.parametrize(
    ("block", "value", "why"),
    [
        ("subjet", "x", "there is no block"),
        ("subject", " \n", "cannot be empty"),
        ("subject", "字" * 201, "201 characters; 200 are the most"),
        ("title/nobody", "x", "does not tell that post"),
        ("title/LEAD", "", "cannot be empty"),
        ("summary/LEAD", "字" * 601, "601 characters"),
        ("speaker/LEAD/0:2", "名" * 41, "41 characters"),
        ("speaker/LEAD/99990:99999", "何青", "no quotation at that place"),
        ("quote/LEAD", "99990:99999", "is no place in its text"),
        ("quote/LEAD", "hello", "is no place in its text"),
        ("pull-quote", "nobody 0:4", "does not tell that post"),
        ("pull-quote", "LEAD 0:301", "more than 300 is not shown"),
        ("alt/PLAIN", "沒有圖", "the post has no picture"),
        ("order", "# 只有標題", "names no story"),
        ("order", f"# {'長' * 41}\nLEAD", "has more than 40 characters"),
        ("note/a b", "x", "no name for a note"),
        ("note/" + "長" * 41, "x", "no name for a note"),
        ("choice/LEAD", "maybe", "is no choice"),
        ("choice/nobody", "pin", "the period has no such post"),
        ("added/x", "{}", "holds no post"),
        ("note/x", "place: roof\n\nx", "is no place"),
        ("thread/nowhere", "x", "there is no such network"),
        ("thread/x", "---\n \n", "says nothing"),
        ("thread/x", f"https://example.org/#{'字' * 400}", "cannot be divided"),
    ],
)
def test_what_cannot_stand_in_a_block_is_refused_with_the_reason(
    desk: Desk, block: str, value: str, why: str
) -> None:
    stories = list(desk.look().revision.issue.stories)
    plain = next(one.post.id for one in stories if one.post.image is None)
    lead = stories[0].post.id
    with pytest.raises(DraftError, match=why):
        desk.write(block.replace("LEAD", lead).replace("PLAIN", plain), value.replace("LEAD", lead))
    assert desk.kit.edits.history(ISSUE).length == 0


def test_what_no_store_can_hold_is_left_out(desk: Desk) -> None:
    made = desk.write("thread/x", "一\0句\ud800。")
    assert thread_of(made, "x").parts[0].text == "一句。"
    made = desk.write("note/x", "\0話")
    assert made.revision.issue.notes[-1].text == "話"
    assert desk.write("subject", "主\0旨\x07").revision.mail.subject == "主旨"


def test_every_block_takes_an_edit_on_what_it_shows(desk: Desk) -> None:
    for block in list_editable_blocks(desk.look()):
        kind = block.name.partition("/")[0]
        value = block.value if kind in ("quote", "pull-quote", "order") else "換過的話。"
        made = desk.write(block.name, value, base=block.base)
        assert (block.name in made.history.edits) is (kind not in ("quote", "pull-quote", "order"))


def test_words_chosen_by_hand_can_be_given_a_speaker(desk: Desk) -> None:
    lead = desk.story()
    desk.write("pull-quote", f"{lead.post.id} 30:50")
    block = desk.block(f"speaker/{lead.post.id}/30:50")
    assert (block.value, block.generated, block.edited) == ("", "", False)
    made = desk.write(block.name, "余九如", base=block.base)
    assert made.revision.issue.pull_quote.quote.speaker == "余九如"
    assert any("余九如" in part.text for part in thread_of(made, "mastodon").parts)
    assert desk.block(block.name).value == "余九如"


def test_an_issue_without_any_story_can_be_undone(desk: Desk) -> None:
    everyone = {one.post.id: "ban" for one in candidates.list_period_posts(desk.kit, ISSUE)}
    made = editing.choose_posts(desk.kit, ISSUE, everyone, desk.tick())
    assert not list(made.revision.issue.stories)
    assert any("no story" in one.cause for one in made.findings)
    made = editing.undo_step(desk.kit, ISSUE, desk.tick())
    assert len(list(made.revision.issue.stories)) == 7


def test_a_note_stands_at_its_place_and_goes_again(desk: Desk) -> None:
    made = desk.write("note/sponsor", "place: lead\nsponsor: yes\n\n這期由*渡口*支持。")
    assert "這期由" in made.revision.mail.html
    made = desk.write("note/sponsor", "place: lead\n\n換過的話。")
    assert "這期由" not in made.revision.mail.html
    assert "換過的話" in made.revision.mail.text
    made = desk.write("note/sponsor", None)
    assert made.revision.issue.notes == ()


def test_sentences_can_be_chosen_from(desk: Desk) -> None:
    story = desk.story()
    found = candidates.source_sentences(story)
    text_ = story.post.document.text
    assert all(text_[one.start : one.end] == one.text for one in found)
    assert [one.start for one in found] == sorted(one.start for one in found)
    chosen = candidates.source_sentences(story, found[1].text + found[3].text)
    assert [n for n, one in enumerate(chosen) if one.chosen] == [1, 3]
    assert candidates.story_of(desk.look().revision.issue, story.post.id) == story
    with pytest.raises(DraftError, match="does not tell"):
        candidates.story_of(desk.look().revision.issue, "nobody")


def test_candidates_are_all_posts_of_the_period_the_told_ones_first(desk: Desk) -> None:
    found = candidates.list_period_posts(desk.kit, ISSUE)
    issue = desk.look().revision.issue
    assert {one.post.id for one in found} == set(issue.fates)
    assert {one.post.id: one.fate for one in found} == issue.fates
    ranked = [one for one in found if one.rank]
    assert [one.rank for one in ranked] == list(range(1, len(ranked) + 1))
    assert {one.fate for one in ranked[:7]} == {"featured"}
    assert all(one.score > 0 and one.reasons for one in ranked)
    sibling = next(one for one in found if one.sibling_of)
    (told_,) = (one for one in issue.stories if one.post.id == sibling.sibling_of)
    assert sibling.post.id in [one.id for one in told_.pick.siblings]


def test_a_change_of_the_settings_makes_the_issue_anew(desk: Desk) -> None:
    desk.write("subject", "編輯的主旨")
    path = desk.folder / CONFIG_FILE
    path.write_text(path.read_text("utf-8") + "\n[digests.weekly]\nstories = 3\n", "utf-8")
    settings = load_settings(str(path), {})
    made = pipeline.redraft_issue(
        App(settings).kit(), ISSUE, desk.tick(), anew=App(settings).edition()
    )
    assert len(list(made.revision.issue.stories)) == 3
    assert made.revision.issue.subject == "編輯的主旨"


def test_an_issue_from_before_there_were_edits_can_be_edited(desk: Desk) -> None:
    before = desk.kit.issues.load(ISSUE)

    class Old:
        def __getattr__(self, name: str) -> Any:
            return getattr(desk.kit.issues, name)

        def generated(self, issue: str) -> None:
            return None

    old = replace(desk.kit, issues=Old())
    made = pipeline.redraft_issue(old, ISSUE, desk.tick())
    assert made.revision.hash == before.hash


def test_wishes_are_recorded_before_the_draft_and_told_once(desk: Desk) -> None:
    settings = load_settings(str(desk.folder / CONFIG_FILE), {})
    edition, period = App(settings).edition(), desk.look().revision.issue.period
    extra = next(
        one.post for one in candidates.list_period_posts(desk.kit, ISSUE) if one.fate == "listed"
    )
    second = desk.story(1).post
    wishes = editing.DraftWishes(pins=(extra.url,), bans=(second.url,))
    for _ in range(2):
        history = editing.record_wishes(desk.kit, edition, lambda zone: period, wishes, desk.tick())
        assert len(history.done) == 1
    assert history.values == {f"choice/{extra.id}": "pin", f"choice/{second.id}": "ban"}
    wrong = editing.DraftWishes(pins=("https://blog.example.org/nowhere/",))
    with pytest.raises(DraftError, match="has no post there"):
        editing.record_wishes(desk.kit, edition, lambda zone: period, wrong, desk.tick())


def test_a_thread_that_can_no_longer_be_read_is_told_and_the_planned_one_stands(
    desk: Desk,
) -> None:
    planned = thread_of(desk.look(), "x")
    desk.write("thread/x", "\n---\n".join("一二三四五六七八九十"))
    many = "\n---\n".join(str(n) for n in range(25))
    history = desk.kit.edits.history(ISSUE)
    edit = replace(
        history.done[-1].edits[-1],
        value=many,
        base=history.seen("thread/x", ""),
        at=desk.now + timedelta(hours=1),
    )
    desk.kit.edits.record([edit])
    made = desk.look()
    assert thread_of(made, "x") == planned
    assert "25 parts" in made.refused["thread/x"]
    assert (
        "25 parts"
        in next(one for one in list_editable_blocks(made) if one.name == "thread/x").problem
    )
    assert any("25 parts" in line for line in describe_edits(made))


def test_the_text_of_a_thread_is_read_back_as_it_stands(desk: Desk) -> None:
    for name in ("x", "bluesky", "mastodon", "threads", "linkedin"):
        text_ = write_manuscript(thread_of(desk.look(), name)).replace("樹冠", "樹頂")
        desk.write(f"thread/{name}", text_)
        assert desk.block(f"thread/{name}").value.count("樹頂") == text_.count("樹頂")


def test_a_post_is_recalled_once_it_was_read() -> None:
    from digest.editorial.summarizers._cache import CachedSummarizer
    from tests.make import post

    asked: list[str] = []

    class Reader:
        version = "reader 1"

        def study(self, post: Post, **how: object) -> DetailedSummary:
            asked.append(f"{post.id} {how}")
            return DetailedSummary(reading=Summary(summary="read", summary_from="extract"))

    recall = CachedSummarizer(summarizer=Reader())
    assert recall.version == "reader 1"
    for _ in range(3):
        assert recall.read(post("a"), max_chars=100, prefer="author").summary == "read"
        recall.study(post("a"), max_chars=100, prefer="author")
    assert len(asked) == 1
    recall.read(post("a"), max_chars=90, prefer="author")
    recall.read(post("a", "「改過了。」林渡說。"), max_chars=90, prefer="author")
    assert len(asked) == 3


def test_what_an_issue_was_chosen_from_is_kept_when_it_is_approved(desk: Desk) -> None:
    before = desk.kit.issues.load(ISSUE).hash
    listed = next(
        one for one in candidates.list_period_posts(desk.kit, ISSUE) if one.fate == "listed"
    )
    editing.choose_posts(desk.kit, ISSUE, {listed.post.id: "pin"}, desk.tick())
    lead = desk.story()
    desk.write(f"summary/{lead.post.id}", "編輯的摘要。")
    approved = pipeline.approve_revision(desk.kit.issues, desk.kit.issues.load(ISSUE), desk.tick())
    assert approved.hash != before
    record = ChoiceStore(connect(f"sqlite:///{desk.folder / 'digest.db'}")).load(ISSUE)
    assert record is not None
    assert record.complete
    assert record.hash == approved.hash
    assert {one.post: one.fate for one in record.candidates} == approved.issue.fates
    by_post = {one.post: one for one in record.candidates}
    assert by_post[listed.post.id].wish == "pin"
    assert by_post[lead.post.id].edited == ("summary",)
    assert {"curator", "quotation"} == record.ranker.weights.keys()
    assert record.ranker.summarizer == desk.kit.find_summarizer("weekly").version
    assert record.ranker.program
