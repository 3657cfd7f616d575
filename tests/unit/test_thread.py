import re
from dataclasses import replace
from itertools import product

import pytest

from digest.delivery.networks import bluesky, mastodon, x
from digest.model import Attachment, Issue, Thread
from digest.model.errors import DraftError
from digest.model.ports.social import Network
from digest.render.thread import ThreadOptions, plan_story, plan_thread
from digest.render.thread_texts import choose_hashtags
from digest.text.localization import load_catalogue
from tests.unit.thread_issues import chinese, english, issue, story

NETWORKS: tuple[Network, ...] = (x.build({}), bluesky.build({}), mastodon.build({}))
ISSUES = (chinese(), english())
PAGE = "https://harbour.example.org/digest/weekly-2026-w02/"
BOTH = tuple(product(NETWORKS, ISSUES))


def said(thread: Thread) -> str:
    return "\n".join(part.text for part in thread.parts)


@pytest.mark.parametrize(("network", "made"), BOTH)
def test_a_thread_has_few_parts_that_fit(network: Network, made: Issue) -> None:
    thread = plan_thread(made, network)
    assert 3 <= len(thread.parts) <= 8
    for part in thread.parts:
        assert part.text
        assert part.text == part.text.strip()
        assert part.length == network.measure(part.text) <= part.limit
        assert len(part.text.encode()) <= (network.limits.bytes or 10**6)


@pytest.mark.parametrize(("network", "made"), BOTH)
def test_the_link_stands_once_where_the_network_wants_it(network: Network, made: Issue) -> None:
    parts = plan_thread(made, network, taste=ThreadOptions(link=PAGE)).parts
    place = 0 if network.limits.link == "root" else len(parts) - 1
    assert [n for n, part in enumerate(parts) if part.link] == [place]
    assert parts[place].link == PAGE
    shown = [part.text.count("https://") for part in parts]
    assert sum(shown) == shown[place] == (0 if network.limits.card else 1)


@pytest.mark.parametrize(("network", "made"), BOTH)
def test_without_a_page_of_the_issue_every_story_told_is_one_step_away(
    network: Network, made: Issue
) -> None:
    parts = plan_thread(made, network).parts
    links = [part.link for part in parts if part.link]
    lead, *others = [story.post.url for story in made.stories]
    assert len(links) == len(set(links))
    if network.limits.link == "last":
        assert links == [lead] == [parts[-1].link]
    else:
        assert parts[0].link == links[0] == lead
        assert len(links) > 3
        assert set(links[1:]) <= set(others)


@pytest.mark.parametrize("made", ISSUES)
def test_quotations_are_whole_and_have_the_right_speaker(made: Issue) -> None:
    texts = plan_thread(made, mastodon.build({})).parts
    for one in made.stories:
        for quote in one.reading.quotes:
            for part in texts:
                if quote.text in part.text:
                    assert quote.speaker in part.text
    shown = made.pull_quote
    assert shown is not None
    assert any(shown.quote.text in part.text for part in texts)


def test_the_hook_tells_the_lead_and_nothing_else() -> None:
    for network in NETWORKS:
        hook = plan_thread(english(), network).parts[0].text
        assert hook.startswith(
            "What the night shift taught a line that stops itself\n\n"
            "A small plant gave its machine the last word on stopping."
        )
        assert "5 stories from Harbour Notes" in hook


def test_a_quotation_stands_in_the_marks_of_its_own_language() -> None:
    said = ("Ana Reed", "Nobody looked at the chips."), ("林未央", "我先讓他們自己讀一遍，再說。")
    for language in ("en", "zh-Hant-TW"):
        made = issue(story("a", "One", "Uno.", said[0]), story("b", "Two", "Dos.", said[1]))
        made = replace(made, edition=replace(made.edition, language=language))
        text = "".join(part.text for part in plan_thread(made, mastodon.build({})).parts)
        assert "“Nobody looked at the chips.”" in text
        assert "「我先讓他們自己讀一遍，再說。」" in text
    nested = issue(story("a", "One", "Uno.", ("高朵雅", "模型說「我不確定」的那一刻，我信了。")))
    assert "『模型說「我不確定」的那一刻，我信了。』" in said_of(nested)


def said_of(made: Issue) -> str:
    return "\n".join(part.text for part in plan_thread(made, mastodon.build({})).parts)


@pytest.mark.parametrize(
    "quotation",
    [
        "What is your favourite machine of all?",
        "a short phrase",
        "But we went on all the same.",
        "所以我們決定把機器關掉。",
        "人類最大的風險存在於機器裡",
    ],
)
def test_what_does_not_stand_alone_is_not_quoted(quotation: str) -> None:
    made = issue(story("a", "One", "Uno."), story("b", "Two", "Dos.", ("Ana Reed", quotation)))
    assert quotation not in said_of(made)


def test_an_utterance_that_goes_on_is_not_quoted_by_half() -> None:
    one = story(
        "b",
        "Two",
        "Dos.",
        ("Ana Ruiz", "We count them twice,"),
        ("Ana Ruiz", "and always by hand."),
    )
    first, second = one.reading.quotes
    second = replace(second, utterance=first.utterance, start=30, end=49)
    halves = replace(one.reading, quotes=(second, first))
    text = said_of(issue(story("a", "One", "Uno."), replace(one, reading=halves)))
    assert "We count" not in text
    assert "by hand" not in text
    alone = story("b", "Two", "Dos.", ("Ana Ruiz", "We count them twice."))
    assert "“We count them twice.”" in said_of(issue(story("a", "One", "Uno."), alone))


def test_a_quotation_that_repeats_the_summary_is_left_out() -> None:
    summary = "Seven pupils drew a buried stream back onto the map from old surveys."
    echo = "Seven pupils drew the buried stream onto a map, from surveys."
    made = issue(story("a", "One", "Uno."), story("b", "Two", summary, ("Ana Reed", echo)))
    assert echo not in said_of(made)


def test_a_sentence_on_the_article_itself_is_left_out() -> None:
    made = issue(story("a", "One", "The stream was found. This post shows the maps."))
    assert "This post" not in said_of(made)


def test_a_summary_of_a_few_words_is_joined_by_its_title() -> None:
    made = issue(story("a", "Two rivals share one machine", "Why would they?"))
    assert said_of(made).startswith("Why would they?\n\nTwo rivals share one machine")


def test_a_summary_that_breaks_off_stands_under_its_title() -> None:
    made = issue(story("a", "A stream is found again", "The stream that a school club found…"))
    assert said_of(made).startswith("A stream is found again\n\nThe stream that")


def test_points_that_lean_on_others_are_left_out() -> None:
    points = ("This is why it matters.", "他的身分很特別。", "The bed is made of stone.")
    made = issue(story("a", "A stream found", "The stream was found again.", points=points))
    assert [part.text for part in plan_thread(made, bluesky.build({})).parts] == [
        "The stream was found again.",
        "The bed is made of stone.",
    ]


@pytest.mark.parametrize(
    ("summary", "people", "named"),
    [
        ("從等五年的電話，到帶領一家公司走遍半個世界，這段路成了他一生的使命。", (), False),
        ("He waited five years for a telephone. Then he built the company.", (), False),
        ("研究員提貝特談排隊：長短是人決定的。他還設計過一座鐘。", (), True),
        ("Ana Reed waited five years. Then she built the company.", (), True),
        ("艾沐等了五年才有電話，後來她開了公司。", ("艾沐",), True),
        ("其他人等了五年。", (), True),
    ],
)
def test_who_he_is_stands_in_the_title_where_the_summary_does_not_say(
    summary: str, people: tuple[str, ...], named: bool
) -> None:
    made = issue(story("a", "一", "一。"), story("b", "艾沐的電話", summary, people=people))
    (part,) = [p for p in plan_thread(made, mastodon.build({})).parts if summary in p.text]
    assert part.text.startswith("艾沐的電話\n\n") != named


def test_a_sentence_on_what_stands_elsewhere_is_left_out() -> None:
    told = "葉子變成了土。《潮間帶》同一集的下篇談科學。"
    text = said(
        plan_thread(issue(story("a", "一", told), story("b", "二", "二。")), mastodon.build({}))
    )
    assert "葉子變成了土。" in text
    assert "下篇" not in text


def second_part(*points: str, text: str = "") -> str:
    """Return the part of the lead's quotation, where the lead has *points* and *text*."""
    quoted = ("林渡", "船會等人，人也要等船才行。")
    lead = story("a", "渡口停航", "擺渡人說故事。", quoted, points=points, text=text)
    return plan_thread(issue(lead, story("b", "二", "二。")), mastodon.build({})).parts[1].text


QUOTED = "「船會等人，人也要等船才行。」\n— 林渡"


def test_the_leads_quotation_comes_with_a_point_on_the_same_that_stands_alone() -> None:
    points = ("他也要等船三年。", "「人也要等船」。", "渡口的人也要等船，這件事沒有人教。")
    assert second_part(*points) == f"{QUOTED}\n\n{points[-1]}"


def test_a_point_on_something_else_does_not_stand_under_the_leads_quotation() -> None:
    assert second_part("渡口去年停航了十一天。") == QUOTED


@pytest.mark.parametrize(("between", "told"), [(20, True), (400, False)])
def test_a_point_that_leads_to_the_quotation_stands_under_it(between: int, told: bool) -> None:
    point = "渡口去年停航了十一天。"
    text = f"{point}{'水' * between}船會等人，人也要等船才行。"
    assert (point in second_part(point, text=text)) == told


def test_english_words_in_a_chinese_thread_have_english_furniture() -> None:
    quoted = ("Ana Reed", "Nobody looked at the chips.")
    made = issue(
        story("a", "一", "一。"), story("b", "Two", "Dos amigas.", quoted), language="zh-TW"
    )
    assert "Ana Reed: “Nobody looked at the chips.”" in said(plan_thread(made, x.build({})))
    lead = issue(story("a", "Two", "Dos amigas.", quoted), language="zh-TW")
    assert "“Nobody looked at the chips.”\n— Ana Reed" in said(plan_thread(lead, x.build({})))


def test_where_a_link_is_a_card_the_picture_has_a_part_of_its_own() -> None:
    quoted = ("林渡", "船會等人，人也要等船才行。")
    made = issue(story("a", "一", "一。"), story("b", "二", "二二二。", quoted), pull=1)
    taste = ThreadOptions(card=Attachment(path="card.png", alt="船"))
    _, pictured, told = plan_thread(made, bluesky.build({}), taste=taste).parts
    assert (pictured.media, pictured.link) == ((taste.card,), None)
    assert told.link == "https://harbour.example.org/posts/b/"
    assert "船會等人" not in told.text
    _, both = plan_thread(made, mastodon.build({}), taste=taste).parts
    assert both.media
    assert both.link == "https://harbour.example.org/posts/b/"


def test_a_quotation_too_long_for_a_part_is_left_out_whole() -> None:
    made = issue(
        story("a", "First", "The first story.", ("Ana Reed", "Long. " * 23 + "End.")),
        story(
            "b", "Second", "The second story. " + "It goes on. " * 18, ("Ana Reed", "Six. " * 20)
        ),
    )
    thread = plan_thread(made, x.build({}))
    assert "Six." not in said(thread) or "Six. " * 19 in said(thread)
    assert "The second story." in said(thread)


def test_a_title_stands_above_an_extract_that_does_not_say_it() -> None:
    text = said(plan_thread(english(), mastodon.build({})))
    assert "Warm water for cold ponds\n\nIt began with a phone call." in text
    assert "Feedback that arrives" not in text


def test_more_stories_than_parts_are_named_at_the_end() -> None:
    stories = [story(f"s{n}", f"Story {n}", f"Summary {n}.", score=-n) for n in range(12)]
    parts = plan_thread(issue(*stories), x.build({})).parts
    assert len(parts) == 8
    assert "Also in this issue: “Story 7”, “Story 8”, “Story 9”." in parts[-1].text
    assert "The story this began with:\nhttps://harbour.example.org/posts/s0/" in parts[-1].text


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
@pytest.mark.parametrize("link", ["", PAGE])
def test_seven_stories_are_all_told_in_eight_parts(network: Network, link: str) -> None:
    card = Attachment(path="card.png", alt="船")
    thread = plan_thread(chinese(), network, taste=ThreadOptions(link=link, card=card))
    assert len(thread.parts) <= 8
    assert all(one.reading.summary[:12] in said(thread) for one in chinese().stories)
    assert "這期還有" not in said(thread)


def test_the_link_to_the_lead_stands_under_the_leads_own_words() -> None:
    last = plan_thread(english(), x.build({})).parts[-1].text
    assert last.startswith("“The day the yield fell, nobody looked at the chips.")
    assert "The story this began with:\nhttps://harbour.example.org/posts/night-shift/" in last
    plain = issue(story("a", "One", "Uno."), story("b", "Two", "Dos."))
    assert plan_thread(plain, x.build({})).parts[-1].text.startswith("The story this began with:")


def test_a_title_that_says_what_the_summary_says_does_not_stand_over_it() -> None:
    summary = "Seven pupils drew a buried stream back onto the map from old surveys."
    other = story("b", "Two", "Dos.")
    for title, headed in (("Pupils drew a buried stream", False), ("Two metres down", True)):
        hook = plan_thread(issue(story("a", title, summary), other), x.build({})).parts[0].text
        assert hook.startswith(f"{title}\n\n{summary}") == headed


def test_a_quotation_over_nothing_but_a_title_is_left_out_but_for_the_one_on_display() -> None:
    quoted = ("林渡", "船會等人，人也要等船才行，等到水退。" * 3)
    told = story("c", "渡口停航", "擺渡人說了一個很長的故事，" * 9 + "完。", quoted)
    others = story("a", "一", "一。"), story("b", "二", "二。")
    for pull in (None, 2):
        text = said(plan_thread(issue(*others, told, language="zh-TW", pull=pull), x.build({})))
        assert ("船會等人" in text) == (pull is not None)


def test_numbering_has_its_room_and_spares_the_root() -> None:
    for network in NETWORKS:
        counted = type(network)(
            replace(network.facts, limits=replace(network.limits, numbering=True))
        )
        parts = plan_thread(chinese(), counted).parts
        count = len(parts)
        assert not parts[0].text.endswith(f"/{count}")
        assert [part.text.rsplit(" ", 1)[-1] for part in parts[1:]] == [
            f"{n}/{count}" for n in range(2, count + 1)
        ]
        assert all(part.length <= part.limit for part in parts)


def test_the_card_goes_with_its_quotation() -> None:
    card = Attachment(path="card.png", alt="I used to think that fast was kind.")
    for network in NETWORKS:
        parts = plan_thread(english(), network, taste=ThreadOptions(card=card)).parts
        assert [card.alt in part.text for part in parts] == [bool(p.media) for p in parts]
        assert sum(bool(part.media) for part in parts) == 1


def test_a_thread_on_one_story_leads_to_it() -> None:
    made = chinese()
    lead = next(iter(made.stories))
    thread = plan_story(lead, made, mastodon.build({}))
    assert thread.parts[0].link == lead.post.url
    assert all(quote.text in said(thread) for quote in lead.reading.quotes)
    assert len(thread.parts) == 3
    assert "港邊筆記" not in said(thread)


def test_one_story_is_told_at_most_in_six_parts() -> None:
    said = [("Ana Reed", f"We counted the fish {n} times.") for n in range(12, 21)]
    made = issue(story("a", "A stream found", "The stream was found again.", *said))
    for network in NETWORKS:
        assert len(plan_thread(made, network).parts) == 6


def test_points_fill_a_thread_that_has_little_else() -> None:
    one = story(
        "a",
        "A stream found again",
        "The stream was found again.",
        points=("First point.", "Second point."),
    )
    assert [p.text for p in plan_thread(issue(one), bluesky.build({})).parts] == [
        "The stream was found again.",
        "First point.",
        "Second point.",
    ]


def test_own_words_replace_the_catalogue() -> None:
    words = load_catalogue("en", {"The story this began with:": "Read:"})
    assert "Read:\nhttps://" in plan_thread(english(), x.build({}), words=words).parts[-1].text


def test_a_page_of_the_whole_issue_is_the_link_if_there_is_one() -> None:
    taste = ThreadOptions(link="https://harbour.tw/週報/2")
    last = plan_thread(english(), x.build({}), taste=taste).parts[-1]
    assert last.link == "https://harbour.tw/%E9%80%B1%E5%A0%B1/2"
    assert f"\n\nAll 5 stories in full:\n{last.link}\n" in last.text


def test_each_part_leads_to_its_story_where_the_owner_wants_it() -> None:
    made = english()
    for network in (bluesky.build({"link": "each"}), mastodon.build({"link": "each"})):
        parts = plan_thread(made, network).parts
        links = [part.link for part in parts if part.link]
        assert links == [one.post.url for one in made.stories]
        assert all(part.length <= part.limit for part in parts)


def test_warnings_name_their_part() -> None:
    made = issue(story("a", "T", "One."), story("b", "T", "Read README.md today."))
    assert [w[:7] for w in plan_thread(made, x.build({})).warnings] == ["part 2:"]


def test_an_issue_without_stories_has_no_thread() -> None:
    with pytest.raises(DraftError, match="no story"):
        plan_thread(issue(), x.build({}))


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("一" * 40, "一" * 600),
        ("😀" * 300, "😀" * 300),
        ("עברית " * 30, "טקסט ארוך מאוד " * 60),
        ("Title", "See https://harbour.example.org/" + "a" * 900 + " for more."),
        ("", ""),
        ("\0\ud800 Title\x07", "\ufeffA\x00 summary\x1b.\ud83d"),
        ("Title", "「" + "很長的引文，" * 80 + "」他說。"),
    ],
)
def test_odd_texts_make_a_whole_thread(title: str, summary: str) -> None:
    for network in NETWORKS:
        thread = plan_thread(issue(story("a", title, summary), story("b", title, summary)), network)
        assert thread.parts
        assert all(0 < part.length <= part.limit for part in thread.parts)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_whom_a_text_names_is_not_told(network: Network) -> None:
    quotation = ("許望潮", "@everyone，潮水退了以後，#石頭 上留著一行字，請＠ann 來看。")
    lead = story(
        "a", "@someone@host.example #抽獎 快來", "問@bob，或寫信給 me@x.example。", quotation
    )
    thread = plan_thread(issue(lead, story("b", "@all", "@all。"), pull=0), network)
    text = "\n".join(part.text for part in thread.parts)
    assert "everyone" in text
    assert "bob" in text
    assert re.findall(r"(?<![a-z])[@＠#＃]\w", text) == []
    assert "me@x.example" in text
    assert not [line for line in thread.warnings if "tells" in line]


def test_no_part_holds_what_cannot_be_seen() -> None:
    made = issue(story("a", "A\u202eb\0c\u2028d", "One\u200b two\u2066."), title="N\x07")
    for network in NETWORKS:
        text = "".join(part.text for part in plan_thread(made, network).parts)
        assert all(c.isprintable() or c == "\n" for c in text)


def test_hashtags_are_words_shared_by_stories_or_of_the_lead() -> None:
    stories = (
        story(
            "a",
            "A",
            "A.",
            tags=("machine learning", "Podcast", "2026", "許望潮", "x"),
            people=("許望潮",),
        ),
        story("b", "B", "B.", tags=("能源", "only here")),
        story("c", "C", "C.", tags=("能源", "a whole phrase of words", "Machine Learning")),
    )
    assert choose_hashtags(stories, 3) == ("#MachineLearning", "#能源")
    assert choose_hashtags(stories, 1) == ("#MachineLearning",)
    assert choose_hashtags((story("a", "A", "A.", tags=("潮汐", "礁石")), *stories[1:]), 2) == (
        "#潮汐",
        "#能源",
    )
