"""Numbered series by their titles."""

import pytest

from digest.editorial.series import SeriesPart, find_series_part


@pytest.mark.parametrize(
    ("title", "name", "number"),
    [
        ("潮汐磨坊的一年（一）", "潮汐磨坊的一年", 1),
        ("潮汐磨坊的一年（十二）：冬天", "潮汐磨坊的一年", 12),
        ("潮汐磨坊的一年（二十）", "潮汐磨坊的一年", 20),
        ("鐘樓養蜂記（上）", "鐘樓養蜂記", 1),
        ("鐘樓養蜂記（中篇）", "鐘樓養蜂記", 2),
        ("鐘樓養蜂記【下】", "鐘樓養蜂記", 3),
        ("木煤氣火車 第三篇：隧道", "木煤氣火車", 3),
        ("燈塔系列 2/3", "燈塔", 2),
        ("燈塔守夜之二：霧", "燈塔守夜", 2),
        ("A year at the mill, Part 2: the ebb", "A year at the mill", 2),
        ("A year at the mill – part iv", "A year at the mill", 4),
        ("A year at the mill (3/5)", "A year at the mill", 3),
        ("A year at the mill (III)", "A year at the mill", 3),
        ("A year at the mill (part 2 of 4)", "A year at the mill", 2),
        ("Part 1: how the sluice was built", "", 1),
        ("Keeping bees 2/4", "Keeping bees", 2),
    ],
)
def test_a_part_is_read_from_its_mark(title: str, name: str, number: int) -> None:
    assert find_series_part(title) == SeriesPart(name, number)


@pytest.mark.parametrize(
    "title",
    [
        "",
        "The mill in 2026",
        "上個月的事",
        "第一次養蜂就上手",
        "A partial view",
        "Mixing (i.e. stirring) the wax",
        "三個理由（附照片）",
        "24/7",
        "Number (0)",
    ],
)
def test_a_title_without_a_mark_is_no_part(title: str) -> None:
    assert find_series_part(title) is None
