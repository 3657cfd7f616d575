"""The text of a page whose densest element is not the post, by trafilatura where that is there."""

import logging
from functools import cache

from digest.model import Document
from digest.text.blocks import from_html, shallow

_MOST = 2_000_000  # characters of a page; a post is never so long, and the search is not linear


def extract(html: str, url: str) -> Document:
    """Return the main text of the page *html* at *url*; empty where there is none to be told.

    Empty too where the extra ``fulltext`` is not installed. The caller proves that it is the post.
    """
    if len(html) > _MOST or not _installed():
        return Document()
    import trafilatura

    found = trafilatura.extract(
        shallow(html),
        url=url,
        output_format="html",
        favor_precision=True,
        include_comments=False,
        include_formatting=True,
        include_images=True,
        include_links=True,
    )
    return from_html(found, url) if found else Document()


@cache
def _installed() -> bool:
    try:
        import trafilatura  # noqa: F401 - whether it can be imported is the question
    except ImportError:
        return False
    logging.getLogger("trafilatura").addHandler(logging.NullHandler())  # a page is not news
    return True
