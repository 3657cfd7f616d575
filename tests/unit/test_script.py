"""The language of a text, told by its script."""

import pytest

from digest.text.language import detect_language


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("這個問題，我們還沒有答案：AI 會說話嗎？", "zh-Hant"),
        ("这个问题，我们还没有答案：AI 会说话吗？", "zh-Hans"),
        ("この問題には、まだ答えがありません。", "ja"),
        ("Nobody owns a footpath, says Ada Quill of 渡口 in a long talk on walking home", "en"),
        ("", "en"),
        ("🚢 123", "en"),
        ("山水", "zh-Hant"),
    ],
)
def test_the_script_tells_the_language(text: str, tag: str) -> None:
    assert detect_language(text) == tag
