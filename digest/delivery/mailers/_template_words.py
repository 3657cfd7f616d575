"""Words of others made harmless for services that read what they are given as a template.

Go's templates (listmonk) know ``{{``; Django's and Jinja's (Buttondown) ``{{``, ``{%`` and ``{#``;
Resend's ``{{{``; listmonk also takes ``@TrackLink`` behind an address for one of its words. Each
brace that could open such a word, alone or with what comes next, is kept apart from it, so that
nothing can be put together again by what is taken out or decoded in between.
"""

import re

_OPENS = re.compile(r"\{(?=[{%#]|\Z)")
_TRACKED = re.compile(r"(https?://\S*)@(?=TrackLink)")
_PARTS = re.compile(  # what has no entities, and the tags, whose addresses are no words
    r"(?P<raw><style\b.*?</style\s*>|<!--.*?-->)|(?P<tag><[A-Za-z/][^<>]*>)",
    re.DOTALL | re.IGNORECASE,
)
_ADDRESS = re.compile(r"""\s(?:href|src|background|action)\s*=\s*(?:"[^"]*"|'[^']*')""")
_UNSEEN = "&#8204;"  # the zero-width non-joiner: it shows nothing, and nothing may be put over it


def harmless_text(text: str) -> str:
    """Return *text*, a subject or plain text, with a space behind each brace that opens a word."""
    while _TRACKED.search(text):
        text = _TRACKED.sub(r"\1%40", text)
    return _OPENS.sub("{ ", text)


def harmless_html(html: str) -> str:
    """Return *html* with its braces as entities, and what looks the same to a reader.

    It may be a piece of a page that ends anywhere.
    """
    done, at = list[str](), 0
    for part in _PARTS.finditer(html):
        done.append(_escape_words(html[at : part.start()]))
        if part["raw"]:
            done.append(harmless_text(part[0]))
        else:
            done.append(
                _escape_words(_ADDRESS.sub(lambda found: _escape_address(found[0]), part[0]))
            )
        at = part.end()
    return "".join((*done, _escape_words(html[at:])))


def _escape_address(attribute: str) -> str:
    return attribute.replace("{", "%7B").replace("}", "%7D").replace("@TrackLink", "%40TrackLink")


def _escape_words(text: str) -> str:
    apart = _OPENS.sub(f"{{{_UNSEEN}", text)
    return apart.replace("{", "&#123;").replace("@TrackLink", "&#64;TrackLink")
