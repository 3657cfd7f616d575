"""What every network must do; a new file in digest/networks is tested without a change here."""

import subprocess
import sys
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.config import plugins
from digest.model import Part
from digest.model.errors import ConfigError
from digest.model.ports.social import Network
from digest.render.thread import plan_thread
from digest.render.thread_texts import disarm_mentions
from tests.unit.thread_issues import chinese, english, issue, story

NAMES = plugins.list_adapters("networks")
TEXTS = st.text(max_size=80) | st.sampled_from(
    ["https://a.tw/b ", "港邊筆記。", "👨‍👩‍👧‍👦", "@ana "]
)


def network(name: str, **options: object) -> Network:
    return cast(Network, plugins.load_adapter("networks", name).build(options))


@pytest.mark.parametrize("name", NAMES)
def test_it_goes_by_the_name_of_its_file(name: str) -> None:
    made = network(name)
    assert made.name == name
    assert made.limits.characters > 0
    assert made.limits.link in {"root", "last", "each"}


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30, deadline=None)
@given(first=TEXTS, second=TEXTS)
def test_lengths_add_up_where_white_space_parts_them(name: str, first: str, second: str) -> None:
    measure = network(name).measure
    assert measure("") == 0
    assert measure(f"{first}\n\n{second}") <= measure(first) + measure(second) + 2


@pytest.mark.parametrize("name", NAMES)
def test_cost_is_none_or_grows_with_the_parts(name: str) -> None:
    made, part = network(name), Part(text="One.", length=4, limit=made_limit(name))
    one, two = made.cost([part]), made.cost([part, part])
    assert (one is None and two is None) or (one or 0) < (two or 0)


def made_limit(name: str) -> int:
    return network(name).limits.characters


@pytest.mark.parametrize("name", NAMES)
def test_an_option_that_does_not_fit_is_named(name: str) -> None:
    for key, value in [("characters", "many"), ("link", "nowhere"), ("numbering", "perhaps")]:
        with pytest.raises(ConfigError, match=rf"\[networks\.{name}\] {key}"):
            network(name, **{key: value})


def test_planning_imports_no_sdk() -> None:
    code = (
        "import sys; from digest.config import plugins;"
        "from digest.render.thread import plan_thread;"
        "from tests.unit.thread_issues import chinese;"
        "names = plugins.list_adapters('networks');"
        "made = [plugins.load_adapter('networks', n).build({}) for n in names];"
        "[plan_thread(chinese(), network) for network in made];"
        "print(*sorted({'tweepy', 'atproto', 'mastodon', 'requests', 'httpx', 'httpx2'}"
        " & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


@pytest.mark.parametrize("name", NAMES)
def test_its_threads_keep_within_its_limits(name: str) -> None:
    made = network(name)
    for one in (chinese(), english()):
        parts = plan_thread(one, made).parts
        assert 1 <= len(parts) <= made.limits.parts
        assert all(0 < part.length <= part.limit for part in parts)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=300, deadline=None)
@given(
    titles=st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=9),
    summary=st.text(max_size=700) | st.just("一句沒有標點的長句子" * 60),
    said=st.text(min_size=1, max_size=200),
)
def test_any_issue_makes_a_thread_that_fits(
    name: str, titles: list[str], summary: str, said: str
) -> None:
    stories = [story(f"s{n}", title, summary, ("Ana Reed", said)) for n, title in enumerate(titles)]
    made = network(name)
    thread = plan_thread(issue(*stories, pull=0), made)
    assert all(0 < part.length <= part.limit for part in thread.parts)
    assert all(len(part.text.encode()) <= (made.limits.bytes or 10**6) for part in thread.parts)
    for part in thread.parts:
        shown = disarm_mentions(said.rstrip("，,、；;：:— ")).strip()
        assert "Ana Reed" not in part.text or (shown and shown in part.text)
