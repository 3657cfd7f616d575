"""The plain-text part: from its own template, never from the HTML."""

import re
from collections.abc import Mapping
from typing import Any

from digest.render.templates import Templates

_GAPS = re.compile(r"\n{4,}")
_TRAILING = re.compile(r"(?<![ \t])[ \t]+$", re.MULTILINE)


def plain_text(values: Mapping[str, Any], templates: Templates, theme: str) -> str:
    """Return the plain text of a mail: no line ends in a space, at most two lines stay empty."""
    text = templates.render("email/mail.txt.jinja", values, theme)
    return _GAPS.sub("\n\n\n", _TRAILING.sub("", text)).strip("\n") + "\n"
