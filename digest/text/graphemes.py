"""User-perceived characters (grapheme clusters, UAX #29) and the emoji among them (UTS #51)."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

# A flag of a country or region, a keycap, or a pictograph with its variation, skin tone and joined
# companions. VS15 (U+FE0E) asks for plain text, which is what © and ® are by themselves.
_PICTOGRAPH = r"(?![©®](?!\uFE0F))\p{Extended_Pictographic}(?!\uFE0E)(?:\uFE0F|\p{Emoji_Modifier})?"
# What a zero-width joiner may add in a sequence that is in use (emoji-zwj-sequences.txt, 16.0):
# families, roles, hair, signs. Others are drawn and counted apart.
_JOINED = (
    "[♀♂⚕⚖⚧✈❤☠❄⬛➡↔↕🌈🌾🍳🍼🍄🎄🎓🎤🎨🏫🏭👦-👩💋💥💨💫💻💼🔥🔧🔬🗨🚀🚒"
    "🟩🟫🤝🦯🦰-🦳🦺🦼🦽🧑🧒🩰🩹🪽]"
)
_TAGGED = r"\U0001F3F4[\U000E0020-\U000E007E]+\U000E007F"
_PATTERNS = {
    # In a row of flags \X by itself looks back over all of them, at each.
    "cluster": r"\p{Regional_Indicator}{2}[\p{Grapheme_Extend}\p{Mc}\u200D]*+|\X",
    "emoji": (
        r"\p{Regional_Indicator}{2}"
        r"|[0-9#*]\uFE0F?\u20E3"
        rf"|{_TAGGED}|{_PICTOGRAPH}(?:\u200D(?={_JOINED}){_PICTOGRAPH})*"
    ),
}


@cache
def _compile_pattern(name: str) -> "regex.Pattern[str]":
    import regex

    return regex.compile(_PATTERNS[name])


def split_graphemes(text: str) -> tuple[str, ...]:
    """Return the grapheme clusters of *text*, in order; joined they are *text*."""
    return tuple(_compile_pattern("cluster").findall(text))


def count_graphemes(text: str) -> int:
    """Return the number of grapheme clusters of *text*."""
    return len(text) if text.isascii() and "\r" not in text else len(split_graphemes(text))


def find_emoji(text: str) -> tuple[tuple[int, int], ...]:
    """Return where emoji stand in *text*, each as one (start, end) in code points."""
    if text.isascii():
        return ()
    return tuple(match.span() for match in _compile_pattern("emoji").finditer(text))
