import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.delivery.networks import bluesky, x
from digest.model.errors import DraftError
from digest.render.thread_split import (
    BreakRank,
    PartRoom,
    divide_text,
    find_breaks,
    split_into_sentences,
)
from digest.text.graphemes import split_graphemes
from digest.text.twitter_text import find_links


def room(limit: int, measure=len) -> PartRoom:
    return PartRoom(measure=measure, limit=limit)


def squeezed(*texts: str) -> str:
    return "".join("".join(texts).split())


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("", 10, ()),
        (" short ", 10, ("short",)),
        ("One two.\n\nThree four.", 14, ("One two.", "Three four.")),
        ("第一句話。第二句話！第三句話？", 8, ("第一句話。", "第二句話！", "第三句話？")),
        (
            "他說「先看空調，再看晶片」，大家點頭。",
            16,
            ("他說「先看空調，再看晶片」，", "大家點頭。"),
        ),
        ("她說：「好。走吧。」大家點頭。", 12, ("她說：「好。走吧。」", "大家點頭。")),
        ("Dr. Ames left. Ms. Fenn stayed.", 18, ("Dr. Ames left.", "Ms. Fenn stayed.")),
        ("停了 11 次，只有 2.5 次是機器的錯", 14, ("停了 11 次，", "只有 2.5 次是機器的錯")),
        ("read (all of it) slowly", 14, ("read", "(all of it)", "slowly")),
        ("#港邊筆記 @ana 好", 6, ("#港邊筆記", "@ana 好")),
    ],
)
def test_where_a_text_is_divided(text: str, limit: int, parts: tuple[str, ...]) -> None:
    assert divide_text(text, room(limit)) == parts


def test_parts_are_even() -> None:
    parts = divide_text("一句十個字的短句子。" * 9, room(80))
    assert [len(part) for part in parts] in ([40, 50], [50, 40])


def test_sentences_are_whole() -> None:
    said = "It cost 3.5 million. “Was it worth it?” she asked. 值得。他說。"
    assert split_into_sentences(said) == (
        "It cost 3.5 million.",
        "“Was it worth it?” she asked.",
        "值得。",
        "他說。",
    )


def test_a_chinese_word_is_kept_when_a_clause_is_too_long() -> None:
    parts = divide_text("資料中心的冷卻系統全部都在半夜停止運轉", room(8))
    assert squeezed(*parts) == "資料中心的冷卻系統全部都在半夜停止運轉"
    assert "系統" in "|".join(parts)
    assert "半夜" in "|".join(parts)


@pytest.mark.parametrize(
    "text",
    [
        "字" * 600,
        "a" * 600,
        "😀" * 300,
        "！" * 400,
        "「" + "一二三，" * 150 + "」",
        "مرحبا بالعالم " * 40,
    ],
)
def test_what_knows_no_place_is_divided_between_graphemes(text: str) -> None:
    network = x.build({})
    parts = divide_text(text, room(280, network.measure))
    assert squeezed(*parts) == squeezed(text)
    assert max(map(network.measure, parts)) <= 280


def test_a_link_longer_than_a_part_is_never_cut() -> None:
    with pytest.raises(DraftError, match="cannot be divided"):
        divide_text("see https://harbour.example.org/" + "a" * 400, room(300))


def test_parts_fit_though_two_pieces_count_more_together() -> None:
    text = "一一一一。二二二二。三三三三。四四四四。"
    parts = divide_text(text, room(10, lambda part: len(part) + 5 * part.count("。二")))
    assert parts == ("一一一一。", "二二二二。", "三三三三。四四四四。")


def test_bytes_count_where_a_network_counts_them() -> None:
    limits = bluesky.build({}).limits
    family = "👨‍👩‍👧‍👦"
    narrow = PartRoom(
        measure=bluesky.build({}).measure, limit=limits.characters, bytes=limits.bytes
    )
    parts = divide_text(family * 200, narrow)
    assert "".join(parts) == family * 200
    assert max(len(part.encode()) for part in parts) <= 3000


ATOMS = st.one_of(
    st.sampled_from(
        [
            "「", "」", "『", "』", "（", "）", "“", "”", "(", ")", "，", "。", "！", "……", "——",
            ".", ", ", "\n", "\n\n", " ", "https://harbour.tw/a(b)", "#港邊", "@ana", "3,400",
            "README.md",
            "👨‍👩‍👧‍👦", "e\u0301", "產線停了", "字", "Tidewell", "ไก่", "שלום",
        ]
    ),
    st.text(max_size=6),
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.lists(ATOMS, max_size=60).map("".join), st.integers(30, 120))
def test_parts_rejoin_fit_and_cut_nothing(text: str, limit: int) -> None:
    network = x.build({})
    try:
        parts = divide_text(text, room(limit, network.measure))
    except DraftError:
        return
    assert squeezed(*parts) == squeezed(text)
    assert all(network.measure(part) <= limit for part in parts)
    inside = {
        n for span in find_links(text) if not span.bare for n in range(span.start + 1, span.end)
    }
    clusters = {0, len(text)}
    for cluster in split_graphemes(text):
        clusters.add(max(clusters - {len(text)}) + len(cluster))
    places = {place.offset for place in find_breaks(text)}
    assert not places & inside
    assert places <= clusters


@given(st.text(st.sampled_from("字句，。「」（）aB .\n"), max_size=80))
def test_no_ordinary_place_stands_before_a_closing_mark(text: str) -> None:
    for place in find_breaks(text):
        if place.rank < BreakRank.ANYWHERE:
            assert text[place.offset] not in "，。」）."
            assert not text[: place.offset].rstrip().endswith(("「", "（"))
