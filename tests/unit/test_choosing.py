import pytest

from digest.model.errors import ConfigError
from digest.text import sentences
from digest.text.ranking import features, selection, weights
from digest.text.tokens import estimate_minutes, list_terms, split_units


@pytest.mark.parametrize("start", ["但是，", "這個", "However, ", "He ", "因此", "「但我們"])
def test_starts_that_hang(start):
    assert sentences.is_dependent(start + "晚了")


@pytest.mark.parametrize("start", ["這篇文章", "其實", "Harbours ", "如果", "This article "])
def test_starts_that_stand(start):
    assert not sentences.is_dependent(start + "晚了")


@pytest.mark.parametrize(
    "text",
    [
        "本文整理自海岸電台。",
        "延伸閱讀：海圖",
        "Subscribe to our letter.",
        "《海岸電台》第 12 集，主持人林渡。",
        "海岸電台是林渡與周若潮共同主持的 Podcast，專談燈塔。",
        "Tide Radio is a weekly podcast hosted by Mara Quill.",
    ],
)
def test_sentences_about_the_page(text):
    assert sentences.is_about_page(text)


def test_shorten_cuts_at_a_clause_or_word():
    assert selection.shorten_text("甲乙丙丁，戊己庚辛壬癸", 8) == "甲乙丙丁…"
    assert selection.shorten_text("one two three four", 12) == "one two…"
    assert selection.shorten_text("short", 12) == "short"
    assert selection.shorten_text("short", 0) == ""
    assert len(selection.shorten_text("x" * 90, 12)) == 12


def test_bm25_prefers_the_sentence_with_the_rarer_word():
    sentences = [list_terms("harbour light"), list_terms("harbour wall"), list_terms("harbour")]
    scores = features.score_bm25(list_terms("light"), sentences)
    assert scores[0] > scores[1] == scores[2] == 0
    assert features.score_bm25(["x"], []) == []


def test_units_and_minutes():
    assert split_units("AI 讓燈塔 3.0 don't") == ["ai", "讓", "燈", "塔", "3", "0", "don't"]
    assert estimate_minutes("") == 1
    assert estimate_minutes("字" * 2_500) == 5
    assert estimate_minutes("word " * 690) == 3


def test_the_model_that_ships_loads():
    model = weights.load_shipped_model()
    assert len(model.together) == len(selection.NAMES)
    assert model.words.priors


def test_a_file_that_is_no_model_is_refused(tmp_path):
    file = tmp_path / "m.json"
    for text in ("{}", "nonsense", '{"format": 1, "sentence": {"x": 1}}'):
        file.write_text(text)
        with pytest.raises(ConfigError, match="is no model"):
            weights.load_model(file)
