"""Files read with no set-up: what ``digest summarize`` and ``digest train`` run on."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from digest.config import plugins
from digest.model import Post, SkippedPost, SummaryFrom
from digest.model.errors import DigestError
from digest.model.ports.editorial import Summarizer
from digest.render.export import build_quote_json
from digest.sources._hugo_content import read_post_file
from digest.text.tokens import estimate_minutes

_POSTS = frozenset({".md", ".markdown", ".html", ".htm"})


def list_files(paths: Sequence[Path]) -> list[Path]:
    """Return the posts among *paths* and in the folders among them, by the order of their names."""
    inside = [p.rglob("*") if p.is_dir() else (p,) for p in paths]
    found = {file for some in inside for file in some if file.suffix.lower() in _POSTS}
    return sorted(found, key=lambda file: (file.name, str(file)))


def summarize_files(
    paths: Sequence[Path], *, max_chars: int, prefer: SummaryFrom, model: str = ""
) -> Iterator[Mapping[str, object] | SkippedPost]:
    """Yield for each post the row that ``digest summarize`` prints, or why there is none."""
    options = {"model": model} if model else {}
    summarizer = cast(Summarizer, plugins.load_adapter("summarizers", "extract").build(options))
    for file in list_files(paths):
        post = read_post_file(file)
        if isinstance(post, Post):
            yield make_row(file.name, post, summarizer, max_chars=max_chars, prefer=prefer)
        else:
            yield post


def make_row(
    name: str, post: Post, summarizer: Summarizer, *, max_chars: int, prefer: SummaryFrom
) -> dict[str, object]:
    """Return what ``digest summarize --json`` prints of the file *name*, ready for JSON."""
    reading = summarizer.read(post, max_chars=max_chars, prefer=prefer)
    return {
        "file": name,
        "summary": reading.summary,
        "summary_from": reading.summary_from,
        "points": list(reading.points),
        "quotes": [build_quote_json(quote) | {"why": quote.why} for quote in reading.quotes],
        "minutes": estimate_minutes(post.document.text),
        "text": post.document.text,
    }


def format_row(row: Mapping[str, object]) -> str:
    """Return *row* as a person reads it: the file, its summary and its best three quotations."""
    quotes = row["quotes"]
    best = [q for q in quotes if q["speech"]][:3] if isinstance(quotes, list) else []
    said = [f"  “{q['text']}” — {q['speaker'] or '?'}" for q in best]
    return "\n".join([f"{row['file']}", f"  {row['summary']}", *said])


def read_archive(folder: Path) -> list[Post]:
    """Return the posts in *folder* that can be read; DigestError where numpy is missing."""
    if find_spec("numpy") is None:
        remedy = "Install the extra: pip install 'digest-newsletter[train]'"
        raise DigestError("digest train", "numpy is not installed", remedy)
    found = (read_post_file(file) for file in list_files((folder,)))
    return [post for post in found if isinstance(post, Post)]
