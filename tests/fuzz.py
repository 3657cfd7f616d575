"""Coverage-guided fuzzing by hand: `python -m tests.fuzz formats [-max_total_time=600]`.

Needs the package atheris, which no other test does. Whatever bytes come, a reader either returns
or raises its own error; anything else ends the run and writes the bytes that did it to a file.
"""

import sys
from collections.abc import Callable
from datetime import UTC

import atheris

with atheris.instrument_imports(include=["digest", "feedparser"]):
    from digest.model.errors import SourceError
    from digest.sources import _article, _dates
    from digest.sources._encoding import decode_body
    from digest.sources._feed_formats import is_costly, parse_feed
    from digest.text.document import parse_html, parse_markdown


def formats(data: bytes) -> None:
    """A feed in any bytes, its label in the first line."""
    kind, _, body = data.partition(b"\n")
    try:
        parse_feed(body, kind.decode("latin-1"))
    except SourceError:
        return


def dates(data: bytes) -> None:
    """A printed date."""
    found = _dates.parse_moment(data.decode("utf-8", "replace"), UTC)
    assert found is None or found.tzinfo is not None


def page(data: bytes) -> None:
    """A page, found by the opening in its first line."""
    opening, _, body = data.partition(b"\n")
    try:
        html = decode_body(body, "text/html")
    except SourceError:
        return
    if not is_costly(html):
        _article.read_article(
            html, "https://blog.example.org/posts/1/", opening.decode("utf-8", "replace")
        )


def blocks(data: bytes) -> None:
    """Text as HTML and as Markdown: offsets of blocks lie in the text."""
    text = data.decode("utf-8", "replace")
    for document in (parse_html(text, "https://blog.example.org/"), parse_markdown(text)):
        for block in document.blocks:
            assert 0 <= block.start <= block.end <= len(document.text)


TARGETS: dict[str, Callable[[bytes], None]] = {
    one.__name__: one for one in (formats, dates, page, blocks)
}


def main() -> None:
    """Fuzz the target named first; the rest are libFuzzer's own arguments."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in TARGETS:
        sys.exit(f"usage: python -m tests.fuzz {'|'.join(TARGETS)} [libFuzzer arguments]")
    atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
