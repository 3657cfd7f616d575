"""Likeness of texts by weighted terms."""

from math import isclose, sqrt

from digest.text import similarity

MILL = "The tide mill grinds grain while the ebb runs through the sluice of the mill."
BEES = "The keeper smokes the hive before she takes honey from the bees of the hive."
RAIL = "A night train waits for the signal while the boiler takes water and coal."


def near(*texts: str) -> list[dict[int, float]]:
    return similarity.find_neighbours(
        similarity.build_vectors([similarity.count_words(text) for text in texts])
    )


def test_texts_on_one_thing_are_nearer_than_texts_on_two() -> None:
    found = near(MILL, MILL.replace("grinds", "stores"), BEES, RAIL)
    assert found[0][1] > 0.8
    assert found[0][1] > found[0].get(2, 0.0)
    assert found[0][1] > found[0].get(3, 0.0)


def test_nearness_is_mutual_and_bounded() -> None:
    found = near(MILL, MILL + BEES, BEES, RAIL + BEES)
    for here, others in enumerate(found):
        assert here not in others
        for there, cosine in others.items():
            assert 0 < cosine <= 1.000001
            assert isclose(cosine, found[there][here])


def test_a_vector_has_length_one_or_nothing() -> None:
    first, lone = similarity.build_vectors([{"a": 2, "b": 1}, {"zz": 3}, {"a": 1, "b": 4}, {}])[:2]
    assert isclose(sqrt(sum(weight**2 for weight in first.values())), 1.0)
    assert lone == {}


def test_a_term_of_nearly_all_texts_says_nothing() -> None:
    texts = [{"everywhere": 3, f"own{n // 2}": 1} for n in range(40)]
    assert all(
        vector.keys() == {f"own{n // 2}"}
        for n, vector in enumerate(similarity.build_vectors(texts))
    )


def test_only_the_weightiest_terms_and_the_nearest_texts_are_kept() -> None:
    words = {f"w{n}": n + 1 for n in range(similarity.KEPT + 50)}
    first, *_ = similarity.build_vectors([words, words, {"x": 1}])
    assert len(first) == similarity.KEPT
    assert "w0" not in first
    crowd = [{"same": 1.0} for _ in range(similarity.NEAREST + 5)]
    assert {len(others) for others in similarity.find_neighbours(crowd)} == {similarity.NEAREST}


def test_words_are_counted_in_chinese_and_english() -> None:
    found = similarity.count_words("磨坊的磨坊主人 and the Mill, the mill… 2026 水")
    assert found["磨坊"] >= 1
    assert found["mill"] == 2
    assert not {"2026", "水", "…", ","} & set(found)


def test_size_counts_characters_of_chinese_and_words_of_english() -> None:
    assert similarity.measure_text("磨坊 opens at ebb。") == 5
    assert similarity.measure_text("") == 0


def test_no_text_has_no_neighbours() -> None:
    assert near() == []
    assert near("", "") == [{}, {}]
