"""An abstract as some write it, with markup in it -> one line of plain text."""

import re

from digest.text.blocks import from_markdown
from digest.text.line import fold

_MARKUP = re.compile(r"</?[a-zA-Z]|\{\{|\]\(|\*\*|`|&[a-z#]")


def plain(said: str) -> str:
    """Return the abstract *said* without HTML, Markdown and shortcodes."""
    return fold(from_markdown(said).text) if _MARKUP.search(said) else fold(said)
