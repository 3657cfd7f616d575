"""Which language a text is written in, told by its script alone: zh-Hant, zh-Hans, ja or en."""

import re

_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3041-\u30fa]")
# Frequent characters that only one of the two scripts uses (Unihan, kTraditionalVariant and
# kSimplifiedVariant).
_HANT = re.compile(
    r"[這個們為來時會說對後過還沒無與從現開關問題經學實機發數讓麼將應長兩點樣進動產業話電]"
)
_HANS = re.compile(
    r"[这个们为来时会说对后过还没无与从现开关问题经学实机发数让么将应长两点样进动产业话电]"
)
_FEW = 0.05  # a text with fewer Han characters than this only quotes some


def language_of(text: str) -> str:
    """Return the BCP 47 tag that the script of *text* speaks for; "en" where it says nothing."""
    letters = sum(1 for c in text if c.isalpha())
    kana = len(_KANA.findall(text))
    if not letters or len(_HAN.findall(text)) + kana < _FEW * letters:
        return "en"
    if kana > _FEW * letters:
        return "ja"
    return "zh-Hans" if len(_HANS.findall(text)) > len(_HANT.findall(text)) else "zh-Hant"
