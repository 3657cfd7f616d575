"""The desk's tables of words: English, to be looked up in the catalogue where they are shown."""

ORIGINS = {
    "author": "the author’s own",
    "extract": "sentences of the post",
    "model": "written by a model",
    "editor": "yours",
}
UNITS = {
    "characters": "characters",
    "weighted": "weighted characters",
    "graphemes": "graphemes",
}
# mark -> kind of chip, icon, words
MARKS = {
    "lead": ("", "", "lead"),
    "pinned": ("", "pin", "pinned"),
    "edited": ("mine", "pencil", "changed by you"),
    "alt": ("warn", "triangle-alert", "no alternative text"),
    "speaker": ("warn", "triangle-alert", "speaker"),
}
SHORTCUTS = (
    (("J", "K"), "the next and the previous post"),
    (("⌥↑", "⌥↓"), "move the post"),
    (("P",), "pin the post"),
    (("X",), "leave the post out"),
    (("S",), "take the next best instead"),
    (("E",), "edit the summary"),
    (("Q",), "choose a quotation"),
    (("1", "2", "3"), "phone, tablet, desktop"),
    (("D",), "the reader’s dark mode"),
    (("G",), "the next view"),
    (("⌘ Enter",), "divide a part at the cursor"),
    (("⌘ Z",), "undo"),
    (("/",), "search"),
    (("⇧ A",), "approve"),
    (("?",), "this list"),
)
# What the scripts say; the keys are theirs.
JS_WORDS = {
    "moved": "Moved to number {n} of {total}",
    "copied": "Copied",
    "saving": "saving…",
    "saved": "saved {time}",
    "unsaved": "not saved",
    "offline": "The desk does not answer. What you typed is kept in this browser.",
    "lost": "This desk was started anew: open the address that the terminal shows.",
    "failed": "That did not work.",
    "newer": "Something changed: the page shows it now.",
    "dims": "{width} px · {zoom}%",
    "kept": "Text that had not been saved was put back.",
    "found": "{n} found",
}
