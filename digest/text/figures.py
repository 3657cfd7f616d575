"""Figures: which picture an <img> shows, and what stands under a picture as its caption."""

import re
from dataclasses import dataclass, field

Attributes = dict[str, str | None]

CAPTION_CLASS = "wp-caption-text"  # of WordPress' classic editor, which knows no <figcaption>
LAZY = ("data-src", "data-original", "data-lazy-src", "data-lazy", "data-url")
_LAZY_SETS = ("data-srcset", "data-lazy-srcset")
_PICTURE_FILE = re.compile(r"\A\S+\.(?:jpe?g|png|webp|avif|gif)(?:\?\S*)?\Z", re.IGNORECASE)
_LESSER = re.compile(r"thumb|small|mini|low|blur|preview|placeholder|avatar|icon")
_STAND_IN = re.compile(
    r"(?:\A|[_-])(?:placeholder|lazy[a-z]*|blank|spacer|transparent|load(?:ing|er)|1x1|pixel|gr[ae]y)"
    r"(?:[._-][\w.-]{0,40})?\.(?:gif|png|svg|jpe?g|webp)\Z",
    re.IGNORECASE,
)
_MAX_NAME, _MAX_ADDRESS = 100, 2_000


@dataclass(slots=True)
class FigureTracker:
    """What is known, in reading order, of the open figures, their captions and pictures.

    ``sources`` are the addresses that the open <picture> gave before its <img>.
    """

    sources: list[str] = field(default_factory=list)
    _figures: list[bool] = field(default_factory=list)
    _captions: list[bool] = field(default_factory=list)

    @property
    def in_caption(self) -> bool:
        """Tell whether the text that comes now describes a picture."""
        return any(self._captions)

    def open(self, tag: str, attributes: Attributes) -> None:
        """Begin the element *tag*, whatever it is."""
        match tag:
            case "figure":
                self._figures.append(False)
            case "figcaption":
                told = CAPTION_CLASS in (attributes.get("class") or "")
                self._captions.append(told or bool(self._figures and self._figures[-1]))
            case "picture":
                self.sources = []
            case "blockquote":  # the words under it name who said it
                self._figures = [False] * len(self._figures)
            case "video" | "audio":
                self.illustrate()

    def close(self, tag: str) -> None:
        """End the element *tag*, which was opened."""
        match tag:
            case "figure":
                self._figures.pop()
            case "figcaption":
                self._captions.pop()
            case "picture":
                self.sources = []

    def illustrate(self) -> None:
        """Note that the open figure shows something: what stands under it is a caption."""
        if self._figures:
            self._figures[-1] = True


def list_addresses(attributes: Attributes) -> list[str]:
    """Return the addresses an image may have, the real one before what stands in for it."""
    lazy = [attributes.get(name) or "" for name in LAZY]
    source = attributes.get("src") or ""
    name = source.partition("?")[0].partition("#")[0].rpartition("/")[2]
    stands_in = len(name) <= _MAX_NAME and _STAND_IN.search(name) is not None
    others = [
        value
        for key, value in attributes.items()
        if key.startswith("data-") and not _LESSER.search(key)
        if value and len(value) <= _MAX_ADDRESS and _PICTURE_FILE.match(value)
    ]
    return [*lazy, *([] if stands_in else [source]), *first_of_sets(attributes), *others]


def first_of_sets(attributes: Attributes) -> list[str]:
    """Return the first address of each set of sizes (HTML, 4.8.4.2.1)."""
    several = ((attributes.get(name) or "").split(maxsplit=1) for name in (*_LAZY_SETS, "srcset"))
    return [words[0].rstrip(",") for words in several if words]
