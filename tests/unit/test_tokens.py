"""Tokens: made here, for one purpose, for one subscriber, and nobody else's."""

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.config import link_tokens
from digest.config.link_tokens import Keyring, TokenVerdict
from digest.model.errors import ConfigError

NOW = datetime(2026, 3, 16, 1, 0, tzinfo=UTC)
RING = Keyring([b"k" * 32])
PURPOSES = st.sampled_from(["reader", "confirm", "bounce", "review"])
SUBJECTS = st.one_of(st.integers(0, 2**63), st.from_regex(r"[a-z0-9_-]{1,40}", fullmatch=True))
SECONDS = st.integers(1_577_836_800, 7_258_118_400)
TIMES = st.none() | SECONDS.map(lambda second: datetime.fromtimestamp(second, UTC))


@given(SUBJECTS, PURPOSES, TIMES)
def test_a_token_says_what_it_was_made_for(subject, purpose, expires):
    token = RING.sign(subject, purpose, expires)
    old = expires is not None and expires <= NOW
    said = TokenVerdict(subject=str(subject), expires=expires, expired=old)
    assert RING.verify(token, purpose, NOW) == said
    assert re.fullmatch(r"[a-z0-9._-]+", token)


@given(st.integers(0, 10**12))
def test_a_readers_token_fits_its_slot_and_the_longest_local_part(number):
    token = RING.sign(number, "reader", datetime(2100, 1, 1, tzinfo=UTC))
    assert len(token) <= 70
    bounce = link_tokens.make_bounce_address("bounces@example.org", RING.sign(number, "bounce"))
    assert len(bounce.partition("@")[0]) <= 64
    assert re.fullmatch(r"bounces\+[a-z0-9-]{1,50}@example\.org", bounce)
    for written in (bounce, bounce.upper(), f"<{bounce}>"):
        found = RING.verify(link_tokens.parse_bounce_address(written), "bounce")
        assert found == TokenVerdict(subject=str(number))


@given(st.data(), SUBJECTS)
def test_a_changed_token_is_none(data, subject):
    token = RING.sign(subject, "reader")
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(min_codepoint=33, max_codepoint=0x2FFF))
    forged = token[:at] + other + token[at + 1 :]
    assert forged == token or RING.verify(forged, "reader") is None


@given(st.text(max_size=90))
def test_what_nobody_made_is_none(text):
    assert RING.verify(text, "reader") is None
    assert RING.verify(link_tokens.parse_bounce_address(text), "bounce") is None


def test_a_token_is_good_for_its_purpose_alone():
    token = RING.sign(7, "confirm", NOW + timedelta(days=7))
    assert RING.verify(token, "reader", NOW) is None
    good = RING.verify(token, "confirm", NOW)
    assert good == TokenVerdict(subject="7", expires=NOW + timedelta(days=7))
    assert RING.verify(token, "confirm", NOW + timedelta(days=8)).expired


def test_the_time_of_a_token_cannot_be_moved():
    token = RING.sign(7, "confirm", NOW)
    later = token.replace(str(int(NOW.timestamp())), str(int(NOW.timestamp()) + 9))
    without = token.replace(f".{int(NOW.timestamp())}", "")
    assert RING.verify(later, "confirm", NOW) is None
    assert RING.verify(without, "confirm", NOW) is None


def test_a_new_key_signs_and_the_old_ones_still_verify():
    old = RING.sign(7, "reader")
    both = Keyring([b"n" * 32, b"k" * 32])
    assert both.verify(old, "reader") == TokenVerdict(subject="7")
    assert RING.verify(both.sign(7, "reader"), "reader") is None
    assert both.marks("a@example.org")[1] == RING.marks("a@example.org")[0]


def test_two_installations_make_different_tokens_and_marks():
    other = Keyring([b"o" * 32])
    assert other.verify(RING.sign(7, "reader"), "reader") is None
    assert other.marks("a@example.org") != RING.marks("a@example.org")


@pytest.mark.parametrize("subject", ["", "a.b", "A", "a/b", "ä", "x" * 41, "a\n"])
def test_a_subject_that_could_blur_a_token_is_refused(subject):
    with pytest.raises(ValueError, match="cannot stand in a token"):
        RING.sign(subject, "review")


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path: Path):
    path = tmp_path / "deep" / "digest.db.keys"
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: link_tokens.load_keyring(path), range(8)))
    assert len({ring.sign(7, "reader") for ring in rings}) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [*path.parent.iterdir()] == [path]


def test_a_key_is_rotated_and_the_links_go_on_working(tmp_path: Path):
    path = tmp_path / "keys"
    token = link_tokens.load_keyring(path).sign(7, "reader")
    fresh = link_tokens.rotate_key(path)
    assert fresh.verify(token, "reader") == TokenVerdict(subject="7")
    assert fresh.sign(7, "reader") != token
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(("text", "said"), [("", "no secret"), ("short", "fewer than 16")])
def test_a_weak_or_missing_secret_is_named(text, said, tmp_path: Path):
    (tmp_path / "keys").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=said):
        link_tokens.load_keyring(tmp_path / "keys")


def test_a_place_that_takes_no_file_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        link_tokens.load_keyring(tmp_path / "file" / "keys")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        link_tokens.load_keyring(tmp_path / "folder")


@given(SUBJECTS, st.integers(1, 5))
def test_a_renewal_ends_what_readers_have_and_nothing_else(subject, times):
    renewed = Keyring([b"k" * 32], lambda: times)
    for before in range(times):
        old = Keyring([b"k" * 32], lambda of=before: of).sign(subject, "reader")
        assert renewed.verify(old, "reader") == TokenVerdict(subject=str(subject), outdated=True)
    fresh = renewed.sign(subject, "reader")
    assert renewed.verify(fresh, "reader") == TokenVerdict(subject=str(subject))
    assert RING.verify(fresh, "reader") is None
    assert renewed.at_once().sign(subject, "reader") == fresh
    for purpose in ("confirm", "bounce", "review"):
        assert renewed.sign(subject, purpose) == RING.sign(subject, purpose)


def test_tokens_of_before_there_were_renewals_are_what_they_were():
    assert RING.sign(42, "reader") == "dhno.42.u.qk4pfldja4ycs7zu2d2gyq2rqa"
