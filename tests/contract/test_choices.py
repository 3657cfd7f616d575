"""What an approved issue was chosen from is kept, beside its revision and never in it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine, func, select, text

from digest.editorial.compose import compose_issue
from digest.editorial.curate import WEIGHTS, curate_posts
from digest.editorial.pull_quote_scorer import PullQuoteScorer
from digest.editorial.summarize import study_candidates, summarize_picks
from digest.editorial.summarizers import extract
from digest.model import (
    ChoiceRecord,
    GeneratedIssue,
    Issue,
    Post,
    PostCandidate,
    RankerVersion,
    Revision,
)
from digest.store.backup import copy_store, fill_from_copy
from digest.store.choices import KEPT, MOST, ChoiceStore
from digest.store.engine import connect
from digest.store.issues import IssueStore
from digest.store.schema import choices
from tests import make
from tests.make import NOW, PERIOD

EDITION = replace(make.EDITION, stories=2)
SUMMARIZER = extract.build({})
TOPICS = {
    "ferry": "擺渡人林渡在河邊住了三十年。林渡說：「渡船每天都等最後一個客人，因為河上沒有橋。」"
    "渡船在霧裡走得很慢，河面很寬。渡口的燈要到半夜才會熄。",
    "mill": "磨坊主人周石在山腳住了二十年。周石說：「磨坊的石頭比這條河的名字還要老一些。」"
    "磨坊在秋天開門，麵粉的味道很香。水車要到冬天才會停。",
    "bees": "養蜂人許蜜在山坡上住了十年。許蜜說：「蜜蜂不會在雨天出門，所以我也留在家裡。」"
    "蜂箱放在向陽的地方，春天的花很多。蜂蜜要到夏天才會收。",
    "train": "站長何站在小鎮上住了四十年。何站說：「最後一班車到站的時候，沒有人會先說話。」"
    "月台很長，列車長看著手上的錶。鐵軌要到清晨才會亮。",
}


def candidate(record: ChoiceRecord, post: str) -> PostCandidate:
    return next(one for one in record.candidates if one.post == post)


def posts(*names: str) -> list[Post]:
    return [make.post(name, TOPICS[name], tags=(name,)) for name in names]


def generated(period: list[Post], **wishes: object) -> tuple[GeneratedIssue, Issue]:
    """Return what is made of the posts *period*, as the pipeline makes it, and its issue."""
    strength = {post.id: PullQuoteScorer().score(post) for post in period}
    selection = curate_posts(period, PERIOD, EDITION, strength=strength, **wishes)
    stories = summarize_picks(selection.picks, SUMMARIZER, EDITION)
    ids = [post.id for post in period]
    issue = compose_issue(stories, selection, ids, edition=EDITION, period=PERIOD)
    found = study_candidates(selection.candidates, stories, SUMMARIZER, EDITION)
    made = GeneratedIssue(
        issue=issue.id,
        edition=EDITION,
        period=PERIOD,
        sources=("blog",),
        posts=tuple(ids),
        selection=replace(selection, picks=(), candidates=found),
        stories=stories,
        ranker=RankerVersion(summarizer=SUMMARIZER.version, weights={"curator": dict(WEIGHTS)}),
    )
    return made, issue


@pytest.fixture
def store(engine: Engine) -> IssueStore:
    return IssueStore(engine)


@pytest.fixture
def records(engine: Engine) -> ChoiceStore:
    return ChoiceStore(engine)


def approve(store: IssueStore, issue: Issue, mark: str = "1", hours: int = 0) -> Revision:
    at = NOW + timedelta(hours=hours)
    made = make.revision(issue, hash=mark * 64, created=at)
    return store.approve(store.save(made), at)


def test_every_post_of_the_period_is_kept_with_what_spoke_for_it(
    store: IssueStore, records: ChoiceStore
) -> None:
    period = [*posts("ferry", "mill", "bees", "train"), make.post("thin", "短")]
    made, issue = generated(period, pins=["bees"], bans=["train"])
    store.keep(made)
    assert records.load(issue.id) is None
    approved = approve(store, issue)
    record = records.load(issue.id)
    assert record is not None
    assert (record.version, record.complete, record.left_out) == (1, True, 0)
    assert (record.issue, record.edition) == (issue.id, "weekly")
    assert (record.revision, record.hash, record.approved) == (1, approved.hash, NOW)
    assert record.ranker == made.ranker
    assert record.ranker.summarizer.startswith("extract ")

    by_fate = {
        fate: [c for c in record.candidates if c.fate == fate] for fate in issue.fates.values()
    }
    assert {one.post for one in record.candidates} == set(issue.fates) == {p.id for p in period}
    told = [story.post.id for story in issue.stories]
    assert [one.post for one in by_fate["featured"]] == told
    assert [one.place for one in by_fate["featured"]] == [1, 2]
    assert {one.post: one.wish for one in record.candidates if one.wish} == {
        "bees": "pin",
        "train": "ban",
    }
    for one, story in zip(by_fate["featured"], issue.stories, strict=True):
        assert one.score == pytest.approx(story.pick.score, abs=0.001)
        assert one.reasons == story.pick.reasons
        assert sum(one.points.values()) == pytest.approx(one.score, abs=0.001)
        assert one.figures["strength"] > 0
        assert one.sentences
        assert one.quotes
    (left,) = by_fate["listed"]
    assert (left.rank, left.place) == (0, 0)
    assert set(left.points) == set(left.alone) == set(WEIGHTS)
    assert 0 < left.score == pytest.approx(sum(left.points.values()), abs=0.001)
    assert left.score <= sum(left.alone.values())
    assert left.figures.keys() == {"strength", "length"}
    skipped = {one.post: one.reasons for one in by_fate["skipped"]}
    assert skipped.keys() == {"train", "thin"}
    assert all(skipped.values())


def test_sentences_and_quotations_are_kept_with_the_figures_of_their_scores(
    store: IssueStore, records: ChoiceStore
) -> None:
    made, issue = generated(posts("ferry", "mill"))
    shown = issue.pull_quote
    assert shown is not None
    store.keep(made)
    approve(store, issue)
    record = records.load(issue.id)
    assert record is not None
    chosen = [
        (one.url, span.start, span.end)
        for one in record.candidates
        for span in one.quotes
        if span.chosen
    ]
    assert chosen == [(shown.url, shown.quote.start, shown.quote.end)]
    for story in issue.stories:
        one = candidate(record, story.post.id)
        assert one.summary_from == story.reading.summary_from
        scores = {(q.start, q.end): q.score for q in story.reading.quotes}
        assert {(s.start, s.end): s.score for s in one.quotes} == scores
        assert all(len(s.figures) == 7 for s in one.quotes)
        assert all(len(s.figures) == 6 for s in one.sentences)
        body, summary = story.post.document.text, story.reading.summary
        assert {body[s.start : s.end] in summary for s in one.sentences if s.chosen} == {True}


def test_what_the_editor_changed_is_what_is_kept(store: IssueStore, records: ChoiceStore) -> None:
    made, issue = generated(posts("ferry", "mill"))
    lead, *rest = issue.stories
    words = replace(lead.reading, summary="編輯自己的話。")
    edited = replace(lead, reading=words, edited=("summary",))
    assert issue.pull_quote is not None
    quote = replace(issue.pull_quote.quote, start=0, end=2)
    first, second = issue.sections
    issue = replace(
        issue,
        sections=(replace(second, stories=tuple(rest)), replace(first, stories=(edited,))),
        pull_quote=replace(issue.pull_quote, quote=quote, url=lead.post.url),
    )
    store.keep(made)
    approve(store, issue)
    record = records.load(issue.id)
    assert record is not None
    one = candidate(record, lead.post.id)
    assert (one.rank, one.place, one.edited) == (1, 2, ("summary",))
    assert not any(span.chosen for span in one.sentences)
    (found,) = [span for span in one.quotes if span.chosen]
    assert (found.start, found.end, found.figures) == (0, 2, {})


def test_the_revision_and_its_hash_know_nothing_of_it(
    store: IssueStore, records: ChoiceStore, engine: Engine
) -> None:
    made, issue = generated(posts("ferry", "mill"))
    bare = msgspec.json.encode(
        compose_issue(
            made.stories,
            replace(made.selection, candidates=()),
            made.posts,
            edition=EDITION,
            period=PERIOD,
        )
    )
    store.keep(made)
    approve(store, issue)
    with engine.connect() as connection:
        (content,) = connection.execute(text("SELECT content FROM revisions")).scalars()
    assert bytes(content) == bare
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM choices"))
    again = records.load(issue.id)
    assert again is not None
    assert not again.complete


def test_an_approval_taken_back_is_marked_and_the_new_one_counts(
    store: IssueStore, records: ChoiceStore, engine: Engine
) -> None:
    made, issue = generated(posts("ferry", "mill", "bees"))
    store.keep(made)
    first = approve(store, issue)
    assert records.withdrawn(issue.id) == ()
    changed, other = generated(posts("ferry", "mill", "bees"), bans=[made.stories[0].post.id])
    store.keep(changed)
    second = approve(store, other, "2", hours=1)
    record = records.load(issue.id)
    assert record is not None
    assert (record.revision, record.hash) == (second.number, second.hash)
    assert candidate(record, made.stories[0].post.id).wish == "ban"
    (old,) = records.withdrawn(issue.id)
    assert (old.revision, old.hash) == (first.number, first.hash)

    again = store.approve(store.load(issue.id, first.number), NOW + timedelta(hours=2))
    record = records.load(issue.id)
    assert record is not None
    assert record.hash == again.hash
    assert record.complete
    assert [one.hash for one in records.withdrawn(issue.id)] == [second.hash]
    for n in range(3, 3 + 2 * KEPT):
        approve(store, other, f"{n:x}", hours=n)
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(choices)).scalar() == KEPT
    assert records.load(issue.id).hash == f"{2 + 2 * KEPT:x}" * 64


def test_channels_withheld_anew_change_nothing_of_it(
    store: IssueStore, records: ChoiceStore
) -> None:
    made, issue = generated(posts("ferry", "mill"))
    store.keep(made)
    approved = approve(store, issue)
    before = records.load(issue.id)
    store.keep(generated(posts("bees"))[0])
    store.approve(approved, NOW + timedelta(hours=1), withheld=["x"])
    assert records.load(issue.id) == before
    assert records.withdrawn(issue.id) == ()


def test_an_approval_that_is_refused_leaves_what_was_there(
    store: IssueStore, records: ChoiceStore
) -> None:
    made, issue = generated(posts("ferry", "mill"))
    store.keep(made)
    approve(store, issue)
    before = records.load(issue.id)
    seen = store.save(make.revision(issue, hash="2" * 64), open_=True)
    store.save(make.revision(issue, hash="3" * 64), open_=True)
    with pytest.raises(Exception, match="was edited since"):
        store.approve(seen, NOW + timedelta(hours=1))
    assert records.load(issue.id) == before
    assert records.withdrawn(issue.id) == ()


@pytest.mark.parametrize("kept", ["nothing", "another week", "no candidates", "other scores"])
def test_without_the_figures_what_the_issue_says_is_kept_and_told_to_be_no_more(
    store: IssueStore, records: ChoiceStore, kept: str
) -> None:
    made, issue = generated(posts("ferry", "mill", "bees"), bans=["bees"])
    if kept == "another week":
        store.keep(replace(generated(posts("train"))[0], issue=issue.id))
    if kept == "no candidates":
        store.keep(replace(made, selection=replace(made.selection, candidates=())))
    if kept == "other scores":
        stories = [replace(s, pick=replace(s.pick, score=9.0)) for s in made.stories]
        store.keep(replace(made, stories=tuple(stories)))
    approve(store, issue)
    record = records.load(issue.id)
    assert record is not None
    assert not record.complete
    assert record.ranker == RankerVersion()
    assert {one.post: one.fate for one in record.candidates} == issue.fates
    for story in issue.stories:
        one = candidate(record, story.post.id)
        assert (one.score, one.reasons) == (story.pick.score, story.pick.reasons)
        assert one.points == {share.of: share.points for share in story.pick.shares}


def test_of_very_many_candidates_the_told_and_the_next_best_are_kept(
    store: IssueStore, records: ChoiceStore, engine: Engine
) -> None:
    made, issue = generated(posts("ferry", "mill", "bees", "train"))
    title, crowd = "長" * 2000, [f"post{n}" for n in range(MOST)]
    others = [
        PostCandidate(post=one, url=title, title=title, fate="skipped", reasons=("太短",))
        for one in crowd
    ]
    candidates = (*others, *made.selection.candidates)
    made = replace(
        made,
        posts=(*crowd, *made.posts),
        selection=replace(made.selection, candidates=candidates),
    )
    store.keep(made)
    approve(store, replace(issue, fates={**dict.fromkeys(crowd, "skipped"), **issue.fates}))
    record = records.load(issue.id)
    assert record is not None
    fates = [one.fate for one in record.candidates]
    assert fates[:5] == ["featured", "featured", "listed", "listed", "skipped"]
    assert (len(fates), record.left_out) == (MOST, 4)
    with engine.connect() as connection:
        (content,) = connection.execute(select(choices.c.content)).scalars()
    assert len(content) < 1_500_000


def test_it_goes_with_a_backup_and_comes_back(
    store: IssueStore, records: ChoiceStore, engine: Engine, tmp_path: Path, postgres_url: str
) -> None:
    made, issue = generated(posts("ferry", "mill", "bees"))
    store.keep(made)
    approve(store, issue)
    copy_store(engine, tmp_path / "kept.db")
    urls = [f"sqlite:///{tmp_path / 'back.db'}"]
    urls += [postgres_url] if engine.dialect.name == "sqlite" else []
    for url in urls:
        fill_from_copy(tmp_path / "kept.db", url)
        again = connect(url)
        assert ChoiceStore(again).load(issue.id) == records.load(issue.id) is not None
        again.dispose()
