"""Which language a text is written in, told by its script alone: zh-Hant, zh-Hans, ja or en."""

import re
from collections.abc import Iterable

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


def detect_language(text: str) -> str:
    """Return the BCP 47 tag that the script of *text* speaks for; "en" where it says nothing."""
    letters = sum(1 for c in text if c.isalpha())
    kana = len(_KANA.findall(text))
    if not letters or len(_HAN.findall(text)) + kana < _FEW * letters:
        return "en"
    if kana > _FEW * letters:
        return "ja"
    return "zh-Hans" if len(_HANS.findall(text)) > len(_HANT.findall(text)) else "zh-Hant"


def find_closest_language(language: str, tags: Iterable[str]) -> str:
    """Return which of *tags* (BCP 47) speaks *language*, "" if none does.

    The same language is needed, and the same script where both are known or likely (CLDR): a
    reader of zh-TW is not served zh-CN. The same territory is better than another.
    """
    several = {tag: parts for tag in tags if (parts := _parse_tag(tag))}
    wanted = _parse_tag(language)
    fits = [tag for tag, parts in several.items() if wanted and parts[:2] == wanted[:2]]
    return max(fits, key=lambda tag: several[tag] == wanted, default="")


def _parse_tag(tag: str) -> tuple[str, str, str] | None:
    """Return language, script and territory of *tag*, each the likely one where it is unsaid."""
    from babel.core import get_global, parse_locale

    try:
        spoken, territory, script, *_ = parse_locale(tag.replace("_", "-"), sep="-")
    except ValueError:
        return None
    likely = get_global("likely_subtags")
    for known in ((spoken, script, territory), (spoken, territory), (spoken, script), (spoken,)):
        if whole := likely.get("_".join(part for part in known if part)):
            _, land, hand, *_ = parse_locale(whole)
            return spoken, script or hand or "", territory or land or ""
    return spoken, script or "", territory or ""
