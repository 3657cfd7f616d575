"""What a reader may rely on in every summary: whole sentences, verbatim, that stand alone."""

from collections import Counter
from pathlib import Path

import pytest

from digest.app.summarize_files import list_files
from digest.editorial.summarizers.extract import build
from digest.model import Post
from digest.sources._hugo_content import read_post_file
from digest.text import sentences
from digest.text.ranking.features import score_bm25
from digest.text.ranking.training import score_rouge
from digest.text.tokens import is_wide, list_terms, scale_max_chars, split_units
from tests.golden.sample import live_posts
from tests.golden.sample_gold import as_post
from tests.labelled import load
from tests.shared import shared

pytestmark = pytest.mark.whole_texts

ENGLISH = [one.post for name in ("english", "blogs") for one in load(name)]
OWN = [*ENGLISH, *(one.post for one in load("chinese")), *map(as_post, live_posts())]
CORPORA = [folder for folder in [shared("blog", "content", "posts")] if folder]
SUMMARIZER = build({})


def told(post: Post, max_chars: int) -> list[int]:
    """Return which sentences of *post* its summary is, by their numbers; [] for a cut one."""
    text = post.document.text
    rest = SUMMARIZER.read(post, max_chars=max_chars, prefer="extract").summary
    assert len(rest) <= max_chars
    if rest.endswith("…") and rest[:-1] in text:
        return []
    found = []
    for at, sentence in enumerate(sentences.split_document(post.document)):
        said = text[sentence.start : sentence.end]
        if rest.startswith(said):
            rest = rest[len(said) :].lstrip()
            found.append(at)
    assert not rest, "not whole sentences of the post, in its order"
    return found


def stands(post: Post, chosen: list[int]) -> None:
    """Fail where one of the sentences *chosen* of *post* needs one that was left out."""
    every = sentences.split_document(post.document)
    said = [post.document.text[s.start : s.end] for s in every]
    assert not any(sentences.is_about_page(said[at]) for at in chosen)
    assert chosen == sorted(set(chosen))
    for place, at in enumerate(chosen):
        before = chosen[place - 1] if place else -1
        match sentences.find_leaning(said[at]):
            case "sentence":
                assert before == at - 1, said[at]
            case "thing":
                assert 0 <= before >= at - 2, said[at]
            case "person":
                section = every[at].section
                assert any(every[c].section == section for c in chosen[:place]), said[at]


@pytest.mark.parametrize("max_chars", [60, 120, 280, 600])
def test_own_posts_are_told_in_sentences_that_stand(max_chars: int) -> None:
    chosen = [(post, told(post, max_chars)) for post in OWN]
    assert sum(not one for _, one in chosen) <= len(OWN) / (2 if max_chars == 60 else 50)
    for post, one in chosen:
        stands(post, one)


@pytest.mark.parametrize("folder", CORPORA, ids=["blog"])
def test_a_real_blog_is_told_in_sentences_that_stand(folder: Path) -> None:
    posts = [
        post
        for file in list_files((folder,))[::3]
        if isinstance(post := read_post_file(file), Post)
    ]
    assert len(posts) > 100
    for post in posts:
        chosen = told(post, 120)
        assert chosen
        stands(post, chosen)


def lead(post: Post, most: int) -> list[str]:
    """Return the first three sentences, cut at *most* characters."""
    said = [post.document.text[s.start : s.end] for s in sentences.split_document(post.document)]
    return split_units(" ".join(said[:3])[:most])


def nearest_to_title(post: Post, most: int) -> list[str]:
    """Return the three sentences nearest to the title by BM25 that fit into *most* characters."""
    said = [post.document.text[s.start : s.end] for s in sentences.split_document(post.document)]
    scores = score_bm25(list_terms(post.title), [list_terms(one) for one in said])
    chosen: list[int] = []
    for at in sorted(range(len(said)), key=lambda at: -scores[at]):
        size = sum(len(said[c]) + 1 for c in chosen) + len(said[at])
        if size <= most and len(chosen) < 3:
            chosen.append(at)
    return split_units(" ".join(said[at] for at in sorted(chosen)))


def extract(post: Post, most: int) -> list[str]:
    return split_units(SUMMARIZER.read(post, max_chars=most, prefer="extract").summary)


def mean(posts: list[Post], method) -> list[float]:
    """Return the mean ROUGE-1, -2 and -L (x100) of what *method* tells of *posts*."""
    scores = [
        score_rouge(method(p, scale_max_chars(p.document.text, 140)), split_units(p.abstract))
        for p in posts
    ]
    return [100 * sum(column) / len(column) for column in zip(*scores, strict=True)]


def test_english_is_told_better_than_by_its_start_or_its_title() -> None:
    """Posts that the model was not trained on, descriptions written before it ran."""
    ours = mean(ENGLISH, extract)
    for method in (lead, nearest_to_title):
        assert all(a > 1.05 * b for a, b in zip(ours, mean(ENGLISH, method), strict=True))
    assert all(a > b for a, b in zip(ours, (36.0, 16.0, 27.0), strict=True))


def test_chinese_is_told_no_worse_than_before() -> None:
    own = [post for post in OWN if is_wide(post.document.text)]
    assert len(own) > 20
    ours = mean(own, extract)
    assert all(a > b for a, b in zip(ours, (24.0, 8.0, 15.0), strict=True))


@pytest.mark.parametrize(
    ("start", "leans"),
    [
        ("這代表", "thing"), ("因此，", "sentence"), ("他說", "person"), ("「他們", "person"),
        ("However, ", "sentence"), ("Second, ", "sentence"), ("This means ", "thing"),
        ("She ", "person"), ("這篇文章", ""), ("其實", ""), ("第二次世界大戰", ""),
        ("Harbours ", ""), ("This article ", ""),
    ],
)  # fmt: skip
def test_what_a_sentence_leans_on(start: str, leans: str) -> None:
    assert sentences.find_leaning(start + "晚了") == leans


@pytest.mark.parametrize(
    "said",
    [
        "關於周若潮：周若潮是港務員。",
        "About Mara Quill: Mara Quill is a captain.",
        "講者簡介：周若潮",
    ],
)
def test_who_wrote_it_is_of_the_page(said: str) -> None:
    assert sentences.is_about_page(said)
    assert not sentences.is_about_page("關於潮水：周若潮認為不必等。")


def test_a_number_of_stops_is_no_reason_to_say_something_twice() -> None:
    for post in OWN:
        chosen = told(post, 280)
        said = [
            post.document.text[s.start : s.end]
            for at, s in enumerate(sentences.split_document(post.document))
            if at in chosen
        ]
        assert max(Counter(said).values(), default=1) == 1
