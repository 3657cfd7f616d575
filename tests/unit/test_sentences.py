import pytest

from digest.text import sentences
from digest.text.document import parse_markdown
from digest.text.ranking.selection import join_sentences
from tests.prose import document


def said(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences.split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("潮水退了。沙灘上什麼都沒有！真的嗎？", ["潮水退了。", "沙灘上什麼都沒有！", "真的嗎？"]),
        ("「別急。我們等。」船長說。天亮了。", ["「別急。我們等。」船長說。", "天亮了。"]),
        ("「別急。」她轉身走進實驗室，把門帶上。", ["「別急。」", "她轉身走進實驗室，把門帶上。"]),
        ("他問：「要走嗎？」「走。」", ["他問：「要走嗎？」", "「走。」"]),
        ("版本 2.5 上線。成本降到 3.14 元。", ["版本 2.5 上線。", "成本降到 3.14 元。"]),
        (
            "Dr. Hale paid $3.50 for it. No. 7 was sold, e.g. to me. It rained.",
            ["Dr. Hale paid $3.50 for it.", "No. 7 was sold, e.g. to me.", "It rained."],
        ),
        ("It costs 3 p.m. dues. Fine.", ["It costs 3 p.m. dues.", "Fine."]),
        ("She left at 5 p.m. The lights went out.", ["She left at 5 p.m.", "The lights went out."]),
        (
            "Hale & Co. Lamps Inc. sold it. 1. Buy it.",
            ["Hale & Co. Lamps Inc. sold it.", "1. Buy it."],
        ),
        ("阿曼達．丘走了。天亮了。", ["阿曼達．丘走了。", "天亮了。"]),
        ("海に行った．帰った．", ["海に行った．", "帰った．"]),
        ("「真的！」她大喊。天亮了。", ["「真的！」她大喊。", "天亮了。"]),
        ("J. R. Okoro left. She stayed.", ["J. R. Okoro left.", "She stayed."]),
        ("“Wait. Look!” Mara said. Nothing moved.", ["“Wait. Look!” Mara said.", "Nothing moved."]),
        (
            "See v1.2.3 at example.org/a?b=1 now. Done.",
            ["See v1.2.3 at example.org/a?b=1 now.", "Done."],
        ),
        ("他想了很久很久……最後還是走了。", ["他想了很久很久……", "最後還是走了。"]),
        ("嗯……也許吧。", ["嗯……也許吧。"]),
        ("第一行\n第二行", ["第一行", "第二行"]),
        (
            "これは海です。「行こう。」と彼は言った。",
            ["これは海です。", "「行こう。」と彼は言った。"],
        ),
        ("“没有括号。就这样。", ["“没有括号。", "就这样。"]),
        ("", []),
        ("🎉🎉🎉", ["🎉🎉🎉"]),
    ],
)
def test_split(text, expected):
    assert said(text) == expected


def test_sentences_know_block_and_section():
    found = sentences.split_document(document("開頭。再說。", "# 第一節", "內容。", "- 一項。"))
    assert [(s.block, s.section, s.place) for s in found] == [
        (0, 0, 0),
        (0, 0, 1),
        (2, 1, 0),
        (3, 1, 0),
    ]


def test_a_sentence_is_where_it_says():
    text = " 前面有空白。  後面也有。 "
    assert [text[a:b] for a, b in sentences.split_sentences(text)] == ["前面有空白。", "後面也有。"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Das Holz wird geölt, z. B. Esche. Dann trocknet es.", 2),
        ("Es dauert d. h. Wochen. Danach ist Ruhe.", 2),
        ("Am 24. November fuhr er los. Es regnete.", 2),
        ("Im 19. Jahrhundert war das so. Heute nicht.", 2),
        ("Es kamen ca. 300 Leute bzw. Gäste. Alle blieben.", 2),
        ("La Sra. Quill vive en EE. UU. desde mayo. Trabaja mucho.", 2),
        ("Mlle. Tar est venue. Elle est restée.", 2),
        ("It ended in 2024. November was cold.", 2),
        ("책은 기다립니다. 우리는 읽습니다.", 2),
        ("목록은 2026. 3. 9. 나왔다. 모두 읽었다.", 2),
        ("Siehe Abb. 3 und Tab. 2. Danach kommt mehr.", 2),
        ("Le lac, cf. art. 5 du code, est fermé. Revenez.", 2),
    ],
)
def test_short_forms_of_other_languages_end_no_sentence(text: str, parts: int) -> None:
    assert len(sentences.split_sentences(text)) == parts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sie rief: „Wir gehen.“ Dann ging sie.", ["Sie rief: „Wir gehen.“", "Dann ging sie."]),
        ("»Schnell!«, rief er. Alle liefen.", ["»Schnell!«, rief er.", "Alle liefen."]),
        ("« Bien sûr. » Elle rit.", ["« Bien sûr. »", "Elle rit."]),
        ("Elle rit. « Bien sûr. »", ["Elle rit.", "« Bien sûr. »"]),
        ('정말? "좋다." 그녀가 웃었다.', ["정말?", '"좋다."', "그녀가 웃었다."]),
        ("¿Y ahora? ¡Nada! Él calló.", ["¿Y ahora?", "¡Nada!", "Él calló."]),
    ],
)
def test_quotation_marks_of_other_languages_close_their_sentence(
    text: str, expected: list[str]
) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("비가 왔습니다.\n\n모두 갔습니다.", "비가 왔습니다. 모두 갔습니다."),
        ("It rained.\n\n🚲 All left.", "It rained. 🚲 All left."),
        ("It rained.\n\n人都走了。", "It rained. 人都走了。"),
        ("下雨了。\n\n人都走了。", "下雨了。人都走了。"),
        ("“下雨了。”\n\n人都走了。", "“下雨了。”人都走了。"),
    ],
)
def test_sentences_of_two_blocks_join_as_their_script_does(text: str, joined: str) -> None:
    page = parse_markdown(text)
    assert join_sentences(page.text, sentences.split_document(page)) == joined
