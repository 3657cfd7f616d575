"""The open block of a document: running text with its white space folded as it comes in."""

import re
from dataclasses import dataclass, field

_WIDE = "\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
_MARK = "，。、；：？！「」『』（）《》〈〉"  # marks as wide as a letter, which need no space
_BREAK_AT = r"[ \t\r\f]*\n[ \t\r\n\f]*"
_WRAP = re.compile(
    f"(?<=[{_WIDE}]){_BREAK_AT}(?=[{_WIDE}])|(?<=[{_MARK}]){_BREAK_AT}|"
    f"(?<![ \t\r\n\f]){_BREAK_AT}(?=[{_MARK}])"
)
_WIDE_MARK = re.compile(f"[{_MARK}]")
_IS_WIDE = re.compile(f"[{_WIDE}]")
_SPACE = re.compile("[ \t\r\n\f\u00a0]+")
_BLANK = " \t\r\n\f\u00a0"
_EDGE = " \n\t\u3000"
_BREAK = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u180e\u200b\u202a-\u202e\u2060-\u2069\ud800-\udfff"
    "\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
# Joiners, marks of direction, fillers and variation selectors mean something beside letters only.
_VISIBLE = re.compile(r"[^\s\u034f\u061c\u115f\u1160\u200c-\u200f\u2800\u3164\ufe00-\ufe0f\uffa0]")

FORMULA = "\ufffc"  # stands for what has no words, so that no sentence is read over the hole

Spans = list[tuple[int, int]]


def clean_text(text: str) -> str:
    r"""Return *text* as a reader sees it: the one place where foreign text is made fit to show.

    Every kind of line break (Unicode 5.8) becomes "\n"; controls, zero-width characters,
    overrides of direction, halves of surrogate pairs and noncharacters go. The joiners that
    emoji and some scripts need stay, and so do tabs.
    """
    return text if text.isprintable() else _UNSEEN.sub("", _BREAK.sub("\n", text))


def fold_line(text: str) -> str:
    """Return *text* on one line as a reader sees it; "" where nothing of it can be seen."""
    line = _SPACE.sub(" ", clean_text(text)).strip()
    return line if _VISIBLE.search(line) else ""


@dataclass(slots=True)
class TextBuffer:
    """Text that grows; offsets of anchors and bold spans count its characters so far."""

    size: int = 0
    _said: list[str] = field(default_factory=list)
    _gap: str = ""
    _bold: list[int] = field(default_factory=list)
    _strong: Spans = field(default_factory=list)

    def say(self, text: str) -> None:
        """Add running text."""
        text = clean_text(text)
        body = text.strip(_BLANK)
        if not body:
            self._leave_gap(text)
            return
        if text[0] in _BLANK:
            self._leave_gap(text[: len(text) - len(text.lstrip(_BLANK))])
        if self._gap:
            self._fill(body[0])
        if "\n" in body:
            body = _WRAP.sub("", body)
        self.put(_SPACE.sub(" ", body))
        if text[-1] in _BLANK:
            self._leave_gap(text[len(text.rstrip(_BLANK)) :])

    def put(self, text: str) -> None:
        """Add *text* exactly as it is."""
        if text:
            self._gap = ""
            self._said.append(text)
            self.size += len(text)

    def wrap(self, divider: str) -> None:
        """Add *divider* between what was said and what follows; nothing where nothing was said."""
        self._gap = ""
        if self._said:
            self.put(divider)

    def embolden(self) -> None:
        """Begin a bold span."""
        self._bold.append(self.size)

    def lighten(self) -> None:
        """End the bold span that was begun last."""
        if self._bold and (start := self._bold.pop()) < self.size:
            self._strong.append((start, self.size))

    def since(self, start: int) -> str:
        """Return what was said from offset *start* on."""
        return "".join(self._said)[start:].strip()

    def take(self, *, verbatim: bool = False) -> tuple[str, Spans]:
        """Return the text, trimmed, and its bold spans, and start anew.

        *verbatim* text keeps its indentation and loses only empty lines around it. A bold span
        that is still open goes on in the next text.
        """
        whole = "".join(self._said)
        text = whole.strip("\n").rstrip() if verbatim else whole.strip(_EDGE)
        shift = (
            whole.find(text[0]) if text and not verbatim else len(whole) - len(whole.lstrip("\n"))
        )
        spans = sorted(self._strong + [(at, self.size) for at in self._bold])
        moved = [(max(a - shift, 0), min(b - shift, len(text))) for a, b in spans]
        self._said.clear()
        self._strong.clear()
        self._bold = [0] * len(self._bold)
        self.size, self._gap = 0, ""
        return text, [_trim_span(text, a, b) for a, b in moved if text[a:b].strip()]

    def _leave_gap(self, blank: str) -> None:
        if blank and self._said:
            self._gap = "\n" if "\n" in blank else self._gap or " "

    def _fill(self, following: str) -> None:
        """Write the gap as one space, unless it is a wrap between two Han characters."""
        last = self._said[-1][-1] if self._said else "\n"
        wraps = self._gap == "\n" and _joins_without_space(last, following)
        if last not in " \n" and not wraps:
            self.put(" ")
        self._gap = ""


def is_wide(char: str) -> bool:
    """Tell whether *char* is Han, kana or a mark as wide, which need no space beside them."""
    return bool(_IS_WIDE.match(char))


def _joins_without_space(last: str, following: str) -> bool:
    """Tell whether a line may break between two characters without a space: between wide ones."""
    wide = _IS_WIDE.match(last) and _IS_WIDE.match(following)
    return bool(wide or _WIDE_MARK.match(last) or _WIDE_MARK.match(following))


def _trim_span(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span without the white space at its ends."""
    said = text[start:end]
    return end - len(said.lstrip()), start + len(said.rstrip())
