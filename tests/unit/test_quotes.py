import pytest

from digest.text.attribution import quotes
from tests.prose import document


def spans(*paragraphs: str) -> list[tuple[str, int]]:
    doc = document(*paragraphs)
    return [(doc.text[s.start : s.end], s.utterance) for s in quotes.find_quotations(doc)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("他說「我讀過『海圖』了」才走。", ["我讀過『海圖』了"]),
        ("《「引號」的歷史》裡寫著「另一句」。", ["另一句"]),
        ('She said "go on" and left.', ["go on"]),
        ('He wrote "one," then "two" twice.', ["one,", "two"]),
        ("“It’s the captain’s ‘duty’,” he said.", ["It’s the captain’s ‘duty’,"]),
        ('The 5" screen broke.', []),
        ("只有左引號「沒有右邊。", []),
        ("右邊先來」才有左邊「。", []),
        ("」「」「", []),
        ("“text“ and ”more”", ["text", "more"]),
        ("‘Quite,’ she said.", ["Quite,"]),
        ("מאמר “ציטוט קצר” סוף", ["ציטוט קצר"]),
    ],
)
def test_outermost_quotations(text, expected):
    assert [quote for quote, _ in spans(text)] == expected


def test_a_speech_clause_joins_two_spans():
    assert spans("「先看水，」老船長說，「再看風。」") == [("先看水，", 0), ("再看風。", 0)]


def test_what_is_no_speech_clause_does_not():
    assert [u for _, u in spans("「漲潮」和「退潮」是兩件事。")] == [0, 1]


def test_a_quotation_of_two_paragraphs_is_one_utterance():
    found = spans("“We left at dawn.", "“Nobody saw us.”", "“Another one.”")
    assert found == [("We left at dawn.", 0), ("Nobody saw us.", 0), ("Another one.", 2)]


def test_a_block_quote_counts_whole():
    assert spans("> 把燈留著。") == [("把燈留著。", 0)]
    assert spans("> 「把燈留著。」") == [("把燈留著。", 0)]
