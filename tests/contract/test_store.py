"""The store keeps its promises on SQLite and on PostgreSQL alike."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from digest.model import HELD_TIME, CacheValidators, FeedInfo, Image, Media, Period
from digest.model.errors import ConfigError, DraftError, StoreError
from digest.store.engine import connect, read_version
from digest.store.issues import IssueStore
from digest.store.posts import PostStore
from digest.store.schema import HEAD, metadata
from tests.make import NOW, PERIOD, document, issue, post, revision, story


def test_a_source_that_never_answered_is_blank(engine: Engine) -> None:
    store = PostStore(engine)
    assert store.validators("blog") == CacheValidators()
    assert store.about("blog") == FeedInfo()
    assert store.known("blog") == {}


def test_posts_and_validators_come_back_as_they_were(engine: Engine) -> None:
    store = PostStore(engine)
    seen = CacheValidators(
        etag='W/"a"', last_modified="Mon, 02 Mar 2026 00:00:00 GMT", body_hash="b"
    )
    one = post(
        tags=("河", "船"),
        image=Image(url="https://blog.example.org/a.png", width=600),
        document=replace(
            document("一", "二"), media=(Media(kind="youtube", url="https://youtu.be/x"),)
        ),
    )
    store.commit("blog", [one], seen, FeedInfo(title="渡口", timezone="Asia/Taipei"))
    assert store.validators("blog") == seen
    assert store.about("blog").title == "渡口"
    assert store.within(["blog"], PERIOD) == (one,)


def test_a_commit_without_validators_keeps_the_old_ones(engine: Engine) -> None:
    store = PostStore(engine)
    store.commit("blog", [], CacheValidators(etag="1"), FeedInfo(title="渡口"))
    store.commit("blog", [post()])
    assert store.validators("blog").etag == "1"
    assert store.about("blog").title == "渡口"
    assert list(store.known("blog")) == ["a"]


def test_known_posts_come_without_their_text(engine: Engine) -> None:
    store = PostStore(engine)
    store.commit("blog", [post()])
    assert store.known("blog")["a"].document.text == ""


def test_a_period_is_half_open_and_counts_what_is_new_to_readers(engine: Engine) -> None:
    store = PostStore(engine)
    first, last = post("first", published=PERIOD.start), post("next", published=PERIOD.end)
    late = post("late", published=PERIOD.start - timedelta(days=300), new_at=PERIOD.start)
    store.commit("blog", [first, last, late])
    store.commit("other", [post("elsewhere", source="other")])
    assert {p.id for p in store.within(["blog"], PERIOD)} == {"first", "late"}


def test_a_late_post_is_of_the_period_it_is_dated_in_too_and_a_held_one_of_none(
    engine: Engine,
) -> None:
    store = PostStore(engine)
    late = post("late", new_at=PERIOD.end + timedelta(days=3))
    held = post("held", new_at=HELD_TIME)
    store.commit("blog", [late, held])
    after = Period(start=PERIOD.end, end=PERIOD.end + timedelta(days=7))
    for period in (PERIOD, after):
        assert [p.id for p in store.within(["blog"], period)] == ["late"]


def test_a_post_saved_again_takes_the_old_ones_place(engine: Engine) -> None:
    store = PostStore(engine)
    store.commit("blog", [post(title="舊")])
    store.commit("blog", [post(title="新")])
    assert [p.title for p in store.within(["blog"], PERIOD)] == ["新"]


def test_a_commit_is_all_or_nothing(engine: Engine) -> None:
    store = PostStore(engine)
    naive = post("b", published=PERIOD.start.replace(tzinfo=None))
    with pytest.raises(Exception, match="without zone"):
        store.commit("blog", [post(), naive], CacheValidators(etag="new"))
    assert store.known("blog") == {}
    assert store.validators("blog").etag == ""


def test_a_revision_comes_back_as_it_was(engine: Engine) -> None:
    store = IssueStore(engine)
    saved = store.save(revision())
    assert saved.number == 1
    assert store.load() == saved
    assert store.load(saved.issue.id, 1) == saved


def test_the_same_hash_again_is_no_new_revision(engine: Engine) -> None:
    store = IssueStore(engine)
    first = store.save(revision())
    again = store.save(revision(created=NOW + timedelta(hours=1)))
    other = store.save(revision(hash="1" * 64, created=NOW + timedelta(hours=2)))
    assert (first.number, again.number, other.number) == (1, 1, 2)
    assert store.load().number == 2


def test_an_issue_that_is_not_there_is_told_with_those_that_are(engine: Engine) -> None:
    store = IssueStore(engine)
    with pytest.raises(StoreError, match="digest draft"):
        store.load()
    store.save(revision())
    with pytest.raises(StoreError, match="weekly-2026-W11"):
        store.load("weekly-1999-W01")
    with pytest.raises(StoreError, match="revision 9"):
        store.load("weekly-2026-W11", 9)


def test_approval_records_the_fates_and_a_later_one_takes_its_place(engine: Engine) -> None:
    store = IssueStore(engine)
    made = issue(fates={"a": "featured", "b": "listed", "c": "skipped"})
    first = store.approve(store.save(revision(made)), NOW)
    assert first.approved == NOW
    assert store.fates("weekly") == {"a": "featured", "b": "listed", "c": "skipped"}
    assert store.fates("weekly", besides=made.id) == {}
    assert store.approve(first, NOW + timedelta(days=1)).approved == NOW

    second = store.save(revision(replace(made, fates={"a": "featured"}), hash="2" * 64))
    store.approve(second, NOW + timedelta(days=1))
    assert store.fates("weekly") == {"a": "featured"}
    approved = store.approved(made.id)
    assert approved is not None
    assert approved.number == 2
    assert store.load(made.id, 1).approved is None


def test_no_post_is_featured_by_two_issues(engine: Engine) -> None:
    store = IssueStore(engine)
    store.approve(store.save(revision()), NOW)
    twice = issue(story(post("b")), story(post("a")), id="weekly-2026-W12")
    with pytest.raises(DraftError, match="weekly-2026-W11"):
        store.approve(store.save(revision(twice)), NOW)
    assert store.approved("weekly-2026-W12") is None
    assert store.fates("weekly") == {"a": "featured"}


def test_an_earlier_fate_stays_when_a_later_issue_lists_the_post(engine: Engine) -> None:
    store = IssueStore(engine)
    store.approve(store.save(revision()), NOW)
    later = issue(story(post("b")), id="weekly-2026-W12", fates={"a": "listed", "b": "featured"})
    store.approve(store.save(revision(later)), NOW)
    assert store.fates("weekly") == {"a": "featured", "b": "featured"}


def test_eight_at_once_save_eight_revisions(engine: Engine) -> None:
    store = IssueStore(engine)
    with ThreadPoolExecutor(8) as pool:
        hashes = [f"{n:064}" for n in range(8)]
        saved = list(pool.map(lambda h: store.save(revision(hash=h)).number, hashes))
    assert sorted(saved) == list(range(1, 9))


def test_the_migrations_make_the_tables_that_the_queries_name(engine: Engine) -> None:
    made = inspect(engine)
    for table in metadata.sorted_tables:
        columns = {c["name"]: c["nullable"] for c in made.get_columns(table.name)}
        assert columns == {c.name: c.nullable for c in table.columns}, table.name
    assert read_version(engine) == HEAD


def test_a_second_start_migrates_nothing(store_url: str) -> None:
    connect(store_url).dispose()
    engine = connect(store_url)
    PostStore(engine).commit("blog", [post()])
    engine.dispose()
    again = connect(store_url)
    assert list(PostStore(again).known("blog")) == ["a"]
    again.dispose()


def test_a_store_of_a_newer_digest_is_left_alone(store_url: str) -> None:
    engine = connect(store_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match="newer digest"):
        connect(store_url)


def test_head_is_the_newest_migration() -> None:
    folder = Path(connect.__code__.co_filename).parent / "migrations" / "versions"
    assert max(path.name[:4] for path in folder.glob("[0-9]*.py")) == HEAD


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "digest.db"
    path.write_text("這不是資料庫" * 500)
    with pytest.raises(StoreError, match=r"digest\.db: file is not a database.*another store"):
        connect(f"sqlite:///{path}")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r'file.*cannot be made.*store = "\.\.\."'):
        connect(f"sqlite:///{tmp_path / 'file' / 'digest.db'}")


@pytest.mark.parametrize("url", ["nosuchthing://here", "::", "sqlite+nodriver:///x"])
def test_a_store_that_is_no_store_is_explained(url: str) -> None:
    with pytest.raises(ConfigError, match=r"digest\.db"):
        connect(url)


def test_a_password_never_shows_in_an_error() -> None:
    with pytest.raises(StoreError) as caught:
        connect("postgresql+psycopg://somebody:secret@127.0.0.1:1/nowhere")
    assert "secret" not in str(caught.value)


def test_sqlite_waits_for_the_other_writer_and_is_durable(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'd.db'}")
    with engine.connect() as connection:
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar()
    engine.dispose()
    assert (journal, synchronous) == ("wal", 2)


def test_a_time_without_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(Exception, match="without zone"):
        PostStore(engine).within(["blog"], Period(start=NOW.replace(tzinfo=None), end=NOW))


def test_sqlite_keeps_what_another_program_reads(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'd.db'}")
    PostStore(engine).commit("blog", [post()])
    engine.dispose()
    plain = sqlite3.connect(tmp_path / "d.db")
    assert plain.execute("SELECT id, source FROM posts").fetchall() == [("a", "blog")]
    plain.close()


def test_the_newest_posts_and_those_that_are_held(engine: Engine) -> None:
    store = PostStore(engine)
    early = post("early", published=PERIOD.start)
    held = post("held", new_at=HELD_TIME, note="held")
    store.commit("blog", [early, post("a"), held])
    store.commit("other", [post("elsewhere", source="other", published=PERIOD.end)])
    count, two = store.newest("blog", most=2)
    assert (count, {p.id for p in two}) == (3, {"a", "held"})
    assert store.newest()[1][0].id == "elsewhere"
    assert store.newest("blog", held=True)[0] == 1
    assert store.held("blog") == (held,)
    assert store.held("other") == ()


def test_the_shelf_names_the_issues_that_were_drafted_last(engine: Engine) -> None:
    store = IssueStore(engine)
    first = store.save(revision(issue(id="weekly-2026-W01")))
    store.save(replace(revision(issue(id="weekly-2026-W02")), created=NOW + timedelta(days=7)))
    store.approve(first, NOW + timedelta(hours=1))
    newer, older = store.shelf()
    assert (newer.issue, newer.newest, newer.approved) == ("weekly-2026-W02", 1, None)
    assert (older.approved, older.approved_at) == (1, NOW + timedelta(hours=1))
    assert older.subject == first.mail.subject
    assert len(store.shelf(most=1)) == 1


def test_what_was_not_approved_with_the_rest_is_withheld(engine: Engine) -> None:
    store = IssueStore(engine)
    saved = store.save(revision())
    assert store.approve(saved, NOW, ["x", "email"]).withheld == ("email", "x")
    assert store.load().withheld == ("email", "x")
    later = store.approve(store.load(), NOW + timedelta(hours=1), ["x"])
    assert (later.withheld, store.load().withheld) == (("x",), ("x",))
    assert store.reopen(saved.issue.id, NOW).withheld == ()
