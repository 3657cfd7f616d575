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
    "alt": ("warn", "triangle-alert", "no alt text"),
    "speaker": ("warn", "triangle-alert", "speaker"),
    "by-you": ("mine", "pencil", "by you"),
}
PLACES = {
    "top": "at the top",
    "lead": "after the lead",
    "quote": "after the quotation",
    "sections": "after the stories",
    "themes": "after the themes",
    "also": "at the end",
}
# What is looked at in the middle, and what the inspector shows.
VIEWS = {
    "mail": "Email",
    "text": "Plain text",
    "web": "Web page",
    "thread": "Threads",
    "raw": "Source",
}
TABS = {"story": "Story", "mail": "Letter", "thread": "Threads", "plan": "Schedule"}
WIDTHS = (
    (375, "Phone", "smartphone"),
    (768, "Tablet", "tablet"),
    (1024, "Desktop", "monitor"),
)
# What the score of a post is made of.
SHARES = {
    "pin": "your choice",
    "covers": "speaks for others",
    "episode": "weight of its episode",
    "category": "new category",
    "source": "new source",
    "theme": "theme of the period",
    "quotation": "worth of its quotations",
    "series": "later part of a series",
    "length": "short",
    "alone": "alone of its kind",
}
# Kinds of blocks, as a step of the history is called.
STEPS = {
    "subject": "subject",
    "preheader": "preheader",
    "headline": "headline",
    "intro": "intro",
    "title": "title",
    "summary": "summary",
    "alt": "alternative text",
    "quote": "quotation",
    "speaker": "speaker",
    "choice": "choice of posts",
    "added": "added story",
    "note": "your own block",
    "thread": "thread",
    "order": "order",
    "pull-quote": "quotation on display",
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
    "lost": "This desk was started anew: open the address that the terminal shows."
    " What you typed is kept in this browser.",
    "failed": "That did not work.",
    "newer": "Something changed: the page shows it now.",
    "dims": "{width} px · {zoom}%",
    "theirs": "Another tab changed the same thing at {time}. Your text is still here, not saved.",
    "compare": "Compare",
    "mine": "Keep mine",
    "take": "Take theirs",
    "close": "Close",
    "ours": "Yours",
    "others": "Theirs",
    "retry": "not saved: {why}",
    "over": "{n} over the limit. Divide it before the mark, or shorten it.",
    "selected": "“{text}”",
    "undone": "Undone: {what}",
    "kept": "Text that had not been saved was put back.",
    "found": "{n} found",
}
