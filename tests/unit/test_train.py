from dataclasses import replace
from datetime import timedelta

import pytest

from digest.editorial.summarizers.extract import build
from digest.model.errors import NothingToDo
from digest.text.ranking import training
from digest.text.ranking.weights import load_model
from tests.labelled import load as labelled

POSTS = [
    replace(one.post, published=one.post.published - timedelta(days=31 * (at % 3)))
    for at, one in enumerate(labelled("english"))
]


@pytest.fixture(scope="module")
def examples():
    return training.build_examples(POSTS, 280)


def test_a_trained_model_can_be_used(examples, tmp_path):
    file = tmp_path / "extract.json"
    file.write_text(training.dump_model(training.fit_model(examples)), encoding="utf-8")
    one, two, long, count = training.score_model(examples, load_model(file))
    assert count == len(POSTS)
    assert one > 25 > two
    assert long > two
    read = build({"model": str(file)}).read(POSTS[0], max_chars=280, prefer="extract")
    assert 0 < len(read.summary) <= 280


def test_the_same_posts_make_the_same_model(examples):
    assert training.fit_model(examples[:24]) == training.fit_model(examples[:24])


def test_recent_posts_count_more(examples):
    assert max(e.weight for e in examples) == 1.0
    assert min(e.weight for e in examples) < 0.6


def test_months_are_held_out(examples):
    scores = training.cross_validate(examples, training.format_month)
    assert len(scores) == 3
    assert "R1" in training.format_scores("2026-03", scores["2026-03"])


def test_a_handful_of_posts_is_too_few():
    with pytest.raises(NothingToDo, match="20 are needed"):
        training.build_examples(POSTS[:5], 280)


def test_rouge():
    assert training.score_rouge(["a", "b", "c"], ["a", "b", "c"]) == (1.0, 1.0, 1.0)
    assert training.score_rouge([], ["a"]) == (0.0, 0.0, 0.0)
    assert training.score_rouge(["a", "c", "b"], ["a", "b"]) == pytest.approx((0.8, 0.0, 0.8))
