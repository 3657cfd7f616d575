"""Composing: sections, subject, preheader, pull-quote and fates."""

from dataclasses import replace

from digest.editorial.compose import compose_issue, pull_quote
from digest.model import Selection
from digest.text.localization import load_catalogue
from tests.make import EDITION, PERIOD, post, story

ZH = load_catalogue("zh-Hant-TW")


def test_the_lead_stands_alone_and_the_rest_by_category() -> None:
    lead = story(post("a", categories=("河",)))
    others = [story(post(n, categories=c)) for n, c in (("b", ("山",)), ("c", ()), ("d", ("山",)))]
    told = [lead, *others]
    selection = Selection(picks=tuple(s.pick for s in told))
    made = compose_issue(told, selection, [s.post.id for s in told], edition=EDITION, period=PERIOD)
    titles = [(section.title, [s.post.id for s in section.stories]) for section in made.sections]
    assert titles == [
        ("", ["a"]),
        ("山", ["b", "d"]),
        (ZH.gettext("More stories"), ["c"]),
    ]
    assert made.id == "weekly-2026-W11"


def test_every_post_of_the_period_has_one_fate() -> None:
    posts = [post(n) for n in "abcd"]
    told = story(posts[0])
    selection = Selection(picks=(told.pick,), also=(posts[1],))
    made = compose_issue(
        [told], selection, [one.id for one in posts], edition=EDITION, period=PERIOD
    )
    assert made.fates == {"a": "featured", "b": "listed", "c": "skipped", "d": "skipped"}
    assert [link.url for link in made.also] == [posts[1].url]


def test_the_pull_quote_is_speech_by_somebody_named() -> None:
    weak = story(post("a", "「河水不說話的。但我聽得見。」林渡說。"), score=0.2)
    strong = story(post("b", "「等船的人，才看得見河。」蘇晚說。"), speaker="蘇晚", score=0.9)
    nameless = story(post("c", "「有人說，河會記得每一個人。」"), speaker=None, score=1.0)
    short = story(post("d", "「好。」"), score=1.0)
    chosen = pull_quote([weak, strong, nameless, short])
    assert chosen is not None
    assert (chosen.quote.speaker, chosen.url) == ("蘇晚", strong.post.url)
    assert pull_quote([nameless, short]) is None


def test_the_pull_quote_is_in_the_issues_own_language_if_one_is() -> None:
    english = story(post("a", "「Nobody owns a river at night.」 said Ada Quill."), score=0.9)
    chinese = story(post("b", "「等船的人，才看得見河。」蘇晚說。"), score=0.4)
    told = [english, chinese]
    for language, chosen in (("zh-Hant-TW", chinese), ("en", english), ("", english)):
        quote = pull_quote(told, language)
        assert quote is not None
        assert quote.url == chosen.post.url
    only = pull_quote([english], "zh-Hant-TW")
    assert only is not None


def test_the_first_half_of_a_thought_is_no_pull_quote_if_there_is_a_whole_one() -> None:
    half = story(post("a", "「有人在對岸等了三十年，」林渡說。"), score=0.9)
    whole = story(post("b", "「等船的人，才看得見河。」蘇晚說。"), score=0.4)
    chosen = pull_quote([half, whole], "zh-Hant-TW")
    assert chosen is not None
    assert chosen.url == whole.post.url
    assert pull_quote([half], "zh-Hant-TW") is not None


def test_what_the_summary_says_already_comes_after_what_it_does_not() -> None:
    told = story(post("a", "「潮水記得每一艘船的名字。」林渡說。"), score=0.9)
    summary = f"林渡守了一輩子的港，他說：「{told.reading.quotes[0].text}」"
    twice = replace(told, reading=replace(told.reading, summary=summary))
    fresh = story(post("b", "「等船的人，才看得見河。」蘇晚說。"), score=0.4)
    chosen = pull_quote([twice, fresh], "zh-Hant-TW")
    assert chosen is not None
    assert chosen.url == fresh.post.url
    assert pull_quote([twice], "zh-Hant-TW") is not None


def test_the_intro_counts_in_whole_sentences() -> None:
    def intro(stories: int, posts: int, language: str) -> str:
        told = [story(post(str(n))) for n in range(stories)]
        every = [post(str(n)) for n in range(posts)]
        edition = replace(EDITION, language=language)
        rest = tuple(every[stories:])
        selection = Selection(picks=(), also=rest)  # as the pipeline hands it on
        return compose_issue(told, selection, every, edition=edition, period=PERIOD).intro

    assert intro(1, 1, "en") == "1 story, about 3 minutes of reading."
    assert intro(2, 2, "en") == "2 stories, about 6 minutes of reading."
    assert intro(1, 9, "en") == "1 story out of 9 new posts, about 3 minutes of reading."
    assert intro(2, 9, "zh-Hant-TW") == "從 9 篇新文章中選出 2 篇，讀完約 6 分鐘。"
    quick = replace(story(), minutes=1)
    selection = Selection(picks=(quick.pick,))
    edition = replace(EDITION, language="en")
    made = compose_issue([quick], selection, [quick.post], edition=edition, period=PERIOD)
    assert made.intro == "1 story, about 1 minute of reading."
