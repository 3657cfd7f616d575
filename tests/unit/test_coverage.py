"""The greedy choice: groups, series, quotas, categories and what it covers."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.editorial.coverage import Cover, CoverCandidate, Ground, choose_covering
from digest.model import Quota


def chosen(candidates: list[CoverCandidate], size: int, **given: object) -> list[int]:
    near: list[dict[int, float]] = given.pop("near", [{} for _ in candidates])
    return [choice.index for choice in choose_covering(candidates, near, size, **given)]


def alone(number: int, **given: object) -> list[CoverCandidate]:
    return [CoverCandidate(group=str(index), **given) for index in range(number)]


def test_of_a_group_one_is_chosen() -> None:
    crowd = [CoverCandidate(group="talk") for _ in range(4)] + alone(2)
    picks = chosen(crowd, 5)
    assert len(picks) == 3
    assert len({crowd[index].group for index in picks}) == 3


def test_a_larger_group_comes_first() -> None:
    assert chosen([*alone(2), *[CoverCandidate(group="talk")] * 3], 1)[0] in (2, 3, 4)


def test_what_covers_more_comes_first_and_what_is_covered_already_last() -> None:
    near = [{1: 0.9, 2: 0.9}, {0: 0.9}, {0: 0.9}, {}]
    assert chosen(alone(4), 2, near=near) == [0, 3]


def test_a_new_category_is_worth_more_than_a_second_of_one() -> None:
    crowd = [CoverCandidate(group=str(n), categories=("sea",)) for n in range(3)]
    crowd.append(CoverCandidate(group="9", categories=("land",)))
    assert 3 in chosen(crowd, 2)


def test_a_bonus_decides_between_equals() -> None:
    crowd = alone(3)
    crowd[2] = CoverCandidate(group="2", bonus=0.2)
    assert chosen(crowd, 1) == [2]


def test_a_subject_is_told_once_before_another_one() -> None:
    crowd = [CoverCandidate(group=str(n), subjects={"wax": 1.0}) for n in range(2)]
    crowd.append(CoverCandidate(group="9", subjects={"grain": 0.9}))
    assert set(chosen(crowd, 2)) == {0, 2}


def test_a_series_gets_a_second_place_only_where_others_are_used_up() -> None:
    series = [CoverCandidate(group=str(n), series="A year", bonus=0.5) for n in range(5)]
    others = [CoverCandidate(group=f"o{n}") for n in range(3)]
    assert sum(index < 5 for index in chosen([*series, *others], 3)) == 1
    assert sum(index < 5 for index in chosen([*series, *others], 6)) == 3


def test_what_is_first_is_in_even_twice_of_a_group_and_over_the_size() -> None:
    crowd = [CoverCandidate(group="talk"), CoverCandidate(group="talk"), *alone(2)]
    assert set(chosen(crowd, 1, first=[0, 1])) == {0, 1}


def test_quotas_bound_a_category_from_both_sides() -> None:
    sea = [CoverCandidate(group=f"s{n}", categories=("sea",), bonus=0.9) for n in range(4)]
    land = [CoverCandidate(group=f"l{n}", categories=("land",)) for n in range(4)]
    picks = chosen([*sea, *land], 4, quotas={"sea": Quota(most=1), "land": Quota(least=1)})
    assert sum(index < 4 for index in picks) == 1
    picks = chosen([*sea, *land], 3, quotas={"land": Quota(least=2)})
    assert sum(index >= 4 for index in picks) == 2


def test_a_quota_for_more_than_there_is_takes_what_there_is() -> None:
    assert len(chosen(alone(3, categories=("sea",)), 2, quotas={"land": Quota(least=2)})) == 2


def test_nothing_to_choose_from() -> None:
    assert chosen([], 7) == []
    assert chosen(alone(3), 0) == []


@st.composite
def grounds(draw: st.DrawFn) -> tuple[list[CoverCandidate], list[dict[int, float]]]:
    n = draw(st.integers(1, 7))
    names = st.sampled_from("abc")
    crowd = [
        CoverCandidate(
            group=draw(st.sampled_from("pqrst")),
            series=draw(st.sampled_from(["", "", "year"])),
            categories=tuple(draw(st.lists(names, max_size=2, unique=True))),
            source=draw(names),
            subjects=draw(st.dictionaries(names, st.floats(0, 1), max_size=2)),
        )
        for _ in range(n)
    ]
    near: list[dict[int, float]] = [{} for _ in range(n)]
    for one, other in combinations(range(n), 2):
        near[one][other] = near[other][one] = draw(st.floats(0, 1))
    return crowd, near


@settings(max_examples=60, deadline=None)
@given(grounds(), st.integers(0, 5))
def test_gains_fall_and_no_group_comes_twice(
    ground: tuple[list[CoverCandidate], list[dict[int, float]]], size: int
) -> None:
    crowd, near = ground
    choices = choose_covering(crowd, near, size)
    gains = [choice.gain for choice in choices]
    assert gains == sorted(gains, reverse=True)
    groups = [crowd[choice.index].group for choice in choices]
    assert len(groups) == len(set(groups)) <= size


@settings(max_examples=60, deadline=None)
@given(grounds(), st.permutations(range(7)))
def test_a_gain_never_grows_while_others_are_chosen(
    ground: tuple[list[CoverCandidate], list[dict[int, float]]], order: list[int]
) -> None:
    crowd, near = ground
    cover = Cover(Ground(crowd, near, {}))
    last = len(crowd) - 1
    before = cover.gain(last)
    for index in (index for index in order if index < last):
        cover.take(index)
        after = cover.gain(last)
        assert after <= before + 1e-9
        before = after
