"""What every summarizer keeps to, found by listing the folder; how a digest gets its own."""

from pathlib import Path

import pytest

import digest.editorial.summarizers
from digest.app.composition import App
from digest.config import plugins
from digest.config.settings import parse_settings
from digest.editorial.pull_quote_scorer import PullQuoteScorer
from digest.editorial.summarize import is_verbatim
from digest.model.errors import ConfigError
from tests.make import post

DOCUMENT = Path(digest.editorial.summarizers.__file__).with_name("README.md")
NAMES = plugins.list_adapters("summarizers")
TEXT = "渡船在霧裡走得很慢。林渡說：「河上沒有橋，所以每天都要等最後一個客人。」燈到半夜才熄。"


@pytest.mark.parametrize("name", NAMES)
def test_it_is_documented_and_reads_a_post(name: str) -> None:
    assert f"| `{name}` |" in DOCUMENT.read_text("utf-8")
    module = plugins.load_adapter("summarizers", name)
    summarizer = module.build({})
    assert summarizer.version
    article = post("a", TEXT)
    study = summarizer.study(article, max_chars=60, prefer="author")
    assert summarizer.read(article, max_chars=60, prefer="author") == study.reading
    assert len(study.reading.summary) <= 60
    assert study.reading.summary_from in module.MAKES
    assert all(is_verbatim(quote, article.document.text) for quote in study.reading.quotes)


@pytest.mark.parametrize("name", NAMES)
def test_an_option_that_it_does_not_know_is_named(name: str) -> None:
    with pytest.raises(ConfigError, match=rf"\[summarizers\.{name}\] modle: there is no such key"):
        plugins.load_adapter("summarizers", name).build({"modle": "x"})


def test_a_digest_names_its_summarizer() -> None:
    app = App(parse_settings('[digests.daily]\nsummarizer = "extract"\n'))
    assert app.find_summarizer("daily") is app.find_summarizer("weekly")
    with pytest.raises(ConfigError, match=r"digests\.daily\.summarizer: .*mean 'extract'"):
        parse_settings('[digests.daily]\nsummarizer = "extrakt"\n')


def test_a_summary_that_no_summarizer_makes_cannot_be_preferred() -> None:
    app = App(parse_settings('[digests.weekly]\nprefer = "model"\n'))
    with pytest.raises(ConfigError, match=r"weekly\.prefer: .*Choose from: author, extract"):
        app.edition()
    assert App(parse_settings('[digests.weekly]\nprefer = "extract"\n')).edition()


def test_a_quotation_makes_a_post_stronger_and_a_post_is_scored_as_it_is_now() -> None:
    scorer = PullQuoteScorer()
    assert 0 < scorer.score(post("a", TEXT)) < 1
    assert scorer.score(post("a", TEXT)) == scorer.score(post("a", TEXT))
    assert scorer.score(post("a", "渡船在霧裡走得很慢。燈到半夜才熄。")) == 0
